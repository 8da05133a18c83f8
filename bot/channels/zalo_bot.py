"""Zalo Bot Platform: their JSON -> Incoming, Outgoing -> their calls, and the door itself."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import normalize

from aiohttp import web

from bot.channels.render import Capabilities, Outgoing, length, render
from bot.channels.zalo_bot_http import Busy, Failed, Refused, TokenRefused, Unanswered, ZaloBotApi
from bot.channels.zalo_bot_quota import Counts, Quota
from bot.channels.zalo_bot_sender import Sender
from bot.channels.zalo_bot_updates import PATH, Updates
from bot.channels.zalo_events import Call, Event, Inbox, Unsent
from bot.channels.zalo_work import Worker, grown
from bot.conversation import Incoming, Said, Turn
from bot.turns import Turns

# 2,000 characters; nobody says of which kind, so we count the strictest way and stay below where we can.
LONGEST_TEXT = 2000
CAN = Capabilities(buttons=0, label=40, text=1900, inline=False, pictures=True)
SECRET_HEADER = "X-Bot-Api-Secret-Token"  # noqa: S105
# An event has some 400 bytes.
LONGEST_EVENT = 64 * 1024
LONGEST_ID = 128
# What could not be answered for so long is not answered any more. A finished event is known for longer when it comes again:
# some bots are given their last update for ever.
WINDOW, KEPT = timedelta(days=2), timedelta(days=8)
# Seconds until we try again: the database, to keep what Zalo may not give us again; with a token that Zalo refused.
PAUSE, OPERATOR = 2.0, 300.0


def decode(update: object) -> Incoming | None:
    """What a person did, None for anything that is not ours to answer (groups, bots, unknown events). Raises nothing.

    Wrapped as the documentation shows it, or bare as it was seen to come.
    """
    if not isinstance(update, dict):
        return None
    event: dict[str, Any] = update["result"] if isinstance(update.get("result"), dict) else update
    match event:
        case {"message": {"chat": {"id": str(chat), "chat_type": "PRIVATE"}, "message_id": str(number)} as message}:
            sender = message.get("from")
            kind = event.get("event_name", "message.text.received")
            ours = isinstance(kind, str) and kind.startswith("message.") and kind.endswith(".received")
            bot = isinstance(sender, dict) and sender.get("is_bot") is True
            if bot or not ours or not (_is_id(chat) and _is_id(number)):
                return None
            words = next((said for key in ("text", "caption") if isinstance(said := message.get(key), str)), "")
            return Said(channel="zalo_bot", person=chat, at=_at(message.get("date")), id=number, text=words)
    return None


def _is_id(text: str) -> bool:
    """Twenty hexadecimal digits as a rule; nobody promises that."""
    return text.isascii() and text.isprintable() and 0 < len(text) <= LONGEST_ID


def _at(milliseconds: object) -> datetime:
    """Zalo's time; ours where that is missing or odd."""
    if isinstance(milliseconds, int | float):
        with suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(milliseconds / 1000, UTC)
    return datetime.now(UTC)


def name(incoming: Incoming) -> str:
    """The same text for each delivery of the same event."""
    return f"{incoming.person}:{incoming.id}"


def encode(outgoing: Outgoing, *, spare: bool = True) -> list[Call]:
    """The requests that show this, in order. Plain text: what Zalo takes for markup may stand in any sentence.

    A picture bears the text where that is one message. Else it is a message of its own, if the month has some to spare.
    """
    texts = [normalize("NFC", part).strip() for part in outgoing.parts]
    # Each message counts for the month's quota: a short end goes with the part before.
    if len(texts) > 1 and length(joined := "\n\n".join(texts[-2:])) <= LONGEST_TEXT:
        texts[-2:] = [joined]
    calls = [Call("POST", "sendMessage", {"chat_id": outgoing.to, "text": text}) for text in texts]
    if outgoing.picture and (spare or len(texts) == 1):
        caption = texts[0] if len(texts) == 1 else normalize("NFC", outgoing.alt)
        shown = Call("POST", "sendPhoto", {"chat_id": outgoing.to, "photo": outgoing.picture, "caption": caption})
        return [shown, *calls[len(texts) == 1 :]]
    return calls


