"""Keyrings: wrapped seeds, and who listed which passkey, so that a login finds its person."""

import base64
import hashlib
import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

# There is no way down: a wrapped seed may be a family's only way in. Go back by restoring a backup.
revision = "0004"
down_revision = "0003"

DIGEST = sa.String(43)
NUMBER = sa.BigInteger()
LABEL = b"zegel/keyring/passkey/1\0"
"""`zegel_protocol.keyring` at this version."""


def upgrade() -> None:
    """Make the tables, and fill in the passkeys of the records that are there."""
    holders = op.create_table(
        "passkey_holders",
        sa.Column("name", DIGEST, primary_key=True),
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("log_index", NUMBER, nullable=False),
    )
    op.create_table(
        "keyring",
        sa.Column("name", DIGEST, primary_key=True),
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("credential", sa.String(1364), nullable=False),
        sa.Column("wrap", sa.String(80), nullable=False),
        sa.Column("share", DIGEST, nullable=False),
        sa.Column("identity_key", DIGEST, nullable=False),
        sa.Column("made_at", NUMBER, nullable=False),
    )
    op.create_index("ix_keyring_person", "keyring", ["person"])
    first: dict[tuple[str, str], int] = {}
    for name, person, index in _listed():
        first.setdefault((name, person), index)
    rows = [{"name": name, "person": person, "log_index": index} for (name, person), index in first.items()]
    if rows:
        op.bulk_insert(holders, rows)


def _listed() -> Iterator[tuple[str, str, int]]:
    """Yield (name, person, place in the log) of each passkey of each record, in the order of the log."""
    objects = sa.table("objects", sa.column("kind"), sa.column("envelope", sa.LargeBinary()), sa.column("log_index"))
    query = sa.select(objects.c.envelope, objects.c.log_index).where(objects.c.kind == "client-key")
    for envelope, index in op.get_bind().execute(query.order_by(objects.c.log_index)):
        record = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
        for passkey in record["passkeys"]:
            text: str = passkey["credential"]
            credential = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            digest = hashlib.sha256(LABEL + credential).digest()
            yield base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), record["person"], index
