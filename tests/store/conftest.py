"""Stores on an empty database, and other processes that use it (tests/conftest.py has the databases)."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture
def server(postgresql: Any) -> Any:
    """PostgreSQL's server."""
    return postgresql


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
async def store(database: Any, open_store: Callable[[str], SqlStore]) -> SqlStore:
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
