"""What both doors of Zalo do with an event: it stands in the inbox before Zalo is told so, then it is answered: each person's
events in order, people side by side, and what a process that died has left too."""

import asyncio
import json
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from bot.channels.zalo_events import Call, Event, Inbox, Unsent
from bot.conversation import Incoming, Left, Turn
from bot.turns import Turns, Unavailable

# Seconds for an event to get into the database: Zalo's OA waits two for the 200, and nobody knows how long for a bot's.
PATIENCE = 1.5
# So many people are answered side by side: Zalo allows an OA 100 calls a minute with its smaller package.
SIDE_BY_SIDE = 20
# Seconds after which somebody else may take an event whose process died (renewed while we are at it); between two looks for
# what other processes left; for answers under way when we are told to stop.
LEASE, IDLE, GRACE = 30.0, 1.0, 10.0
# Seconds until an event is tried again: first and longest, tripling.
FIRST, LONGEST = 5.0, 600.0
# How often we try what Zalo does not do and gives no lasting reason for.
FEW = 6
PURGE = timedelta(hours=1)  # between two looks for keys that are no longer needed

WORKING = Gauge("bot_zalo_working", "Events at work in this process", ["channel"])
UNANSWERED = Counter("bot_zalo_unanswered_total", "Events that got no answer", ["channel", "reason"])
log = structlog.get_logger()


