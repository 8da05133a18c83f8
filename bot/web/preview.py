"""Every screen in every language as linked files: to look through before publishing, and for a USB stick or a kiosk offline."""

import re
from pathlib import Path

from bot.conversation import Catalog
from bot.web.writer import Writer

_LINK = re.compile(r'(href|src)="/([^"?]*)"')


def write_preview(catalog: Catalog, out: Path, origin: str = "") -> int:
    """Write the pages into a folder, `index.html` first; returns how many. Links are relative: no server is needed."""
    writer = Writer()
    for name, asset in writer.assets.items():
        file = out / "static" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(asset.plain)
    count = 0
    for language, edition in catalog.editions.items():
        for address, screen in edition.screens.items():
            page = writer.page(screen, origin, chat=False)
            file = out / language / f"{address}.html"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_relative(page, "../" * (address.count("/") + 1)), "utf-8")
            count += 1
    home = catalog.editions[catalog.source].screens["home"]
    (out / "index.html").write_text(_relative(writer.page(home, origin, chat=False), ""), "utf-8")
    return count


def _relative(page: str, up: str) -> str:
    """Links from the top of a server as links from this file."""

    def link(match: re.Match[str]) -> str:
        name, target = match.groups()
        return f'{name}="{up}{target}"' if target.startswith("static/") else f'{name}="{up}{target}.html"'

    return _LINK.sub(link, page)
