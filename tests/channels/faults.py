"""What the servers of the tests have in common: calls that go wrong as they were told to, waiting without sleeping, and how a
house is put in front of them."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from sqlalchemy import select

from bot.store import SqlStore
from bot.store.inbox import Inbox
from bot.store.tables import inbox as table

ROOT = Path(__file__).parents[2]
SECONDS = 10.0
# Where an app finds the bot; a server's `hosts` says which machine that is.
PUBLIC = "https://bot.example.org"
Logs = list[MutableMapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How one call goes wrong; a server adds what it says then.

    code: of the error. dropped: the connection breaks off instead of an answer. garbled: half of the answer arrives.
    carried_out: the call was carried out nevertheless. wait: nothing happens before this is set.
    """

    code: int = 0
    dropped: bool = False
    garbled: bool = False
    carried_out: bool = False
    wait: asyncio.Event | None = None

    def answer(self) -> web.Response | None:
        """What is said instead of the answer; None to say the answer."""
        return None


class Server:
    """A server in memory, on a port of its own. Use `async with`.

    held: the calls that wait for a fault's `wait`. met: how many calls of a name met a fault.
    """

    def __init__(self) -> None:
        self.port = 0
        self.held: list[Any] = []
        self.met: dict[str, int] = defaultdict(int)
        self._faults: dict[str, deque[Any]] = defaultdict(deque)
        self._workers: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """What it answers to."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        app = self._app = web.Application()
        app.add_routes(self.routes())
        url = await self._stack.enter_async_context(served(app, handler_cancellation=True, shutdown_timeout=1))
        self.port = urlsplit(url).port or 0
        self._client = await self._stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._stack.aclose()

    def begin(self, work: Any) -> None:
        """Do something side by side with all else, until the server ends."""
        worker = asyncio.create_task(work)
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def until(self, true: Callable[[], object], seconds: float = SECONDS) -> None:
        """Wait for something that the server can see. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                news = self._news
                if true():
                    return
                await news.wait()

    async def deserted(self) -> None:
        """Wait until nobody is connected: what processes that are dead by now had sent has been handled then."""
        async with asyncio.timeout(SECONDS):
            # Whoever connected before this call is let in before it: connections wait in a row.
            async with self._client.get(f"http://127.0.0.1:{self.port}/", headers={"Connection": "close"}) as response:
                await response.read()
            while (server := self._app[RUNNER].server) and server.connections:  # noqa: ASYNC110
                await asyncio.sleep(0)

    def tell(self) -> None:
        """Something happened: whoever waits in `until` looks again."""
        self._news.set()
        self._news = asyncio.Event()

    def fail(self, name: str, *faults: Any) -> None:
        """Let the next calls of this name go wrong, one after the other."""
        self._faults[name].extend(faults)

    def next_fault(self, name: str) -> Any:
        """The fault that the next call of this name meets, or None."""
        return self._faults[name].popleft() if self._faults[name] else None

    async def with_fault(
        self, fault: Fault | None, call: Any, request: web.Request, carry_out: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        """Answer a call as its fault says."""
        if fault is None:
            return await carry_out()
        answer = await carry_out() if fault.carried_out or fault.garbled else None
        self.met[getattr(call, "method", call)] += 1
        self.tell()
        if fault.wait:
            self.held.append(call)
            self.tell()
            try:
                await fault.wait.wait()
            finally:
                self.held.remove(call)
        if fault.dropped:
            if request.transport:
                request.transport.abort()
            return web.Response()
        if said := fault.answer():
            return said
        answer = answer or await carry_out()
        return web.Response(text=str(answer.text)[: len(str(answer.text)) * 2 // 3]) if fault.garbled else answer


class Pauses(list[float]):
    """Remembers for how long the bot would have waited, and does not wait. Pauses of `looks` seconds wait for the test's end.

    looked: set when such a pause was made.
    """

    def __init__(self, looks: float = 0.0) -> None:
        super().__init__()
        self._looks = looks
        self.looked = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        if seconds == self._looks:
            self.looked.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    def total(self) -> float:
        """Seconds of all pauses."""
        return sum(self)


class WatchedInbox(Inbox):
    """The inbox, which tells a server when an event was finished or put back (`done` counts both, `later` these), or old ones
    were purged."""

    def __init__(self, store: SqlStore, key: bytes, channel: str, server: Server, clock: Callable[[], datetime]) -> None:
        super().__init__(store.engine, key, channel)
        self._server = server
        self._clock = clock
        self.done = self.later = self.purged = 0

    async def finish(self, key: str) -> None:
        await super().finish(key)
        self._tell()

    async def put_back(self, key: str, *, until: int) -> None:
        await super().put_back(key, until=until)
        self.later += 1
        self._tell()

    async def purge(self, *, before: int) -> int:
        count = await super().purge(before=before)
        self.purged += 1
        self._server.tell()
        return count

    def _tell(self) -> None:
        self.done += 1
        self._server.tell()

    async def _due(self, rest_until: int) -> int:
        """How many events could be worked on now, or are. rest_until: until when nothing new is taken."""
        now = round(self._clock().timestamp() * 1000)
        left = select(table).where(table.c.payload.is_not(None)).order_by(table.c.at, table.c.key)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(left)).all()
        first = {row.person: row for row in reversed(rows)}  # the others of a person wait behind it
        return sum(1 for row in first.values() if row.owner or max(row.lease, rest_until) <= now)

    async def settle(self, rest_until: Callable[[], int], seconds: float = SECONDS) -> None:
        """Wait until nothing is left that could be done now."""
        done = -1
        while done != self.done:
            done = self.done
            if await self._due(rest_until()):
                await self._server.until(lambda done=done: self.done != done, seconds)


# Who serves an application.
RUNNER = web.AppKey("runner", web.AppRunner)


@asynccontextmanager
async def served(app: web.Application, **how: Any) -> AsyncIterator[str]:
    """Serve an application on a free port; its address."""
    runner = app[RUNNER] = web.AppRunner(app, access_log=None, **how)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
