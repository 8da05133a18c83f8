"""Sessions and views."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("person", sa.String(64), primary_key=True),
        sa.Column("session", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("seen", sa.Date, nullable=False),
    )
    op.create_index("ix_sessions_seen", "sessions", ["seen"])
    op.create_table(
        "views",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("language", sa.String(8), primary_key=True),
        sa.Column("address", sa.String(64), primary_key=True),
        sa.Column("campaign", sa.String(32), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