class Worker:
    """Keeps events and has them answered. calls: a turn's replies for a person, as requests; send: one of them, raises Unsent
    or Unavailable. late: what is older is not answered. kept: so long a finished event is known. lease, idle: seconds."""

    def __init__(
        self,
        channel: str,
        inbox: Inbox,
        turns: Turns,
        decode: Callable[[dict[str, Any]], Incoming | None],
        calls: Callable[[Turn, str], Sequence[Call]],
        send: Callable[[Call, Event], Awaitable[None]],
        *,
        clock: Callable[[], datetime],
        late: timedelta,
        kept: timedelta,
        lease: float = LEASE,
        idle: float = IDLE,
    ) -> None:
        self._channel = channel
        self._inbox = inbox
        self._turns = turns
        self._decode = decode
        self._calls = calls
        self._send = send
        self._clock = clock
        self._late = late
        self._kept = kept
        self._lease = timedelta(seconds=lease)
        self._idle = idle
        self._putting: set[asyncio.Task[bool]] = set()
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._unfinished: set[str] = set()
        self._tried: Tally[str] = Tally()
        self._news = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False
        self._purged = datetime.min.replace(tzinfo=UTC)
        self.rest_until = 0

    async def keep(self, name: str, incoming: Incoming, payload: bytes) -> str:
        """Put an event into the inbox: "taken", "repeated", or "unsaved" if it must come again. name: the same for each
        delivery of it."""
        at, now = ms(incoming.at), ms(self._clock())
        putting = asyncio.create_task(self._inbox.put(name, incoming.person, payload, at=at, now=now))
        self._putting.add(putting)
        putting.add_done_callback(self._put)
        # Not broken off when it takes too long: what is written a moment later is known when it comes again.
        await asyncio.wait([putting], timeout=PATIENCE)
        if putting.done() and not putting.exception():
            return "taken" if putting.result() else "repeated"
        log.error("zalo_unsaved", channel=self._channel, slow=not putting.done())
        return "unsaved"

    def _put(self, putting: asyncio.Task[bool]) -> None:
        self._putting.discard(putting)
        with suppress(Unavailable, asyncio.CancelledError):
            if putting.result():
                self._news.set()

    def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name=f"{self._channel}_work")

    async def stop(self) -> None:
        """Take nothing more; finish what is being answered. What does not end in time is taken again after the next start."""
        await asyncio.gather(*self._putting, return_exceptions=True)
        self._stopping = True  # not cancelled: that could break off a claim, and `wait_for` may swallow it
        self._news.set()
        if self._loop:
            await asyncio.gather(self._loop, return_exceptions=True)
        if self._at_work:
            _, late = await asyncio.wait(self._at_work.values(), timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self) -> None:
        while not self._stopping:
            self._news.clear()
            try:
                await self._take()
                if self._clock() - self._purged > PURGE:
                    self._purged = self._clock()
                    await self._inbox.purge(before=ms(self._purged - self._kept))
            except Unavailable:
                log.error("zalo_inbox_unavailable", channel=self._channel)
            with suppress(TimeoutError):
                if not self._stopping:
                    await asyncio.wait_for(self._news.wait(), self._idle)

    async def _take(self) -> None:
        now = self._clock()
        until = ms(now + self._lease)
        for key in list(self._unfinished):
            await self._inbox.finish(key)
            self._unfinished.discard(key)
        if self._at_work:
            await self._inbox.hold(self._at_work, until=until)
        room = SIDE_BY_SIDE - len(self._at_work)
        if room <= 0 or ms(now) < self.rest_until:
            return
        # One whose lease ended while we were slow may be claimed again, and be finished when the claim is answered.
        ours = {*self._at_work, *self._unfinished}
        for event in await self._inbox.claim(room, now=ms(now), until=until):
            if event.key not in ours:
                task = self._at_work[event.key] = asyncio.create_task(self._work(event))
                task.add_done_callback(partial(self._worked, event.key))
        WORKING.labels(self._channel).set(len(self._at_work))

    def _worked(self, key: str, _: asyncio.Task[None]) -> None:
        del self._at_work[key]
        self._news.set()

    async def _work(self, event: Event) -> None:
        """Answer one event and finish it, or put it back for later."""
        try:
            await self._answer(event)
        except Unsent as unsent:
            await self._fail(event, unsent)
        except Unavailable:  # the lease ends by itself
            log.error("zalo_inbox_unavailable", channel=self._channel)
        except Exception:  # a bug would only fail again, and the person's next message would wait behind it
            log.exception("zalo_failed", channel=self._channel)
            await self._drop(event, "failed")

    async def _answer(self, event: Event) -> None:
        """Take the turn, unless that was done before, and send what is still to be sent."""
        incoming = self._decode(json.loads(event.payload)) if event.payload else None
        if incoming is None:
            await self._drop(event, "unreadable")
        elif self._clock() - incoming.at > self._late and not isinstance(incoming, Left):
            await self._drop(event, "late")
        elif event.answer is not None:
            await self._send_all(event, [Call(*call) for call in event.answer])
        else:
            async with self._turns.turn(incoming) as turn:
                calls = self._calls(turn, incoming.person)
                if calls:
                    with suppress(Unavailable):  # then a crash means that the turn is asked once more
                        await self._inbox.answer(event.key, calls)
                await self._send_all(event, calls)

    async def _send_all(self, event: Event, calls: Sequence[Call]) -> None:
        for number, call in enumerate(calls, 1):
            await self._send(call, event)
            if number < len(calls):
                with suppress(Unavailable):
                    await self._inbox.answer(event.key, calls[number:])
        await self._finish(event)

    async def _fail(self, event: Event, unsent: Unsent) -> None:
        log.warning("zalo_unsent", channel=self._channel, reason=unsent.reason, tries=event.tries)
        if unsent.gone and (who := self._decode(json.loads(event.payload))):
            async with self._turns.turn(Left(channel=who.channel, person=who.person, at=who.at)):
                pass
        if unsent.few:
            self._tried[event.key] += 1
        if not unsent.wait or self._tried[event.key] >= FEW:
            await self._drop(event, "gave_up" if unsent.wait else unsent.reason)
            return
        until = ms(self._clock() + timedelta(seconds=unsent.wait))
        self.rest_until = until if unsent.rest else self.rest_until
        with suppress(Unavailable):  # then the lease ends by itself
            await self._inbox.put_back(event.key, until=until)

    async def _drop(self, event: Event, reason: str) -> None:
        UNANSWERED.labels(self._channel, reason).inc()
        log.warning("zalo_unanswered", channel=self._channel, reason=reason)
        await self._finish(event)

    async def _finish(self, event: Event) -> None:
        self._tried.pop(event.key, None)
        try:
            await self._inbox.finish(event.key)
        except Unavailable:
            self._unfinished.add(event.key)


def grown(tries: int) -> float:
    """Seconds until an event that was tried so often is tried again."""
    return min(FIRST * 3.0 ** min(tries - 1, FEW), LONGEST)


def ms(moment: datetime) -> int:
    """Milliseconds, as Zalo and the inbox count."""
    return round(moment.timestamp() * 1000)
