"""The web in a real browser: what a person with a cheap phone, a keyboard, poor eyes or no connection can see and do.

Every journey is made by what stands on the screen: buttons and links by their words, never by their class.
With SCREENSHOTS set to a folder, pictures of the main screens in every language are written there.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Locator, Page, Route, ViewportSize, expect

from bot.conversation import Catalog, Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE, DESKTOP = (360, 640), (1280, 800)
LANGUAGES = ("vi", "en", "km", "lo")
SCREENS = (
    "home",
    "covid",
    "covid/masks",
    "covid/symptoms",
    "help/now",
    "help/medical",
    "migration/trapped",
    "migration/scam-compounds",
    "health/insurance",
    "frontline/ppe",
    "settings/language",
    "privacy",
)
IN_CHAT = ("home", "help/now", "settings/language")
# A tap target in pixels: the width of a finger, and the height of a row that still leaves room on a small screen.
WIDE, HIGH = 44, 36
READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text
VISIBLE = 3.0  # WCAG 2.2, 1.4.11: contrast of what is no text, such as the mark of the focus
PATIENCE = 5000  # milliseconds that anything on the screen may take

# Colours of the page: in the browser, because only there they are computed.
COLOURS = """
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return element.checkVisibility() && box.width > 2 && box.height > 2 && box.right > 0;
  };
  const words = (element) => (element.textContent || element.placeholder).trim().slice(0, 30);
  const named = (element) => `${element.tagName} ${element.className} "${words(element)}"`;
