"""Verifying an envelope: its type, its encoding, its Huis, and every signature against the keys that the role gives."""

from typing import TypeVar

from zegel_keys import signing, webauthn
from zegel_keys.parsed import Parsed, parse
from zegel_keys.roles import Candidate, KeySource, candidates, require
from zegel_protocol import b64, dsse
from zegel_protocol.assertion import Assertion, challenge_for, from_signature
from zegel_protocol.errors import ChainError, MalformedError, SignatureError
from zegel_protocol.objects import KINDS, Payload
from zegel_protocol.objects.client_key import Passkey
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
    parsed = parse(envelope)
    return parsed.payload(kind), parsed.d


def verify(envelope: bytes, kind: type[P], source: KeySource, place: Place | None = None) -> Signed[P]:
    """Return the verified object in `envelope`.

    `kind` is the struct expected: an object of any other kind is refused, so nothing is taken for what it is not.
    `place` is where the object stands in the log; the keys of that place count (None: those of now).

    Raises `MalformedError`, `ChainError` (`huis.foreign`) or `SignatureError` (`signature.unknown`: one of the
    signatures is by no key of the role; `signature.invalid`; `signature.missing`: too few; `assertion.*`).
    """
    parsed = parse(envelope)
    payload = parsed.payload(kind)
    if payload.huis != source.huis:
        raise ChainError("huis.foreign", "an object of another Huis")
    allowed = tuple(candidates(payload, source, place))
    counted = frozenset(_signer_of(signature, allowed, parsed, source) for signature in parsed.signatures)
    require(payload, counted, source, place)
    return Signed(parsed.d, payload, counted, place)


def _signer_of(signature: dsse.Signature, allowed: tuple[Candidate, ...], parsed: Parsed, source: KeySource) -> Signer:
    assertion = from_signature(signature)
    if assertion is not None:
        for candidate in allowed:
            passkey = candidate.passkey
            if passkey is not None and passkey.credential == assertion.credential:
                _check_touch(assertion, passkey, parsed, source)
                return candidate.signer
        raise SignatureError("signature.unknown", "a passkey that nobody who may sign this has")
    keys = [item for item in allowed if item.passkey is None]
    hinted = [item for item in keys if item.signer.key == signature.keyid]
    for candidate in hinted or keys:
        try:
            _check(signature, candidate.signer.key, parsed)
        except SignatureError:
            if hinted:
                raise
            continue
        return candidate.signer
    raise SignatureError("signature.unknown", "a signature by no key that may sign this")


def _check(signature: dsse.Signature, key: str, parsed: Parsed) -> None:
    """Return if a signature is by this key. That it was found to be is kept with the object: it stays so."""
    checked = (key, signature.sig)
    if checked not in parsed.held:
        signing.check(key, dsse.pae(parsed.media_type, parsed.body), dsse.decode_standard(signature.sig))
        parsed.held.add(checked)


def _check_touch(assertion: Assertion, passkey: Passkey, parsed: Parsed, source: KeySource) -> None:
    """Return if an assertion is by this passkey, on the pages of this directory; kept as above, with these."""
    checked = (assertion, passkey.alg, passkey.public_key, source.rp_id, source.origins)
    if checked not in parsed.held:
        challenge, key = challenge_for(parsed.d, assertion.batch), b64.decode(passkey.public_key)
        webauthn.check_assertion(assertion, challenge, passkey.alg, key, source.rp_id, source.origins)
        parsed.held.add(checked)
