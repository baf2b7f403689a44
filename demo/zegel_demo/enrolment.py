"""Enrolling on the phone: the keys it shows with their tag, and the one record of them that it co-signs.

`docs/spec/enrolment.md`, steps 2 and 4; and stopping a replacement of one's keys. The worker's side is
`zegel.enrolments`.
"""

from dataclasses import dataclass

import msgspec

from zegel.enrolments import LOOK_SECONDS, ClientKeys, Enrolled
from zegel_demo.phone import Phone
from zegel_keys.envelopes import new_nonce
from zegel_protocol import dsse, encoding
from zegel_protocol.enrolment import LIFE_SECONDS, EnrolmentContext, enrolment_tag
from zegel_protocol.enrolment_code import EnrolmentCode
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import ClientKey
from zegel_protocol.objects.client_key import Enrolment
from zegel_protocol.six_words import words_of_enrolment, words_of_record


@dataclass(frozen=True)
class OpenEnrolment:
    """What the phone holds between showing its keys and signing the record. The worker's secret is no part of it.

    `mailbox` is where the record comes, for keys that were shown through the relay.
    """

    keys: ClientKeys
    opened: int
    mailbox: str = ""


def begin(phone: Phone, secret: bytes, opened: int) -> OpenEnrolment:
    """Return the phone's keys under the tag of a worker's `secret` (32 bytes), which was `opened` at a time in seconds.

    Raises `ProtocolError` (`enrolment.secret`, `enrolment.expired`: the phone's clock says that ten minutes are over).
    """
    if phone.clock() > opened + LIFE_SECONDS:
        raise ProtocolError("enrolment.expired", "the code was for ten minutes; ask for a new one")
    identity_key, seal_key = phone.seed.identity_key.public, phone.seal_key.public.text
    tag = enrolment_tag(secret, _context(phone, opened))
    return OpenEnrolment(ClientKeys(phone.passkeys, identity_key, seal_key, tag), opened)


async def answer(phone: Phone, code: EnrolmentCode) -> tuple[OpenEnrolment, tuple[str, ...]]:
    """Show the phone's keys to the worker whose `code` it read, through the relay; return the six words to compare.

    Raises `ProtocolError` (`enrolment.code`: a code for somebody else; and as `begin`), `RelayProblem`
    (`enrolment.taken`: another device answered first), `RelayUnreachable`.
    """
    if (code.huis, code.household, code.person) != (phone.huis, phone.household, phone.person):
        raise ProtocolError("enrolment.code", "a code for another person")
    shown = begin(phone, code.secret, code.opened)
    await phone.relay.leave_note(code.mailbox, "keys", encoding.encode(shown.keys))
    words = words_of_enrolment(code.secret, _context(phone, code.opened))
    return OpenEnrolment(shown.keys, shown.opened, code.mailbox), words


async def finish(phone: Phone, opened: OpenEnrolment | None) -> Enrolled:
    """Wait for the record, co-sign it and leave the signature; return the record's `D` and words.

    Raises `ProtocolError` (`enrolment.payload`, `enrolment.expired`), `MalformedError`, `RelayUnreachable`.
    """
    while opened is not None and opened.mailbox and phone.clock() <= opened.opened + LIFE_SECONDS:
        payload = await phone.relay.fetch_note(opened.mailbox, "record", LOOK_SECONDS)
        if payload is not None:
            signature = co_sign(phone, opened, payload)
            await phone.relay.leave_note(opened.mailbox, "signature", encoding.encode(signature))
            d = dsse.digest(dsse.payload_type(ClientKey.KIND), payload)
            return Enrolled(d, words_of_record(d), encoding.decode(payload, ClientKey).effective_at)
    raise ProtocolError("enrolment.expired", "no enrolment is open, or its ten minutes are over; ask for a new code")


def co_sign(phone: Phone, opened: OpenEnrolment | None, payload: bytes) -> dsse.Signature:
    """Return the identity key's signature of a client-key `payload`, if it holds exactly the phone's own keys.

    Who vouches, and how they knew the person, is the worker's to say. Raises `ProtocolError` (`enrolment.payload`) or
    `MalformedError` for bytes that are no such record.
    """
    record = encoding.decode(payload, ClientKey)
    if opened is None:
        raise ProtocolError("enrolment.payload", "no enrolment is open on this phone")
    keys = opened.keys
    own = (
        (phone.huis, phone.household, phone.person),
        (keys.passkeys, keys.identity_key, keys.seal_key),
        Enrolment(opened=opened.opened, tag=keys.tag),
    )
    stated = (
        (record.huis, record.household, record.person),
        (record.passkeys, record.identity_key, record.seal_key),
        record.enrolment,
    )
    if stated != own:
        raise ProtocolError("enrolment.payload", "the record does not hold this phone's keys: stop, and begin again")
    return _signature(phone, payload)


async def keep_keys(phone: Phone) -> str:
    """Stop the replacement that waits for this person's keys: state them once more; return the new record's `D`.

    No worker is needed: whoever holds the keys in force says that they are not lost. Raises `ProtocolError`
    (`client-key.nothing-waits`, and as `Phone.family`), `RelayProblem`, `RelayUnreachable`.
    """
    family = await phone.family()
    now = phone.clock()
    counted = family.me.key_now(now)
    if counted is None or family.me.waiting_now(now) is None:
        raise ProtocolError("client-key.nothing-waits", "nobody is replacing this phone's keys")
    last = family.me.keys[-1]
    again = msgspec.structs.replace(
        counted.payload, nonce=new_nonce(), version=last.payload.version + 1, prev=last.d, effective_at=None
    )
    payload = encoding.encode(again)
    await phone.submit(again, (_signature(phone, payload),), family.case)
    return dsse.digest(dsse.payload_type(ClientKey.KIND), payload)


def _signature(phone: Phone, payload: bytes) -> dsse.Signature:
    return phone.seed.identity_key.sign_object(dsse.payload_type(ClientKey.KIND), payload)


def _context(phone: Phone, opened: int) -> EnrolmentContext:
    return EnrolmentContext(
        huis=phone.huis,
        household=phone.household,
        person=phone.person,
        opened=opened,
        passkeys=phone.passkeys,
        identity_key=phone.seed.identity_key.public,
        seal_key=phone.seal_key.public.text,
    )
