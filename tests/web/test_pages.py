"""The pages: every screen in every language is a whole, light, safe page, and no address, however odd, breaks the site.

What is proved here needs no browser: status, headers, bytes on the wire, and the HTML, read strictly.
"""

import asyncio
import gzip
import re
import struct
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select

from bot.app import House
from bot.conversation import Catalog, parse_token
from bot.store import SqlStore
from bot.store.tables import views
from bot.turns import Turns
from bot.web.pages import Pages

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A first visit on a phone with a bad connection: everything that is loaded, headers included, in bytes.
FIRST_VISIT = 30_000
# The smallest picture that apps show beside a shared link, in pixels.
CARD = 200
DIRECTORY = ("services/", "service/", "report/", "gate/", "abroad/")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Letters of the scripts that a language is written in.
SCRIPTS = {"km": "\u1780-\u17ff", "lo": "\u0e80-\u0eff", "vi": "a-zA-ZÀ-ỹ", "en": "a-zA-Z"}


@dataclass(eq=False)
class Element:
    """One element. text: all that stands in it; own: what stands in it and in no element inside."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None"
    text: str = ""
    own: str = ""

    def up(self) -> Iterator["Element"]:
        """This element and those around it, from inside out."""
        element: Element | None = self
        while element:
            yield element
            element = element.parent

    @property
    def language(self) -> str:
        return next((e.attributes["lang"] for e in self.up() if "lang" in e.attributes), "")

    def within(self, kind: str) -> bool:
        """Does it stand in an element of this tag or class?"""
        return any(kind == e.tag or kind in e.attributes.get("class", "").split() for e in self.up())


@dataclass
class Page(HTMLParser):
    """A page, read strictly: what browsers would silently mend stands in `faults`."""

    source: str
    elements: list[Element] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self.feed(self.source)
        self.close()
        self.faults += [f"<{element.tag}> is not closed" for element in self._open]
        ids = [element.attributes["id"] for element in self.elements if "id" in element.attributes]
        self.faults += [f"id {name} stands there twice" for name in set(ids) if ids.count(name) > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(dict(attrs)) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        parent = self._open[-1] if self._open else None
        element = Element(tag, {name: value or "" for name, value in attrs}, parent)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1].tag == tag:
            self._open.pop()
        else:
            self.faults.append(f"</{tag}> closes nothing at line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].own += data
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def one(self, tag: str) -> Element:
        found = self.all(tag)
        assert len(found) == 1, f"{len(found)} <{tag}>"
        return found[0]

    def meta(self, name: str) -> str:
        return self._linked("meta", name, ("name", "property"), "content")

    def link(self, relation: str) -> str:
        return self._linked("link", relation, ("rel",), "href")

    def _linked(self, tag: str, name: str, keys: Sequence[str], value: str) -> str:
        found = [e.attributes[value] for e in self.all(tag) if name in [e.attributes.get(key) for key in keys]]
        assert len(found) == 1, f"{len(found)} {name}"
        return found[0]


@dataclass(frozen=True)
class Visit:
    """One answer to a GET."""

    status: int
    headers: dict[str, str]
    page: Page


Site = dict[tuple[str, str], Visit]
Served = Callable[..., AbstractAsyncContextManager[ClientSession]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def guest(site: TestServer) -> AsyncIterator[ClientSession]:
    async with ClientSession(str(site.make_url("/")), cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pages(guest: ClientSession, catalog: Catalog) -> Site:
    """Every page, by language and address."""
    return {(lang, address): await visit(guest, f"/{lang}/{address}") for lang, address in screens(catalog)}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chats(guest: ClientSession, catalog: Catalog) -> Site:
    """The chat page at every screen, by language and address."""
    return {(lang, address): await visit(guest, f"/?at={lang}:{address}") for lang, address in screens(catalog)}


def screens(catalog: Catalog) -> list[tuple[str, str]]:
    return [
        (language, address) for language, edition in catalog.editions.items() for address in edition.screens if is_page(address)
    ]


def is_page(address: str) -> bool:
    """Questions are asked in the chat, and leaving has no page. Of the directory, one province stands for all."""
    if address in ("exit", "forget/now") or (address.startswith("form/") and address.count("/") > 1):
        return False
    directory = address.startswith(DIRECTORY[:4])
    return (
        not directory
        or "tay-ninh" in address
        or "tayninh" in address
        or (address.count("/") == 1 and address.startswith("services/n"))
    )


async def visit(session: ClientSession, path: str, **headers: str) -> Visit:
    async with session.get(path, headers=headers, allow_redirects=False) as response:
        return Visit(response.status, dict(response.headers), Page(await response.text()))


async def wire(site: TestServer, target: bytes | str, *headers: bytes | str, method: str = "GET", host: bytes = b"") -> bytes:
    """The answer as it travels, to a request that no client would send."""
    reader, writer = await asyncio.open_connection(site.host, site.port)
    lines = [b"%b %b HTTP/1.1" % (method.encode(), raw(target)), b"Host: " + (host or f"{site.host}:{site.port}".encode())]
    writer.write(b"\r\n".join([*lines, *map(raw, headers), b"Connection: close", b"", b""]))
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    return answer


def raw(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def origin(site: TestServer) -> str:
    return str(site.make_url("/")).rstrip("/")


# --- every screen is a page


async def test_every_screen_in_every_language_is_a_page(pages: Site, catalog: Catalog) -> None:
    assert len(pages) == len(screens(catalog)) > 4 * 100
    assert {visit.status for visit in pages.values()} == {200}
    assert {visit.headers["Content-Type"] for visit in pages.values()} == {"text/html; charset=utf-8"}


async def test_pages_and_chat_are_well_formed(pages: Site, chats: Site) -> None:
    faults = {place: visit.page.faults for site in (pages, chats) for place, visit in site.items() if visit.page.faults}
    assert not faults


async def test_each_page_says_its_language_title_and_summary(pages: Site, catalog: Catalog) -> None:
    for (language, address), visit in pages.items():
        screen, page = catalog.editions[language].screens[address], visit.page
        assert page.one("html").attributes["lang"] == language
        assert page.one("title").text.startswith(screen.title)
        assert page.one("h1").text == screen.title
        assert page.meta("description") == screen.summary != ""
        assert page.meta("viewport") == "width=device-width, initial-scale=1"


async def test_a_shared_link_shows_a_preview(pages: Site, catalog: Catalog, site: TestServer) -> None:
    for (language, address), visit in pages.items():
        screen, page = catalog.editions[language].screens[address], visit.page
        assert page.meta("og:title") == screen.title
        assert page.meta("og:description") == screen.summary
        assert page.meta("og:url") == f"{origin(site)}/{language}/{address}"
        assert page.meta("og:type") in ("website", "article")
        assert page.meta("og:locale").startswith(language)
        kind = "pictures" if screen.picture else "static"
        assert page.meta("og:image").startswith(f"{origin(site)}/{kind}/")


async def test_the_picture_of_a_preview_is_large_enough_to_be_shown(pages: Site, guest: ClientSession) -> None:
    async with guest.get(pages["vi", "home"].page.meta("og:image")) as response:
        picture = await response.read()
        assert (response.status, response.content_type) == (200, "image/png")
    width, height = struct.unpack(">II", picture[16:24])
    assert min(width, height) >= CARD


async def test_each_page_names_itself_and_its_other_languages(pages: Site, catalog: Catalog, site: TestServer) -> None:
    for (language, address), visit in pages.items():
        assert visit.page.link("canonical") == f"{origin(site)}/{language}/{address}"
        others = {e.attributes["hreflang"]: e.attributes["href"] for e in visit.page.all("link") if "hreflang" in e.attributes}
        wanted = {other: f"{origin(site)}/{other}/{address}" for other in catalog.editions if other != language}
        assert {other: others.get(other) for other in wanted} == wanted


async def test_a_person_can_change_the_language_in_one_tap(pages: Site, chats: Site, catalog: Catalog) -> None:
    for site, form in ((pages, "/{}/{}"), (chats, "/?at={}:{}")):
        for (language, address), visit in site.items():
            links = {e.attributes["href"]: e for e in visit.page.all("a") if e.within("languages")}
            others = [edition for edition in catalog.editions.values() if edition.language != language]
            assert list(links) == [form.format(edition.language, address) for edition in others]
            assert [e.text for e in links.values()] == [edition.name for edition in others]
            assert [e.attributes["lang"] for e in links.values()] == [edition.language for edition in others]


async def test_home_and_help_now_are_on_every_page(pages: Site, chats: Site) -> None:
    for (language, address), visit in pages.items():
        links = {e.attributes["href"] for e in visit.page.all("a")}
        assert {f"/{language}/home", f"/{language}/help/now"} - {f"/{language}/{address}"} <= links
    for (language, address), visit in chats.items():
        ways = {e.attributes.get("value") or e.attributes.get("href") for e in visit.page.all("a", "button")}
        assert {f"{language}:home", f"{language}:help/now"} - {f"{language}:{address}"} <= ways


def leads(catalog: Catalog, language: str, address: str) -> bool:
    """Does a link lead to a screen, or to one of a form or a vote?"""
    address = re.sub("^helpful/(yes|no)/", "", address)
    form = "/".join(address.split("/")[:2]) if address.startswith("form/") else address
    return catalog.find(language, form) is not None


async def test_every_link_of_ours_leads_to_a_screen(pages: Site, chats: Site, site: TestServer, catalog: Catalog) -> None:
    lost = set()
    for where in (pages, chats):
        for (language, address), visit in where.items():
            for element in visit.page.all("a"):
                url = urlsplit(urljoin(f"{origin(site)}/{language}/{address}", element.attributes["href"]))
                if f"{url.scheme}://{url.netloc}" != origin(site) or url.fragment:
                    continue
                at = parse_qs(url.query).get("at", [url.path.strip("/").replace("/", ":", 1)])[0]
                place = parse_token(at)
                if url.path != "/exit" and (place is None or not leads(catalog, place.language, place.address)):
                    lost.add((language, address, element.attributes["href"]))
    assert not lost


async def test_phone_numbers_can_be_tapped(pages: Site, catalog: Catalog) -> None:
    for language in catalog.editions:
        calls = [e.attributes["href"] for e in pages[language, "help/now"].page.all("a") if e.within("call")]
        assert len(calls) >= 3
        assert all(re.fullmatch(r"tel:\+?\d{3,15}", call) for call in calls)


async def test_a_page_has_one_heading_a_way_past_the_menu_and_names_for_all_it_shows(pages: Site) -> None:
    for visit in pages.values():
        page = visit.page
        skip = page.all("a")[0].attributes["href"]
        assert skip.removeprefix("#") in {e.attributes.get("id") for e in page.all("main")}
        assert all("alt" in e.attributes for e in page.all("img"))
        assert all(e.text.strip() or e.attributes.get("aria-label") for e in page.all("a", "button", "h1", "h2", "li"))
        assert len(page.all("h1")) == 1


# --- languages inside a page


async def test_blocks_in_a_fallback_language_carry_their_language(pages: Site, catalog: Catalog) -> None:
    foreign = 0
    for (language, address), visit in pages.items():
        kinds = {"text", "danger", "call", "note", "source"}
        shown = [e for e in visit.page.all("div") if e.attributes.get("class") in kinds]
        blocks = catalog.editions[language].screens[address].blocks
        assert [(e.attributes["class"], e.language) for e in shown] == [(b.kind, b.language) for b in blocks]
        foreign += sum(block.language != language for block in blocks)
    assert foreign > 100


async def test_a_page_with_a_fallback_says_so(pages: Site) -> None:
    for (language, _), visit in pages.items():
        divs = visit.page.all("div")
        if any(e.language != language for e in divs):
            assert any(e.within("note") and e.language == language for e in divs)


async def test_what_is_marked_as_a_language_is_written_in_its_script(pages: Site) -> None:
    """A screen reader speaks each part in the voice of its `lang`: a Khmer word in an English voice is lost."""
    wrong = set()
    for (language, address), visit in pages.items():
        if address.startswith(DIRECTORY):  # names and addresses of places are written as they stand on the door
            continue
        for element in visit.page.all("p", "li", "h1", "h2", "b", "span", "a"):
            named = element.within("source") or element.within("brand") or element.within("code")
            written = element.own.replace("Đồng Hành", "").strip()
            words = re.search(r"[^\W\d_]{3}|[\u0e80-\u0eff\u1780-\u17ff]", written) and not written.isupper()
            if words and not named and not re.search(f"[{SCRIPTS[element.language]}]", written):
                wrong.add((language, address, element.tag, element.language, written[:40]))
    assert not wrong


# --- nothing from anywhere else


async def test_no_script_or_style_stands_in_a_page(pages: Site, chats: Site) -> None:
    for site in (pages, chats):
        for visit in site.values():
            assert visit.page.all("style", "iframe", "object", "embed") == []
            assert all(not e.text and e.attributes["src"].startswith("/static/") for e in visit.page.all("script"))
            for element in visit.page.elements:
                assert not {name for name in element.attributes if name.startswith("on") or name == "style"}
                assert not element.attributes.get("href", "").lower().startswith(("javascript:", "data:"))


async def test_no_page_refers_to_another_host_except_in_links_that_a_person_taps(
    pages: Site, chats: Site, site: TestServer
) -> None:
    addresses = ("href", "src", "srcset", "action", "content", "data", "poster", "formaction", "ping")
    foreign = {
        (element.tag, element.attributes[name])
        for visit in (*pages.values(), *chats.values())
        for element in visit.page.elements
        for name in addresses
        if re.match(r"(\w+:)?//", element.attributes.get(name, "")) and not element.attributes[name].startswith(origin(site))
        if not (element.tag == "a" and name == "href" and (element.within("source") or element.within("text")))
    }
    assert not foreign


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/", 200),
        ("GET", "/vi/home", 200),
        ("GET", "/vi/nowhere", 404),
        ("GET", "/vi", 302),
        ("GET", "/vi/help", 301),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/robots.txt", 200),
        ("GET", "/healthz", 200),
        ("POST", "/api/chat", 400),
        ("PUT", "/vi/home", 405),
    ],
)
async def test_every_answer_carries_the_safety_headers(guest: ClientSession, method: str, path: str, wanted: int) -> None:
    async with guest.request(method, path, allow_redirects=False) as response:
        assert response.status == wanted
        assert_safe(response.headers.get("Content-Security-Policy", ""))
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "camera=()" in response.headers["Permissions-Policy"]


def assert_safe(policy: str) -> None:
    """Everything that is not named is forbidden; what is named comes from us alone; nobody may put us in a frame."""
    rules = {name: set(values) for name, *values in (rule.split() for rule in policy.split(";"))}
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == {"'none'"}
    assert rules["form-action"] == {"'self'"}
    assert set().union(*rules.values()) <= {"'self'", "'none'"}


async def test_a_hostile_host_name_stays_text(site: TestServer) -> None:
    answer = await wire(site, "/vi/home", host=b'x"><script>alert(1)</script>')
    assert status(answer) in (200, 400)
    assert b"<script>" not in answer


# --- light


async def test_a_page_that_is_still_right_is_not_sent_again(guest: ClientSession) -> None:
    async with guest.get("/vi/covid/masks") as first:
        mark, body = first.headers["ETag"], await first.read()
    for known in (mark, f"W/{mark}", f'"other", {mark}'):
        async with guest.get("/vi/covid/masks", headers={"If-None-Match": known}) as again:
            assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", mark)
            assert_safe(again.headers["Content-Security-Policy"])
    async with guest.get("/en/covid/masks", headers={"If-None-Match": mark}) as other:
        assert other.status == 200
        assert await other.read() != body


async def test_pages_travel_packed_to_those_who_unpack(site: TestServer, pages: Site) -> None:
    for path in ("/vi/covid/masks", "/", *assets(pages["vi", "home"].page)):
        plain, packed = await wire(site, path), await wire(site, path, "Accept-Encoding: gzip, br")
        head, _, body = packed.partition(b"\r\n\r\n")
        assert b"content-encoding: gzip" in head.lower()
        assert b"content-encoding" not in plain.partition(b"\r\n\r\n")[0].lower()
        assert gzip.decompress(body) == plain.partition(b"\r\n\r\n")[2]


async def test_caches_on_the_way_know_that_packed_and_plain_differ(guest: ClientSession, pages: Site) -> None:
    for path in ("/vi/covid/masks", *assets(pages["vi", "home"].page)):
        async with guest.get(path) as response:
            assert "accept-encoding" in response.headers.get("Vary", "").lower()


def assets(page: Page) -> set[str]:
    """What a browser loads with a page, each thing once. A topic's picture comes when it is scrolled to."""
    linked = {e.attributes["href"] for e in page.all("link") if e.attributes["rel"] in ("stylesheet", "icon", "preload")}
    return linked | {e.attributes["src"] for e in page.all("img", "script") if e.attributes.get("loading") != "lazy"}


