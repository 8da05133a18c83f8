"""The tables. A change here needs a migration: a test compares the two."""

from sqlalchemy import Column, Date, Integer, MetaData, String, Table, Text

metadata = MetaData()

# person: HMAC-SHA256 of channel and id, so that nobody can read from the database who wrote. seen: day of the last turn.
sessions = Table(
    "sessions",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("session", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("seen", Date, nullable=False, index=True),
)

# How often a screen was shown on a day. No person in it.
views = Table(
    "views",
    metadata,
    Column("day", Date, primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("language", String(8), primary_key=True),
    Column("address", String(64), primary_key=True),
    Column("campaign", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
)
