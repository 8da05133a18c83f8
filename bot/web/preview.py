"""Every screen in every language as linked files: to look through before publishing, and for a USB stick or a kiosk offline."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from bot.conversation import Catalog
from bot.web.writer import Writer, in_chat

# Where a file goes: its name with "/", its content.
Put = Callable[[str, bytes], None]
_LINK = re.compile(r'(href|src)="/([^"?]*)"')


def write_preview(catalog: Catalog, out: Path, origin: str = "") -> int:
    """Write the pages into a folder; or packed into one file if its name ends in .zip, then without those that only the chat
    leads to. `index.html` is the first. Returns how many. Links are relative: no server is needed."""
    with _put_into(out) as put:
        return _write(catalog, put, origin, packed=out.suffix == ".zip")


def _write(catalog: Catalog, put: Put, origin: str, *, packed: bool) -> int:
    writer = Writer()
    for name, asset in writer.assets.items():
        put(f"static/{name}", asset.plain)
    for name, content in catalog.pictures.items():
        put(f"pictures/{name}", content)
    count = 0
    for language, edition in catalog.editions.items():
        for address, screen in edition.screens.items():
            if packed and "/" in address and in_chat(address):
                continue
            page = writer.page(screen, origin, chat=False)
            put(f"{language}/{address}.html", _relative(page, "../" * (address.count("/") + 1)).encode())
            count += 1
    home = catalog.editions[catalog.source].screens["home"]
    put("index.html", _relative(writer.page(home, origin, chat=False), "").encode())
    return count


@contextmanager
def _put_into(out: Path) -> Iterator[Put]:
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".zip":
        with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=9) as pack:
            yield pack.writestr
        return

    def put(name: str, content: bytes) -> None:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)

    yield put


def _relative(page: str, up: str) -> str:
    """Links from the top of a server as links from this file."""

    def link(match: re.Match[str]) -> str:
        name, target = match.groups()
        return f'{name}="{up}{target}"' if target.startswith(("static/", "pictures/")) else f'{name}="{up}{target}.html"'

    return _LINK.sub(link, page)
