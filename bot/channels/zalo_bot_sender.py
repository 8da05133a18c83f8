"""Sends a message to somebody on Zalo: tries again where that may help, and counts what the month's quota is used for."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from bot.channels.zalo_bot_http import Busy, Failed, Unanswered, Unreachable, ZaloBotApi
from bot.channels.zalo_bot_quota import Quota

# How often a message is tried, and how long we wait in between (seconds, doubling).
TRIES, PAUSE = 4, 1.0
# A message that may have arrived is sent once more only: a repeated answer is better than none, but each one counts.
TRIES_UNANSWERED = 2


class Sender:
    """pause: waits so many seconds."""

    def __init__(self, api: ZaloBotApi, quota: Quota, pause: Callable[[float], Awaitable[None]]) -> None:
        self._api = api
        self._quota = quota
        self._pause = pause
        self._typings: set[asyncio.Task[None]] = set()

    async def send(self, method: str, body: dict[str, Any]) -> None:
        """One message. Raises a kind of Failed."""
        attempt = 0
        while True:
            attempt += 1
            try:
                await self._api.call(method, body)
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
                if attempt >= (TRIES_UNANSWERED if perhaps else TRIES):
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
