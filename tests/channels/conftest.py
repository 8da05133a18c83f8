"""What the doors' tests share: the servers of the apps, a visit to a Zalo OA, both ways in, and what was logged meanwhile."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.conversation import Catalog
from bot.store import SqlStore
from bot.store.migrate import migrate
from tests.channels import fake_zalo_oa
from tests.channels.fake_telegram import FakeTelegram
from tests.channels.faults import PUBLIC, Logs


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def zalo() -> AsyncIterator[fake_zalo_oa.FakeZaloOa]:
    async with fake_zalo_oa.FakeZaloOa() as server:
        yield server


@pytest.fixture
async def visit(zalo: fake_zalo_oa.FakeZaloOa, catalog: Catalog, tmp_path: Path) -> AsyncIterator[fake_zalo_oa.Visit]:
    async with fake_zalo_oa.opened(tmp_path, zalo, catalog) as visit:
        yield visit


@pytest.fixture(params=["", PUBLIC], ids=["polling", "webhook"])
def public(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def logs() -> Iterator[Logs]:
    with capture_logs() as entries:
        yield entries


@pytest.fixture
async def url(database: Any) -> str:
    """A database with its tables, of each kind."""
    store = SqlStore(database.url, fake_zalo_oa.KEY.encode())
    await migrate(store.engine)
    await store.close()
    return str(database.url)
