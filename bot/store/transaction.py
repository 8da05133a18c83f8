"""One transaction, the same for every table: committed at the end, and a database that is away is always `Unavailable`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.turns import Unavailable


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction. Raises Unavailable."""
    try:
        async with engine.begin() as connection:
            yield connection
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise Unavailable from error


def insert_new(engine: AsyncEngine, table: Table, row: dict[str, Any]) -> Any:
    """Add a row unless its key is there already: rowcount says which."""
    insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
    return insert(table).values(row).on_conflict_do_nothing()
