"""Telegram: their JSON -> Incoming, Outgoing -> their calls, and the door itself."""

import asyncio
import hmac
import warnings
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import structlog
from aiohttp import web
from markupsafe import escape
from prometheus_client import Counter
from telegram import Bot
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.warnings import PTBUserWarning

from bot.channels import telegram_inline as inline
from bot.channels.render import Capabilities, Outgoing, render, split
from bot.channels.telegram_exit import wipe
from bot.channels.telegram_http import AiohttpRequest
from bot.channels.telegram_updates import POLL, Updates
from bot.conversation import Incoming, Left, Opened, Said, Shared, Tapped, payload
from bot.turns import Turns

# A message holds 4,096 characters and 100 buttons. Longer labels are cut by phones, not by the server.
CAN = Capabilities(buttons=100, label=64, text=4096, inline=True, deletes=True, pictures=True)
# What a person can send that has no text of its own.
_OTHER = {"photo", "voice", "video", "audio", "document", "sticker", "animation", "video_note"}
_OTHER |= {"contact", "venue", "poll", "dice", "story"}
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
# How often a call is tried when the network fails, and how long we wait in between (seconds, doubling).
TRIES, PAUSE = 3, 0.5
# Asked to wait longer than this (seconds), we give the update back instead of holding everything up.
LONGEST_WAIT = 60
CALLS = Counter("bot_telegram_calls_total", "Calls of the Bot API", ["method", "result"])
log = structlog.get_logger()
# We use do_api_request on purpose: it spares building a model of every answer.
warnings.filterwarnings("ignore", message="Please use 'Bot", category=PTBUserWarning)


class Call(NamedTuple):
    """One call of the Bot API, as data."""

    method: str
    parameters: dict[str, Any]


def decode(update: dict[str, Any]) -> Incoming | None:
    """What a person did, None for anything that is not ours to answer (groups, channels, edits). Raises nothing."""
    try:
        if query := update.get("callback_query"):
            message = query.get("message") or {}
            if message.get("chat", {}).get("type", "private") != "private":
                return None
            # Messages that the app cannot show us any more have date 0: they cannot be edited either.
            shown = str(message["message_id"]) if message.get("date") else ""
            return Tapped(
                **_person(query["from"], datetime.now(UTC)),
                id=f"u{update['update_id']}",
                query=str(query["id"]),
                token=str(query.get("data", "")),
                message=shown,
            )
        if member := update.get("my_chat_member"):
            gone = member["chat"]["type"] == "private" and member["new_chat_member"]["status"] in ("kicked", "left")
            who = _person(member["from"], datetime.fromtimestamp(member["date"], UTC))
            return Left(**who, id=f"u{update['update_id']}") if gone else None
        message = update.get("message")
        if not message or message["chat"]["type"] != "private":
            return None
        who = _person(message["from"], datetime.fromtimestamp(message["date"], UTC)) | {"id": f"u{update['update_id']}"}
        if place := message.get("location"):
            return Shared(**who, latitude=float(place["latitude"]), longitude=float(place["longitude"]))
        text = message.get("text")
        if text is None:
            return Said(**who, text=str(message.get("caption", ""))) if _OTHER & message.keys() else None
        if text == "/start" or text.startswith("/start "):
            return Opened(**who, payload=text[7:].strip())
        return Said(**who, text=str(text))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        return None


def _person(sender: dict[str, Any], at: datetime) -> dict[str, Any]:
    language = sender.get("language_code")
    languages = (str(language),) if language else ()
    return {"channel": "telegram", "person": str(int(sender["id"])), "at": at, "languages": languages}


def encode(outgoing: Outgoing) -> list[Call]:
    """The calls that show this, in order. Only a text of one part can take the place of another message."""
    rows = []
    for row in outgoing.buttons:
        rows.append([{"text": b.label, "url": b.url} if b.url else {"text": b.label, "callback_data": b.token} for b in row])
    calls, off = list[Call](), {"is_disabled": True}
    shown = {"url": outgoing.picture, "prefer_large_media": True, "show_above_text": True} if outgoing.picture else off
    for part in outgoing.parts:
        parameters: dict[str, Any] = {
            "chat_id": int(outgoing.to),
            "text": part,
            "parse_mode": "HTML",
            "link_preview_options": off if calls else shown,
        }
        calls.append(Call("sendMessage", parameters))
    # The keyboard that asks for a position would give us away to whoever takes up the phone next.
    markup: dict[str, Any] = {"remove_keyboard": True} if outgoing.closing else {"inline_keyboard": rows}
    calls[-1].parameters["reply_markup"] = markup
    if outgoing.asks:  # Telegram asks for a position only by a keyboard of its own, which needs a message of its own
        keyboard: dict[str, Any] = {"keyboard": [[{"text": outgoing.asks, "request_location": True}]]}
        keyboard |= {"resize_keyboard": True, "one_time_keyboard": True}
        asking = {"chat_id": int(outgoing.to), "text": outgoing.asks, "reply_markup": keyboard}
        return [*calls, Call("sendMessage", asking)]
    if outgoing.replaces and len(calls) == 1 and not outgoing.closing:
        calls = [Call("editMessageText", calls[0].parameters | {"message_id": int(outgoing.replaces)})]
    return calls


