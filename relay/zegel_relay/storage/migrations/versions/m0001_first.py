"""The first tables: objects and receipts, the log, messages with what belongs to them, blobs, counts of refusals."""

import sqlalchemy as sa
from alembic import op

# There is no way down: what was accepted stays accepted. Go back by restoring a backup.
revision = "0001"
down_revision = None

DIGEST = sa.String(43)
PARTY = sa.String(80)
PERSON = sa.String(32)
UUID = sa.String(36)
NUMBER = sa.BigInteger()
BYTES = sa.LargeBinary()


def upgrade() -> None:
    """Make the tables."""
    _objects()
    _log()
    _messages()
    _readers()
    _consents()
    op.create_table(
        "blobs",
        sa.Column("ct", DIGEST, primary_key=True),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("uploader", PARTY, nullable=False),
        sa.Column("created_at", NUMBER, nullable=False),
        sa.Column("message_d", DIGEST),
        sa.Column("body", BYTES),
    )
    op.create_index("ix_blobs_message_d", "blobs", ["message_d"])
    op.create_table(
        "equivocations",
        sa.Column("d", DIGEST, primary_key=True),
        sa.Column("id", UUID, nullable=False),
        sa.Column("envelope", BYTES, nullable=False),
        sa.Column("refused_at", NUMBER, nullable=False),
    )
    op.create_index("ix_equivocations_id", "equivocations", ["id"])
    op.create_table(
        "refusals",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("code", sa.String(48), primary_key=True),
        sa.Column("count", NUMBER, nullable=False),
    )


def _objects() -> None:
    op.create_table(
        "objects",
        sa.Column("d", DIGEST, primary_key=True),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("household", PERSON),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("envelope", BYTES, nullable=False),
        sa.Column("log_index", NUMBER, nullable=False, unique=True),
        sa.Column("accepted_at", NUMBER, nullable=False),
    )
    op.create_index("ix_objects_household", "objects", ["household"])
    op.create_index("objects_by_subject", "objects", ["kind", "subject", "version"])
    op.create_table(
        "receipts",
        sa.Column("object_d", DIGEST, primary_key=True),
        sa.Column("audience", PARTY, primary_key=True),
        sa.Column("d", DIGEST, nullable=False),
        sa.Column("envelope", BYTES, nullable=False),
    )


def _log() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("checkpoint", sa.String(2000), nullable=False),
    )
    op.create_table(
        "log_nodes",
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("position", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("d", DIGEST, primary_key=True),
        sa.Column("id", UUID, nullable=False, unique=True),
        sa.Column("sender", PARTY, nullable=False),
        sa.Column("recipient", PARTY, nullable=False),
        sa.Column("household", PERSON),
        sa.Column("thread", UUID),
        sa.Column("log_index", NUMBER, nullable=False),
        sa.Column("accepted_at", NUMBER, nullable=False),
    )
    op.create_index("ix_messages_recipient", "messages", ["recipient"])
    op.create_index("ix_messages_thread", "messages", ["thread"])
    op.create_table(
        "entries",
        sa.Column("d", DIGEST, primary_key=True),
        sa.Column("message_d", DIGEST, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("ct", DIGEST, nullable=False),
        sa.Column("payload", BYTES, nullable=False),
        sa.Column("readers", sa.String(4000), nullable=False),
    )
    op.create_index("ix_entries_message_d", "entries", ["message_d"])
    op.create_index("ix_entries_ct", "entries", ["ct"])


def _readers() -> None:
    op.create_table(
        "wraps",
        sa.Column("d", DIGEST, primary_key=True),
        sa.Column("message_d", DIGEST, nullable=False),
        sa.Column("reader", PARTY, nullable=False),
        sa.Column("envelope", BYTES, nullable=False),
        sa.UniqueConstraint("message_d", "reader"),
    )
    op.create_table(
        "deliveries",
        sa.Column("message_d", DIGEST, primary_key=True),
        sa.Column("reader", PARTY, primary_key=True),
        sa.Column("log_index", NUMBER, nullable=False),
        sa.Column("delivered_at", NUMBER),
        sa.Column("withdrawn_at", NUMBER),
    )
    op.create_index("deliveries_by_reader", "deliveries", ["reader", "log_index"])
    op.create_table(
        "notices",
        sa.Column("d", DIGEST, primary_key=True),
        sa.Column("person", PERSON, nullable=False),
        sa.Column("message_d", DIGEST, nullable=False),
        sa.Column("envelope", BYTES, nullable=False),
        sa.Column("not_before", NUMBER, nullable=False),
        sa.Column("log_index", NUMBER, nullable=False),
    )
    op.create_index("notices_by_person", "notices", ["person", "log_index"])
    op.create_table(
        "events",
        sa.Column("d", DIGEST, primary_key=True),
        sa.Column("message_d", DIGEST, nullable=False),
        sa.Column("reader", PARTY, nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
    )
    op.create_index("ix_events_message_d", "events", ["message_d"])


def _consents() -> None:
    op.create_table(
        "message_consents",
        sa.Column("message_d", DIGEST, primary_key=True),
        sa.Column("consent_d", DIGEST, primary_key=True),
    )
    op.create_index("ix_message_consents_consent_d", "message_consents", ["consent_d"])
    op.create_table(
        "consent_chains",
        sa.Column("person", PERSON, primary_key=True),
        sa.Column("sender", PARTY, primary_key=True),
        sa.Column("recipient", PARTY, primary_key=True),
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("d", DIGEST, nullable=False),
    )
