"""The relay's tables. What each field is, and how long it is kept, stands in `docs/retention.md`.

Nothing here is plaintext or a key to any: envelopes are signed metadata, bodies are ciphertext. Keys of parties are
`Party.key` texts (`partner:<id>` or `person:<id>`). Times are whole seconds since 1970 UTC.
"""

from sqlalchemy import BigInteger, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DIGEST = String(43)
PARTY = String(80)


class Base(DeclarativeBase):
    """Base of all tables."""


class StoredObject(Base):
    """Every accepted signed object, as its envelope was given.

    `subject` and `version` are as the kind defines them; `household` where the kind names one.
    """

    __tablename__ = "objects"
    d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    kind: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(200))
    household: Mapped[str | None] = mapped_column(String(32), index=True)
    version: Mapped[int] = mapped_column(BigInteger)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    log_index: Mapped[int] = mapped_column(BigInteger, unique=True)
    accepted_at: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (Index("objects_by_subject", "kind", "subject", "version"),)


class StoredReceipt(Base):
    """A receipt's envelope for one audience: the submitter (empty text) or a reader (`Party.key`)."""

    __tablename__ = "receipts"
    object_d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    audience: Mapped[str] = mapped_column(PARTY, primary_key=True)
    d: Mapped[str] = mapped_column(DIGEST)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)


class LogHead(Base):
    """The one row that every writer locks: size of the log, right edge of the tree, newest signed checkpoint.

    `epoch` is the number of the steward's newest epoch object, 0 before the first. `restored_at` is set in a database
    that comes from a backup: nothing is signed there until the steward's next epoch object.
    """

    __tablename__ = "log_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    checkpoint: Mapped[str] = mapped_column(String(2000))
    epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    restored_at: Mapped[int | None] = mapped_column(BigInteger)


class LogNode(Base):
    """The hash of one complete subtree of the log (RFC 9162), for proofs."""

    __tablename__ = "log_nodes"
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class Message(Base):
    """A message's routing facts; its manifest envelope stands in `objects`. `id` is the sender's UUIDv7."""

    __tablename__ = "messages"
    d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    sender: Mapped[str] = mapped_column(PARTY)
    recipient: Mapped[str] = mapped_column(PARTY, index=True)
    household: Mapped[str | None] = mapped_column(String(32))
    thread: Mapped[str | None] = mapped_column(String(36), index=True)
    log_index: Mapped[int] = mapped_column(BigInteger)
    accepted_at: Mapped[int] = mapped_column(BigInteger)


class MessageEntry(Base):
    """One section's entry payload, and the name of its ciphertext."""

    __tablename__ = "entries"
    d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    message_d: Mapped[str] = mapped_column(DIGEST, index=True)
    n: Mapped[int]
    ct: Mapped[str] = mapped_column(DIGEST, index=True)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    readers: Mapped[str] = mapped_column(String(4000))


class MessageWraps(Base):
    """The wrapped keys of one message for one reader, as the sealer's envelope."""

    __tablename__ = "wraps"
    d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    message_d: Mapped[str] = mapped_column(DIGEST)
    reader: Mapped[str] = mapped_column(PARTY)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (UniqueConstraint("message_d", "reader"),)


class MessageDelivery(Base):
    """Whether a reader was handed the wraps. `delivered_at` commits before they leave; withdrawn ones never do.

    `position` orders what a reader is shown: for a partner the place in the log, for a person that of their notice
    (`zegel_protocol.positions`), and nothing while the notice waits. `called_at`: when the reader was last called to an
    alarm that they have not opened. `erased_at`: the reader's retention period was over; a partner's wraps are gone.
    """

    __tablename__ = "deliveries"
    message_d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    reader: Mapped[str] = mapped_column(PARTY, primary_key=True)
    log_index: Mapped[int] = mapped_column(BigInteger)
    delivered_at: Mapped[int | None] = mapped_column(BigInteger)
    withdrawn_at: Mapped[int | None] = mapped_column(BigInteger)
    erased_at: Mapped[int | None] = mapped_column(BigInteger)
    position: Mapped[int | None] = mapped_column(BigInteger)
    called_at: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        Index("deliveries_by_reader", "reader", "position"),
        Index(
            "deliveries_called", "reader",
            sqlite_where=text("called_at IS NOT NULL"), postgresql_where=text("called_at IS NOT NULL"),
        ),
    )  # fmt: skip


class MessageConsent(Base):
    """Which consents a message rests on: what a revocation withdraws is found through this."""

    __tablename__ = "message_consents"
    message_d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    consent_d: Mapped[str] = mapped_column(DIGEST, primary_key=True, index=True)


class StoredNotice(Base):
    """A person is to be told: stored in the transaction that accepts the message.

    `not_before` is what the notice says; `due_at` when it reaches its person, which a review may move. `position`
    orders a person's notices, and is given when they fall due (`zegel_protocol.positions`): before, it is not there.
    """

    __tablename__ = "notices"
    d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    person: Mapped[str] = mapped_column(String(32))
    message_d: Mapped[str] = mapped_column(DIGEST)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    not_before: Mapped[int] = mapped_column(BigInteger)
    log_index: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    position: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        Index("notices_by_person", "person", "position"),
        Index("notices_by_message", "message_d"),
        Index(
            "notices_waiting", "due_at",
            sqlite_where=text("position IS NULL"), postgresql_where=text("position IS NULL"),
        ),
    )  # fmt: skip


