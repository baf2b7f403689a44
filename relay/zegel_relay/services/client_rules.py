"""Accepting what is known of clients: persons, their keys, and vouches for these."""

from dataclasses import replace

from zegel_keys.casefile import open_case
from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.client_keys import is_replacement
from zegel_protocol.durations import DAY
from zegel_protocol.evidence import Client
from zegel_protocol.objects import ClientKey, Person, Vouch
from zegel_protocol.signed import Place
from zegel_relay.outbox.promise import KEYRING, PING, promise
from zegel_relay.services import archive, keyring
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.office import Office
from zegel_relay.storage.operation import Transaction, Update


async def _judge(office: Office, tx: Transaction, exhibit: Exhibit, person: str) -> Client:
    """Everything known of the person, and the new object after it, must read as one chain. Return it all."""
    shown = await archive.clients(tx.session, [person])
    trust = await office.trust(tx.session)
    return open_case(office.huis, [*shown, exhibit.at(Place(tx.index, tx.now))], trust).clients[person]


async def judge_person(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """A first version, or the next one; signed by a worker's device, or by two workers where it rebuts a capability."""
    payload, _ = read_payload(exhibit.envelope, Person)
    await _judge(office, tx, exhibit, payload.person)
    if payload.capability is not None:
        trust = await office.trust(tx.session)
        days = trust.setting.rulebook.payload.persons.rebuttal_days if trust.setting is not None else 0
        if payload.capability.until > tx.now + days * DAY:
            detail = f"A rebuttal of what the age presumes holds {days} days at most. Choose an earlier day."
            raise Conflict("person.rebuttal", detail)
    named = {*payload.authority, *payload.trusted}
    shown = await archive.by_subject(tx.session, (Person.KIND,), named)
    if named - {read_payload(item.envelope, Person)[0].person for item in shown}:
        detail = "Someone who is to hold authority, or be trusted, is not known here: send that person first."
        raise NotFound("person.unknown", detail)
    return Effect()


async def judge_client_key(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """The first key of a person; one that the key in force signed too; or one that is to replace lost keys in days.

    The person is pinged for a replacement: whoever still holds the keys in force is told while it can be stopped. And
    when passkeys change without a worker: whoever looks at the page sees which ones count, and takes out a stranger's.
    """
    payload, _ = read_payload(exhibit.envelope, ClientKey)
    if not await archive.by_subject(tx.session, (Person.KIND,), [payload.person]):
        raise NotFound("person.unknown", "This person is not known here: send the person first.")
    client = await _judge(office, tx, exhibit, payload.person)
    noted = keyring.follow(tx, payload)
    if is_replacement(payload):
        return _told(payload, exhibit, tx, noted)
    updates = (*noted, keyring.end_older(payload))
    before = client.until_key(payload.prev).key_at(Place(tx.index, tx.now))
    alone = not any(held.d == exhibit.d and held.signed_by("device") for held in client.keys)
    if alone and before is not None and payload.passkeys != before.payload.passkeys:
        return _told(payload, exhibit, tx, updates)
    return Effect(updates=updates, wake=(f"person:{payload.person}",))


async def judge_vouch(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """A vouch for a key that is known, by a worker's device."""
    payload, _ = read_payload(exhibit.envelope, Vouch)
    found = [item for item in await archive.by_digest(tx.session, [payload.client_key]) if item.kind == ClientKey.KIND]
    if not found:
        raise NotFound("client-key.unknown", "No such client key is known here.")
    given = await archive.by_subject(tx.session, (Vouch.KIND,), [payload.client_key])
    if any(read_payload(item.envelope, Vouch)[0].partner == payload.partner for item in given):
        raise Conflict("vouch.twice", "This partner has vouched for this key already; once is enough.")
    key, _ = read_payload(found[0].envelope, ClientKey)
    if is_replacement(key):
        await _check_in_time(tx, key, payload)
    await _judge(office, tx, exhibit, key.person)
    if not is_replacement(key):
        return Effect()
    told = _told(key, exhibit, tx)
    ends = promise(KEYRING, f"person:{key.person}", exhibit.d, key.effective_at or tx.now, tx.now)
    return replace(told, rows=(*told.rows, ends))


async def _check_in_time(tx: Transaction, key: ClientKey, vouch: Vouch) -> None:
    """Return if a vouch for a replacement can still count; one that could not is no help to the family."""
    if vouch.partner == key.partner:
        raise Conflict("vouch.partner", "A replacement needs the vouch of another partner than the one that began it.")
    newest = await archive.newest(tx.session, ClientKey.KIND, key.person)
    stopped = newest is not None and read_payload(newest.envelope, ClientKey)[0].version > key.version
    if stopped or tx.now >= (key.effective_at or 0):
        raise Conflict(
            "vouch.late", "This replacement was stopped, or its day came without a second vouch. Begin anew."
        )


def _told(key: ClientKey, exhibit: Exhibit, tx: Transaction, updates: tuple[Update, ...] = ()) -> Effect:
    """Ping the person about what is to become of their keys, and wake a page that is open."""
    party = f"person:{key.person}"
    return Effect(rows=(promise(PING, party, exhibit.d, tx.now, tx.now),), updates=updates, wake=(party,))
