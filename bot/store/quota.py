"""How many messages were sent to an app in a month: an app that allows only so many does not tell how many are left."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.store import transaction
from bot.store.tables import quotas


class SqlQuota:
    """Counts that outlive a restart and are shared by all processes on one database. No person in them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._insert: Any = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert

    async def add(self, channel: str, month: date, messages: int = 1) -> int:
        """Count so many more; returns how many they are now. month: its first day. Raises Unavailable."""
        row = self._insert(quotas).values(channel=channel, month=month, count=messages)
        more = {"count": quotas.c.count + messages}
        counted = row.on_conflict_do_update(index_elements=list(quotas.primary_key), set_=more).returning(quotas.c.count)
        async with transaction(self._engine) as connection:
            return int((await connection.execute(counted)).scalar_one())

    async def sent(self, channel: str, month: date) -> int:
        """How many were counted in the month that begins on that day. Raises Unavailable."""
        wanted = select(quotas.c.count).where(quotas.c.channel == channel, quotas.c.month == month)
        async with transaction(self._engine) as connection:
            return int((await connection.execute(wanted)).scalar_one_or_none() or 0)
