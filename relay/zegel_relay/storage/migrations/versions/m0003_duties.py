"""Deadlines: who owes what, about which object, by when."""

import sqlalchemy as sa
from alembic import op

# There is no way down: what was owed stays owed. Go back by restoring a backup.
revision = "0003"
down_revision = "0002"

DIGEST = sa.String(43)
PARTY = sa.String(80)
NUMBER = sa.BigInteger()


def upgrade() -> None:
    """Make the tables and columns."""
    op.create_table(
        "deadlines",
        sa.Column("d", DIGEST, primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("owner", PARTY, nullable=False),
        sa.Column("object_d", DIGEST, nullable=False),
        sa.Column("message_d", DIGEST),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", NUMBER, nullable=False),
        sa.Column("due_at", NUMBER, nullable=False),
        sa.Column("overdue_at", NUMBER, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("closed_at", NUMBER),
        sa.Column("by_d", DIGEST),
    )
    op.create_index("ix_deadlines_message_d", "deadlines", ["message_d"])
    op.create_index("deadlines_by_time", "deadlines", ["state", "overdue_at"])
    op.create_index("deadlines_by_owner", "deadlines", ["owner", "state"])
    op.create_index("deadlines_by_object", "deadlines", ["object_d", "kind"])
