"""Serves the pages and what they need, and sees to it that whatever happens a person gets a screen."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import structlog
from aiohttp import web
from aiohttp.web_response import ContentCoding

from bot.conversation import (
    Catalog,
    Counted,
    Record,
    Screen,
    Unanswered,
    Viewed,
    accepted,
    campaign,
    common_words,
    fold,
    look_up,
)
from bot.turns import Turns
from bot.web.writer import Writer

# Nothing is loaded from anybody else, no script stands in a page, and nobody may frame us.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}
# Style, script and pictures carry a mark of their content in their name, so they may be kept as long as a browser likes.
FOREVER = "public, max-age=31536000, immutable"

# Another door that shows the same screen: the app's name, and the link for a language and an address ("" while it is shut).
Door = tuple[str, Callable[[str, str], str]]
log = structlog.get_logger()


def _query(request: web.Request) -> str:
    """What stands behind the address, as it came: a poster's mark is kept when its address is sent on."""
    return f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""


class Pages:
    """turns: for the catalog and the counts. public: our own address, "" to take it from the request. doors: other apps."""

    def __init__(self, turns: Turns, *, public: str, doors: Sequence[Door] = ()) -> None:
        self._turns = turns
        self._public = public
        self._doors = doors
        self._writer = Writer()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/static/{name}", self._asset),
            web.get("/pictures/{name}", self._picture),
            web.get("/favicon.ico", self._icon),
            web.get("/robots.txt", self._robots),
            web.get("/{language:[a-z]{2,3}}/search", self._search),
            web.get("/{language:[a-z]{2,3}}", self._front),
            web.get("/{language:[a-z]{2,3}}/", self._front),
            web.get("/{language:[a-z]{2,3}}/{address:.+}", self._page),
        ]

    @property
    def _catalog(self) -> Catalog:
        return self._turns.catalog()

    async def _front(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(f"/{request.match_info['language']}/home{_query(request)}")

    async def _page(self, request: web.Request) -> web.Response:
        """A screen. A renamed address is sent on; one that is not there shows home and says so."""
        catalog, language = self._catalog, request.match_info["language"]
        address = request.match_info["address"].rstrip("/")
        screen = catalog.find(language, address) if language in catalog.editions else None
        if screen is None:
            raise web.HTTPNotFound
        if screen.address.startswith("form/") and screen.address.count("/") > 1:  # questions are asked in the chat
            raise web.HTTPFound(f"/{language}/{'/'.join(screen.address.split('/')[:2])}{_query(request)}")
        if screen.address != request.match_info["address"]:
            raise web.HTTPMovedPermanently(f"/{language}/{screen.address}{_query(request)}")
        if request.method == "GET":
            mark = campaign(request.query.get("c", ""))
            await self._turns.keep([Viewed(datetime.now(UTC).date(), "page", language, address, mark)], "page")
        return self._respond(request, self._screen(request, screen))

    async def _search(self, request: web.Request) -> web.Response:
        """What words lead to, as a page of its own. In danger the numbers to call stand first; what was typed is not kept."""
        catalog, language, text = self._catalog, request.match_info["language"], request.query.get("q", "")
        if language not in catalog.editions:
            raise web.HTTPNotFound
        home, found = catalog.editions[language].screens["home"], look_up(catalog, language, text)
        today, nothing = datetime.now(UTC).date(), bool(fold(text)) and not found
        records: list[Record] = [Counted(today, "not-understood", "page", language, "search")] if nothing else []
        if found:
            records.append(Counted(today, "answered", "page", language, "search"))
        if nothing and (words := common_words(catalog, text)):
            records.append(Unanswered(today, language, words))
        await self._turns.keep(records, "page")
        said = [catalog.editions[language].notices["not-understood"]] if nothing else []
        response = self._respond(request, self._writer.search(home, self._origin(request), text=text, found=found, said=said))
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def _screen(self, request: web.Request, screen: Screen) -> str:
        doors = [(name, link(screen.language, screen.address)) for name, link in self._doors]
        open_doors = [(name, url) for name, url in doors if url]
        return self._writer.page(screen, self._origin(request), doors=open_doors)

    def chat(self, request: web.Request, said: str, replies: Sequence[Screen]) -> web.Response:
        """The chat page after a turn."""
        response = self._respond(request, self._writer.chat(said, replies, self._origin(request)))
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def html(self, screen: Screen) -> str:
        """The text of a screen, as it stands in a page and in a bubble of the chat."""
        return self._writer.text(screen)

    def _origin(self, request: web.Request) -> str:
        return self._public or f"{request.scheme}://{request.host}"

    def _respond(self, request: web.Request, text: str, *, status: int = 200) -> web.Response:
        body = text.encode("utf-8", "replace")  # a host name that is no text must not break the page
        response = web.Response(body=body, content_type="text/html", charset="utf-8", status=status)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Vary"] = "Accept-Encoding"
        mark = sha256(body).hexdigest()[:16]
        response.etag = mark
        if status == 200 and any(tag.value == mark for tag in request.if_none_match or ()):
            return web.Response(status=304, headers={"ETag": f'"{mark}"', "Cache-Control": "no-cache"})
        response.enable_compression()
        return response

    async def _asset(self, request: web.Request) -> web.Response:
        asset = self._writer.assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
        if packed:
            headers["Content-Encoding"] = ContentCoding.gzip.value
        return web.Response(body=asset.packed if packed else asset.plain, content_type=asset.content_type, headers=headers)

    async def _picture(self, request: web.Request) -> web.Response:
        """A topic's picture, of the edition that is shown now."""
        name = request.match_info["name"]
        content = self._catalog.pictures.get(name)
        if content is None:
            raise web.HTTPNotFound
        kind = "image/png" if name.endswith(".png") else "image/jpeg"
        return web.Response(body=content, content_type=kind, headers={"Cache-Control": FOREVER})

    async def _icon(self, request: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently(self._writer.icon)

    async def _robots(self, request: web.Request) -> web.Response:
        return web.Response(text="User-agent: *\nDisallow: /api/\nDisallow: /*/search\nAllow: /\n")

    @web.middleware
    async def guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Whatever happens, a person gets a screen; and every answer carries the safety headers."""
        try:
            response = await handler(request)
        except web.HTTPNotFound:
            response = self._lost(request, "gone", 404)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        except Exception:
            log.exception("page_failed", path=request.match_info.route.resource and request.match_info.route.resource.canonical)
            response = self._lost(request, "not-understood", 500)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    def _lost(self, request: web.Request, notice: str, status: int) -> web.Response:
        """Home, with the reason above it, in the language of the address or else the one the browser asks for first."""
        catalog = self._catalog
        first = request.path.split("/")[1]
        browser = accepted(request.headers.get("Accept-Language", ""))
        language = first if first in catalog.editions else catalog.guess(browser)
        edition = catalog.editions[language]
        home = edition.screens["home"]
        lost = replace(home, blocks=(edition.notices[notice], *home.blocks))
        return self._respond(request, self._screen(request, lost), status=status)
