"""A partner asks to join: what it proposes to be called, and proof that it holds its root key.

Nothing in it counts until the steward signs a membership. The request travels as a file, by mail or by hand: whoever
admits compares the root key with what the partner says by another way, since the file itself proves possession, not
identity.
"""

from typing import Final, Literal

import msgspec

from zegel_keys import signing
from zegel_keys.keystore.key_file import KeyFile
from zegel_protocol import dsse, encoding
from zegel_protocol.errors import ChainError, MalformedError
from zegel_protocol.fields import Digest, Key32, Name, PartnerId, Term, Time
from zegel_protocol.objects.membership import Actor, Secrecy

MEDIA_TYPE: Final = "application/vnd.zegel.join.v1+json"
"""Not the type of any object of the wire: a relay takes no request, and no request is taken for an object."""


class JoinRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a partner proposes for its membership. `created` is in UTC seconds, by the partner's clock.

    `host`: the partner that stands behind a volunteer or a person of a family's own network.
    """

    v: Literal[1]
    huis: Digest
    partner: PartnerId
    name: Name
    actor: Actor
    secrecy: Secrecy
    sector: Term
    root_key: Key32
    created: Time
    host: PartnerId | None = None


def join_request(
    root: KeyFile,
    huis: str,
    *,
    partner: str,
    name: str,
    actor: Actor,
    secrecy: Secrecy,
    sector: str,
    now: int,
    host: str | None = None,
) -> bytes:
    """Return the request's envelope, signed by the partner's root. Raises `MalformedError`."""
    request = JoinRequest(
        v=1, huis=huis, partner=partner, name=name, actor=actor, secrecy=secrecy, sector=sector,
        root_key=root.public, created=now, host=host,
    )  # fmt: skip
    body = encoding.encode(request)
    encoding.decode(body, JoinRequest)
    return dsse.seal_envelope(MEDIA_TYPE, body, (root.signing_key.sign_object(MEDIA_TYPE, body),))


def read_join_request(envelope: bytes, huis: str) -> JoinRequest:
    """Return the request that a partner signed with the very key that it names, for this Huis.

    Raises `MalformedError` (`envelope.type`, `envelope.malformed`, ...), `ChainError` (`huis.foreign`) or
    `SignatureError` (`signature.invalid`).
    """
    media_type, body, signatures = dsse.open_envelope(envelope)
    if media_type != MEDIA_TYPE:
        raise MalformedError("envelope.type", "a request to join belongs here")
    if len(signatures) != 1:
        raise MalformedError("envelope.malformed", "a request to join has one signature")
    request = encoding.decode(body, JoinRequest)
    if request.huis != huis:
        raise ChainError("huis.foreign", "a request to join another Huis")
    signing.check(request.root_key, dsse.pae(media_type, body), dsse.decode_standard(signatures[0].sig))
    return request