"""

# Text whose contrast is too low.
FAINT = f"""(wanted) => {{
  {COLOURS}
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {{
    const element = node.parentElement;
    if (!node.data.trim() || !shown(element)) continue;
    const found = contrast(getComputedStyle(element).color, behind(element));
    if (found < wanted) faint.push(named(element) + " " + found.toFixed(2));
  }}
  for (const field of document.querySelectorAll("input")) {{
    const found = contrast(getComputedStyle(field, "::placeholder").color, behind(field));
    if (found < wanted) faint.push(named(field) + " " + found.toFixed(2));
  }}
  return faint;
}}"""

# What can be tapped and is too small for a finger. Links inside a sentence are as high as its lines; phone numbers are not
# excused: nothing here is tapped in a greater hurry.
SMALL = f"""([wide, high]) => {{
  {COLOURS}
  return [...document.querySelectorAll("a, button, input")].filter((element) => {{
    const inSentence = getComputedStyle(element).display === "inline" && !element.href?.startsWith("tel:");
    const box = element.getBoundingClientRect();
    return shown(element) && !inSentence && (box.width < wide || box.height < high);
  }}).map((element) => {{
    const box = element.getBoundingClientRect();
    return `${{named(element)}} ${{box.width.toFixed(0)}}x${{box.height.toFixed(0)}}`;
  }});
}}"""

# What stands out of the window at the side.
WIDER = f"""() => {{
  {COLOURS}
  const page = document.scrollingElement;
  const beyond = (e) => shown(e) && e.getBoundingClientRect().right > innerWidth + 1;
  const out = [...document.body.querySelectorAll("*")].filter(beyond);
  const scrolled = [page, ...document.querySelectorAll("#log")].filter((e) => e.scrollWidth > e.clientWidth + 1);
  return [...out, ...scrolled].map(named);
}}"""

# The numbers that are wholly in sight, and not below the field to type in.
CALLS = """() => [...document.querySelectorAll("a[href^='tel:']")].filter((link) => {
  const box = link.getBoundingClientRect(), field = document.querySelector("#composer");
  return box.top >= 0 && box.bottom <= (field ? field.getBoundingClientRect().top : innerHeight);
}).map((link) => link.getAttribute("href"))"""

# The mark of the focus: how wide it is, and how it stands out from what is around it.
FOCUS = f"""() => {{
  {COLOURS}
  const element = document.activeElement, style = getComputedStyle(element);
  const drawn = style.outlineStyle !== "none" ? parseFloat(style.outlineWidth) : 0;
  return [named(element), drawn, contrast(style.outlineColor, behind(element.parentElement))];
}}"""


@dataclass
class Person:
    """A person at a browser. trouble: what went wrong behind the screen."""

    page: Page
    trouble: list[str]

    @property
    def answer(self) -> Locator:
        """The newest bubble that the bot wrote."""
        return self.page.get_by_role("log").locator("section:has(h1)").last

    async def sees(self, screen: Screen) -> None:
        """The newest answer is this screen, and its beginning is in sight."""
        heading = self.answer.get_by_role("heading", name=screen.title, exact=True)
        await expect(heading).to_be_in_viewport(timeout=PATIENCE)
        await expect(self.answer).to_have_attribute("lang", screen.language)

    async def presses(self, label: str) -> None:
        await self.answer.get_by_role("button", name=label, exact=True).click()

    async def follows(self, label: str) -> None:
        await self.page.get_by_role("banner").get_by_role("link", name=label, exact=True).click()

    async def goes_by_keyboard_to(self, label: str, most: int = 100) -> int:
        """Press Tab until the focus is on this label, above the chat or in the newest answer, then Enter. How many Tabs."""
        answer = await self.answer.element_handle()
        there = "(answer) => (answer.contains(document.activeElement) || !!document.activeElement.closest('header'))"
        for count in range(1, most + 1):
            await self.page.keyboard.press("Tab")
            if await self.page.evaluate(f"{there} && document.activeElement.textContent.trim()", answer) == label:
                await self.page.keyboard.press("Enter")
                return count
        raise AssertionError(f"'{label}' cannot be reached by keyboard")


def watch(page: Page, origin: str) -> list[str]:
    """What goes wrong behind this page from now on: complaints of the browser, requests to anybody else."""
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(origin) else trouble.append(request.url))
    return trouble


Visit = Callable[..., Awaitable[Person]]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, site: TestServer) -> AsyncIterator[Visit]:
    """Opens the site in a browser of its own: a path, a size of the screen, and what playwright can set."""
    origin = str(site.make_url("/"))
    contexts = []

    async def open_(path: str = "/", size: tuple[int, int] = PHONE, **options: Any) -> Person:
        settings = {"locale": "vi-VN", "reduced_motion": "reduce", "viewport": {"width": size[0], "height": size[1]}} | options
        context = await browser.new_context(base_url=origin, **settings)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        person = Person(page, watch(page, origin))
        await page.goto(path)
        return person

    yield open_
    for context in contexts:
        await context.close()


@pytest.fixture
def screen(catalog: Catalog) -> Callable[[str, str], Screen]:
    return lambda language, address: catalog.editions[language].screens[address]


Find = Callable[[str, str], Screen]


# --- journeys


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=str)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_person_finds_masks_changes_the_language_and_finds_help(
    visit: Visit, screen: Find, size: tuple[int, int], script: bool
) -> None:
    person = await visit(size=size, java_script_enabled=script)
    vi, en = screen("vi", "home").labels, screen("en", "home").labels
    await person.sees(screen("vi", "home"))
    await person.presses(screen("vi", "covid").title)
    await person.sees(screen("vi", "covid"))
    await person.presses(screen("vi", "covid/masks").title)
    await person.sees(screen("vi", "covid/masks"))
    await person.presses(vi["back"])
    await person.sees(screen("vi", "covid"))
    await person.follows("English")
    await person.sees(screen("en", "covid"))
    await expect(person.page.locator("html")).to_have_attribute("lang", "en")
    await person.follows(en["help"])
    await person.sees(screen("en", "help/now"))
    await expect(person.answer.get_by_role("link", name="115", exact=True).first).to_be_in_viewport()
    assert person.trouble == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=str)
async def test_a_person_goes_by_keyboard_alone(visit: Visit, screen: Find, size: tuple[int, int]) -> None:
    person = await visit(size=size)
    vi, en = screen("vi", "home").labels, screen("en", "home").labels
    for label, language, address in (
        (screen("vi", "covid").title, "vi", "covid"),
        (screen("vi", "covid/masks").title, "vi", "covid/masks"),
        (vi["back"], "vi", "covid"),
        ("English", "en", "covid"),
        (en["help"], "en", "help/now"),
    ):
        await person.goes_by_keyboard_to(label)
        await person.sees(screen(language, address))
    assert person.trouble == []


async def test_after_a_choice_by_keyboard_the_next_tab_is_in_the_answer(visit: Visit, screen: Find) -> None:
    person = await visit()
    await person.goes_by_keyboard_to(screen("vi", "covid").title)
    await person.sees(screen("vi", "covid"))
    first = screen("vi", "covid").choices[0]
    assert await person.goes_by_keyboard_to(first.label) == 1


@pytest.mark.parametrize("path", ["/", "/?at=vi:covid", "/vi/covid"])
async def test_the_way_past_the_menu_leads_to_the_content_and_says_nothing(visit: Visit, path: str) -> None:
    person = await visit(path)
    for key in ("Tab", "Enter", "Tab"):
        await person.page.keyboard.press(key)
    assert await person.page.evaluate("!!document.activeElement.closest('main')")
    assert await person.page.get_by_role("heading", level=1).count() == 1


async def test_a_person_types_without_accents_and_presses_enter_or_the_button(visit: Visit, screen: Find) -> None:
    person = await visit()
    labels = screen("vi", "home").labels
    field = person.page.get_by_role("textbox", name=labels["type_here"])
    await field.fill("khau trang")
    await field.press("Enter")
    await person.sees(screen("vi", "covid/masks"))
    await expect(field).to_have_value("")
    await expect(field).to_be_focused()
    await field.fill("giup toi")
    await person.page.get_by_role("button", name=labels["send"], exact=True).click()
    await person.sees(screen("vi", "help/now"))
    await expect(person.page.get_by_role("log").get_by_text("giup toi", exact=True)).to_have_count(1)
    assert person.trouble == []


async def test_titles_are_offered_while_a_person_types_and_one_tap_opens_them(visit: Visit, screen: Find) -> None:
    person = await visit()
    field = person.page.get_by_role("textbox", name=screen("vi", "home").labels["type_here"])
    await field.press_sequentially("khau tr")
    offered = person.page.get_by_role("button", name=screen("vi", "covid/masks").title, exact=True)
    await expect(offered).to_be_visible()
    await offered.click()
    await person.sees(screen("vi", "covid/masks"))
    await expect(field).to_have_value("")
    await expect(person.page.locator("#suggestions")).to_be_hidden()
    assert person.trouble == []


async def test_what_a_person_types_stays_text(visit: Visit) -> None:
    person = await visit()
    typed = "<img src=/x onerror=alert(1)><b>hi"
    await person.page.get_by_role("textbox").fill(typed)
    await person.page.get_by_role("textbox").press("Enter")
    await expect(person.page.get_by_role("log").get_by_text(typed, exact=True)).to_be_visible()
    await expect(person.page.get_by_role("log").get_by_role("heading", level=1)).to_have_count(2)
    assert person.trouble == []


async def test_links_inside_an_answer_stay_in_the_chat(visit: Visit, catalog: Catalog) -> None:
    screens = catalog.editions["vi"].screens
    inside = {
        address: found[1]
        for address, screen in screens.items()
        for block in screen.blocks
        if (found := re.search('<a href="/vi/([^"]+)"', block.text.web))
    }
    address, target = next(iter(inside.items()))
    person = await visit(f"/?at=vi:{address}")
    await person.answer.locator(f"a[href='/vi/{target}']").first.click()
    await person.sees(screens[target])
    assert person.trouble == []


async def test_around_the_chat_everything_follows_the_language_of_the_answer(
    visit: Visit, screen: Find, catalog: Catalog
) -> None:
    person = await visit("/?at=vi:covid")
    for language in ("km", "en", "lo", "vi"):
        await person.follows(catalog.editions[language].name)
        await person.sees(screen(language, "covid"))
        labels = screen(language, "home").labels
        banner = person.page.get_by_role("banner")
        await expect(banner.get_by_role("link", name=labels["help"], exact=True)).to_be_visible()
        for other in catalog.editions.values():
            link = banner.get_by_role("link", name=other.name, exact=True)
            await expect(link).to_have_count(int(other.language != language))
        await expect(person.page.get_by_role("textbox", name=labels["type_here"])).to_have_attribute(
            "placeholder", labels["type_here"]
        )
        await expect(person.page.get_by_role("button", name=labels["send"], exact=True)).to_be_visible()
    assert person.trouble == []


async def test_help_now_is_above_the_chat_after_leaving_the_help_screen(visit: Visit, screen: Find) -> None:
    person = await visit("/?at=vi:help/now")
    labels = screen("vi", "home").labels
    await person.presses(labels["home"])
    await person.sees(screen("vi", "home"))
    await expect(person.page.get_by_role("banner").get_by_role("link", name=labels["help"], exact=True)).to_be_visible()


async def test_the_script_builds_the_same_answer_as_the_server(visit: Visit, screen: Find) -> None:
    built = """section => [...section.querySelectorAll('*')].filter(e => e.matches('h1, p, li, button, h2'))
        .map(e => [e.tagName, e.textContent, e.className, e.value || '', e.closest('[lang]').lang])"""
    labels = screen("vi", "home").labels
    for address, way in (("settings/language", screen("vi", "settings/language").title), ("settings", labels["back"])):
        person = await visit("/?at=vi:settings" if address != "settings" else "/?at=vi:settings/language")
        await person.presses(way)
        await person.sees(screen("vi", address))
        served = await visit(f"/?at=vi:{address}")
        assert await person.answer.evaluate(built) == await served.answer.evaluate(built)


async def test_a_page_leads_into_the_chat_at_the_same_screen(visit: Visit, screen: Find) -> None:
    person = await visit("/km/covid/masks")
    await person.page.get_by_role("link", name=screen("km", "home").labels["open_chat"], exact=True).click()
    await person.sees(screen("km", "covid/masks"))
    assert person.trouble == []


async def test_answers_are_announced_to_those_who_listen(visit: Visit, screen: Find) -> None:
    person = await visit()
    log = person.page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    before = await log.get_by_role("heading").count()
    await person.presses(screen("vi", "covid").title)
    await person.sees(screen("vi", "covid"))
    assert await log.get_by_role("heading").count() > before
    assert await person.page.get_by_role("textbox").count() == 1


async def test_a_browser_of_an_old_phone_still_gets_answers(visit: Visit, screen: Find) -> None:
    """Android 5 and 6 ended at Chrome 95 and 106: some of what the script could use is not there."""
    person = await visit()
    await person.page.add_init_script("delete AbortSignal.timeout; delete Array.prototype.at; delete Object.hasOwn;")
    await person.page.reload()
    await person.presses(screen("vi", "covid").title)
    await person.sees(screen("vi", "covid"))


# --- a bad connection


async def test_without_a_connection_it_says_so_and_keeps_what_was_typed(visit: Visit, screen: Find) -> None:
    person = await visit()
    labels = screen("vi", "home").labels
    field = person.page.get_by_role("textbox")
    await person.page.context.set_offline(True)
    await field.fill("khau trang")
    await field.press("Enter")
    failed = person.page.get_by_role("log").get_by_text(labels["failed"])
    await expect(failed).to_be_in_viewport()
    await expect(field).to_have_value("khau trang")
    await expect(person.page.get_by_text(labels["waiting"], exact=True)).to_have_count(0)
    await person.page.context.set_offline(False)
    await field.press("Enter")
    await person.sees(screen("vi", "covid/masks"))


async def test_a_tap_that_fails_leaves_alone_what_was_being_typed(visit: Visit, screen: Find) -> None:
    person = await visit()
    field = person.page.get_by_role("textbox")
    await field.fill("tôi bị ")
    await person.page.route("**/api/chat", lambda route: route.abort())
    await person.presses(screen("vi", "covid").title)
    await expect(person.page.get_by_role("log").get_by_text(screen("vi", "home").labels["failed"])).to_be_in_viewport()
    await expect(field).to_have_value("tôi bị ")


async def test_an_answer_that_is_none_counts_as_failed(visit: Visit, screen: Find) -> None:
    person = await visit()
    field = person.page.get_by_role("textbox")
    failed = person.page.get_by_role("log").get_by_text(screen("vi", "home").labels["failed"])
    broken = [(500, "<html>"), (502, ""), (413, "413"), (200, "{}"), (200, '{"replies": []}'), (400, '{"error": "x"}')]
    for count, (status, body) in enumerate(broken, 1):
        await person.page.route("**/api/chat", partial(Route.fulfill, status=status, body=body), times=1)
        await field.fill("khau trang")
        await field.press("Enter")
        await expect(failed).to_have_count(count)
        await expect(failed.last).to_be_in_viewport()
        await expect(field).to_have_value("khau trang")
    await field.press("Enter")
    await person.sees(screen("vi", "covid/masks"))


async def test_while_the_answer_is_on_its_way_it_says_so(visit: Visit, screen: Find) -> None:
    person = await visit()
    waiting = person.page.get_by_text(screen("vi", "home").labels["waiting"], exact=True)
    held: asyncio.Queue[Route] = asyncio.Queue()
    await person.page.route("**/api/chat", held.put)
    await person.presses(screen("vi", "covid").title)
    await expect(waiting).to_be_in_viewport()
    await (await asyncio.wait_for(held.get(), PATIENCE / 1000)).continue_()
    await person.sees(screen("vi", "covid"))
    await expect(waiting).to_have_count(0)


# --- every screen, on a small phone


def paths(language: str) -> list[str]:
    """Every screen as a page, and some in the chat, which shows the same text and other buttons."""
    pages = [f"/{language}/{address}" for address in SCREENS]
    return pages + [f"/?at={language}:{address}" for address in IN_CHAT]


@dataclass
class Looks:
    """What is wrong with the looks of a screen, and which numbers can be called without scrolling."""

    wider: list[str]
    wider_when_large: list[str]
    small: list[str]
    faint: list[str]
    faint_at_night: list[str]
    trouble: list[str]
    calls: list[str]


async def look(page: Page, path: str) -> Looks:
    """Measure a screen by day, by night, and with text twice as large."""
    trouble = watch(page, urljoin(page.url, "/"))
    await page.emulate_media(color_scheme="light")
    await page.goto(path)
    if "SCREENSHOTS" in os.environ:
        name = re.sub(r"\W+", "-", path).strip("-")
        await page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"{name}.png")
    wider, small = await page.evaluate(WIDER), await page.evaluate(SMALL, [WIDE, HIGH])
    faint, calls = await page.evaluate(FAINT, READABLE), await page.evaluate(CALLS)
    await page.emulate_media(color_scheme="dark")
    at_night = await page.evaluate(FAINT, READABLE)
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    return Looks(wider, await page.evaluate(WIDER), small, faint, at_night, trouble, calls)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def looks(browser: Browser, site: TestServer) -> dict[str, Looks]:
    """Every screen at 360x640, measured."""
    size = ViewportSize(width=PHONE[0], height=PHONE[1])
    context = await browser.new_context(base_url=str(site.make_url("/")), viewport=size, reduced_motion="reduce")

    async def browse(language: str) -> dict[str, Looks]:
        page = await context.new_page()
        await page.goto("/healthz")
        return {path: await look(page, path) for path in paths(language)}

    found = await asyncio.gather(*map(browse, LANGUAGES))
    await context.close()
    return {path: looks for part in found for path, looks in part.items()}


def wrong(looks: dict[str, Looks], language: str, what: str) -> dict[str, list[str]]:
    """The screens of a language on which something is wrong, with what it is."""
    return {path: getattr(looks[path], what) for path in paths(language) if getattr(looks[path], what)}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_has_to_be_scrolled_sideways(looks: dict[str, Looks], language: str) -> None:
    assert not wrong(looks, language, "wider")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_has_to_be_scrolled_sideways_with_text_twice_as_large(looks: dict[str, Looks], language: str) -> None:
    assert not wrong(looks, language, "wider_when_large")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_can_be_tapped_is_large_enough_for_a_finger(looks: dict[str, Looks], language: str) -> None:
    assert not wrong(looks, language, "small")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_all_text_can_be_read_in_the_sun_and_in_the_dark(looks: dict[str, Looks], language: str) -> None:
    assert not wrong(looks, language, "faint")
    assert not wrong(looks, language, "faint_at_night")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_screen_makes_the_browser_complain_or_ask_anybody_else(looks: dict[str, Looks], language: str) -> None:
    assert not wrong(looks, language, "trouble")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_on_the_help_screen_numbers_are_in_sight_at_once(looks: dict[str, Looks], language: str) -> None:
    for path in (f"/{language}/help/now", f"/?at={language}:help/now"):
        assert {"tel:115", "tel:113"} <= set(looks[path].calls)


@pytest.mark.parametrize("language", ["vi", "km"])
async def test_the_chat_can_be_used_with_text_twice_as_large(visit: Visit, screen: Find, language: str) -> None:
    person = await visit(f"/?at={language}:covid")
    await person.page.evaluate("document.documentElement.style.fontSize = '200%'")
    lines = "log => log.clientHeight / parseFloat(getComputedStyle(log.querySelector('p')).lineHeight)"
    assert await person.page.get_by_role("log").evaluate(lines) >= 3
    await expect(person.page.get_by_role("button", name=screen(language, "home").labels["send"], exact=True)).to_be_in_viewport(
        ratio=1
    )
    await person.page.get_by_role("textbox").fill("#")
    await person.page.get_by_role("textbox").press("Enter")
    await person.sees(screen(language, "help/now"))


@pytest.mark.parametrize("path", ["/vi/covid/masks", "/?at=vi:covid/masks"])
async def test_the_focus_can_be_seen_wherever_it_is(visit: Visit, path: str) -> None:
    person = await visit(path)
    unseen = set()
    for scheme in ("light", "dark"):
        await person.page.emulate_media(color_scheme=scheme)
        for _ in range(14):
            await person.page.keyboard.press("Tab")
            name, width, contrast = await person.page.evaluate(FOCUS)
            if not name.startswith("BODY") and (width < 2 or contrast < VISIBLE):
                unseen.add(f"{scheme}: {name} {width} {contrast:.2f}")
    assert not unseen


async def test_at_night_the_paper_is_dark_and_the_ink_is_light(visit: Visit) -> None:
    measure = f"() => {{ {COLOURS} return [light(behind(document.body)), light(getComputedStyle(document.body).color)]; }}"
    for path in ("/vi/home", "/"):
        person = await visit(path, color_scheme="dark")
        paper, ink = await person.page.evaluate(measure)
        assert paper < 0.1 < 0.6 < ink
        await person.page.emulate_media(color_scheme="light")
        paper, ink = await person.page.evaluate(measure)
        assert ink < 0.1 < 0.6 < paper


async def test_on_paper_stands_the_text_and_no_menu(visit: Visit, screen: Find) -> None:
    person = await visit("/vi/covid/masks")
    await person.page.emulate_media(media="print")
    await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
    await expect(person.page.get_by_text(screen("vi", "covid/masks").blocks[0].text.plain)).to_be_visible()
    for link in await person.page.locator("nav a, a.sos, a.skip, button, input").all():
        await expect(link).not_to_be_in_viewport()
        assert not await link.is_visible()
    address = await person.page.locator(".source a").first.evaluate("e => getComputedStyle(e, '::after').content")
    assert "https://" in address or "attr(href)" in address


async def test_the_chat_on_paper_is_whole_and_without_a_field_to_type_in(visit: Visit) -> None:
    person = await visit("/?at=vi:help/now")
    await person.page.emulate_media(media="print")
    assert not await person.page.get_by_role("textbox").is_visible()
    cut = "e => e.scrollHeight - e.clientHeight"
    assert await person.page.get_by_role("log").evaluate(cut) <= 1
