"""Who asks: HTTP Message Signatures (RFC 9421) in the one profile that SDK and relay share.

Nothing here sends, receives or stores; it computes over a method, a URL and headers. Whatever *writes* is a signed
object and needs none of this. The profile, and what each part of it stops, stands in `docs/spec/http.md`; the library
has the rules of the signature base, and PyNaCl makes and checks the signatures as it does everywhere else.
"""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureAlgorithm,
    HTTPSignatureKeyResolver,
)

from zegel_keys.signing import SigningKey, check
from zegel_protocol import b64, dsse
from zegel_protocol.errors import ProtocolError, SignatureError

LABEL: Final = "zegel"
TAG: Final = "zegel-http-v1"
"""Signed, and of no other protocol: a device key's signature over something else is never taken for a request."""
WINDOW: Final = 300
"""Seconds that the two clocks may differ, and that a signature lives at most."""
COMPONENTS: Final = ("@method", "@target-uri")
BODY_COMPONENTS: Final = (*COMPONENTS, "content-digest")
PARAMETERS: Final = frozenset({"created", "expires", "keyid", "alg", "nonce", "tag"})
MAX_HEADER: Final = 1024
"""Characters of either header at most: the profile's own need less than 500, and nothing longer reaches the parser."""

_KEYID = re.compile(r"device:[a-z0-9.-]{1,64}/[0-9a-f]{32}|person:[0-9a-f]{32}")

Lookup = Callable[[str], str | None]
"""Returns the Ed25519 public key (base64url) that `keyid` names at this moment, or None."""


def sign_request(method: str, url: str, signer: SigningKey, keyid: str, now: int, body: bytes = b"") -> dict[str, str]:
    """Return the headers that sign a request: `Signature-Input`, `Signature`, with a body also `Content-Digest`.

    `url` is absolute and exactly as it will be sent (percent-encoded, without fragment), `now` in whole seconds.
    An upload whose URL names its digest is signed without `body`. Raises `SignatureError` (`http.signature`) for a
    method, URL or keyid that the profile does not have.
    """
    if not _KEYID.fullmatch(keyid):
        raise SignatureError("http.signature", "a keyid is device:<partner>/<device> or person:<id>")
    message = _Message(method, url)
    if body:
        message.headers["Content-Digest"] = content_digest(body)
    library = HTTPMessageSigner(signature_algorithm=_Ed25519, key_resolver=_Keys(lambda _: None, signer))
    try:
        library.sign(
            message,
            key_id=keyid,
            created=datetime.fromtimestamp(now, UTC),
            expires=datetime.fromtimestamp(now + WINDOW, UTC),
            nonce=b64.encode(os.urandom(16)),
            label=LABEL,
            tag=TAG,
            covered_component_ids=BODY_COMPONENTS if body else COMPONENTS,
            use_existing_digest=bool(body),
        )
    except (HTTPMessageSignaturesException, ValueError, TypeError, OverflowError) as error:
        raise SignatureError("http.signature", "this request cannot be signed") from error
    return message.headers


def verify_request(
    method: str, url: str, headers: Mapping[str, str], lookup: Lookup, now: int, body: bytes | None = b""
) -> str:
    """Return the keyid that signed the request, checked with the key that `lookup` gives for it.

    `url` is built by the verifier: its own public address and the request's target, never the `Host` header. `body` is
    what was received; None says that the URL itself binds it. Raises `SignatureError` with `http.unsigned` (no
    signature headers), `http.signature` (not this profile, or wrong), `http.time` (expired, or of another time),
    `http.key` (nobody by that keyid) or `http.digest` (the body is not the one that was signed).
    """
    fields = _fields(headers)
    if "signature" not in fields and "signature-input" not in fields:
        raise SignatureError("http.unsigned", "the request carries no signature")
    signed = _selected(method, url, fields, lookup)
    _check_profile(signed, bool(body))
    _check_time(signed.parameters, now)
    if body and fields.get("content-digest") != content_digest(body):
        raise SignatureError("http.digest", "the body is not the one that was signed")
    return str(signed.parameters["keyid"])


def claimed_keyid(headers: Mapping[str, str]) -> str | None:
    """Return the keyid that the headers claim, unverified: whose key a verifier has to fetch before it can verify.

    None where there is no signature, or a claim that the profile does not have.
    """
    found = re.findall(r';keyid="([^"\\]*)"', _fields(headers).get("signature-input", ""))
    return found[0] if len(found) == 1 and _KEYID.fullmatch(found[0]) else None


