"""The tables. A change here needs a migration: a test compares the two."""

from sqlalchemy import BigInteger, Column, Date, Integer, MetaData, String, Table, Text

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

# How often something else happened on a day: kind says what (bot/conversation/records.py). No person in it.
counts = Table(
    "counts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("language", String(8), primary_key=True),
    Column("address", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
)

# A finished survey. answers: JSON, question -> answer. Nothing tells who it was or when on that day.
answers = Table(
    "answers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("form", String(48), nullable=False),
    Column("language", String(8), nullable=False),
    Column("answers", Text, nullable=False),
)

# Who has finished which survey or asked what is answered nowhere, so that nobody counts twice. person: as in sessions; deleted
# by "forget me". form: of a survey; or "gap-" and a keyed hash of the words.
marks = Table(
    "marks",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("form", String(48), primary_key=True),
    Column("day", Date, nullable=False, index=True),
)

# Words that at least five people asked with and found nothing. No person in it; until the fifth, only marks stand for them.
gaps = Table(
    "gaps",
    metadata,
    Column("language", String(8), primary_key=True),
    Column("words", String(160), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("day", Date, nullable=False),
)

# How many messages we sent to an app in a month, where the app allows only so many. month: its first day.
quotas = Table(
    "quotas",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("month", Date, primary_key=True),
    Column("count", Integer, nullable=False),
)

# Events that were acknowledged to an app. key, person: keyed hashes. payload, answer: sealed, and gone once the event was
# handled; then only the key stays for a while, so that another delivery is known. Times in milliseconds. at: when it happened.
# lease: until when its owner, a process, is at it; or when it may be tried again.
inbox = Table(
    "inbox",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("person", String(64), nullable=False, index=True),
    Column("payload", Text),
    Column("answer", Text),
    Column("at", BigInteger, nullable=False),
    Column("arrived", BigInteger, nullable=False, index=True),
    Column("lease", BigInteger, nullable=False),
    Column("owner", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
)

# The one valid token pair of a Zalo app, sealed. started: when its refresh was claimed. seed: which token of the operator's it
# began with, as a fingerprint.
zalo_oa_token = Table(
    "zalo_oa_token",
    metadata,
    Column("app_id", String(32), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("access", Text, nullable=False),
    Column("refresh", Text, nullable=False),
    Column("issued", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("seed", String(8), nullable=False),
    Column("error", String(64), nullable=False),
)