class ChainEntry(Base):
    """One link of a consent chain: per (person, from, to), `seq` without gaps, so nothing can be left out unseen."""

    __tablename__ = "consent_chains"
    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    sender: Mapped[str] = mapped_column(PARTY, primary_key=True)
    recipient: Mapped[str] = mapped_column(PARTY, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    d: Mapped[str] = mapped_column(DIGEST)


class MessageEvent(Base):
    """What a reader said became of a message; the signed acknowledgement stands in `objects`."""

    __tablename__ = "events"
    d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    message_d: Mapped[str] = mapped_column(DIGEST, index=True)
    reader: Mapped[str] = mapped_column(PARTY)
    event: Mapped[str] = mapped_column(String(20))
    at: Mapped[int] = mapped_column(BigInteger)


class Blob(Base):
    """A ciphertext named by its digest. `body` holds it up to 64 KiB; larger ones stand in the blob folder.

    `erased_at`: no reader's retention period runs any more, and the bytes are gone; the row says that they were there.
    """

    __tablename__ = "blobs"
    ct: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    uploader: Mapped[str] = mapped_column(PARTY)
    created_at: Mapped[int] = mapped_column(BigInteger)
    message_d: Mapped[str | None] = mapped_column(DIGEST, index=True)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    erased_at: Mapped[int | None] = mapped_column(BigInteger)


class Upload(Base):
    """A large ciphertext on its way in: `received` bytes of `size` are durable in the partial file of this name."""

    __tablename__ = "uploads"
    ct: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    uploader: Mapped[str] = mapped_column(PARTY, primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger)
    file: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[int] = mapped_column(BigInteger, index=True)


class OutboxItem(Base):
    """Work that a transaction promised: written with what it follows from, done later, at least once.

    `id` is random; `kind` names the function that does it; `subject` is a `Party.key`; `object_d` the `D` that
    is the reason. (kind, subject, object_d) is there once. `state`: `waiting` (due at `due_at`; taken until
    `claimed_until`), `done`, or `dead` (tried too often: an operator looks at `error`, a stable code, and replays it).
    """

    __tablename__ = "outbox"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(PARTY)
    object_d: Mapped[str] = mapped_column(DIGEST)
    state: Mapped[str] = mapped_column(String(8))
    due_at: Mapped[int] = mapped_column(BigInteger)
    claimed_until: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int]
    error: Mapped[str | None] = mapped_column(String(48))
    created_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        UniqueConstraint("kind", "subject", "object_d"),
        Index("outbox_by_due", "state", "due_at"),
        Index("outbox_by_subject", "subject", "kind", "state"),
    )


class Deadline(Base):
    """Who owes what, about which object, by when (articles 5, 7 and 10): `services.deadlines`.

    `d` is a digest of (kind, owner, object_d, message_d, number), so one such thing is owed once. `owner` is a
    `Party.key`; `object_d` the object that it follows from; `message_d` the message whose people see it; `number` which
    step.
    `state`: `open`, `overdue` from `overdue_at` on, and in the end `done` (by the object `by_d`) or `lapsed`.
    """

    __tablename__ = "deadlines"
    d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    owner: Mapped[str] = mapped_column(PARTY)
    object_d: Mapped[str] = mapped_column(DIGEST)
    message_d: Mapped[str | None] = mapped_column(DIGEST, index=True)
    number: Mapped[int]
    since: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int] = mapped_column(BigInteger)
    overdue_at: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8))
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    by_d: Mapped[str | None] = mapped_column(DIGEST)
    __table_args__ = (
        Index("deadlines_by_time", "state", "overdue_at"),
        Index("deadlines_by_owner", "owner", "state"),
        Index("deadlines_by_object", "object_d", "kind"),
    )


class EnrolmentSlot(Base):
    """What lies between two devices at one table: public keys, the record to sign, a signature; or that it is open.

    `mailbox` is a digest of a secret that the relay never sees; `slot` is which note, `opened` for none. Rows are
    erased once `expires_at` has passed.
    """

    __tablename__ = "enrolment_slots"
    mailbox: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    slot: Mapped[str] = mapped_column(String(12), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[int] = mapped_column(BigInteger, index=True)


class PasskeyHolder(Base):
    """Who ever listed a passkey, and since which place in the log: where a login looks first.

    `name` is a digest of the credential id (`zegel_protocol.keyring`). Whether it counts now, the chain says.
    """

    __tablename__ = "passkey_holders"
    name: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    log_index: Mapped[int] = mapped_column(BigInteger)


class KeyringRow(Base):
    """A person's seed, wrapped for one way in; the relay can open none of them (`docs/spec/keyring.md`).

    `kind`: `prf`, `device` or `code`. `identity_key`: that of the person when it was stored, which the seed must give;
    under another key in force the row is answered to nobody. `share`: the relay's part of a device's key.
    """

    __tablename__ = "keyring"
    name: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    person: Mapped[str] = mapped_column(String(32), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(8))
    credential: Mapped[str] = mapped_column(String(1364))
    wrap: Mapped[str] = mapped_column(String(80))
    share: Mapped[str] = mapped_column(DIGEST)
    identity_key: Mapped[str] = mapped_column(DIGEST)
    made_at: Mapped[int] = mapped_column(BigInteger)


class LastPing(Base):
    """When a person was last pinged: once a day is enough."""

    __tablename__ = "last_pings"
    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)


class PeriodicRun(Base):
    """When a periodic task last ran, so that any number of schedulers run it once."""

    __tablename__ = "periodic_runs"
    task: Mapped[str] = mapped_column(String(48), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)


class Equivocation(Base):
    """A second manifest that its sender signed under an id that was taken: with the first, evidence of bad faith."""

    __tablename__ = "equivocations"
    d: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    id: Mapped[str] = mapped_column(String(36), index=True)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    refused_at: Mapped[int] = mapped_column(BigInteger)


class RefusalCount(Base):
    """Refusals by day and code, without client, sender or recipient: what a steward may learn from."""

    __tablename__ = "refusals"
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
