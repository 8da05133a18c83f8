"""Migrations bring any database to the tables of this version: an empty one, a current one, one that several processes start on
at once; and all of a version or nothing."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.conversation import Session
from bot.store import SqlStore
from bot.store.migrate import migrate
from bot.store.tables import metadata

ROOT = Path(__file__).parents[2]
# The newest of all migrations.
VERSION = max(file.name[:4] for file in (ROOT / "bot/store/migrations/versions").glob("[0-9]*.py"))
Open = Callable[[str], SqlStore]

# Another process: migrates each database whose URL it is given, as soon as it is given.
MIGRATOR = """
import asyncio, sys
from bot.store import SqlStore
from bot.store.migrate import migrate

async def run(url):
    store = SqlStore(url, b"k" * 32)
    try:
        return await migrate(store.engine)
    finally:
        await store.close()

print("ready", flush=True)
for url in sys.stdin:
    try:
        print(asyncio.run(run(url.strip())), flush=True)
    except Exception as error:
        print(repr(error).partition("[SQL")[0], flush=True)
"""


def differences(connection: Connection) -> list[Any]:
    """What a migration would still have to change, primary keys included (Alembic does not compare them)."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    found = list(compare_metadata(context, metadata))
    for table in metadata.sorted_tables:
        if inspect(connection).has_table(table.name):
            key = inspect(connection).get_pk_constraint(table.name)["constrained_columns"]
            found += [] if key == [column.name for column in table.primary_key] else [(table.name, key)]
    return found


async def difference(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return await connection.run_sync(differences)


async def tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_an_empty_database_gets_exactly_the_tables_of_this_version(database, open_store: Open) -> None:
    engine = open_store(database.url).engine
    assert await difference(engine) != []
    assert await migrate(engine) == VERSION
    assert await difference(engine) == []
    assert await tables(engine) == {*metadata.tables, "alembic_version"}


async def test_a_second_migration_changes_nothing(store: SqlStore) -> None:
    await store.save("telegram", "7", Session("km", "help/now"), 0, [])
    assert await migrate(store.engine) == VERSION
    assert await difference(store.engine) == []
    assert await store.load("telegram", "7") == (Session("km", "help/now"), 1)


async def test_a_migration_that_fails_halfway_leaves_nothing_and_can_be_repeated(database, open_store: Open) -> None:
    engine = open_store(database.url).engine
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE views (something_else INTEGER)"))
    with pytest.raises(Exception, match="already exists"):
        await migrate(engine)
    assert await tables(engine) - {"alembic_version"} == {"views"}
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE views"))
    assert await migrate(engine) == VERSION
    assert await difference(engine) == []


@pytest.fixture(scope="module")
def migrators() -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes that are ready to migrate."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    processes = [subprocess.Popen([sys.executable, "-c", MIGRATOR], **pipes) for _ in range(2)]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    yield processes
    for process in processes:
        with suppress(BrokenPipeError):
            process.communicate(timeout=60)


async def test_two_processes_that_start_at_once_on_an_empty_database_both_find_it_migrated(
    database, open_store: Open, migrators: list[subprocess.Popen[str]]
) -> None:
    if database.url.startswith("sqlite"):
        urls = [database.url.replace("bot.db", f"{number}.db") for number in range(8)]
    else:
        urls = [database.url]
    for url in urls:
        for process in migrators:
            process.stdin.write(f"{url}\n")
        for process in migrators:
            process.stdin.flush()
        assert [process.stdout.readline().strip() for process in migrators] == [VERSION] * 2
        assert await difference(open_store(url).engine) == []


async def test_the_migrate_command_brings_the_database_to_this_version_and_says_which(
    database, open_store: Open, tmp_path: Path
) -> None:
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "BOT_CONTENT_DIR": str(ROOT / "content"),
        "BOT_LOCALES_DIR": str(ROOT / "locales"),
        "BOT_DATABASE_URL": database.url,
        "BOT_SECRET_KEY": "k" * 32,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "migrate"),
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, errors = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, said.decode(), errors.decode()) == (0, f"The database is at version {VERSION}.\n", "")
    assert await difference(open_store(database.url).engine) == []
