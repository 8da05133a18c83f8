"""How a Zalo bot's updates come to us: it announces its webhook, or it polls."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, Protocol

import structlog

from bot.channels.zalo_bot_http import Failed, Rationed, Refused, TokenRefused, Unanswered

# Seconds that one getUpdates waits for something to happen (Zalo's own default), and that its answer may take longer.
POLL, POLL_MARGIN = 30, 10.0
# Seconds between two polls: some bots are given the last update again at once, for ever.
BRAKE = 1.0
# Seconds between tries while Zalo cannot be reached; doubling up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# setWebhook may be called a few times a day; nobody says how often. Seconds until we try again.
NEXT_DAY = 24 * 3600.0

TOKEN_REFUSED = "token refused"  # noqa: S105
PATH = "/zalo/bot/webhook"
log = structlog.get_logger()


class Ask(Protocol):
    """One call of the API. Raises a kind of Failed."""

    async def __call__(self, method: str, body: dict[str, Any], seconds: float = ...) -> dict[str, Any]: ...


class Updates:
    """Opens and closes the way in. ask: one call of the API; take: one fetched update.

    public: our https address for a webhook, "" to poll. secret: what Zalo sends with each call of the webhook.
    """

    def __init__(
        self,
        ask: Ask,
        take: Callable[[object], Awaitable[None]],
        *,
        public: str,
        secret: str,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._ask = ask
        self._take = take
        self._public = public
        self._secret = secret
        self._pause = pause
        self._task: asyncio.Task[None] | None = None
        self.state = "opening"

    def start(self) -> None:
        """Open in the background, as often as it takes."""
        self._task = asyncio.create_task(self._run(), name="zalo_bot")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def heard(self) -> None:
        """Zalo has called with the right secret: whatever it said of our webhook before, it works."""
        if self.state != TOKEN_REFUSED:
            self.state = "open"

    def token_refused(self) -> None:
        """Only the operator can help: the token is wrong, or was reset in Zalo Bot Creator."""
        self.state = TOKEN_REFUSED
        log.error("zalo_bot_token_refused", variable="BOT_ZALO_BOT_TOKEN")

    async def _run(self) -> None:
        try:
            await self._open()
            if not self._public:
                await self._poll()
        except TokenRefused:
            self.token_refused()

    async def _open(self) -> None:
        wait = FIRST_PAUSE
        while True:
            try:
                await self._ask("getMe", {})
                self.state = await self._hook()
                log.info("zalo_bot_open", mode="webhook" if self._public else "polling")
                return
            except TokenRefused:
                raise
            except Rationed:
                log.error("zalo_bot_webhook_rationed", wait=NEXT_DAY)
                self.state = "no webhook until tomorrow"
                await self._pause(NEXT_DAY)
            except Failed as error:
                log.warning("zalo_bot_unreachable", error=type(error).__name__, code=error.code, wait=wait)
                await self._pause(wait)
                wait = min(wait * 2, LONGEST_PAUSE)

    async def _hook(self) -> str:
        """Set the webhook if it is not set as we want it (setting is rationed), or take it away before polling; the state."""
        try:
            known = (await self._ask("getWebhookInfo", {})).get("url", "")
        except Refused as error:
            if error.code != 404:  # this one means that none was ever set
                raise
            known = ""
        if not self._public:
            if known:
                await self._ask("deleteWebhook", {})
            return "open"
        # The mark changes with the secret, so that a new secret is made known although Zalo does not tell the old one.
        url = f"{self._public}{PATH}?v={sha256(self._secret.encode()).hexdigest()[:8]}"
        return "open" if known == url else await self._set(url)

    async def _set(self, url: str) -> str:
        try:
            result = await self._ask("setWebhook", {"url": url, "secret_token": self._secret})
        except Refused as error:
            # Asked again it would be refused again, and each time counts.
            log.error("zalo_bot_webhook_refused", code=error.code, variable="BOT_PUBLIC_URL")
            return "webhook refused"
        found = result.get("verification")
        if not isinstance(found, dict) or found.get("ok") is not False:
            return "open"
        # Zalo has called us and was not content; it keeps the address nevertheless. Its words tell operators where to look.
        outcome = str(found.get("outcome", ""))[:40]
        log.error("zalo_bot_webhook_unverified", outcome=outcome, hint=str(found.get("hint", ""))[:200])
        return f"unverified: {outcome}"

    async def _poll(self) -> None:
        """Fetch one update after the other. Raises TokenRefused."""
        wait = FIRST_PAUSE
        while True:
            try:
                result = await self._ask("getUpdates", {"timeout": POLL}, POLL + POLL_MARGIN)
            except TokenRefused:
                raise
            except Failed as error:
                if isinstance(error, Unanswered) and error.code == 408:  # nothing has happened meanwhile
                    wait = FIRST_PAUSE
                    await self._pause(BRAKE)
                    continue
                log.warning("zalo_bot_poll", error=type(error).__name__, code=error.code, wait=wait)
                await self._pause(wait)
                wait = min(wait * 2, LONGEST_PAUSE)
                continue
            wait = FIRST_PAUSE
            for update in result.get("updates", [result]):
                await self._take(update)
            await self._pause(BRAKE)