async def first_visit(site: TestServer, path: str, page: Page) -> int:
    """Bytes on the wire, headers included, until everything is there."""
    loads = [path, *assets(page)]
    return sum([len(await wire(site, load, "Accept-Encoding: gzip, deflate, br")) for load in loads])


async def test_the_first_visit_of_the_longest_page_is_light(site: TestServer, pages: Site, catalog: Catalog) -> None:
    for language in catalog.editions:
        longest = max((len(v.page.source), address) for (lang, address), v in pages.items() if lang == language)[1]
        assert await first_visit(site, f"/{language}/{longest}", pages[language, longest].page) < FIRST_VISIT


async def test_the_first_visit_of_the_chat_is_light(site: TestServer, chats: Site, catalog: Catalog) -> None:
    for language in catalog.editions:
        longest = max((len(v.page.source), address) for (lang, address), v in chats.items() if lang == language)[1]
        for address in ("home", longest):
            assert await first_visit(site, f"/?at={language}:{address}", chats[language, address].page) < FIRST_VISIT


async def test_style_script_and_pictures_are_kept_for_good_and_named_by_their_content(
    guest: ClientSession, chats: Site
) -> None:
    loads = assets(chats["vi", "home"].page)
    assert {load.rpartition(".")[2] for load in loads} == {"css", "js", "svg"}
    for load in loads:
        assert re.fullmatch(r"/static/\w+\.[0-9a-f]{10}\.\w+", load)
        async with guest.get(load) as response:
            assert response.status == 200
            assert "immutable" in response.headers["Cache-Control"]
    async with guest.get("/favicon.ico") as response:
        assert (response.status, response.content_type) == (200, "image/svg+xml")


