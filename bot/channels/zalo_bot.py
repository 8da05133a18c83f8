"""Zalo Bot Platform: their JSON -> Incoming, Outgoing -> their calls, and the door itself."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from unicodedata import normalize

import structlog
from aiohttp import web

from bot.channels.render import Capabilities, Outgoing, length, render
from bot.channels.zalo_bot_http import Failed, Refused, TokenRefused, ZaloBotApi
from bot.channels.zalo_bot_quota import Counts, Quota
from bot.channels.zalo_bot_sender import Sender
from bot.channels.zalo_bot_updates import PATH, Updates
from bot.conversation import Incoming, Left, Said
from bot.turns import Turns

# 2,000 characters; nobody says of which kind, so we count the strictest way and stay below where we can.
LONGEST_TEXT = 2000
CAN = Capabilities(buttons=0, label=40, text=1900, inline=False)
SECRET_HEADER = "X-Bot-Api-Secret-Token"  # noqa: S105
# An event has some 400 bytes.
LONGEST_EVENT = 64 * 1024
LONGEST_ID = 128
# How often we take up a polled message whose answer could not be sent (Zalo may not give it to us again), and how long we
# wait in between (seconds, doubling).
TAKES, PAUSE = 3, 2.0
# Seconds that answers get which wait for Zalo while we stop.
LONGEST_STOP = 10
# So many events are known when they come again: more than a full month's, and Zalo repeats within days.
KNOWN = 4000

log = structlog.get_logger()


class Call(NamedTuple):
    """One request, as data. path: what stands behind bot<token>/ in the address."""

    method: str
    path: str
    body: dict[str, Any]


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


def encode(outgoing: Outgoing) -> list[Call]:
    """The requests that show this, in order. Plain text: what Zalo takes for markup may stand in any sentence."""
    texts = [normalize("NFC", part).strip() for part in outgoing.parts]
    # Each message counts for the month's quota: a short end goes with the part before.
    if len(texts) > 1 and length(joined := "\n\n".join(texts[-2:])) <= LONGEST_TEXT:
        texts[-2:] = [joined]
    return [Call("POST", "sendMessage", {"chat_id": outgoing.to, "text": text}) for text in texts]


class ZaloBot:
    """The door. base: of the API, e.g. "https://bot-api.zaloplatforms.com/bot". counts: where the month's messages are counted.

    public: our own https address for a webhook, "" to poll. pause: waits so many seconds. now: the time, with time zone.
    """

    name = "Zalo Bot"

    def __init__(
        self,
        turns: Turns,
        token: str,
        counts: Counts,
        *,
        base: str,
        public: str,
        secret: str,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._turns = turns
        self._api = ZaloBotApi(token, base)
        self._quota = Quota(counts, now)
        self._sender = Sender(self._api, self._quota, pause)
        self._public = public
        self._secret = secret
        self._pause = pause
        self._can = replace(CAN, web=public)
        self._updates = Updates(self._api.call, self._polled, public=public, secret=secret, pause=pause)
        self._known: dict[tuple[str, str], asyncio.Task[bool]] = {}
        self._taken: set[tuple[str, str]] = set()
        self._work: set[asyncio.Task[Any]] = set()

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._webhook)] if self._public else []

    def link(self, language: str, address: str) -> str:
        """None: how a bot's link is written is not published, and it carries no address. People type "#covid-masks"."""
        return ""

    async def start(self) -> None:
        """Open the door in the background: the web chat does not wait for Zalo's network."""
        await self._quota.load()
        await self._api.open()
        self._updates.start()

    async def stop(self) -> None:
        """Close the door; what was already fetched is finished first."""
        await self._updates.stop()
        if self._work:
            await asyncio.wait(self._work, timeout=LONGEST_STOP)
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self._sender.stop()
        await self._api.close()

    @property
    def state(self) -> str:
        """For /readyz."""
        return "the month's messages are used up" if self._quota.used_up else self._updates.state

    async def _webhook(self, request: web.Request) -> web.Response:
        """One event. 200 says that it was handled, so that Zalo may bring back what was lost."""
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
        if incoming is not None and not await self._once(incoming):
            raise web.HTTPServiceUnavailable
        return web.Response()

    def _polled(self, update: object) -> None:
        """Handle a fetched update in the background: people side by side, each in order."""
        incoming = decode(update)
        if incoming is None or {(incoming.person, incoming.id)} & (self._known.keys() | self._taken):
            return
        self._first(incoming)  # now, so that what one person sent stays in order
        self._begin(self._take(incoming))

    async def _take(self, incoming: Incoming) -> None:
        """See to it that a polled message is answered."""
        key = (incoming.person, incoming.id)
        self._taken.add(key)
        for number in range(1, TAKES + 1):
            if await self._once(incoming) or number == TAKES:
                break
            await self._pause(PAUSE * 2 ** (number - 1))
        self._taken.discard(key)

    async def _once(self, incoming: Incoming) -> bool:
        """Handle an event that was not handled yet; False if it should come again. One that comes twice is answered once."""
        known = self._known.get((incoming.person, incoming.id)) or self._first(incoming)
        return await asyncio.shield(known)

    def _first(self, incoming: Incoming) -> asyncio.Task[bool]:
        key = (incoming.person, incoming.id)
        task = self._known[key] = self._begin(self._done(incoming))
        while len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]
        return task

    def _begin(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def _done(self, incoming: Incoming) -> bool:
        """Answer; False if nothing could be sent now, so that the event must come again. A bug would only fail again."""
        try:
            await self._handle(incoming)
        except Failed as error:
            if isinstance(error, TokenRefused):
                self._updates.token_refused()
            log.warning("zalo_bot_undelivered", error=type(error).__name__, code=error.code)
            self._known.pop((incoming.person, incoming.id), None)
            return False
        except Exception:
            log.exception("zalo_bot_failed")
        return True

    async def _handle(self, incoming: Incoming) -> None:
        """Take the turn and send its replies."""
        try:
            async with self._turns.turn(incoming) as turn:
                for screen in turn.replies:
                    for call in encode(render(screen, self._can, to=incoming.person)):
                        await self._sender.send(call.path, call.body)
        except Refused as error:
            # Zalo has no word for it: this is what it says when somebody blocked the bot or is gone.
            log.warning("zalo_bot_refused", code=error.code)
            async with self._turns.turn(Left(channel="zalo_bot", person=incoming.person, at=incoming.at)):
                pass
