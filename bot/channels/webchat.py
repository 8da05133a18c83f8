"""The web chat: JSON for the page's script, plain forms without it. The person carries their session in a signed cookie."""

import base64
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from aiohttp import web

from bot.channels.render import Capabilities, render
from bot.conversation import Incoming, Opened, Said, Screen, Session, Shared, Tapped, Turn, accepted, look_up, token
from bot.turns import Turns

# The page shows everything; the text is for programs that talk to /api/chat.
CAN = Capabilities(buttons=1000, label=200, text=100_000, inline=False)
# What stands around the chat and follows its language.
LABELS = ("you", "failed", "waiting", "type_here", "send", "skip", "help", "languages", "exit", "send_position", "no_position")
COOKIE = "dong-hanh"
# Where "quick exit" leads: a page that anybody may be looking at.
NEUTRAL = "https://www.google.com/search?q=th%E1%BB%9Di+ti%E1%BA%BFt"
COOKIE_DAYS = 180
# How many titles are offered while somebody types.
SUGGESTED = 4


def decode(body: object, languages: tuple[str, ...] = ()) -> Incoming | None:
    """{"text": ...} or {"token": ...} or {"position": {"lat": ..., "lon": ...}}; None for anything else."""
    who: dict[str, Any] = {"channel": "web", "person": "", "at": datetime.now(UTC), "languages": languages}
    match body:
        case {"text": str(text)}:
            return Said(**who, text=text)
        case {"token": str(tapped)}:
            return Tapped(**who, token=tapped)
        case {"position": {"lat": int() | float() as lat, "lon": int() | float() as lon}}:
            return Shared(**who, latitude=lat, longitude=lon)
    return None


def encode(screen: Screen, html: str) -> dict[str, Any]:
    """One reply of /api/chat."""
    kinds = {"choice": screen.choices, "way": screen.ways, "language": screen.languages}
    return {
        "address": screen.address,
        "language": screen.language,
        "title": screen.title,
        "text": "\n\n".join(render(screen, CAN).parts),
        "html": html,
        "choices": [
            {"label": choice.label, "token": choice.token, "kind": kind}
            for kind, choices in kinds.items()
            for choice in choices
        ],
        "asks": screen.asks,
        "closing": screen.closing,
        "labels": {name: screen.labels[name] for name in LABELS},
    }


# What a body can be besides JSON or a form: no text, of an unknown charset, packed wrongly, nested without end.
UNREADABLE = (ValueError, LookupError, RecursionError, AssertionError, web.RequestPayloadError)


class WebChat:
    """The door. page: writes the chat page from what was said and the replies; html: one reply.

    secure: the cookie travels over https only.
    """

    def __init__(
        self,
        turns: Turns,
        key: bytes,
        *,
        page: Callable[[web.Request, str, Sequence[Screen]], web.Response],
        html: Callable[[Screen], str],
        secure: bool,
    ) -> None:
        self._turns = turns
        self._key = hmac.new(key, b"web session", sha256).digest()
        self._page = page
        self._html = html
        self._secure = secure

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._open),
            web.post("/", self._form),
            web.post("/api/chat", self._api),
            web.post("/api/suggest", self._suggest),
            web.get("/exit", self._exit),
        ]

    async def _open(self, request: web.Request) -> web.Response:
        """The chat page: at the screen that a link names (?at=token), else where this person was."""
        session = self._session(request)
        asked = request.query.get("at", "") or (token(session.language, session.screen) if session.language else "")
        languages = accepted(request.headers.get("Accept-Language", ""))
        who: dict[str, Any] = {"channel": "web", "person": "", "at": datetime.now(UTC), "languages": languages}
        return await self._answer(request, session, Tapped(**who, token=asked) if asked else Opened(**who), "")

    async def _form(self, request: web.Request) -> web.Response:
        """The page without script: a form with a text, or with the token of the button that was pressed."""
        try:
            fields = dict(await request.post())
        except UNREADABLE:
            fields = {}
        incoming = decode(fields, accepted(request.headers.get("Accept-Language", "")))
        if incoming is None:
            raise web.HTTPSeeOther("/")
        said = incoming.text if isinstance(incoming, Said) else ""
        return await self._answer(request, self._session(request), incoming, said)

    async def _answer(self, request: web.Request, session: Session, incoming: Incoming, said: str) -> web.Response:
        turn = await self._turns.carried(session, incoming)
        if any(screen.closing for screen in turn.replies):
            # A redirect of a form to somewhere else is what our own Content-Security-Policy forbids.
            text = '<!doctype html><title></title><meta http-equiv="refresh" content="0;url=/exit">'
            response = web.Response(text=text, content_type="text/html")
        else:
            response = self._page(request, said, turn.replies)
        self._carry(response, turn)
        return response

    async def _api(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except UNREADABLE:
            body = None
        incoming = decode(body, accepted(request.headers.get("Accept-Language", "")))
        if incoming is None:
            wanted = 'a JSON object with "text", "token" or "position"'
            return web.json_response({"error": f"send {wanted}"}, status=400)
        turn = await self._turns.carried(self._session(request), incoming)
        response = web.json_response(
            {"replies": [encode(screen, self._html(screen)) for screen in turn.replies]},
            dumps=lambda value: json.dumps(value, ensure_ascii=False),
        )
        response.enable_compression()
        self._carry(response, turn)
        return response

    async def _suggest(self, request: web.Request) -> web.Response:
        """Titles for words that somebody is still typing: {"text": ..., "language": ...}. Nothing of it is kept."""
        try:
            body = await request.json()
        except UNREADABLE:
            body = None
        catalog = self._turns.catalog()
        match body:
            case {"text": str(text), "language": str(language)} if language in catalog.editions:
                found = look_up(catalog, language, text)[:SUGGESTED]
                titles = [{"label": screen.title, "token": token(screen.language, screen.address)} for screen in found]
                return web.json_response({"suggestions": titles})
        return web.json_response({"error": 'send a JSON object with "text" and "language"'}, status=400)

    async def _exit(self, request: web.Request) -> web.Response:
        """Quick exit: to a page that tells nothing, and this browser keeps nothing of us."""
        response = web.Response(status=303, headers={"Location": NEUTRAL, "Clear-Site-Data": '"cache", "cookies", "storage"'})
        response.del_cookie(COOKIE)
        return response

    def _carry(self, response: web.Response, turn: Turn) -> None:
        """Hand the session to the person, or take it away from one who wants to be forgotten."""
        if turn.forget or any(screen.closing for screen in turn.replies):
            response.del_cookie(COOKIE)
            return
        saved = base64.urlsafe_b64encode(json.dumps(turn.session.to_dict()).encode()).decode()
        response.set_cookie(
            COOKIE,
            f"{saved}.{self._sign(saved)}",
            max_age=COOKIE_DAYS * 86400,
            httponly=True,
            samesite="Lax",
            secure=self._secure,
        )

    def _session(self, request: web.Request) -> Session:
        """The session that the person carries; a new one if there is none or it is not ours."""
        saved, _, sign = request.cookies.get(COOKIE, "").partition(".")
        if not hmac.compare_digest(sign.encode("utf-8", "replace"), self._sign(saved).encode()):
            return Session()
        return Session.from_dict(json.loads(base64.urlsafe_b64decode(saved)))

    def _sign(self, saved: str) -> str:
        return hmac.new(self._key, saved.encode("utf-8", "replace"), sha256).hexdigest()
