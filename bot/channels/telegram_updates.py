"""How Telegram's updates come to us: the bot announces its commands and its webhook, or it polls."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import structlog
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError, TelegramError

from bot.conversation import HELP, Catalog

UPDATES = ["message", "callback_query", "inline_query", "my_chat_member"]
# Seconds that one getUpdates waits for something to happen.
POLL = 50
# How often an update is fetched again whose answer could not be sent.
REDELIVERIES = 3
# While updates are being handled, others are fetched after so many seconds: nobody waits for somebody else's slow answer.
BREATH = 0.5
# Seconds between tries while Telegram cannot be reached; doubling up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0

Pause = Callable[[float], Awaitable[None]]
Call = Callable[[str, dict[str, Any]], Awaitable[Any]]
log = structlog.get_logger()


class Updates:
    """Opens and closes the way in. call: one call of the Bot API; handle: one fetched update, True when it is done.

    public: our https address for a webhook, "" to poll. secret: what Telegram sends with each call of the webhook.
    """

    def __init__(
        self,
        bot: Bot,
        call: Call,
        handle: Callable[[dict[str, Any]], Awaitable[bool]],
        *,
        public: str,
        secret: str,
        pause: Pause,
    ) -> None:
        self._bot = bot
        self._call = call
        self._handle = handle
        self._public = public
        self._secret = secret
        self._pause = pause
        self._task: asyncio.Task[None] | None = None
        self.open = False

    async def start(self, catalog: Catalog) -> None:
        """Open in the background, as often as it takes."""
        self._task = asyncio.create_task(self._open(catalog), name="telegram")

    async def stop(self) -> None:
        """Close; what was fetched is finished first."""
        self.open = False
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._bot.shutdown()

    async def _open(self, catalog: Catalog) -> None:
        wait = FIRST_PAUSE
        while not self.open:
            try:
                await self._bot.initialize()
                await _commands(self._call, catalog)
                await _hook(self._call, self._public, self._secret)
                self.open = True
            except InvalidToken:  # only the operator can help; its text holds the token, so it is not logged
                log.error("telegram_token_refused", variable="BOT_TELEGRAM_TOKEN")
                return
            except TelegramError as error:
                log.warning("telegram_unreachable", error=type(error).__name__, wait=wait)
                await self._pause(wait)
                wait = min(wait * 2, LONGEST_PAUSE)
        log.info("telegram_open", mode="webhook" if self._public else "polling")
        if not self._public:
            await poll(self._bot, self._handle, self._pause)


async def _commands(call: Call, catalog: Catalog) -> None:
    """The menu beside the typing field, per language, and in the source language for everybody else."""
    places = {"start": "home", "help": HELP, "language": "settings/language"}
    for language, edition in catalog.editions.items():
        commands = [{"command": name, "description": edition.screens[place].title} for name, place in places.items()]
        await call("setMyCommands", {"commands": commands, "language_code": language})
        if language == catalog.source:
            await call("setMyCommands", {"commands": commands})


async def _hook(call: Call, public: str, secret: str) -> None:
    """Set the webhook if it is not set as we want it (setting is rationed), or take it away before polling."""
    known = await call("getWebhookInfo", {})
    # The mark changes with the secret, so that a new secret is made known although Telegram does not tell the old one.
    mark = sha256(secret.encode()).hexdigest()[:8]
    url = f"{public}/telegram/webhook?v={mark}" if public else ""
    if url and (known.get("url") != url or sorted(known.get("allowed_updates", [])) != sorted(UPDATES)):
        await call("setWebhook", {"url": url, "secret_token": secret, "allowed_updates": UPDATES, "max_connections": 100})
    elif not url and known.get("url"):
        await call("deleteWebhook", {})


async def poll(bot: Bot, handle: Callable[[dict[str, Any]], Awaitable[bool]], pause: Pause) -> None:
    """Fetch and handle, people side by side, each in order. Telegram is told that an update is done only when it is."""
    desk = Desk(handle)
    wait = FIRST_PAUSE
    try:
        while True:
            fetch = {"timeout": 0 if desk.open else POLL, "allowed_updates": UPDATES}
            if desk.offset:
                fetch["offset"] = desk.offset
            try:
                updates = await bot.do_api_request("getUpdates", fetch, read_timeout=POLL + 10)
                wait = FIRST_PAUSE
            except TelegramError as error:
                if not isinstance(error, NetworkError) or isinstance(error, BadRequest):
                    log.error("telegram_poll", error=type(error).__name__)
                await pause(wait)
                wait = min(wait * 2, LONGEST_PAUSE)
                continue
            desk.take(updates)
            await desk.wait(BREATH)
    finally:  # we are stopping: what was fetched is finished first
        await asyncio.gather(*desk.open.values(), return_exceptions=True)


class Desk:
    """The updates that were fetched: which are being handled, which are done, and from which on to fetch next."""

    def __init__(self, handle: Callable[[dict[str, Any]], Awaitable[bool]]) -> None:
        self._handle = handle
        self._next = 0
        self._done: set[int] = set()
        self._failures: dict[int, int] = {}
        self.open: dict[int, asyncio.Task[None]] = {}

    @property
    def offset(self) -> int:
        """The first update that is not done; Telegram forgets those before it."""
        return min((*self.open, *self._failures), default=self._next)

    def take(self, updates: list[dict[str, Any]]) -> None:
        """Start on those that are new, or that failed before; they come in order."""
        fetched = {int(update["update_id"]) for update in updates}
        for number in self._failures.keys() - self.open.keys() - fetched:
            if not fetched or number < max(fetched):  # they come in order, but not always all of them
                del self._failures[number]  # Telegram gave it up: a tap is kept for minutes only
        for update in updates:
            number = int(update["update_id"])
            self._next = max(self._next, number + 1)
            if number not in self.open and number not in self._done:
                self.open[number] = asyncio.create_task(self._work(number, update))
        self._done = {number for number in self._done if number >= self.offset}

    async def wait(self, seconds: float) -> None:
        """Until something is done, or so long."""
        if self.open:
            await asyncio.wait(self.open.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def _work(self, number: int, update: dict[str, Any]) -> None:
        failures = self._failures.get(number, 0) + (not await self._handle(update))
        if 0 < failures < REDELIVERIES and failures != self._failures.get(number, 0):
            self._failures[number] = failures
        else:
            self._failures.pop(number, None)
            self._done.add(number)
        del self.open[number]
