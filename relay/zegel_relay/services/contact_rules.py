"""Accepting a person's contact: where, how and when they are pinged. Rules: `docs/spec/contact.md`.

The relay sees wording, language and hours; the address is sealed to the worker.
"""

from sqlalchemy import delete

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload, verify
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import Contact
from zegel_protocol.signed import Place
from zegel_protocol.texts.catalogue import LANGUAGES
from zegel_relay.services import archive
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.office import Office
from zegel_relay.storage.models import StoredObject
from zegel_relay.storage.operation import Transaction


async def judge_contact(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Signed by the person; by a worker in their presence only while the person has no keys.

    The version before goes in the same transaction: an address that is not in use any more is nobody's to keep.
    """
    payload, _ = read_payload(exhibit.envelope, Contact)
    case = await office.case(tx.session, [payload.person], (), (), tx.now)
    client = case.clients.get(payload.person)
    if client is None:
        raise NotFound("person.unknown", "This person is not known here: send the person first.")
    verify(exhibit.envelope, Contact, case.trust, Place(tx.index, tx.now))
    if payload.by.partner is not None and client.keys:
        raise Conflict("contact.own-keys", "This person has keys: only they choose how they are reached.")
    if payload.language not in LANGUAGES:
        raise Conflict("contact.language", f"A ping can be worded in {', '.join(LANGUAGES)}.")
    if payload.key is not None and payload.key != office.contact_public:
        raise Conflict("contact.key", "The address is sealed to another key than the relay's worker has.")
    before = await archive.newest(tx.session, Contact.KIND, payload.person)
    version, d = (read_payload(before.envelope, Contact)[0].version, before.d) if before is not None else (0, None)
    if payload.version != version + 1 or payload.prev != d:
        raise ChainError("chain.gap", "not the version after the one that is known here")
    own = StoredObject.kind == Contact.KIND, StoredObject.subject == payload.person
    return Effect(updates=(delete(StoredObject).where(*own, StoredObject.version < payload.version),))
