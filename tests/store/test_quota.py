"""The count of messages sent in a month: exact with several processes, kept per app and month, or `Unavailable`."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import DDL

from bot.store import SqlStore
from bot.store.quota import SqlQuota
from bot.turns import Unavailable

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


async def test_messages_are_counted_per_app_and_month(store: SqlStore) -> None:
    quota = SqlQuota(store.engine)
    assert await quota.sent("zalo_bot", NOVEMBER) == 0
    assert [await quota.add("zalo_bot", NOVEMBER) for _ in range(3)] == [1, 2, 3]
    assert await quota.add("zalo_bot", NOVEMBER, 7) == 10
    assert await quota.add("zalo_bot", DECEMBER) == 1
    assert await quota.add("other", NOVEMBER) == 1
    assert (await quota.sent("zalo_bot", NOVEMBER), await quota.sent("zalo_bot", DECEMBER)) == (10, 1)


async def test_two_processes_that_count_at_once_are_never_given_the_same_number(
    database, store: SqlStore, open_store: Callable[[str], SqlStore]
) -> None:
    quotas = [SqlQuota(store.engine), SqlQuota(open_store(database.url).engine)]
    numbers = await asyncio.gather(*(quotas[turn % 2].add("zalo_bot", NOVEMBER) for turn in range(20)))
    assert sorted(numbers) == list(range(1, 21))


async def test_a_database_that_cannot_count_says_so(store: SqlStore) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(DDL("DROP TABLE quotas"))
    with pytest.raises(Unavailable):
        await SqlQuota(store.engine).add("zalo_bot", NOVEMBER)
    with pytest.raises(Unavailable):
        await SqlQuota(store.engine).sent("zalo_bot", NOVEMBER)