# --- addresses


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/vi", "/vi/home"),
        ("/km", "/km/home"),
        ("/vi/", "/vi/home"),
        ("/vi/home/", "/vi/home"),
        ("/en/covid/masks/", "/en/covid/masks"),
        ("/vi/help", "/vi/help/now"),
        ("/lo/language", "/lo/settings/language"),
        ("/vi/help?c=moc-bai", "/vi/help/now?c=moc-bai"),
        ("/vi/covid/masks/?c=moc-bai", "/vi/covid/masks?c=moc-bai"),
        ("/vi?c=moc-bai", "/vi/home?c=moc-bai"),
    ],
)
async def test_short_renamed_and_sloppy_addresses_are_sent_on(guest: ClientSession, path: str, target: str) -> None:
    async with guest.get(path, allow_redirects=False) as response:
        assert response.status in (301, 302, 303, 307, 308)
        assert response.headers["Location"] == target
    async with guest.get(target) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "path", ["/vi/help?c=a%0d%0aX-Evil:%20yes", "/vi/help/?%0d%0aX-Evil:yes", "/vi//evil.example/", "//evil.example/"]
)
async def test_nobody_is_sent_away_from_here_or_given_headers_by_a_link(site: TestServer, path: str) -> None:
    head = (await wire(site, path)).partition(b"\r\n\r\n")[0].decode()
    headers = [line.partition(":")[::2] for line in head.split("\r\n")[1:]]
    assert "X-Evil" not in [name for name, _ in headers]
    assert all(value.strip().startswith("/vi/") for name, value in headers if name == "Location")


