"""The search page and the titles offered while somebody types: help first, then what answers, else ways on; nothing is kept."""

import re

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from bot.app import House
from bot.conversation import Catalog, fold
from bot.store.tables import gaps, marks

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def page(visitor: ClientSession, language: str, text: str) -> str:
    async with visitor.get(f"/{language}/search", params={"q": text}) as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "private, no-store"
        return await response.text()


def listed(html: str) -> list[str]:
    """Where the list of pages leads."""
    menu = html.partition('<nav class="choices"')[2].partition("</nav>")[0]
    return re.findall(r'<a href="/[a-z]+/([^"]+)">', menu)


@pytest.mark.parametrize(
    ("language", "text", "first"),
    [
        ("vi", "khau trang", "covid/masks"),
        ("vi", "khẩu tr", "covid/masks"),
        ("vi", "bệnh viện ở vinh", "services/nghe-an/hospital"),
        ("vi", "#covid-masks", "covid/masks"),
        ("en", "face mask", "covid/masks"),
        ("km", "ម៉ាស", "covid/masks"),
    ],
)
async def test_words_lead_to_pages_without_a_script(visitor: ClientSession, language: str, text: str, first: str) -> None:
    html = await page(visitor, language, text)
    assert listed(html)[0] == first
    assert f'<html lang="{language}">' in html


@pytest.mark.parametrize(("language", "text"), [("vi", "tôi bị nhốt ở campuchia"), ("en", "they locked me in, help")])
async def test_in_danger_the_numbers_to_call_stand_first(
    visitor: ClientSession, catalog: Catalog, language: str, text: str
) -> None:
    html = await page(visitor, language, text)
    help_ = catalog.editions[language].screens["help/captive"]
    assert html.index(f"<h1>{help_.title}</h1>") < html.index('href="tel:113"') < html.index('<nav class="choices"')
    assert "help/captive" not in listed(html)
    assert "help/now" in listed(html)


@pytest.mark.parametrize("text", ["", " ", "?!", "xyzzy plugh", "a", "\x00", "<script>alert(1)</script>", "🙂" * 300])
async def test_where_nothing_fits_there_are_the_sections_and_help(visitor: ClientSession, catalog: Catalog, text: str) -> None:
    html = await page(visitor, "vi", text)
    home = catalog.editions["vi"].screens["home"]
    assert listed(html) == [choice.address for choice in home.choices]
    assert '<a href="/vi/help/now">' in html
    assert "<script>alert" not in html
    assert ("Mình chưa hiểu câu này" in html) == bool(fold(text))


async def test_every_page_has_the_field_and_an_unknown_language_is_lost(visitor: ClientSession) -> None:
    for path in ("/vi/home", "/lo/covid/masks"):
        async with visitor.get(path) as response:
            assert f'role="search" action="{path[:3]}/search"' in await response.text()
    async with visitor.get("/xx/search?q=a") as response:
        assert response.status == 404


async def test_titles_are_offered_while_somebody_types(visitor: ClientSession, catalog: Catalog) -> None:
    async def offered(text: str, language: str) -> list[str]:
        async with visitor.post("/api/suggest", json={"text": text, "language": language}) as response:
            assert response.status == 200
            found = (await response.json())["suggestions"]
            screens = catalog.editions[language].screens
            assert [entry["label"] for entry in found] == [screens[entry["token"].partition(":")[2]].title for entry in found]
            return [entry["token"] for entry in found]

    assert (await offered("khau tr", "vi"))[0] == "vi:covid/masks"
    assert (await offered("toi bi nhot", "vi"))[:2] == ["vi:help/captive", "vi:help/now"]
    assert await offered("k", "vi") == []
    assert len(await offered("benh vien", "vi")) == 4
    for odd in ({}, {"text": 1, "language": "vi"}, {"text": "x", "language": "xx"}, [], "x"):
        async with visitor.post("/api/suggest", json=odd) as response:
            assert response.status == 400


async def test_what_five_people_alike_ask_in_vain_is_counted_and_nothing_of_one(visitor: ClientSession, house: House) -> None:
    """On the web everybody of a day is one: nobody is known there, so nobody can be many."""
    async with house.store.engine.connect() as connection:
        before = len((await connection.execute(select(marks))).all())
    for _ in range(7):
        await page(visitor, "vi", "nguyenxyzzy 0912345678 hàng lúa xyzzyplugh")
    async with house.store.engine.connect() as connection:
        assert (await connection.execute(select(gaps))).all() == []
        assert len((await connection.execute(select(marks))).all()) <= before + 1
