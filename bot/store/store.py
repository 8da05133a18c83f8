"""The store itself: load and save a session, keep records, forget what is old."""

import asyncio
import hmac
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import asdict
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import delete, event, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.conversation import Record, Session
from bot.store.tables import sessions, views
from bot.turns import Conflict, Unavailable

# Another process that writes holds SQLite for milliseconds; whoever waits longer than this (seconds) meets a fault.
BUSY = 5


class SqlStore:
    """Sessions and counts in a database. url: SQLAlchemy's; key: what the persons' ids are hashed with, 32 bytes or more."""

    def __init__(self, url: str, key: bytes) -> None:
        server = url.startswith("postgresql")
        limits = {"timeout": BUSY, "command_timeout": BUSY} if server else {}
        # hide_parameters: an error that is logged must not hold what was to be written
        self.engine: AsyncEngine = create_async_engine(url, hide_parameters=True, pool_pre_ping=server, connect_args=limits)
        self._key = key
        # SQLite has one writer: whoever waits here waits in order, whoever waits there tries again and again.
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] | None = None if server else WeakKeyDictionary()
        self._insert: Any = insert
        if self.engine.dialect.name == "sqlite":
            self._insert = sqlite.insert
            event.listen(self.engine.sync_engine, "connect", _set_up_sqlite)
        else:
            self._insert = postgresql.insert
        more = {"count": views.c.count + 1}
        self._count = self._insert(views).values(count=1)
        self._count = self._count.on_conflict_do_update(index_elements=list(views.primary_key), set_=more)

    def person(self, channel: str, person: str) -> str:
        """The name under which a person's session is kept."""
        return hmac.new(self._key, f"{channel}:{person}".encode(), sha256).hexdigest()

    async def load(self, channel: str, person: str) -> tuple[Session, int]:
        """The session and its revision; a new session and 0 for somebody unknown. Raises Unavailable."""
        wanted = select(sessions.c.session, sessions.c.revision).where(sessions.c.person == self.person(channel, person))
        async with self._connection() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        if row is None:
            return Session(), 0
        try:
            return Session.from_dict(json.loads(row.session)), row.revision
        except (ValueError, RecursionError):
            return Session(), row.revision

    async def save(self, channel: str, person: str, session: Session, revision: int, records: Sequence[Record]) -> None:
        """Session and records in one transaction. revision: the one that was loaded. Raises Conflict, Unavailable."""
        key = self.person(channel, person)
        row = {
            "session": json.dumps(session.to_dict(), ensure_ascii=False),
            "revision": revision + 1,
            "seen": datetime.now(UTC).date(),
        }
        if revision:
            mine = (sessions.c.person == key) & (sessions.c.revision == revision)
            change = update(sessions).where(mine).values(row)
        else:
            change = self._insert(sessions).values(person=key, **row).on_conflict_do_nothing()
        async with self._connection() as connection:
            if (await connection.execute(change)).rowcount != 1:
                await connection.rollback()
                raise Conflict
            if records:
                await connection.execute(self._count, list(map(asdict, records)))

    async def keep(self, records: Sequence[Record]) -> None:
        """Records alone. Raises Unavailable."""
        if records:
            async with self._connection() as connection:
                await connection.execute(self._count, list(map(asdict, records)))

    async def forget_before(self, day: date) -> int:
        """Delete the sessions of people who have not written since that day; how many they were. Raises Unavailable."""
        async with self._connection() as connection:
            return int((await connection.execute(delete(sessions).where(sessions.c.seen < day))).rowcount)

    async def ping(self) -> None:
        """Raises Unavailable if the database does not answer."""
        async with self._connection() as connection:
            await connection.execute(select(1))

    async def close(self) -> None:
        await self.engine.dispose()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end."""
        try:
            turn = nullcontext() if self._turns is None else self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
            async with turn, self.engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise Unavailable from error


def _set_up_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY * 1000}")
    # Readers do not wait for the writer, and a kill leaves a whole file. The file remembers it: if it is locked right now,
    # another process is writing to it, and set it.
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