class ZaloBot:
    """The door. base: of the API, e.g. "https://bot-api.zaloplatforms.com/bot". counts: where the month's messages are counted.

    public: our own https address for a webhook, "" to poll. pause: waits so many seconds. now: the time, with time zone. lease,
    idle: of the worker.
    """

    name = "Zalo Bot"

    def __init__(
        self,
        turns: Turns,
        token: str,
        inbox: Inbox,
        counts: Counts,
        *,
        base: str,
        public: str,
        secret: str,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        **work: float,
    ) -> None:
        self._api = ZaloBotApi(token, base)
        self._quota = Quota(counts, now)
        self._sender = Sender(self._api, self._quota, pause)
        self._public = public
        self._secret = secret
        self._pause = pause
        self._can = replace(CAN, web=public)
        self._updates = Updates(self._api.call, self._polled, public=public, secret=secret, pause=pause)
        self._worker = Worker(
            "zalo_bot", inbox, turns, decode, self._calls, self._send, clock=now, late=WINDOW, kept=KEPT, **work
        )

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._webhook)] if self._public else []

    def link(self, language: str, address: str) -> str:
        """None: how a bot's link is written is not published, and it carries no address. People type "#covid-masks"."""
        return ""

    async def start(self) -> None:
        """Open the door in the background: the web chat does not wait for Zalo's network."""
        await self._quota.load()
        await self._api.open()
        self._worker.start()
        self._updates.start()

    async def stop(self) -> None:
        """Close the door; what is being answered is finished first."""
        await self._updates.stop()
        await self._worker.stop()
        await self._sender.stop()
        await self._api.close()

    @property
    def state(self) -> str:
        """For /readyz."""
        return "the month's messages are used up" if self._quota.used_up else self._updates.state

    async def _webhook(self, request: web.Request) -> web.Response:
        """One event. 200 says that it stands in the database, so that Zalo may bring back what does not."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode()):
            if request.can_read_body:
                raise web.HTTPForbidden
            return web.Response()  # Zalo was seen to look whether anybody is there
        body = await request.read()
        if len(body) > LONGEST_EVENT:
            raise web.HTTPRequestEntityTooLarge(max_size=LONGEST_EVENT, actual_size=len(body))
        self._updates.heard()
        try:
            incoming = decode(json.loads(body))
        except (ValueError, RecursionError):
            return web.Response()
        if incoming and await self._worker.keep(name(incoming), incoming, body) == "unsaved":
            raise web.HTTPServiceUnavailable
        return web.Response()

    async def _polled(self, update: object) -> None:
        """Keep a fetched update, however long that takes: Zalo may not give it to us again."""
        incoming = decode(update)
        while incoming and await self._worker.keep(name(incoming), incoming, json.dumps(update).encode()) == "unsaved":
            await self._pause(PAUSE)

    def _calls(self, turn: Turn, person: str) -> list[Call]:
        shown = [render(screen, self._can, to=person) for screen in turn.replies]
        return [call for outgoing in shown for call in encode(outgoing, spare=self._quota.spare)]

    async def _send(self, call: Call, event: Event) -> None:
        """Send a message of an event's answer. Raises Unsent."""
        try:
            await self._sender.send(call.path, call.body)
        except Failed as error:
            raise self._unsent(error, event.tries) from None

    def _unsent(self, error: Failed, tries: int) -> Unsent:
        """What becomes of an event whose answer Zalo did not take (contract, section 5)."""
        reason = f"{type(error).__name__.lower()}{error.code or ''}"
        match error:
            case Refused():  # Zalo has no word for it: this is what it says when somebody blocked the bot or is gone
                return Unsent(reason, gone=True)
            case TokenRefused():
                self._updates.token_refused()
                return Unsent(reason, wait=OPERATOR)
            case Unanswered():  # it was sent twice already
                return Unsent(reason)
            case Busy():
                return Unsent(reason, wait=grown(tries))
        # What Zalo itself says may be about this one message; no connection and a proxy's page are about all.
        return Unsent(reason, wait=grown(tries), few=bool(error.code))
