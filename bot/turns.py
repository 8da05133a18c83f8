"""One turn: wait for this person's earlier message, load their session, ask the conversation, save, and keep others waiting
until the replies are out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Protocol
from weakref import WeakValueDictionary

import structlog
from prometheus_client import Counter, Histogram

from bot.conversation import Catalog, Incoming, Record, Session, Turn, respond

# Another process saved this person's session in between: that often in a row is no coincidence but a fault.
ATTEMPTS = 5

TURNS = Counter("bot_turns_total", "Turns taken", ["channel", "kind"])
SECONDS = Histogram("bot_turn_seconds", "Seconds from an event to the saved session", ["channel"])
UNSAVED = Counter("bot_turns_unsaved_total", "Turns answered although the database did not", ["channel"])

log = structlog.get_logger()


class Conflict(Exception):
    """Somebody else saved this session since it was loaded."""


class Unavailable(Exception):
    """The database does not answer."""


class Store(Protocol):
    """Where sessions and records are kept."""

    async def load(self, channel: str, person: str) -> tuple[Session, int]:
        """The session and its revision; a new session and 0 for somebody unknown. Raises Unavailable."""
        ...

    async def save(self, channel: str, person: str, session: Session, revision: int, records: Sequence[Record]) -> None:
        """Session and records in one transaction. revision: the one that was loaded. Raises Conflict, Unavailable."""
        ...

    async def keep(self, records: Sequence[Record]) -> None:
        """Records alone. Raises Unavailable."""
        ...

    async def forget(self, channel: str, person: str) -> None:
        """Delete all that is kept of a person. Raises Unavailable."""
        ...


class Turns:
    """Takes turns. catalog: called at each turn, so that a new edition is used from the next turn on."""

    def __init__(self, catalog: Callable[[], Catalog], store: Store) -> None:
        self.catalog = catalog
        self._store = store
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, incoming: Incoming) -> AsyncIterator[Turn]:
        """Hold this person's place while the turn is taken and its replies are sent: one person in order, all at once."""
        key = (incoming.channel, incoming.person)
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            yield await self._take(incoming)

    async def _take(self, incoming: Incoming) -> Turn:
        start = perf_counter()
        session, turn = Session(), None
        try:
            for _ in range(ATTEMPTS):
                session, revision = await self._store.load(incoming.channel, incoming.person)
                turn = respond(self.catalog(), session, incoming)
                try:
                    if turn.forget:
                        await self._store.forget(incoming.channel, incoming.person)
                        await self._store.keep(turn.records)
                    elif turn.session != session or turn.records:
                        await self._store.save(incoming.channel, incoming.person, turn.session, revision, turn.records)
                    break
                except Conflict:
                    continue
            else:
                UNSAVED.labels(incoming.channel).inc()
                log.error("conflicts", channel=incoming.channel, attempts=ATTEMPTS)
        except Unavailable:
            # An answer that is not remembered is better than none. A button carries all that it needs.
            UNSAVED.labels(incoming.channel).inc()
            log.exception("unsaved", channel=incoming.channel)
        turn = turn or respond(self.catalog(), session, incoming)
        self._note(incoming, turn, perf_counter() - start)
        return turn

    async def carried(self, session: Session, incoming: Incoming) -> Turn:
        """A turn of somebody who carries their session themselves: nothing of it is stored, only the records are."""
        start = perf_counter()
        turn = respond(self.catalog(), session, incoming)
        await self.keep(turn.records, incoming.channel)
        self._note(incoming, turn, perf_counter() - start)
        return turn

    async def keep(self, records: Sequence[Record], channel: str) -> None:
        """Keep records; a database that does not answer costs the count, never the page."""
        try:
            await self._store.keep(records)
        except Unavailable:
            UNSAVED.labels(channel).inc()
            log.exception("unsaved", channel=channel)

    def _note(self, incoming: Incoming, turn: Turn, seconds: float) -> None:
        kind = type(incoming).__name__.lower()
        TURNS.labels(incoming.channel, kind).inc()
        SECONDS.labels(incoming.channel).observe(seconds)
        address = turn.replies[-1].address if turn.replies else ""
        log.info("turn", channel=incoming.channel, address=address, kind=kind, ms=round(seconds * 1000, 1))