@pytest.mark.parametrize(
    ("path", "accepts", "language"),
    [
        ("/vi/nowhere", "en", "vi"),
        ("/km/covid/nowhere", "vi", "km"),
        ("/lo/no/such/page", "", "lo"),
        ("/xx/home", "km-KH, en;q=0.5", "km"),
        ("/xx/home", "", "vi"),
        ("/no-such-page", "fr", "en"),
        ("/zz", "lo", "lo"),
        ("/no-such-page", "en;q=0.1, vi;q=0.9", "vi"),
        ("/no-such-page", "km; q=0.8, en; q=0.9", "en"),
    ],
)
async def test_an_unknown_address_shows_home_and_says_so(
    guest: ClientSession, catalog: Catalog, path: str, accepts: str, language: str
) -> None:
    async with guest.get(path, headers={"Accept-Language": accepts}) as response:
        page = Page(await response.text())
        assert response.status == 404
    edition = catalog.editions[language]
    assert page.one("html").attributes["lang"] == language
    assert page.one("h1").text == edition.screens["home"].title
    assert next(e.text for e in page.all("div") if e.within("note")) == edition.notices["gone"].text.plain
    assert f"/{language}/covid" in {e.attributes["href"] for e in page.all("a")}


ODD = [
    "/vi/covid%2fmasks",
    "/vi/covid%2Fmasks%2F",
    "/vi/%2e%2e/%2e%2e/etc/passwd",
    "/vi/../../../etc/passwd",
    "/static/../pages.py",
    "/static/..%2f..%2f..%2fpyproject.toml",
    "/static/%2e%2e%2fpages.py",
    "/%00",
    "/vi/%00",
    "/vi/home%00.html",
    "/vi/home%0d%0aX:1",
    "/vi/%ff%fe",
    "/vi/%ED%A0%80",
    "/vi/" + "a" * 7000,
    "/vi/" + "a/" * 3000,
    "/" + "a" * 20_000,
    "/vi/home?" + "c=a&" * 1500,
    "/?at=" + "a" * 7000,
    "/?at=%00%ff",
    "/?at=vi:covid&at=en:covid",
    "/vi/{{7*7}}",
    "/vi/<script>alert(1)</script>",
    "/VI/home",
    "/vi;x=1/home",
    "/vi/home;x=1",
    "/vi/home#x",
    "/vi//home",
    "//",
    "/vi/.",
    "/vi/..",
    "/vi/ home",
    "/vi/home?%",
    "*",
    "vi/home",
    "http://evil.example/vi/home",
    b"/vi/\x00",
    b"/vi/\xff\xfe",
    b"/vi/\xe1\x9e\x81",
]


