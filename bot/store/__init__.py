"""Where sessions and counts are kept: SQLAlchemy Core on SQLite and PostgreSQL."""

from bot.store.store import SqlStore

__all__ = ["SqlStore"]
