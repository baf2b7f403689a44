"""Keyrings: a person's seed, wrapped once for each way in. The relay keeps the wraps and can open none of them.

Changed by who holds the identity key in force, found by a name that nobody guesses, and answered only while the
identity key that the seed gives is the one in force. Source: `docs/spec/keyring.md`.
"""

from typing import Final, cast

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_protocol.api import Keyring, KeyringEntry, KeyringLine, KeyringOpening, Way
from zegel_protocol.errors import MalformedError
from zegel_protocol.evidence import Client
from zegel_protocol.keyring import passkey_name
from zegel_protocol.objects import ClientKey
from zegel_relay.services.errors import Conflict, Forbidden, NotFound
from zegel_relay.services.office import Office
from zegel_relay.storage.database import change, upsert, writing
from zegel_relay.storage.models import KeyringRow, PasskeyHolder
from zegel_relay.storage.operation import Transaction, Update
from zegel_relay.storage.postgres import hold_log

CODE: Final = "code"
MOST: Final = 16
"""Entries of passkeys a person may have: as many as a record has passkeys."""


async def client_of(office: Office, session: AsyncSession, person: str) -> Client | None:
    """Return what is known of a person, or None."""
    return (await office.case(session, [person], ())).clients.get(person)


async def put(office: Office, name: str, person: str | None, entry: KeyringEntry, now: int) -> None:
    """Keep an entry of the person who asks; one of the same name is replaced, and a new code replaces the old.

    Raises `MalformedError` (`keyring.name`), `Forbidden` (`keyring.person`), `Conflict` (`keyring.credential`,
    `keyring.taken`).
    """
    owner = _person(person)
    if entry.credential is not None and name != passkey_name(entry.credential):
        raise MalformedError("keyring.name", "not the name of this credential's entry", "$.credential")
    async with writing(office.sessions) as session:
        # No other key comes into force between the look and the deed, and nobody counts at the same time.
        await hold_log(session, shared=False)
        client = await client_of(office, session, owner)
        held = client.key_now(now) if client is not None else None
        if held is None:
            raise Forbidden("keyring.person", "No key of this person counts here now. Nothing was stored.")
        if entry.credential is not None and entry.credential not in {it.credential for it in held.payload.passkeys}:
            detail = "This passkey is not among those that count for this person now. Enrol or add it first."
            raise Conflict("keyring.credential", detail)
        # What the keys in force leave without use is gone first, so that there is one entry a passkey at most.
        await session.execute(end_older(held.payload))
        if entry.kind == CODE:
            await _end_code(session, name, owner)
        row = {
            "kind": entry.kind, "credential": entry.credential or "", "wrap": entry.wrap, "share": entry.share or "",
            "identity_key": held.payload.identity_key, "made_at": now,
        }  # fmt: skip
        insert = upsert(session, KeyringRow).values(name=name, person=owner, **row)
        await session.execute(insert.on_conflict_do_update(index_elements=["name", "person"], set_=row))


async def remove(office: Office, name: str, person: str | None) -> None:
    """Erase an entry of the person who asks. Raises `Forbidden` (`keyring.person`), `NotFound` (`keyring.unknown`)."""
    owner = _person(person)
    async with writing(office.sessions) as session:
        gone = await change(session, delete(KeyringRow).where(KeyringRow.name == name, KeyringRow.person == owner))
    if not gone:
        raise _unknown()


async def show(session: AsyncSession, person: str | None) -> Keyring:
    """Return what ways in the person has who asks, without wraps and shares. Raises `Forbidden` (`keyring.person`)."""
    query = select(KeyringRow).where(KeyringRow.person == _person(person))
    rows = (await session.scalars(query.order_by(KeyringRow.made_at, KeyringRow.name))).all()
    return Keyring(items=tuple(_line(row) for row in rows))


async def open_by_code(office: Office, session: AsyncSession, name: str, now: int) -> KeyringOpening:
    """Return the seed that a printed code opens, to whoever names it. Raises `NotFound` (`keyring.unknown`).

    The name follows from 134 random bits, so asking for names finds nothing, and no login stands before it.
    """
    row = await session.scalar(select(KeyringRow).where(KeyringRow.name == name, KeyringRow.kind == CODE))
    client = await client_of(office, session, row.person) if row is not None else None
    if row is None or client is None or not _is_current(row, client, now):
        raise _unknown()
    household = client.current.household
    return KeyringOpening(huis=office.huis, household=household, person=row.person, wrap=row.wrap)


async def entry_of(session: AsyncSession, credential: str, person: str, client: Client, now: int) -> KeyringRow | None:
    """Return the entry of a passkey of this person, or None where there is none under the keys in force."""
    row = await session.get(KeyringRow, (passkey_name(credential), person))
    return row if row is not None and row.kind != CODE and _is_current(row, client, now) else None


def follow(tx: Transaction, payload: ClientKey) -> tuple[Update, ...]:
    """Return the statements that note the passkeys of an accepted record."""
    names = dict.fromkeys(passkey_name(passkey.credential) for passkey in payload.passkeys)
    rows = [{"name": name, "person": payload.person, "log_index": tx.index} for name in names]
    return (upsert(tx.session, PasskeyHolder).values(rows).on_conflict_do_nothing(),) if rows else ()


def end_older(payload: ClientKey) -> Update:
    """Return the statement that erases what a record, once it counts, leaves without use.

    That is the entries of passkeys that it does not list, and with another identity key all that wrap the seed before.
    """
    listed = [passkey.credential for passkey in payload.passkeys]
    foreign = KeyringRow.identity_key != payload.identity_key
    gone = and_(KeyringRow.kind != CODE, KeyringRow.credential.not_in(listed))
    return delete(KeyringRow).where(KeyringRow.person == payload.person, or_(foreign, gone))


def _line(row: KeyringRow) -> KeyringLine:
    kind = cast(Way, row.kind)
    return KeyringLine(name=row.name, kind=kind, credential=row.credential or None, made_at=row.made_at)


async def _end_code(session: AsyncSession, name: str, owner: str) -> None:
    """Erase the person's code of before. Raises `Conflict` (`keyring.taken`) where the new name is another's."""
    others = KeyringRow.name == name, KeyringRow.kind == CODE, KeyringRow.person != owner
    if await session.scalar(select(KeyringRow.name).where(*others)) is not None:
        raise Conflict("keyring.taken", "This name belongs to another printed code. Print a new code.")
    await session.execute(delete(KeyringRow).where(KeyringRow.person == owner, KeyringRow.kind == CODE))


def _is_current(row: KeyringRow, client: Client, now: int) -> bool:
    held = client.key_now(now)
    return held is not None and held.payload.identity_key == row.identity_key


def _person(person: str | None) -> str:
    if person is None:
        raise Forbidden("keyring.person", "A keyring is a person's own: a device has its keys in itself.")
    return person


def _unknown() -> NotFound:
    return NotFound("keyring.unknown", "Nothing is kept under this name. Compare the code with the paper once more.")
