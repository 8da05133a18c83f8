"""Sends a message to somebody on Zalo: tries again where that may help, and counts what the month's quota is used for."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog

from bot.channels.zalo_bot_http import TIMEOUT, Busy, Failed, Refused, Unanswered, Unreachable, ZaloBotApi
from bot.channels.zalo_bot_quota import Quota

# How often a message is tried, and how long we wait in between (seconds, doubling).
TRIES, PAUSE = 4, 1.0
# A message that may have arrived is sent once more only: a repeated answer is better than none, but each one counts.
TRIES_UNANSWERED = 2
# Seconds for a picture: Zalo fetches it from us first.
PHOTO = 20.0
log = structlog.get_logger()


class Sender:
    """pause: waits so many seconds."""

    def __init__(self, api: ZaloBotApi, quota: Quota, pause: Callable[[float], Awaitable[None]]) -> None:
        self._api = api
        self._quota = quota
        self._pause = pause
        self._typings: set[asyncio.Task[None]] = set()

    async def send(self, method: str, body: dict[str, Any]) -> None:
        """One message; of a picture that Zalo does not take at least the words. Raises a kind of Failed."""
        if method == "sendPhoto":
            try:
                await self._send(method, body, 1, PHOTO)
                return
            except (Refused, Unanswered) as error:
                log.warning("zalo_bot_no_picture", error=type(error).__name__.lower(), code=error.code)
            method, body = "sendMessage", {"chat_id": body["chat_id"], "text": body["caption"]}
        await self._send(method, body, TRIES_UNANSWERED, TIMEOUT)

    async def _send(self, method: str, body: dict[str, Any], unanswered: int, seconds: float) -> None:
        attempt = 0
        while True:
            attempt += 1
            try:
                await self._api.call(method, body, seconds)
                await self._quota.add(delivered=True)
                return
            except Busy:
                # In a month that is used up one try is enough to notice that Zalo is content again.
                if attempt == TRIES or self._quota.used_up:
                    self._quota.refuse()
                    raise
            except Unreachable as error:
                perhaps = isinstance(error, Unanswered)
                if perhaps:
                    await self._quota.add(delivered=False)
                if attempt >= (unanswered if perhaps else TRIES):
                    raise
                if attempt == 1:
                    typing = asyncio.create_task(self._type(body["chat_id"]))
                    self._typings.add(typing)
                    typing.add_done_callback(self._typings.discard)
            await self._pause(PAUSE * 2 ** (attempt - 1))

    async def stop(self) -> None:
        for typing in self._typings:
            typing.cancel()
        await asyncio.gather(*self._typings, return_exceptions=True)

    async def _type(self, person: str) -> None:
        """Show that an answer is coming. Only where it is late: perhaps this counts as a message, nobody says."""
        with suppress(Failed):
            await self._api.call("sendChatAction", {"chat_id": person, "action": "typing"})
