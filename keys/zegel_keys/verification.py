"""Verifying an envelope: its type, its encoding, its Huis, and every signature against the keys that the role gives."""

from typing import TypeVar

from zegel_keys import signing, webauthn
from zegel_keys.roles import Candidate, KeySource, candidates, require
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.assertion import challenge_for, from_signature
from zegel_protocol.errors import ChainError, MalformedError, SignatureError
from zegel_protocol.objects import KINDS, Payload
from zegel_protocol.signed import Place, Signed, Signer

P = TypeVar("P", bound=Payload)


def read_kind(media_type: str) -> str:
    """Return the kind that a payload type names. Raises `MalformedError` (`envelope.type`)."""
    kind = media_type.removeprefix(dsse.TYPE_PREFIX).removesuffix(dsse.TYPE_SUFFIX)
    if kind not in KINDS or media_type != dsse.payload_type(kind):
        raise MalformedError("envelope.type", "a payload type that this version does not know")
    return kind


def read_payload(envelope: bytes, kind: type[P]) -> tuple[P, str]:
    """Return an envelope's payload and its `D`, with no signature verified: only to find out whose keys to ask for.

    Raises `MalformedError` (`envelope.type` when it is of another kind than expected).
    """
    media_type, payload, _ = dsse.open_envelope(envelope)
    if media_type != dsse.payload_type(kind.KIND):
        raise MalformedError("envelope.type", f"a {kind.KIND} belongs here")
    return encoding.decode(payload, kind), dsse.digest(media_type, payload)


def verify(envelope: bytes, kind: type[P], source: KeySource, place: Place | None = None) -> Signed[P]:
    """Return the verified object in `envelope`.

    `kind` is the struct expected: an object of any other kind is refused, so nothing is taken for what it is not.
    `place` is where the object stands in the log; the keys of that place count (None: those of now).

    Raises `MalformedError`, `ChainError` (`huis.foreign`) or `SignatureError` (`signature.unknown`: one of the
    signatures is by no key of the role; `signature.invalid`; `signature.missing`: too few; `assertion.*`).
    """
    media_type, body, signatures = dsse.open_envelope(envelope)
    if media_type != dsse.payload_type(kind.KIND):
        raise MalformedError("envelope.type", f"a {kind.KIND} belongs here")
    payload = encoding.decode(body, kind)
    if payload.huis != source.huis:
        raise ChainError("huis.foreign", "an object of another Huis")
    d, message = dsse.digest(media_type, body), dsse.pae(media_type, body)
    allowed = tuple(candidates(payload, source, place))
    signers: set[Signer] = set()
    for signature in signatures:
        signers.add(_signer_of(signature, allowed, d, message, source))
    counted = frozenset(signers)
    require(payload, counted, source, place)
    return Signed(d, payload, counted, place)


def _signer_of(
    signature: dsse.Signature, allowed: tuple[Candidate, ...], d: str, message: bytes, source: KeySource
) -> Signer:
    assertion = from_signature(signature)
    if assertion is not None:
        for candidate in allowed:
            passkey = candidate.passkey
            if passkey is not None and passkey.credential == assertion.credential:
                challenge = challenge_for(d, assertion.batch)
                key = b64.decode(passkey.public_key)
                webauthn.check_assertion(assertion, challenge, passkey.alg, key, source.rp_id, source.origins)
                return candidate.signer
        raise SignatureError("signature.unknown", "a passkey that nobody who may sign this has")
    raw = dsse.decode_standard(signature.sig)
    keys = [item for item in allowed if item.passkey is None]
    hinted = [item for item in keys if item.signer.key == signature.keyid]
    for candidate in hinted or keys:
        try:
            signing.check(candidate.signer.key, message, raw)
        except SignatureError:
            if hinted:
                raise
            continue
        return candidate.signer
    raise SignatureError("signature.unknown", "a signature by no key that may sign this")