@pytest.mark.parametrize("target", ODD, ids=lambda target: repr(target)[:40])
async def test_an_odd_address_is_no_accident(site: TestServer, target: bytes | str) -> None:
    answer = await wire(site, target)
    assert 200 <= status(answer) < 500
    assert b"root:" not in answer
    assert b"<script>" not in answer.replace(b"<script src=", b"")
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    "header", ["Accept-Language", "Accept-Encoding", "If-None-Match", "Cookie", "User-Agent", "X-Forwarded-Proto"]
)
@pytest.mark.parametrize("value", [b"\xff\xfe", b"a" * 6000, b"\xe1\x9e\x81", b'"', b";;,,==", b"q=" + b"9" * 400])
async def test_an_odd_header_is_no_accident(site: TestServer, header: str, value: bytes) -> None:
    for path in ("/vi/home", "/"):
        assert 200 <= status(await wire(site, path, header.encode() + b": " + value)) < 500


@pytest.mark.parametrize("host", [b"\xff\xfe", b"[", b":", b"a" * 6000, b"evil.example:99999", b"x y"])
async def test_an_odd_host_is_no_accident(site: TestServer, host: bytes) -> None:
    assert 200 <= status(await wire(site, "/vi/home", host=host)) < 500


async def test_when_something_breaks_a_person_still_gets_a_screen(house: House, served: Served) -> None:
    async def broken(request: web.Request) -> web.Response:
        raise RuntimeError("a bug")

    async with served(house.pages, [web.get("/km/broken", broken)]) as visitor, visitor.get("/km/broken") as response:
        page = Page(await response.text())
        assert response.status == 500
        assert_safe(response.headers["Content-Security-Policy"])
    assert page.one("html").attributes["lang"] == "km"
    assert {"tel:115", "/km/help/now"} <= {e.attributes["href"] for e in page.all("a")}


