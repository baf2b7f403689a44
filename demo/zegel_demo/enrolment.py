"""Enrolling on the phone: the keys it shows with their tag, and the one record of them that it co-signs.

`docs/spec/enrolment.md`, steps 2 and 4. The worker's side is `zegel.families`.
"""

from dataclasses import dataclass

from zegel.families import ClientKeys
from zegel_demo.phone import Phone
from zegel_protocol import dsse, encoding
from zegel_protocol.enrolment import LIFE_SECONDS, EnrolmentContext, enrolment_tag
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import ClientKey
from zegel_protocol.objects.client_key import Enrolment


@dataclass(frozen=True)
class OpenEnrolment:
    """What the phone holds between showing its keys and signing the record. The worker's secret is no part of it."""

    keys: ClientKeys
    opened: int


def begin(phone: Phone, secret: bytes, opened: int) -> OpenEnrolment:
    """Return the phone's keys under the tag of a worker's `secret` (32 bytes), which was `opened` at a time in seconds.

    Raises `ProtocolError` (`enrolment.secret`, `enrolment.expired`: the phone's clock says that ten minutes are over).
    """
    if phone.clock() > opened + LIFE_SECONDS:
        raise ProtocolError("enrolment.expired", "the code was for ten minutes; ask for a new one")
    identity_key, seal_key = phone.seed.identity_key.public, phone.seal_key.public.text
    context = EnrolmentContext(
        huis=phone.huis,
        household=phone.household,
        person=phone.person,
        opened=opened,
        passkeys=phone.passkeys,
        identity_key=identity_key,
        seal_key=seal_key,
    )
    tag = enrolment_tag(secret, context)
    return OpenEnrolment(ClientKeys(phone.passkeys, identity_key, seal_key, tag), opened)


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
    return phone.seed.identity_key.sign_object(dsse.payload_type(ClientKey.KIND), payload)
