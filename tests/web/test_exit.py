"""Forms, quick exit and "near me" in a real browser: a way out that leaves nothing behind, a position that is asked for."""

from base64 import b64encode
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from bot.channels.webchat import COOKIE, NEUTRAL
from bot.conversation import Catalog
from tests.web.test_browser import PATIENCE, PHONE, Find, Person, Visit, screen, visit  # noqa: F401

pytestmark = pytest.mark.asyncio(loop_scope="session")

LANGUAGES = ("vi", "en", "km", "lo")
QUIZ = "form/frontline-quiz"
# A place in Ho Chi Minh City.
POSITION = {"latitude": 10.7573, "longitude": 106.6594}


async def weather(page: Page) -> list[dict[str, str]]:
    """Put a page where quick exit leads to; the headers with which it was asked for.

    By the browser's own protocol: playwright's routes do not see where a redirection leads.
    """
    asked: list[dict[str, str]] = []
    session = await page.context.new_cdp_session(page)

    async def answer(event: dict[str, Any]) -> None:
        asked.append({name.lower(): value for name, value in event["request"]["headers"].items()})
        html = {"responseCode": 200, "responseHeaders": [{"name": "Content-Type", "value": "text/html"}]}
        body = b64encode(b"<title>weather</title>").decode()
        await session.send("Fetch.fulfillRequest", {"requestId": event["requestId"], "body": body, **html})

    session.on("Fetch.requestPaused", answer)
    await session.send("Fetch.enable", {"patterns": [{"urlPattern": NEUTRAL.partition("?")[0] + "*"}]})
    return asked


async def left(page: Page) -> None:
    """The person is on the neutral page, and this browser keeps no cookie of us."""
    await expect(page).to_have_title("weather", timeout=PATIENCE)
    assert page.url.startswith(NEUTRAL.partition("?")[0])
    assert [cookie["name"] for cookie in await page.context.cookies() if cookie["name"] == COOKIE] == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("path", ["/", "/?at=vi:help/captive", "/vi/help/violence"])
async def test_the_button_leaves_at_once_for_a_page_that_tells_nothing(visit: Visit, path: str, script: bool) -> None:  # noqa: F811
    mai = await visit("/", java_script_enabled=script)
    await mai.page.goto(path)
    asked = await weather(mai.page)

    await mai.page.locator("a.exit").click()

    await left(mai.page)
    assert [headers.get("referer") for headers in asked] == [None]


async def test_escape_twice_leaves_too_also_while_somebody_types(visit: Visit) -> None:  # noqa: F811
    mai = await visit("/?at=vi:form/danger/resume")
    await weather(mai.page)
    await mai.page.locator("#text").fill("tôi cần")

    await mai.page.keyboard.press("Escape")
    await mai.page.keyboard.press("Escape")

    await left(mai.page)


async def test_escape_once_and_other_keys_stay(visit: Visit) -> None:  # noqa: F811
    mai = await visit("/?at=vi:form/danger/resume")
    asked = await weather(mai.page)

    for key in ("Escape", "a", "Enter", "Tab"):
        await mai.page.keyboard.press(key)

    await expect(mai.page.locator("html")).to_be_visible()
    assert asked == []


async def test_back_does_not_show_the_page_that_was_left(visit: Visit, site: TestServer) -> None:  # noqa: F811
    mai = await visit("/vi/about")
    await mai.page.goto("/?at=vi:help/captive")
    await weather(mai.page)
    length = await mai.page.evaluate("history.length")
    await mai.page.locator("a.exit").click()
    await left(mai.page)
    assert await mai.page.evaluate("history.length") == length, "the page was replaced, none was added"

    await mai.page.go_back()

    assert mai.page.url == urljoin(str(site.make_url("/")), "/vi/about")


async def test_who_comes_back_after_quick_exit_begins_anew(visit: Visit) -> None:  # noqa: F811
    mai = await visit("/?at=vi:form/job-offer/resume")
    await mai.presses("Có")
    await expect(mai.answer).to_contain_text("Câu 2/12")
    await weather(mai.page)
    await mai.page.locator("a.exit").click()
    await left(mai.page)

    await mai.page.goto("/")
    await expect(mai.answer).to_contain_text("Xin chào")
    await mai.page.goto("/?at=vi:form/job-offer/resume")
    await expect(mai.answer).to_contain_text("Câu 1/12")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_leaving_by_a_word_in_the_chat_leaves_the_page_as_well(visit: Visit, script: bool) -> None:  # noqa: F811
    mai = await visit("/?at=vi:help/captive", java_script_enabled=script)
    await weather(mai.page)
    await mai.page.locator("#text").fill("thoát")

    await mai.page.keyboard.press("Enter")

    await left(mai.page)


async def test_exit_tells_the_browser_to_forget(visitor: ClientSession) -> None:
    async with visitor.post("/api/chat", json={"token": "vi:covid"}) as response:
        assert COOKIE in response.headers["Set-Cookie"]
    async with visitor.get("/exit", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, NEUTRAL)
        assert "cookies" in response.headers["Clear-Site-Data"]
        assert response.headers["Referrer-Policy"] == "no-referrer"
        cookie = SimpleCookie(response.headers["Set-Cookie"])[COOKIE]
        assert (cookie.value, cookie["max-age"]) == ("", "0")


