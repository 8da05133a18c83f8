"""A topic's picture on its page, in the bubble of the chat, in the preview of a shared link, and on the wire."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.conversation import Catalog
from bot.web.preview import write_preview

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_picture_stands_on_its_page_with_its_words_and_its_size_and_is_kept_for_good(
    visitor: ClientSession, catalog: Catalog
) -> None:
    for language, edition in catalog.editions.items():
        picture = edition.screens["covid/masks"].picture
        assert picture
        for path in (f"/{language}/covid/masks", f"/?at={language}:covid/masks"):
            async with visitor.get(path) as response:
                page = await response.text()
            (image,) = re.findall(r'<img class="picture"[^>]*>', page)
            for name, value in (("alt", picture.alt), ("width", picture.width), ("height", picture.height)):
                assert f'{name}="{value}"' in image
            assert 'loading="lazy"' in image
            (source,) = re.findall(r'src="([^"]*)"', image)
            assert re.fullmatch(r"/pictures/[a-z-]+\.[0-9a-f]{10}\.png", source)
    async with visitor.get(source) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        assert "immutable" in response.headers["Cache-Control"]
        assert await response.read() == catalog.pictures[picture.file]


async def test_a_shared_link_shows_the_topics_picture_and_others_the_card(visitor: ClientSession) -> None:
    async with visitor.get("/vi/covid/masks") as response:
        assert re.search(r'og:image" content="http://[^"/]+/pictures/mask-steps\.[0-9a-f]{10}\.png"', await response.text())
    async with visitor.get("/vi/home") as response:
        page = await response.text()
    assert "/static/card." in page
    assert "/pictures/" not in page


@pytest.mark.parametrize("name", ["mask-steps.png", "mask-steps.0000000000.png", "mask-steps.svg", "..%2Fbot.yaml", ""])
async def test_no_other_file_is_served_as_a_picture(visitor: ClientSession, name: str) -> None:
    async with visitor.get(f"/pictures/{name}") as response:
        assert response.status == 404


async def test_the_preview_has_the_pictures_beside_its_pages(catalog: Catalog, tmp_path: Path) -> None:
    vi = catalog.editions["vi"]
    few = {address: vi.screens[address] for address in ("home", "covid/masks")}
    write_preview(replace(catalog, editions={"vi": replace(vi, screens=few)}), tmp_path)
    page = tmp_path / "vi" / "covid" / "masks.html"
    (source,) = re.findall(r'<img class="picture" src="([^"]*)"', page.read_text("utf-8"))
    assert (page.parent / source).resolve().read_bytes() == catalog.pictures[Path(source).name]
