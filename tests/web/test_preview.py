"""The preview is the whole bot without a server: every screen in every language as files that link to each other, small enough
for any USB stick, and a browser opens them from disk without a word of complaint.
"""

import posixpath
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

import pytest
from playwright.async_api import Browser

from bot.__main__ import main
from bot.conversation import Catalog
from bot.web.preview import write_preview
from tests.channels.fake_telegram import small_content

ROOT = Path(__file__).parents[2]
# What fits even the smallest stick: unpacked, and packed for a bad connection.
BYTES, PACKED = 15_000_000, 5_000_000
# Files that run in a browser or that a stick or an old Windows cannot hold.
NAME = re.compile(r"[a-z0-9][a-z0-9.-]*\.(html|css|svg|png|js)")


class Preview(NamedTuple):
    """The written files. pages: how many the writer says they are."""

    folder: Path
    pages: int

    def html(self) -> list[Path]:
        return sorted(self.folder.rglob("*.html"))


class Page(HTMLParser):
    """Where a page leads: addresses of links, pictures and styles; the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[tuple[str, str]] = []
        self.places: set[str] = set()
        self.language = self.title = ""
        self._in_title = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links += [(tag, given[name]) for name in ("href", "src", "action") if name in given]
        self.places.add(given.get("id", ""))
        self._in_title = tag == "title"
        if tag == "html":
            self.language = given["lang"]

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False


@pytest.fixture(scope="module")
def preview(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Preview:
    folder = tmp_path_factory.mktemp("preview")
    return Preview(folder, write_preview(catalog, folder))


@pytest.fixture(scope="module")
def parsed(preview: Preview) -> dict[Path, Page]:
    return {file: Page(file.read_text("utf-8")) for file in preview.html()}


def test_every_screen_in_every_language_is_a_file(catalog: Catalog, preview: Preview, parsed: dict[Path, Page]) -> None:
    screens = {
        preview.folder / language / f"{address}.html": screen
        for language, edition in catalog.editions.items()
        for address, screen in edition.screens.items()
    }
    assert parsed.keys() == screens.keys() | {preview.folder / "index.html"}
    assert preview.pages == len(screens)
    for file, screen in screens.items():
        assert parsed[file].language == screen.language
        assert parsed[file].title.startswith(screen.title)
    assert parsed[preview.folder / "index.html"].language == catalog.source


def relative(parsed: dict[Path, Page]) -> Iterator[tuple[Path, str, str]]:
    """Every link that is neither a phone number nor leads out: where it stands, its path and its place in the page."""
    for file, page in parsed.items():
        for _, link in page.links:
            parts = urlsplit(link)
            if not parts.scheme and not parts.netloc:
                assert not parts.query, f"{file}: {link} asks a server"
                yield file, unquote(parts.path), parts.fragment


def test_every_link_between_the_files_leads_to_a_file_that_is_there(preview: Preview, parsed: dict[Path, Page]) -> None:
    there = {file for file in preview.folder.rglob("*") if file.is_file()}
    linked = set()
    for file, path, fragment in relative(parsed):
        assert not path.startswith("/"), f"{file}: {path} needs a server"
        target = Path(posixpath.normpath(f"{file.parent}/{path}")) if path else file
        assert target in there, f"{file}: {path}"
        assert not fragment or fragment in parsed[target].places, f"{file}: #{fragment}"
        linked.add(target)
    assert there - linked <= {file for file in there if file.suffix in (".js", ".png")} | {preview.folder / "index.html"}


def test_nothing_leads_out_but_phone_numbers_and_what_the_content_links_to(
    catalog: Catalog, preview: Preview, parsed: dict[Path, Page]
) -> None:
    for language, edition in catalog.editions.items():
        for address, screen in edition.screens.items():
            written = Page("".join(block.text.web for block in screen.blocks)).links
            links = parsed[preview.folder / language / f"{address}.html"].links
            out = {link for link in links if urlsplit(link[1]).scheme or urlsplit(link[1]).netloc}
            assert out <= set(written), address
            assert {urlsplit(link).scheme for _, link in out} <= {"https", "http", "tel", "geo", "mailto"}, address


def test_all_of_it_fits_a_stick(preview: Preview) -> None:
    files = [file for file in preview.folder.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < BYTES
    assert [file for file in files if not NAME.fullmatch(file.name)] == []


def test_packed_into_one_file_it_is_the_same_and_small(
    catalog: Catalog, preview: Preview, parsed: dict[Path, Page], tmp_path: Path
) -> None:
    pack = tmp_path / "new" / "dong-hanh.zip"
    pages = write_preview(catalog, pack)
    assert pack.stat().st_size < PACKED
    with ZipFile(pack) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    assert sum(name.endswith(".html") for name in files) == pages + 1
    assert all((preview.folder / name).read_bytes() == content for name, content in files.items())
    left_out = {file.relative_to(preview.folder).as_posix() for file in preview.html()} - files.keys()
    assert {name.split("/")[1] for name in left_out} == {"report", "form", "forget"}
    for name in files:
        led = [urlsplit(link).path for _, link in parsed[preview.folder / name].links] if name.endswith(".html") else []
        inside = {posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) for path in led if path and ":" not in path}
        assert not inside & left_out, f"{name} leads to what is not there"


def test_the_command_writes_it_and_says_what_to_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOT_CONTENT_DIR", str(small_content(tmp_path)))
    monkeypatch.setenv("BOT_LOCALES_DIR", str(ROOT / "locales"))
    out = tmp_path / "new" / "folder"
    assert main(["preview", str(out)]) == 0
    pages = [file for file in out.rglob("*.html") if file.parent != out]
    assert out / "vi" / "covid" / "masks.html" in pages
    assert capsys.readouterr().out == f"{len(pages)} pages written; open {out / 'index.html'}\n"
    assert (out / "index.html").is_file()


@pytest.mark.asyncio(loop_scope="session")
async def test_a_browser_opens_it_from_disk_and_three_taps_lead_on(
    catalog: Catalog, preview: Preview, browser: Browser
) -> None:
    complaints: list[str] = []
    loaded: list[str] = []
    page = await browser.new_page(viewport={"width": 360, "height": 640})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.on("request", lambda request: loaded.append(request.url))
    vi, en = catalog.editions["vi"].screens, catalog.editions["en"].screens

    await page.goto((preview.folder / "index.html").as_uri())
    assert await page.locator("h1").inner_text() == vi["home"].title
    taps = [(vi["covid"].title, vi["covid"]), (vi["covid/masks"].title, vi["covid/masks"]), ("English", en["covid/masks"])]
    for label, screen in taps:
        await page.get_by_role("link", name=label).first.click()
        assert await page.locator("h1").inner_text() == screen.title
    styled = await page.evaluate("getComputedStyle(document.querySelector('.sos')).backgroundColor")
    await page.close()

    assert styled != "rgba(0, 0, 0, 0)", "the style is not there"
    assert complaints == []
    assert [url for url in loaded if not url.startswith(preview.folder.as_uri())] == []