class Telegram:
    """The door. base: of the Bot API, e.g. "https://api.telegram.org/bot".

    public: our own https address for a webhook, "" to poll. pause: waits so many seconds.
    """

    name = "Telegram"

    def __init__(
        self,
        turns: Turns,
        token: str,
        *,
        base: str,
        public: str,
        secret: str,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._turns = turns
        self._bot = Bot(token, base_url=base, request=AiohttpRequest(), get_updates_request=AiohttpRequest(timeout=POLL + 10))
        self._public = public
        self._secret = secret
        self._pause = pause
        self._can = replace(CAN, web=public)
        self._updates = Updates(self._bot, self._call, self._polled, public=public, secret=secret, pause=pause)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/telegram/webhook", self._webhook)] if self._public else []

    def link(self, language: str, address: str) -> str:
        """A link that opens this screen in Telegram, "" until the bot knows its own name."""
        return f"https://t.me/{self._bot.username}?start={payload(language, address)}" if self._updates.open else ""

    async def start(self) -> None:
        """Open the door in the background: the web chat does not wait for Telegram's network."""
        await self._updates.start(self._turns.catalog())

    async def stop(self) -> None:
        """Close the door; what was already fetched is finished first."""
        await self._updates.stop()

    @property
    def state(self) -> str:
        """For /readyz."""
        return "open" if self._updates.open else "opening"

    async def tell(self, people: Iterable[str], text: str) -> None:
        """Tell admins something. They have written to the bot before, else Telegram refuses."""
        for person in people:
            with suppress(TelegramError):
                await self._show(Outgoing(to=person, parts=split([str(escape(text))], CAN.text)))

    async def _webhook(self, request: web.Request) -> web.Response:
        """One update. 200 says that it was handled, so that Telegram keeps each chat's order and brings back what was lost."""
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace"), self._secret.encode()):
            raise web.HTTPForbidden
        try:
            update = await request.json()
        except (ValueError, RecursionError, LookupError):
            return web.Response()
        if cards := inline.answer(update, self._turns.catalog(), self.link):
            return web.json_response({"method": "answerInlineQuery", **cards})
        incoming = decode(update)
        if incoming and not await self._done(self._handle(incoming)):
            raise web.HTTPServiceUnavailable
        if isinstance(incoming, Tapped):
            return web.json_response({"method": "answerCallbackQuery", "callback_query_id": incoming.query})
        return web.Response()

    async def _polled(self, update: dict[str, Any]) -> bool:
        """Handle a fetched update; False if it must be fetched again."""
        if cards := inline.answer(update, self._turns.catalog(), self.link):
            return await self._done(self._call("answerInlineQuery", cards))
        incoming = decode(update)
        if isinstance(incoming, Tapped):
            answering = asyncio.create_task(self._answer(incoming))
            done = await self._done(self._handle(incoming))
            return await self._done(answering) and done
        return incoming is None or await self._done(self._handle(incoming))

    async def _done(self, work: Awaitable[Any]) -> bool:
        """Wait for the work; False if the network failed, so that the update must come again. A bug would only fail again."""
        try:
            await work
        except BadRequest as error:
            log.error("telegram_refused", error=type(error).__name__)
        except TelegramError as error:  # an error's own text may hold what somebody wrote
            log.warning("telegram_undelivered", error=type(error).__name__)
            return False
        except Exception:
            log.exception("telegram_failed")
        return True

    async def _handle(self, incoming: Incoming) -> None:
        """Take the turn and show its replies; the first takes the place of the message that was tapped."""
        try:
            async with self._turns.turn(incoming) as turn:
                replaces = incoming.message if isinstance(incoming, Tapped) else ""
                for screen in turn.replies:
                    await self._show(render(screen, self._can, to=incoming.person, replaces=replaces))
                    replaces = ""
        except Forbidden:
            log.info("telegram_blocked")
            async with self._turns.turn(Left(channel="telegram", person=incoming.person, at=incoming.at)):
                pass

    async def _show(self, outgoing: Outgoing) -> None:
        for call in encode(outgoing):
            try:
                sent = await self._call(*call)
                if outgoing.closing:
                    await wipe(self._call, outgoing.to, sent)
            except BadRequest as error:
                reason = str(error).lower()
                if "message is not modified" in reason:
                    continue
                if call.method != "editMessageText":
                    raise
                # Gone, too old, or a picture: whatever stands there, the person gets the screen as a new message.
                await self._show(replace(outgoing, replaces=""))
                return

    async def _answer(self, incoming: Tapped) -> None:
        """Stop the button's spinning. Too late is no harm."""
        with suppress(BadRequest, Forbidden):
            await self._call("answerCallbackQuery", {"callback_query_id": incoming.query})

    async def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        """One call, tried again where that may help: a repeated message is better than silence for somebody in need."""
        attempt = 0
        while True:
            attempt += 1
            try:
                result = await self._bot.do_api_request(method, parameters)
            except RetryAfter as error:
                CALLS.labels(method, "retry_after").inc()
                seconds = error._retry_after.total_seconds()  # the public name warns until the next release
                if attempt == TRIES or seconds > LONGEST_WAIT:
                    raise
                await self._pause(seconds)
            except TelegramError as error:
                refused = isinstance(error, BadRequest | Forbidden)  # else the network, or an answer that is not Telegram's
                CALLS.labels(method, "refused" if refused else "network").inc()
                if refused or attempt == TRIES:
                    raise
                await self._pause(PAUSE * 2 ** (attempt - 1))
            else:
                CALLS.labels(method, "ok").inc()
                return result
