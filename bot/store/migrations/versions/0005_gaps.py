"""What several people asked and found nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "gaps",
        sa.Column("language", sa.String(8), primary_key=True),
        sa.Column("words", sa.String(160), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
    )
