"""Zalo OA's work after the 200: takes events from the inbox, each person's in order and people side by side."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from prometheus_client import Gauge

from bot.channels.zalo_oa_answers import Answers, Event, Inbox, ms
from bot.turns import Unavailable

# So many people are answered side by side: Zalo allows 100 calls a minute with its smaller package.
SIDE_BY_SIDE = 20
# Seconds after which somebody else may take an event whose process died; renewed while we are at it. Seconds between two
# looks for what other processes left.
LEASE, IDLE = 30.0, 1.0
# Keys of finished events are kept for so long: Zalo's retries end after two hours.
KEPT = timedelta(hours=48)
# Seconds for answers under way when we are told to stop.
GRACE = 10.0

WORKING = Gauge("bot_zalo_oa_working", "Events at work in this process")
log = structlog.get_logger()


class Worker:
    """Takes events and has them answered. lease, idle: seconds."""

    def __init__(
        self,
        inbox: Inbox,
        answers: Answers,
        *,
        clock: Callable[[], datetime],
        lease: float = LEASE,
        idle: float = IDLE,
    ) -> None:
        self._inbox = inbox
        self._answers = answers
        self._clock = clock
        self._lease = timedelta(seconds=lease)
        self._idle = idle
        self._news = asyncio.Event()
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="zalo_oa_work")

    def wake(self) -> None:
        """There is something new in the inbox."""
        self._news.set()

    async def stop(self) -> None:
        """Take nothing more; finish what is being answered. What does not end in time is taken again after the next start."""
        self._stopping = True  # not cancelled: that could break off a claim, and `wait_for` may swallow it
        self._news.set()
        if self._loop:
            await asyncio.gather(self._loop, return_exceptions=True)
        if self._at_work:
            _, late = await asyncio.wait(self._at_work.values(), timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def purge(self) -> None:
        """Delete the keys that are no longer needed. Raises Unavailable."""
        await self._inbox.purge(before=ms(self._clock() - KEPT))

    async def _run(self) -> None:
        while not self._stopping:
            self._news.clear()
            try:
                await self._take()
            except Unavailable:
                log.error("zalo_oa_inbox_unavailable")
            with suppress(TimeoutError):
                if not self._stopping:
                    await asyncio.wait_for(self._news.wait(), self._idle)

    async def _take(self) -> None:
        now = self._clock()
        until = ms(now + self._lease)
        for key in list(self._answers.unfinished):
            await self._inbox.finish(key)
            self._answers.unfinished.discard(key)
        if self._at_work:
            await self._inbox.hold(self._at_work, until=until)
        room = SIDE_BY_SIDE - len(self._at_work)
        if room <= 0 or ms(now) < self._answers.rest_until:
            return
        for event in await self._inbox.claim(room, now=ms(now), until=until):
            if event.key not in self._at_work and event.key not in self._answers.unfinished:
                task = asyncio.create_task(self._work(event))
                self._at_work[event.key] = task
                task.add_done_callback(partial(self._worked, event.key))
        WORKING.set(len(self._at_work))

    def _worked(self, key: str, _: asyncio.Task[None]) -> None:
        del self._at_work[key]
        self._news.set()

    async def _work(self, event: Event) -> None:
        try:
            await self._answers.answer(event)
        except Unavailable:  # the lease ends by itself
            log.error("zalo_oa_inbox_unavailable")
