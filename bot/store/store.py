"""The store itself: load and save a session, keep records, forget what is old."""

import asyncio
import hmac
import json
import secrets
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import asdict
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Table, delete, event, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.conversation import Answered, Counted, Record, Session, Unanswered, Viewed
from bot.store.tables import answers, counts, gaps, marks, sessions, views
from bot.turns import Conflict, Unavailable

# Another process that writes holds SQLite for milliseconds; whoever waits longer than this (seconds) meets a fault.
BUSY = 5
# Words that nothing answers are kept once so many people asked with them.
ALIKE = 5


# SQLite has one writer: whoever waits here waits in order, whoever waits there tries again and again.
_queues: WeakKeyDictionary[AsyncEngine, WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]] = WeakKeyDictionary()


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction, committed at the end. Raises Unavailable."""
    queue: AbstractAsyncContextManager[Any] = nullcontext()
    if engine.dialect.name == "sqlite":
        loops = _queues.setdefault(engine, WeakKeyDictionary())
        queue = loops.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    try:
        async with queue, engine.begin() as connection:
            yield connection
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise Unavailable from error


def inserting(engine: AsyncEngine, table: Table) -> Any:
    """An insert that may be told what to do on conflict, in the words of this database."""
    return (sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert)(table)


def insert_new(engine: AsyncEngine, table: Table, row: dict[str, Any]) -> Any:
    """Add a row unless its key is there already: rowcount says which."""
    return inserting(engine, table).values(row).on_conflict_do_nothing()


def counting(engine: AsyncEngine, table: Table) -> Any:
    """Add one to the count of a row, which is made where it is missing."""
    insert = inserting(engine, table).values(count=1)
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_={"count": table.c.count + 1})


class SqlStore:
    """Sessions and counts in a database. url: SQLAlchemy's; key: what the persons' ids are hashed with, 32 bytes or more."""

    def __init__(self, url: str, key: bytes) -> None:
        server = url.startswith("postgresql")
        limits = {"timeout": BUSY, "command_timeout": BUSY} if server else {}
        # hide_parameters: an error that is logged must not hold what was to be written
        self.engine: AsyncEngine = create_async_engine(url, hide_parameters=True, pool_pre_ping=server, connect_args=limits)
        self._key = key
        if not server:
            event.listen(self.engine.sync_engine, "connect", _set_up_sqlite)
        self._count = {Viewed: counting(self.engine, views), Counted: counting(self.engine, counts)}

    def person(self, channel: str, person: str) -> str:
        """The name under which a person's session is kept."""
        return hmac.new(self._key, f"{channel}:{person}".encode(), sha256).hexdigest()

    async def load(self, channel: str, person: str) -> tuple[Session, int]:
        """The session and its revision; a new session and 0 for somebody unknown. Raises Unavailable."""
        wanted = select(sessions.c.session, sessions.c.revision).where(sessions.c.person == self.person(channel, person))
        async with transaction(self.engine) as connection:
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
            change = insert_new(self.engine, sessions, {"person": key, **row})
        async with transaction(self.engine) as connection:
            if (await connection.execute(change)).rowcount != 1:
                await connection.rollback()
                raise Conflict
            for record in records:
                if isinstance(record, Viewed | Counted):
                    await connection.execute(self._count[type(record)], asdict(record))
                else:
                    await self._once(connection, record, key)

    async def keep(self, records: Sequence[Record]) -> None:
        """Records alone, of nobody that we know. Raises Unavailable."""
        if records:
            async with transaction(self.engine) as connection:
                for record in records:
                    if isinstance(record, Viewed | Counted):
                        await connection.execute(self._count[type(record)], asdict(record))
                    else:
                        await self._once(connection, record, "")

    async def _once(self, connection: AsyncConnection, record: Answered | Unanswered, person: str) -> None:
        """What counts once for a person; person: their hash, "" for somebody that we do not know."""
        if isinstance(record, Answered):
            await self._hand_in(connection, record, person)
        else:
            await self._miss(connection, record, person)

    async def _hand_in(self, connection: AsyncConnection, record: Answered, person: str) -> None:
        """A survey counts once for a person; of somebody that we do not know ("") each one."""
        mark = insert_new(self.engine, marks, {"person": person, "form": record.form, "day": record.day})
        if not person or (await connection.execute(mark)).rowcount:
            row = {"id": secrets.token_hex(16), "day": record.day, "form": record.form, "language": record.language}
            row["answers"] = json.dumps(dict(record.answers))
            await connection.execute(insert(answers).values(row))

    async def _miss(self, connection: AsyncConnection, record: Unanswered, person: str) -> None:
        """Count words that nothing answers: until so many people asked alike, only a keyed hash of the words stands beside
        that of each person. All those whom we do not know ("") are one a day, so nobody can be many."""
        words = " ".join(record.words)
        known = update(gaps).where(gaps.c.language == record.language, gaps.c.words == words)
        if (await connection.execute(known.values(count=gaps.c.count + 1, day=record.day))).rowcount:
            return
        form = f"gap-{hmac.new(self._key, f'gap:{record.language}:{words}'.encode(), sha256).hexdigest()[:40]}"
        person = person or self.person("", record.day.isoformat())
        await connection.execute(insert_new(self.engine, marks, {"person": person, "form": form, "day": record.day}))
        alike = (await connection.execute(select(func.count()).where(marks.c.form == form))).scalar_one()
        if alike >= ALIKE:
            row = {"language": record.language, "words": words, "count": alike, "day": record.day}
            await connection.execute(insert_new(self.engine, gaps, row))
            await connection.execute(delete(marks).where(marks.c.form == form))

    async def forget(self, channel: str, person: str) -> None:
        """Delete all that is kept under a person's name, at once and from the file too. Raises Unavailable."""
        key = self.person(channel, person)
        async with transaction(self.engine) as connection:
            for table in (sessions, marks):
                await connection.execute(delete(table).where(table.c.person == key))
        await self._empty_log()

    async def _empty_log(self) -> None:
        """What was deleted stands in SQLite's write-ahead log until it is emptied. A reader may hold that up for a day."""
        if self.engine.dialect.name == "sqlite":
            with suppress(OperationalError):
                async with self.engine.connect() as raw:
                    await raw.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def forget_before(self, day: date, counted: date = date.min) -> int:
        """Delete the sessions of people who have not written since that day, and what was counted before another; how many
        people they were. Raises Unavailable."""
        async with transaction(self.engine) as connection:
            for table in (views, counts, gaps):
                await connection.execute(delete(table).where(table.c.day < counted))
            await connection.execute(delete(marks).where(marks.c.day < day))
            count = (await connection.execute(delete(sessions).where(sessions.c.seen < day))).rowcount
        await self._empty_log()
        return int(count)

    async def ping(self) -> None:
        """Raises Unavailable if the database does not answer."""
        async with transaction(self.engine) as connection:
            await connection.execute(select(1))

    async def close(self) -> None:
        await self.engine.dispose()


def _set_up_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY * 1000}")
    # Readers do not wait for the writer, and a kill leaves a whole file. The file remembers it: if it is locked right now,
    # another process is writing to it, and set it.
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is gone from the file
    cursor.close()
