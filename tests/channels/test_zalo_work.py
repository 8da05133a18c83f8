"""The work on Zalo's events where times are unlucky: an event is answered once."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

from bot.channels.zalo_events import Call, Event
from bot.channels.zalo_work import Worker
from bot.conversation import Said

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


class Kept(NamedTuple):
    key: str = "one"
    payload: bytes = json.dumps({"text": "0"}).encode()
    answer: Sequence[Any] | None = None
    tries: int = 1


class SlowInbox:
    """Claims one event twice, as when its lease ends: the second claim is answered when the event has just been finished."""

    def __init__(self) -> None:
        self.claims = 0
        self.going = asyncio.Event()
        self.finished = asyncio.Event()
        self.twice = asyncio.Event()

    async def claim(self, limit: int, *, now: int, until: int) -> Sequence[Event]:
        self.claims += 1
        if self.claims == 1:
            return [Kept()]
        if self.claims == 2:
            self.going.set()
            await self.finished.wait()
            for _ in range(10):  # the task that finished it is done, and nobody is at it any more
                await asyncio.sleep(0)
            return [Kept()]
        self.twice.set()
        return []

    async def finish(self, key: str) -> None:
        self.finished.set()

    async def hold(self, keys: Iterable[str], *, until: int) -> None: ...
    async def put(self, name: str, person: str, payload: bytes, *, at: int, now: int) -> bool:
        return True

    async def answer(self, key: str, bodies: Sequence[Any]) -> None: ...
    async def put_back(self, key: str, *, until: int) -> None: ...
    async def purge(self, *, before: int) -> int:
        return 0


class Talk:
    """Turns that only say that they were taken."""

    @asynccontextmanager
    async def turn(self, incoming: Said):
        yield SimpleNamespace(replies=())


async def test_an_event_whose_lease_ended_while_we_were_at_it_is_answered_once() -> None:
    inbox, sent = SlowInbox(), list[Call]()

    async def send(call: Call, event: Event) -> None:
        await inbox.going.wait()  # until the event is claimed a second time
        sent.append(call)

    worker = Worker(
        "zalo_bot",
        inbox,
        Talk(),  # type: ignore[arg-type]
        lambda payload: Said(channel="zalo_bot", person="7", at=NOW, text=payload["text"]),
        lambda turn, person: [Call("POST", "sendMessage", {"chat_id": person})],
        send,
        clock=lambda: NOW,
        late=timedelta(days=2),
        kept=timedelta(days=8),
        idle=0.001,
    )
    worker.start()
    async with asyncio.timeout(10):
        await inbox.twice.wait()
    await worker.stop()
    assert len(sent) == 1
