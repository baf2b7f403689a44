"""Deadlines: who owes what, about which object, by when; and positions, so that nothing betrays a notice that waits."""

import sqlalchemy as sa
from alembic import op

# There is no way down: what was owed stays owed. Go back by restoring a backup.
revision = "0003"
down_revision = "0002"

DIGEST = sa.String(43)
PARTY = sa.String(80)
NUMBER = sa.BigInteger()
EACH = 256
"""Positions to a place of the log: `zegel_protocol.positions` at this version."""


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
    _positions()


def _positions() -> None:
    """Give what is there the positions that it would be given now: all of it was told of when it was accepted."""
    op.drop_index("deliveries_by_reader", "deliveries")
    op.drop_index("notices_by_person", "notices")
    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(sa.Column("position", NUMBER))
        batch.add_column(sa.Column("called_at", NUMBER))
    with op.batch_alter_table("notices") as batch:
        batch.add_column(sa.Column("due_at", NUMBER, nullable=False, server_default="0"))
        batch.add_column(sa.Column("position", NUMBER))
    notices = sa.table("notices", sa.column("position"), sa.column("due_at"))
    deliveries = sa.table("deliveries", sa.column("position"))
    spread = sa.column("log_index", NUMBER) * EACH
    op.execute(notices.update().values(due_at=sa.column("not_before"), position=spread))
    of_person = sa.column("reader").startswith("person:")
    op.execute(deliveries.update().values(position=sa.case((of_person, spread), else_=sa.column("log_index"))))
    op.create_index("deliveries_by_reader", "deliveries", ["reader", "position"])
    op.create_index("notices_by_person", "notices", ["person", "position"])
    op.create_index("notices_by_message", "notices", ["message_d"])
    called, waiting = sa.text("called_at IS NOT NULL"), sa.text("position IS NULL")
    op.create_index("deliveries_called", "deliveries", ["reader"], sqlite_where=called, postgresql_where=called)
    op.create_index("notices_waiting", "notices", ["due_at"], sqlite_where=waiting, postgresql_where=waiting)
