"""Messages sent in a month."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "quotas",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