async def test_forget_me_takes_the_cookie_away_and_says_what_stays(visitor: ClientSession) -> None:
    for token in ("vi:form/job-offer/resume", "vi:form/job-offer/easy/yes"):
        async with visitor.post("/api/chat", json={"token": token}):
            pass
    async with visitor.post("/api/chat", json={"token": "vi:forget/now"}) as response:
        answer = await response.json()
        assert SimpleCookie(response.headers["Set-Cookie"])[COOKIE].value == ""
    assert "Không xóa được" in answer["replies"][-1]["text"]
    assert not [cookie for cookie in visitor.cookie_jar if cookie.key == COOKIE]


@pytest.mark.parametrize("path", ["/{}/home", "/?at={}:home", "/?at={}:form/access-survey/resume", "/{}/help/now"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_head_of_the_page_fits_a_small_phone_and_the_exit_is_in_sight(
    visit: Visit,  # noqa: F811
    catalog: Catalog,
    language: str,
    path: str,
) -> None:
    mai = await visit(path.format(language))
    header, button = mai.page.locator("header"), mai.page.locator("a.exit")

    assert await mai.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert await header.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1")
    box = await button.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE[0]
    assert 0 <= box["y"] <= 120, "at the top, without scrolling"
    assert (box["width"] >= 44, box["height"] >= 36) == (True, True)
    await expect(button).to_have_text(catalog.editions[language].screens["home"].labels["exit"])


# Forms


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_whole_form_is_filled_in_by_buttons(visit: Visit, catalog: Catalog, script: bool) -> None:  # noqa: F811
    mai = await visit(f"/?at=vi:{QUIZ}/resume", java_script_enabled=script)
    form = catalog.editions["vi"].forms["frontline-quiz"]
    for number, question in enumerate(form.questions.values(), 1):
        await expect(mai.answer).to_contain_text(f"Câu {number}/15")
        await mai.presses(next(option.label for option in question.options.values() if option.right))
        await expect(mai.answer).to_contain_text("Đúng rồi")

    await expect(mai.answer).to_contain_text("Đúng 15 trên 15 câu")
    (cookie,) = [cookie for cookie in await mai.page.context.cookies() if cookie["name"] == COOKIE]
    assert len(cookie["name"]) + len(cookie["value"]) < 4096


@pytest.mark.parametrize("part", ["passed", "again", "decree", "resume", "nowhere"])
async def test_a_link_into_the_middle_of_a_form_leads_to_its_beginning(visitor: ClientSession, part: str) -> None:
    async with visitor.get(f"/vi/{QUIZ}/{part}") as response:
        text = await response.text()
    assert "{points}" not in text
    assert response.url.path in (f"/vi/{QUIZ}", f"/vi/{QUIZ}/{part}")
    assert response.status in (200, 404)
    if part in ("passed", "again"):
        assert response.url.path == f"/vi/{QUIZ}"


# Near me


async def test_a_position_that_the_person_allows_brings_the_nearest_places(visit: Visit, screen: Find) -> None:  # noqa: F811
    mai = await visit("/?at=vi:services/near", geolocation=POSITION, permissions=["geolocation"])

    await mai.presses(screen("vi", "services/near").labels["send_position"])

    await expect(mai.answer).to_contain_text("km", timeout=PATIENCE)
    assert mai.trouble == []
    await shows_no_position(mai)


async def shows_no_position(mai: Person) -> None:
    """The position stands nowhere: not in the address, not in the cookie."""
    kept = [mai.page.url, *(cookie["value"] for cookie in await mai.page.context.cookies())]
    assert [text for text in kept if "10.757" in text or "106.659" in text] == []


async def test_a_position_that_the_person_refuses_is_asked_for_by_name_instead(visit: Visit, screen: Find) -> None:  # noqa: F811
    mai = await visit("/?at=vi:services/near", permissions=[])
    labels = screen("vi", "services/near").labels

    await mai.presses(labels["send_position"])

    await expect(mai.page.get_by_role("log")).to_contain_text(labels["no_position"], timeout=PATIENCE)
    await mai.page.locator("#text").fill("bệnh viện ở tây ninh")
    await mai.page.keyboard.press("Enter")
    await expect(mai.answer).to_contain_text("Tây Ninh")


async def test_the_button_for_the_position_also_works_in_an_answer_that_came_later(visit: Visit, screen: Find) -> None:  # noqa: F811
    mai = await visit("/", geolocation=POSITION, permissions=["geolocation"])
    await mai.page.locator("#text").fill("#services-near")
    await mai.page.keyboard.press("Enter")

    await mai.presses(screen("vi", "services/near").labels["send_position"])

    await expect(mai.answer).to_contain_text("km", timeout=PATIENCE)


async def test_without_script_no_button_promises_what_it_cannot_do(visit: Visit, screen: Find) -> None:  # noqa: F811
    mai = await visit("/?at=vi:services/near", java_script_enabled=False)

    await expect(mai.page.locator("button.position")).to_be_hidden()