def is_of_another_time(headers: Mapping[str, str], now: int) -> bool:
    """Whether the headers claim, unverified, to be signed at a time at which no signature counts now."""
    found = re.findall(r";created=(\d{1,15})(?![\d.])", _fields(headers).get("signature-input", ""))
    return len(found) == 1 and abs(now - int(found[0])) > WINDOW


def content_digest(body: bytes) -> str:
    """Return the `Content-Digest` of a body (RFC 9530): SHA-256 alone, so that there is one text a body."""
    return f"sha-256=:{dsse.encode_standard(hashlib.sha256(body).digest())}:"


@dataclass
class _Message:
    """What the library reads and writes: method, URL, headers."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Signed:
    """The one signature that held: its covered components, in order, and its parameters."""

    components: tuple[str, ...]
    parameters: Mapping[str, Any]


class _Ed25519(HTTPSignatureAlgorithm):
    """The library's `ed25519`, on PyNaCl: it refuses keys of small order, which pyca accepts."""

    algorithm_id = "ed25519"

    def __init__(self, public_key: str | None = None, private_key: SigningKey | None = None) -> None:
        self._public, self._private = public_key, private_key

    def sign(self, message: bytes) -> bytes:
        if self._private is None:
            raise HTTPMessageSignaturesException("no key to sign with")
        return self._private.sign(message)

    def verify(self, signature: bytes, message: bytes) -> None:
        if self._public is None:
            raise HTTPMessageSignaturesException("no key to verify with")
        check(self._public, message, signature)


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, lookup: Lookup, signer: SigningKey | None = None) -> None:
        self._lookup, self._signer = lookup, signer

    def resolve_public_key(self, key_id: str) -> str:
        key = self._lookup(key_id) if _KEYID.fullmatch(key_id) else None
        if key is None:
            raise SignatureError("http.key", "no key by this keyid may ask anything now")
        return key

    def resolve_private_key(self, key_id: str) -> SigningKey | None:
        return self._signer


class _Verifier(HTTPMessageVerifier):
    """The library's verifier without its clock: time is passed in, and `_check_time` is stricter."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Leave the times to `_check_time`."""


def _fields(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that this profile reads, by lower-case name.

    Raises `SignatureError` (`http.signature`) for one that is too long or there twice: which would count is a guess.
    """
    wanted = {"signature", "signature-input", "content-digest"}
    fields: dict[str, str] = {}
    for name, value in headers.items():
        name = name.lower()
        if name in wanted:
            if name in fields or len(value) > MAX_HEADER:
                raise SignatureError("http.signature", f"{name} is there twice, or too long")
            fields[name] = value
    return fields


def _selected(method: str, url: str, fields: dict[str, str], lookup: Lookup) -> _Signed:
    verifier = _Verifier(signature_algorithm=_Ed25519, key_resolver=_Keys(lookup))
    try:
        results = verifier.verify(_Message(method, url, fields), max_age=None, expect_tag=TAG)
    except (HTTPMessageSignaturesException, ValueError, TypeError) as error:
        known = error.__cause__
        if isinstance(known, ProtocolError):
            raise SignatureError(_code_of(known), known.detail) from error
        raise SignatureError("http.signature", "the signature does not hold in this profile") from error
    if len(results) != 1 or results[0].label != LABEL:
        raise SignatureError("http.signature", f"exactly one signature belongs here, labelled {LABEL}")
    covered = tuple(name for name in results[0].covered_components if name != '"@signature-params"')
    return _Signed(covered, results[0].parameters)


def _code_of(error: ProtocolError) -> str:
    return error.code if error.code == "http.key" else "http.signature"


def _check_profile(signed: _Signed, has_body: bool) -> None:
    expected = BODY_COMPONENTS if has_body else COMPONENTS
    if signed.components != tuple(f'"{name}"' for name in expected):
        raise SignatureError("http.signature", f"the signature must cover {', '.join(expected)}, and nothing else")
    nonce = signed.parameters.get("nonce")
    if set(signed.parameters) != PARAMETERS or not isinstance(nonce, str):
        raise SignatureError("http.signature", f"the parameters are {', '.join(sorted(PARAMETERS))}")
    try:
        b64.decode(nonce, 16)
    except ProtocolError as error:
        raise SignatureError("http.signature", "a nonce is 16 bytes as base64url") from error


def _check_time(parameters: Mapping[str, Any], now: int) -> None:
    created, expires = parameters["created"], parameters["expires"]
    if not created < expires <= created + WINDOW:
        raise SignatureError("http.time", f"a signature lives at most {WINDOW} seconds")
    if abs(now - created) > WINDOW or now > expires:
        raise SignatureError("http.time", f"made at {created}, and it is {now}: set the clock, and sign again")
