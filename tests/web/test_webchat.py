"""The web chat: JSON for the script, forms without it, a session that the person carries, and nothing kept of what they write.

Every odd body gets a 400 in JSON, every odd cookie a new session, every odd Accept-Language a language of ours.
"""

import base64
import gzip
import json
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from html.parser import HTMLParser
from http.cookies import Morsel
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, FormData
from aiohttp.test_utils import TestServer

from bot.app import House
from bot.channels.webchat import COOKIE, WebChat
from bot.conversation import TOKEN_BYTES, Catalog
from bot.store import SqlStore
from bot.turns import Turns
from bot.web.pages import Pages
from tests.logged import timeless

pytestmark = pytest.mark.asyncio(loop_scope="session")
# The chat's, and quick exit.
OUR_SCRIPTS = 2

Served = Callable[..., AbstractAsyncContextManager[ClientSession]]
SAIGON = {"position": {"lat": 10.776889, "lon": 106.700806}}


class Chat(HTMLParser):
    """A chat page, as a person sees it: the last heading, what they said, the buttons (label to token)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.language, self.title, self.said = "", "", ""
        self.buttons: dict[str, str] = {}
        self.scripts = 0
        self._inside: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.language = dict(attrs)["lang"] or "" if tag == "html" else self.language
        self.scripts += tag == "script"
        if tag not in ("meta", "link", "img", "input"):
            self._inside.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, attributes = self._inside[-1] if self._inside else ("", {})
        if tag == "h1":
            self.title = data
        if tag == "button" and attributes.get("name") == "token":
            self.buttons[data] = attributes["value"] or ""
        if any("mine" in (a.get("class") or "") for _, a in self._inside) and data.strip():
            self.said += data


async def ask(visitor: ClientSession, body: object, **headers: str) -> dict[str, Any]:
    """What /api/chat answers; the first reply."""
    async with visitor.post("/api/chat", json=body, headers=headers) as response:
        assert response.status == 200
        answer = await response.json()
    assert set(answer) == {"replies"}
    first: dict[str, Any] = answer["replies"][0]
    return first


async def page(response: ClientResponse) -> Chat:
    assert (response.status, response.content_type) == (200, "text/html")
    return Chat(await response.text())


def carried(visitor: ClientSession) -> Morsel[str]:
    return next(cookie for cookie in visitor.cookie_jar if cookie.key == COOKIE)


# --- the answer


@pytest.mark.parametrize(
    "body", [{"text": "1"}, {"text": "khau trang"}, {"text": ""}, {"token": "vi:covid/masks"}, {"token": "?"}, SAIGON]
)
async def test_every_answer_has_the_agreed_shape(visitor: ClientSession, body: object) -> None:
    async with visitor.post("/api/chat", json=body) as response:
        assert (response.status, response.content_type) == (200, "application/json")
        answer = await response.json()
    assert len(answer["replies"]) >= 1
    for reply in answer["replies"]:
        assert all(isinstance(reply[key], str) and reply[key] for key in ("address", "text", "html"))
        assert reply["choices"]
        for choice in reply["choices"]:
            assert choice["label"]
            assert 0 < len(choice["token"].encode()) <= TOKEN_BYTES


async def test_a_text_leads_where_it_says(visitor: ClientSession, catalog: Catalog) -> None:
    for typed, address in {
        "khau trang": "covid/masks",
        "Khẩu trang?": "covid/masks",
        "#covid-masks": "covid/masks",
        "covid/masks": "covid/masks",
        "0": "home",
        "#": "help/now",
        "cứu": "help/now",
    }.items():
        assert (await ask(visitor, {"text": typed}))["address"] == address
    second = catalog.editions["vi"].screens["home"].choices[1]
    await ask(visitor, {"text": "0"})
    assert (await ask(visitor, {"text": "2"}))["address"] == second.address


async def test_a_token_leads_to_its_screen_in_its_language(visitor: ClientSession, catalog: Catalog) -> None:
    for language, edition in catalog.editions.items():
        reply = await ask(visitor, {"token": f"{language}:covid/masks"})
        screen = edition.screens["covid/masks"]
        assert (reply["address"], reply["language"], reply["title"]) == ("covid/masks", language, screen.title)
        assert reply["text"].startswith(screen.title)
        assert screen.blocks[-1].text.plain in reply["text"]


async def test_each_token_that_is_offered_leads_on(visitor: ClientSession) -> None:
    home = await ask(visitor, {"token": "en:home"})
    for choice in home["choices"]:
        language, _, address = choice["token"].partition(":")
        reply = await ask(visitor, {"token": choice["token"]})
        assert (reply["language"], reply["address"]) == (language, address)


async def test_typing_a_number_is_pressing_the_button_with_that_place(visitor: ClientSession) -> None:
    section = await ask(visitor, {"token": "vi:covid"})
    for number, choice in enumerate(section["choices"][:3], 1):
        await ask(visitor, {"token": "vi:covid"})
        assert (await ask(visitor, {"text": str(number)}))["address"] == choice["token"].partition(":")[2]


async def test_a_token_of_yesterday_leads_to_a_screen_that_says_so(visitor: ClientSession, catalog: Catalog) -> None:
    gone = catalog.editions["vi"].notices["gone"].text.plain
    for token in (
        "vi:no/such/screen",
        "zz:home/none",
        "rubbish",
        "",
        ":",
        "vi:",
        "vi:covid/masks\x00",
        "<script>",
        "\ud800",
        "vi:" + "a" * 9000,
    ):
        reply = await ask(visitor, {"token": token})
        assert reply["address"] == "home"
        assert gone in reply["text"]


async def test_words_that_nobody_foresaw_are_answered_with_ways_on(visitor: ClientSession) -> None:
    await ask(visitor, {"token": "vi:covid"})
    for text in (
        "xyzzy qwertz",
        "",
        "   ",
        "\x00",
        "9999",
        "\ud800",
        "🦄" * 300,
        "a" * 100_000,
        "{{7*7}}",
        "%s%n",
        "' or 1=1 --",
    ):
        reply = await ask(visitor, {"text": text})
        ways = {choice["token"] for choice in reply["choices"]} | {f"vi:{reply['address']}"}
        assert {"vi:home", "vi:help/now"} <= ways


async def test_the_html_of_an_answer_is_what_stands_on_the_page(visitor: ClientSession) -> None:
    reply = await ask(visitor, {"token": "km:covid/masks"})
    async with visitor.get("/km/covid/masks") as response:
        assert reply["html"].strip() in await response.text()


ODD = [
    b"",
    b" ",
    b"null",
    b"true",
    b"1",
    b'"text"',
    b"[]",
    b"{}",
    b"{",
    b'[{"text":"1"}]',
    b'{"text":1}',
    b'{"text":null}',
    b'{"text":["a"]}',
    b'{"Text":"1"}',
    b'{"token":{"a":1}}',
    b'{"token":1}',
    b'{"position":"here"}',
    b'{"position":[10,106]}',
    b'{"position":{"lat":10}}',
    b'{"position":{"lat":"10","lon":"106"}}',
    b'{"position":{"lat":null,"lon":106}}',
    b"text=1",
    b"<text>1</text>",
    b"\xff\xfe",
    b'{"text":"\xff"}',
    b'\xef\xbb\xbf{"text":"1"}',
    b"9" * 5000,
    b"[" * 100_000,
    b'{"text":' * 20_000,
]


@pytest.mark.parametrize("body", ODD, ids=lambda body: repr(body)[:30])
async def test_an_odd_body_is_refused_in_json(visitor: ClientSession, body: bytes) -> None:
    async with visitor.post("/api/chat", data=body, headers={"Content-Type": "application/json"}) as response:
        assert (response.status, response.content_type) == (400, "application/json")
        assert "text" in (await response.json())["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=nonsense"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/json", "Content-Encoding": "deflate"},
    ],
    ids=str,
)
async def test_a_body_that_is_not_what_it_says_is_refused_in_json(visitor: ClientSession, headers: dict[str, str]) -> None:
    async with visitor.post("/api/chat", data=b'{"text": "1"}', headers=headers) as response:
        assert (response.status, response.content_type) == (400, "application/json")


@pytest.mark.parametrize(
    "position", ['{"lat": NaN, "lon": 1}', '{"lat": 1e999, "lon": -1e999}', '{"lat": 91, "lon": 500}', '{"lat": 0, "lon": 0}']
)
async def test_an_impossible_position_is_no_accident(visitor: ClientSession, position: str) -> None:
    body = f'{{"position": {position}}}'
    async with visitor.post("/api/chat", data=body, headers={"Content-Type": "application/json"}) as response:
        assert response.status in (200, 400)
        assert response.content_type == "application/json"


@pytest.mark.parametrize(("path", "kind"), [("/api/chat", "application/json"), ("/", "application/x-www-form-urlencoded")])
async def test_a_huge_body_is_refused(visitor: ClientSession, path: str, kind: str) -> None:
    async with visitor.post(path, data=b"text=" + b"x" * 300_000, headers={"Content-Type": kind}) as response:
        assert response.status in (400, 413)


async def test_a_packed_question_is_understood(visitor: ClientSession) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with visitor.post("/api/chat", data=gzip.compress(b'{"text": "khau trang"}'), headers=headers) as response:
        assert (await response.json())["replies"][0]["address"] == "covid/masks"


# --- the session travels in a signed cookie


async def test_the_session_travels_in_a_signed_cookie_that_no_script_reads(visitor: ClientSession) -> None:
    await ask(visitor, {"token": "km:covid/masks"})
    cookie = carried(visitor)
    assert cookie["httponly"]
    assert cookie["samesite"] in ("Lax", "Strict")
    assert cookie["path"] == "/"
    assert 100 <= int(cookie["max-age"]) / 86400 <= 400
    saved, _, sign = cookie.value.partition(".")
    assert re.fullmatch(r"[0-9a-f]{64}", sign)
    assert json.loads(base64.urlsafe_b64decode(saved)) == {"screen": "covid/masks", "language": "km"}


async def test_the_cookie_travels_over_https_only_where_the_house_does(catalog: Catalog, house: House, served: Served) -> None:
    turns = Turns(lambda: catalog, house.store)
    pages = Pages(turns, public="https://donghanh.example")
    chat = WebChat(turns, b"k" * 32, page=pages.chat, html=pages.html, secure=True)
    async with served(pages, chat.routes()) as visitor, visitor.get("/") as response:
        assert response.cookies[COOKIE]["secure"]


async def test_without_a_cookie_each_message_stands_alone(site: TestServer) -> None:
    async with ClientSession(str(site.make_url("/")), cookie_jar=CookieJar(unsafe=False)) as stranger:
        assert (await ask(stranger, {"token": "en:covid"}))["address"] == "covid"
        reply = await ask(stranger, {"text": "#"})
        assert (reply["address"], reply["language"]) == ("help/now", "vi")


def forgeries(cookie: str) -> list[str]:
    """Cookies that are not ours, made from one that is."""
    saved, _, sign = cookie.partition(".")
    other = base64.urlsafe_b64encode(b'{"screen": "covid", "language": "km"}').decode()
    return [
        "",
        ".",
        "..",
        "x",
        cookie[:-1],
        cookie[: len(cookie) // 2],
        cookie[1:],
        saved,
        f"{saved}.",
        f".{sign}",
        f"{other}.{sign}",
        f"{saved}.{'0' * 64}",
        f"{saved}.{sign}.{sign}",
        f"{saved}.{sign[:-1]}{'0' if sign[-1] != '0' else '1'}",
        f"{saved}.ộ",
        "ខ្មែរ.ខ្មែរ",
        "\xff.\xff",
        "a" * 3000,
        "null.null",
    ]


async def test_a_forged_or_cut_cookie_gives_a_new_session_and_no_error(visitor: ClientSession, site: TestServer) -> None:
    await ask(visitor, {"token": "km:covid/masks"})
    for cookie in forgeries(carried(visitor).value):
        async with ClientSession(str(site.make_url("/"))) as stranger:
            reply = await ask(stranger, {"text": "#"}, Cookie=f'{COOKIE}="{cookie}"')
            assert (reply["address"], reply["language"]) == ("help/now", "vi"), cookie
            async with stranger.get("/", headers={"Cookie": f'{COOKIE}="{cookie}"'}) as response:
                assert (await page(response)).language == "vi"


async def test_a_true_cookie_is_understood_by_another_browser(visitor: ClientSession, site: TestServer) -> None:
    await ask(visitor, {"token": "km:covid/masks"})
    async with ClientSession(str(site.make_url("/"))) as stranger:
        reply = await ask(stranger, {"text": "xem lại"}, Cookie=f'{COOKIE}="{carried(visitor).value}"')
        assert (reply["address"], reply["language"]) == ("covid/masks", "km")


# --- languages


async def test_a_chosen_language_stays_whatever_the_browser_says(visitor: ClientSession) -> None:
    await ask(visitor, {"token": "lo:home"})
    for _ in range(2):
        assert (await ask(visitor, {"text": "1"}, **{"Accept-Language": "en-US,en;q=0.9"}))["language"] == "lo"
    async with visitor.get("/", headers={"Accept-Language": "en"}) as response:
        assert (await page(response)).language == "lo"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("vi-VN,vi;q=0.9,en-US;q=0.8", "vi"),
        ("en-US,en;q=0.9", "en"),
        ("km-KH", "km"),
        ("lo", "lo"),
        ("LO-la", "lo"),
        ("km_KH", "km"),
        ("fr-FR, fr;q=0.9", "en"),
        ("fr, km;q=0.5", "km"),
        ("en;q=0.1, vi;q=0.9", "vi"),
        ("en; q=0.1, km; q=0.9", "km"),
        ("fr;q=0.9, lo ; q=0.5", "lo"),
        ("vi;q=0, en", "en"),
        ("*", "vi"),
        ("*, km;q=0.5", "km"),
        ("zh-Hans-CN", "en"),
        ("viking", "en"),
    ],
)
async def test_the_browser_says_which_language_comes_first(visitor: ClientSession, header: str | None, language: str) -> None:
    headers = {} if header is None else {"Accept-Language": header}
    assert (await ask(visitor, {"text": "#"}, **headers))["language"] == language


@pytest.mark.parametrize(
    "header",
    [";;;,,,", "q=1", ";q=1", "vi;q=abc", "vi;q=nan", "vi;q=1e999", "-", "ខ្មែរ", "a" * 4000, ",".join(["km"] * 900), "'\"<>"],
)
async def test_a_broken_accept_language_still_gives_a_language(visitor: ClientSession, catalog: Catalog, header: str) -> None:
    async with visitor.get("/", headers={"Accept-Language": header}) as response:
        assert (await page(response)).language in catalog.editions


# --- without JavaScript


async def test_a_person_without_javascript_goes_by_the_same_buttons(visitor: ClientSession, catalog: Catalog) -> None:
    def title(language: str, address: str) -> str:
        return catalog.editions[language].screens[address].title

    labels = catalog.editions["vi"].screens["home"].labels
    async with visitor.get("/") as response:
        chat = await page(response)
    for pressed, address in (
        (title("vi", "covid"), "covid"),
        (title("vi", "covid/masks"), "covid/masks"),
        (labels["back"], "covid"),
        (labels["help"], "help/now"),
    ):
        async with visitor.post("/", data={"token": chat.buttons[pressed]}) as response:
            chat = await page(response)
        assert chat.title == title("vi", address)
    async with visitor.get("/", params={"at": "en:help/now"}) as response:
        assert (await page(response)).title == title("en", "help/now")


async def test_a_person_without_javascript_may_type(visitor: ClientSession, catalog: Catalog) -> None:
    async with visitor.post("/", data={"text": "khau trang"}) as response:
        chat = await page(response)
    assert chat.said == "khau trang"
    assert chat.title == catalog.editions["vi"].screens["covid/masks"].title
    async with visitor.post("/", data={"text": "<"}) as response:
        assert (await page(response)).title == catalog.editions["vi"].screens["covid"].title


async def test_the_chat_opens_where_a_link_says_else_where_the_person_was(visitor: ClientSession, catalog: Catalog) -> None:
    async with visitor.get("/", params={"at": "km:covid/masks"}) as response:
        assert (await page(response)).title == catalog.editions["km"].screens["covid/masks"].title
    async with visitor.get("/") as response:
        assert (await page(response)).title == catalog.editions["km"].screens["covid/masks"].title


@pytest.mark.parametrize(
    "at", ["", "rubbish", "vi:", "vi:no/such", "zz:home", "<script>alert(1)</script>", "\x00", "vi:" + "a" * 3000]
)
async def test_a_broken_link_into_the_chat_opens_it(visitor: ClientSession, at: str) -> None:
    async with visitor.get("/", params={"at": at}) as response:
        chat = await page(response)
        assert (chat.language, chat.scripts) == ("vi", OUR_SCRIPTS)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</section></div><form action=//evil.example>",
        "&lt;b&gt; &amp;amp;",
        "{{7*7}} {% raw %}",
        "'\"`",
        "ខ្មែរ ລາວ đ 🦠",
    ],
)
async def test_what_is_typed_stays_text_in_the_page(visitor: ClientSession, text: str) -> None:
    async with visitor.post("/", data={"text": text}) as response:
        source = await response.text()
    chat = Chat(source)
    assert chat.said == text
    assert chat.scripts == OUR_SCRIPTS
    assert "evil.example>" not in source
    assert "onerror=alert(1)>" not in source


ODD_FORMS: list[tuple[str, bytes]] = [
    ("application/x-www-form-urlencoded", b""),
    ("application/x-www-form-urlencoded", b"other=1"),
    ("application/x-www-form-urlencoded", b"text=%ff%ED%A0%80"),
    ("application/x-www-form-urlencoded", b"text=\xff"),
    ("application/x-www-form-urlencoded", b"text=%00&text=2&token="),
    ("application/x-www-form-urlencoded; charset=nonsense", b"text=1"),
    ("multipart/form-data", b"text=1"),
    ("multipart/form-data; boundary=x", b"text=1"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="text"; filename="a"\r\n\r\nhi\r\n--x--\r\n',
    ),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhi'),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--\r\n"),
    ("application/json", b'{"text": "1"}'),
    ("text/plain", b"text=1"),
    ("", b"text=1"),
]


@pytest.mark.parametrize(("kind", "body"), ODD_FORMS, ids=str)
async def test_an_odd_form_is_no_accident(visitor: ClientSession, kind: str, body: bytes) -> None:
    async with visitor.post("/", data=body, headers={"Content-Type": kind}) as response:
        assert 200 <= response.status < 500


async def test_a_form_of_the_other_kind_is_understood_too(visitor: ClientSession, catalog: Catalog) -> None:
    form = FormData({"text": "khau trang"}, default_to_multipart=True)
    async with visitor.post("/", data=form) as response:
        assert (await page(response)).title == catalog.editions["vi"].screens["covid/masks"].title


async def test_what_a_person_was_told_is_kept_by_no_cache(visitor: ClientSession) -> None:
    for answer in (visitor.get("/"), visitor.post("/", data={"text": "1"})):
        async with answer as response:
            assert "no-store" in response.headers.get("Cache-Control", "")


# --- nothing is kept of what a person writes

SECRET = "nguyenthixyzzy"


async def test_nothing_a_person_writes_is_in_the_log_or_the_database(
    visitor: ClientSession, house: House, database: Path, log: StringIO
) -> None:
    headers = {"User-Agent": f"{SECRET}/1", "Referer": f"http://{SECRET}.example/", "Accept-Language": SECRET}
    for body in (
        {"text": f"tôi là {SECRET} 0912345678"},
        {"token": f"vi:{SECRET}"},
        {"token": SECRET},
        SAIGON,
        {"other": SECRET},
    ):
        async with visitor.post("/api/chat", json=body, headers=headers) as response:
            assert response.status in (200, 400)
    async with visitor.post("/api/suggest", json={"text": SECRET, "language": "vi"}, headers=headers) as response:
        assert response.status == 200
    for form in ({"text": SECRET}, {"token": SECRET}, {"name": SECRET}):
        async with visitor.post("/", data=form, headers=headers) as response:
            assert response.status == 200
    for path in (
        f"/{SECRET}",
        f"/vi/{SECRET}",
        f"/?at={SECRET}",
        f"/vi/home?c={SECRET.upper()}",
        f"/vi/home?{SECRET}",
        f"/static/{SECRET}",
        f"/vi/search?q={SECRET}+0912345678",
    ):
        async with visitor.get(path, headers=headers) as response:
            assert response.status in (200, 404)
    for broken in (f'{{"text": "{SECRET}'.encode(), f"{SECRET}\xff".encode("latin-1")):
        async with visitor.post("/api/chat", data=broken) as response:
            assert response.status == 400
    async with visitor.get("/metrics") as response:
        metrics = await response.text()
    logged = timeless(log.getvalue())
    assert logged.count(" event=turn channel=web ") >= 8
    assert "address=home kind=said" in logged
    await house.store.ping()
    stored = b"".join(file.read_bytes() for file in database.parent.glob(f"{database.name}*"))
    assert b"covid" in stored
    for kept in (logged.encode(), metrics.encode(), stored, carried(visitor).value.encode()):
        assert not [mark for mark in (SECRET, SECRET.upper(), "0912345678", "10.776", "106.7008") if mark.encode() in kept]


async def test_a_question_that_breaks_the_reader_leaves_nothing_in_the_log(visitor: ClientSession, log: StringIO) -> None:
    kinds = (
        "application/x-www-form-urlencoded; charset=nonsense",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    )
    for kind in kinds:
        async with visitor.post(
            "/", data=f"text={SECRET}&a=\xff".encode("latin-1"), headers={"Content-Type": kind}
        ) as response:
            await response.read()
    async with visitor.post("/api/chat", data=b"[" * 50_000 + SECRET.encode()) as response:
        await response.read()
    assert SECRET not in log.getvalue()


async def test_the_chat_answers_although_the_database_is_away(
    catalog: Catalog, tmp_path: Path, log: StringIO, served: Served
) -> None:
    store = SqlStore(f"sqlite+aiosqlite:///{tmp_path}/no-such-folder/bot.db", b"k" * 32)
    turns = Turns(lambda: catalog, store)
    pages = Pages(turns, public="")
    chat = WebChat(turns, b"k" * 32, page=pages.chat, html=pages.html, secure=False)
    async with served(pages, chat.routes()) as visitor:
        assert (await ask(visitor, {"token": "km:covid"}))["address"] == "covid"
        reply = await ask(visitor, {"text": "1"})
        assert reply["language"] == "km"
    await store.close()
    assert "unsaved" in log.getvalue()
