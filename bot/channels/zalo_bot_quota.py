"""How many messages the Zalo bot has sent this month: Zalo allows so many, and does not say how many are left."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Protocol

import structlog
from prometheus_client import Gauge

from bot.turns import Unavailable

# The free plan. What a paid plan allows is not published.
QUOTA = 3000
# At these shares (percent) of it the operator is warned.
WARNINGS = (80, 95, 100)
# Whose months these are is not said; the bots belong to people in Viet Nam, which knows no summer time.
VIETNAM = timezone(timedelta(hours=7))

SENT = Gauge("bot_zalo_bot_month_messages", "Messages sent to Zalo since the first of this month")
LIMIT = Gauge("bot_zalo_bot_month_limit", "Messages that Zalo's free plan allows in a month")
log = structlog.get_logger()


class Counts(Protocol):
    """Where the count outlives a restart. month: its first day."""

    async def add(self, channel: str, month: date, messages: int = 1) -> int:
        """Count so many more; returns how many they are now. Raises Unavailable."""
        ...

    async def sent(self, channel: str, month: date) -> int:
        """How many were counted. Raises Unavailable."""
        ...


class Quota:
    """The month's messages. now: the time, with time zone."""

    def __init__(self, counts: Counts, now: Callable[[], datetime]) -> None:
        self._counts = counts
        self._now = now
        self._month = self._today()
        self._sent = 0
        self._refused: date | None = None
        SENT.set_function(lambda: self.sent)
        LIMIT.set(QUOTA)

    @property
    def sent(self) -> int:
        """In this month, as far as we know."""
        return self._sent if self._month == self._today() else 0

    @property
    def used_up(self) -> bool:
        """Has Zalo refused everything, in this month?"""
        return self._refused == self._today()

    @property
    def spare(self) -> bool:
        """Are there messages left for more than words?"""
        return self.sent < _at(WARNINGS[0]) and not self.used_up

    def refuse(self) -> None:
        """Zalo goes on refusing: we take it for the end of the month's messages until one gets through."""
        if not self.used_up:
            log.error("zalo_bot_quota_used_up", sent=self.sent, allowed=QUOTA)
        self._refused = self._today()

    async def load(self) -> None:
        """Learn what was sent before this process began; warn again if that is nearly all."""
        self._month = self._today()
        try:
            self._sent = await self._counts.sent("zalo_bot", self._month)
        except Unavailable:
            log.exception("zalo_bot_uncounted")
        share = max((share for share in WARNINGS if self._sent >= _at(share)), default=0)
        if share:
            self._warn(share)

    async def add(self, *, delivered: bool) -> None:
        """Count a message; also one that was perhaps not delivered, since Zalo may have counted it."""
        if delivered:
            self._refused = None
        before, self._month = self.sent, self._today()
        try:
            self._sent = await self._counts.add("zalo_bot", self._month)
        except Unavailable:
            self._sent = before + 1
            log.exception("zalo_bot_uncounted")
        # Each number is handed out once, so only one of several processes warns.
        for share in WARNINGS:
            if self._sent == _at(share):
                self._warn(share)

    def _warn(self, share: int) -> None:
        log.warning("zalo_bot_quota", percent=share, sent=self._sent, allowed=QUOTA)

    def _today(self) -> date:
        """The first day of this month."""
        return self._now().astimezone(VIETNAM).date().replace(day=1)


def _at(share: int) -> int:
    return QUOTA * share // 100
