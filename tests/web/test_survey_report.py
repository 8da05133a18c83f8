"""The report of a survey in a real browser: on a phone, on a desk, on paper, in the dark; nothing is fetched or sticks out."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from bot.conversation import Answered, Catalog, Counted
from bot.store.reading import Filled
from bot.surveys import report
from bot.surveys.sheets import survey
from tests.app.random_sheets import SURVEY, visits

pytestmark = pytest.mark.asyncio(loop_scope="session")

STICKING_OUT = """() => [...document.querySelectorAll("main *")]
  .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((e) => e.tagName + " " + e.textContent.slice(0, 30))"""
# Contrast of the page's texts with the card behind them, by WCAG.
FAINTEST = """() => {
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).map(Number);
    const [r, g, b] = parts.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const card = light(getComputedStyle(document.querySelector("section")).backgroundColor);
  const ratio = (e) => {
    const style = getComputedStyle(e);
    const ink = light(e.closest("svg") ? style.fill : style.color);
    return (Math.max(ink, card) + 0.05) / (Math.min(ink, card) + 0.05);
  };
  return Math.min(...[...document.querySelectorAll("section :is(p, td, th, span, h2, li, text)")].map(ratio));
}"""


@pytest.fixture(scope="session")
def file(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report about two hundred people who tapped anything."""
    records = [record for some in visits(catalog, 200) for record in some]
    given = [Filled(record.day, dict(record.answers)) for record in records if isinstance(record, Answered)]
    reached: dict[str, int] = {}
    for record in records:
        if isinstance(record, Counted):
            step = record.address.rpartition("/")[2]
            reached[step] = reached.get(step, 0) + 1
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(report(survey(catalog, SURVEY, given, reached)), "utf-8")
    return file


async def opened(browser: Browser, file: Path, width: int, height: int, scheme: str) -> Page:
    page = await browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(5000)
    await page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(320, 640), (360, 640), (1280, 800)])
async def test_the_report_fits_the_screen_and_can_be_read(
    browser: Browser, file: Path, width: int, height: int, scheme: str
) -> None:
    page = await opened(browser, file, width, height, scheme)

    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate(STICKING_OUT) == []
    assert await page.evaluate(FAINTEST) >= 4.5
    await page.close()


async def test_the_report_fits_on_paper(browser: Browser, file: Path) -> None:
    page = await opened(browser, file, 718, 1000, "dark")  # A4 without margins, in pixels
    await page.emulate_media(media="print")

    assert await page.evaluate(STICKING_OUT) == []
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert await page.evaluate(FAINTEST) >= 4.5
    await page.close()


async def test_every_plot_has_a_name_and_its_numbers_in_a_table_beside_it(browser: Browser, file: Path) -> None:
    page = await opened(browser, file, 1280, 800, "light")
    figures = await page.query_selector_all("figure")

    assert len(figures) == 14, "months, twelve questions, where people stopped"
    for figure in figures:
        plot = await figure.query_selector("svg[role=img]")
        assert plot and await plot.get_attribute("aria-label")
        marks = [await text.text_content() for text in await figure.query_selector_all("svg .mark")]
        first = [(await cell.inner_text()).strip() for cell in await figure.query_selector_all("tbody td:first-child")]
        assert marks == [mark for mark in first if mark]
    assert await page.locator("h1").inner_text() != ""
    assert await page.locator("text=Bạn thuộc nhóm nào?").count() >= 1
    await page.close()


async def test_the_report_asks_nobody_for_anything(browser: Browser, file: Path) -> None:
    page = await browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(file.as_uri())

    assert asked == [file.as_uri()]
    await page.close()