async def test_head_says_what_get_would_and_sends_nothing(site: TestServer) -> None:
    for path in ("/vi/covid/masks", "/", "/vi/nowhere", "/vi"):
        head, get = await wire(site, path, method="HEAD"), await wire(site, path)
        lines = head.partition(b"\r\n\r\n")
        assert lines[2] == b""
        assert status(head) == status(get)
        assert b"Content-Security-Policy" in lines[0]


# --- counting


async def counted(house: House, language: str, address: str) -> dict[tuple[str, str], int]:
    """How often a screen was shown, by channel and campaign."""
    wanted = (views.c.language == language) & (views.c.address == address)
    ask = (
        select(views.c.channel, views.c.campaign, func.sum(views.c.count))
        .where(wanted)
        .group_by(views.c.channel, views.c.campaign)
    )
    async with house.store.engine.connect() as connection:
        return {(row[0], row[1]): row[2] for row in await connection.execute(ask)}


async def test_a_poster_that_leads_to_a_page_is_counted(guest: ClientSession, house: House, pages: Site) -> None:
    before = await counted(house, "km", "health/hiv")
    for path in ("/km/health/hiv?c=moc-bai", "/km/health/hiv?c=moc-bai", "/km/health/hiv/?c=gate-2", "/km/health/hiv"):
        async with guest.get(path) as response:
            assert response.status == 200
    after = await counted(house, "km", "health/hiv")
    assert after == {("page", ""): before["page", ""] + 1, ("page", "moc-bai"): 2, ("page", "gate-2"): 1} | {
        key: count for key, count in before.items() if key[0] != "page"
    }


