"""Work that transactions promise, resumable uploads, and what marks data whose period is over."""

import sqlalchemy as sa
from alembic import op

# There is no way down: what was promised stays promised. Go back by restoring a backup.
revision = "0002"
down_revision = "0001"

DIGEST = sa.String(43)
PARTY = sa.String(80)
NUMBER = sa.BigInteger()


def upgrade() -> None:
    """Make the tables and columns."""
    for table in ("deliveries", "blobs"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("erased_at", NUMBER))
    with op.batch_alter_table("log_head") as batch:
        batch.add_column(sa.Column("epoch", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("restored_at", NUMBER))
    op.create_table(
        "uploads",
        sa.Column("ct", DIGEST, primary_key=True),
        sa.Column("uploader", PARTY, primary_key=True),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("received", NUMBER, nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("changed_at", NUMBER, nullable=False),
    )
    op.create_index("ix_uploads_changed_at", "uploads", ["changed_at"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("subject", PARTY, nullable=False),
        sa.Column("object_d", DIGEST, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("due_at", NUMBER, nullable=False),
        sa.Column("claimed_until", NUMBER, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(48)),
        sa.Column("created_at", NUMBER, nullable=False),
        sa.Column("ended_at", NUMBER),
        sa.UniqueConstraint("kind", "subject", "object_d"),
    )
    op.create_index("outbox_by_due", "outbox", ["state", "due_at"])
    op.create_index("outbox_by_subject", "outbox", ["subject", "kind", "state"])
    op.create_table(
        "enrolment_slots",
        sa.Column("mailbox", DIGEST, primary_key=True),
        sa.Column("slot", sa.String(12), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", NUMBER, nullable=False),
    )
    op.create_index("ix_enrolment_slots_expires_at", "enrolment_slots", ["expires_at"])
    op.create_table(
        "last_pings",
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("at", NUMBER, nullable=False),
    )
    op.create_table(
        "periodic_runs",
        sa.Column("task", sa.String(48), primary_key=True),
        sa.Column("at", NUMBER, nullable=False),
    )