async def test_a_poster_that_leads_to_a_language_is_counted(guest: ClientSession, house: House) -> None:
    async with guest.get("/lo?c=na-phao") as response:
        assert response.status == 200
    assert (await counted(house, "lo", "home")).get(("page", "na-phao")) == 1


@pytest.mark.parametrize(
    "mark", ["A-B", "'; drop table views; --", "<b>", "a" * 25, "a b", "\x00", "0912345678 Nguyen", "ខ្មែរ", "a\nb", "..", "%"]
)
async def test_a_hostile_campaign_is_dropped_and_the_visit_still_counted(guest: ClientSession, house: House, mark: str) -> None:
    before = await counted(house, "lo", "about")
    async with guest.get("/lo/about", params={"c": mark}) as response:
        assert response.status == 200
    after = await counted(house, "lo", "about")
    assert set(after) <= {("page", ""), ("web", "")}
    assert after["page", ""] == before.get(("page", ""), 0) + 1


async def test_only_a_page_that_was_shown_is_counted(guest: ClientSession, house: House, catalog: Catalog) -> None:
    before = await counted(house, "lo", "privacy")
    async with guest.head("/lo/privacy") as response:
        assert response.status == 200
    for path in ("/lo/privacy/nowhere", "/lo/privacy/"):
        async with guest.get(path, allow_redirects=False) as response:
            assert response.status in (301, 404)
    assert await counted(house, "lo", "privacy") == before


# --- other doors, our own name


async def test_behind_a_public_name_pages_carry_that_name_and_offer_the_open_doors(
    catalog: Catalog, house: House, served: Served
) -> None:
    doors = [("Telegram", lambda language, address: f"https://t.me/x?start={language}__{address}"), ("Zalo", lambda *_: "")]
    site = Pages(Turns(lambda: catalog, house.store), public="https://donghanh.example", doors=doors)
    async with served(site, site.routes()) as visitor:
        page = (await visit(visitor, "/en/covid")).page
    assert page.link("canonical") == page.meta("og:url") == "https://donghanh.example/en/covid"
    assert page.meta("og:image").startswith("https://donghanh.example/static/")
    doors_shown = {e.text: e.attributes["href"] for e in page.all("a") if e.within("doors")}
    assert doors_shown["Continue in Telegram"] == "https://t.me/x?start=en__covid"
    assert not [name for name in doors_shown if "Zalo" in name]


async def test_a_page_is_shown_although_the_database_is_away(catalog: Catalog, tmp_path: Path, served: Served) -> None:
    store = SqlStore(f"sqlite+aiosqlite:///{tmp_path}/no-such-folder/bot.db", b"k" * 32)
    site = Pages(Turns(lambda: catalog, store), public="")
    async with served(site, site.routes()) as visitor:
        assert (await visit(visitor, "/vi/help/now?c=moc-bai")).status == 200
    await store.close()
