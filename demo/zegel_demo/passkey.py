"""A passkey in software: makes the assertions that a browser and an authenticator make together.

For the demo and the tests, where no browser runs; never for a client's real keys, since nobody is asked to touch
anything. Source: Web Authentication Level 3, sections 5.8.1.1 (client data), 6.1 (authenticator data), 6.3.3 (the
assertion), 10.1.4 (PRF); CTAP 2.2 hmac-secret. `Lies` makes it answer as an attacker's page or authenticator would.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from typing import TypedDict, Unpack

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from zegel_keys import webauthn
from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.assertion import Assertion, challenge_for


class Lies(TypedDict, total=False):
    """What one assertion may be made to claim instead of the truth; signed all the same."""

    user_present: bool
    user_verified: bool
    origin: str
    cross_origin: bool
    top_origin: str
    type: str
    rp_id: str
    extensions: bytes
    """Authenticator extension outputs, a CBOR map; not a lie by itself: security keys add them."""


class SoftwarePasskey:
    """One credential for `rp_id`, used on the page at `origin`; `alg` is `es256` or `eddsa`.

    `credential` (32 random bytes) and `public_key` (65 or 32 bytes) are base64url text, as a client-key object
    lists them.
    """

    def __init__(self, rp_id: str, origin: str, alg: str = webauthn.ES256) -> None:
        self.rp_id = rp_id
        self.origin = origin
        self.alg = alg
        self.credential = b64.encode(os.urandom(32))
        self._prf_secret = os.urandom(32)
        self._ed25519: SigningKey | None = None
        self._p256: ec.EllipticCurvePrivateKey | None = None
        if alg == webauthn.EDDSA:
            self._ed25519 = SigningKey.generate()
            self.public_key = self._ed25519.public
        elif alg == webauthn.ES256:
            self._p256 = ec.generate_private_key(ec.SECP256R1())
            point = self._p256.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            self.public_key = b64.encode(point)
        else:
            raise ValueError(f"no passkey algorithm {alg!r}")

    def sign(self, challenge: bytes, **lies: Unpack[Lies]) -> Assertion:
        """Return the assertion for a raw challenge, such as a login's; its batch is empty."""
        return self._assert(challenge, (), lies)

    def assertion(self, digest: str, batch: Sequence[str] = (), **lies: Unpack[Lies]) -> Assertion:
        """Return the assertion that signs the object `digest` (its `D`), alone or as one of `batch`.

        Raises `SignatureError` (`assertion.batch`) when `batch` is not one that holds the object.
        """
        return self._assert(challenge_for(digest, batch), tuple(batch), lies)

    def prf(self, salt: bytes) -> bytes:
        """Return the 32-byte PRF result for `salt`: the same each time, and another for each credential.

        The client hashes the page's salt with a prefix, so that no page can ask for what the system's own login uses.
        """
        return hmac.digest(self._prf_secret, hashlib.sha256(b"WebAuthn PRF\0" + salt).digest(), "sha256")

    def _assert(self, challenge: bytes, batch: tuple[str, ...], lies: Lies) -> Assertion:
        client_data = _client_data(challenge, self.origin, lies)
        authenticator_data = _authenticator_data(self.rp_id, lies)
        signature = self._raw_signature(authenticator_data + hashlib.sha256(client_data).digest())
        return Assertion(
            credential=self.credential,
            authenticator_data=b64.encode(authenticator_data),
            client_data_json=b64.encode(client_data),
            signature=b64.encode(signature),
            batch=batch,
        )

    def _raw_signature(self, message: bytes) -> bytes:
        if self._ed25519 is not None:
            return self._ed25519.sign(message)
        if self._p256 is None:
            raise ValueError("this passkey has no key")
        return self._p256.sign(message, ec.ECDSA(hashes.SHA256()))


def _client_data(challenge: bytes, origin: str, lies: Lies) -> bytes:
    """Return the client data as section 5.8.1.1 writes it: these members, in this order, without white space."""
    members: dict[str, object] = {
        "type": lies.get("type", "webauthn.get"),
        "challenge": b64.encode(challenge),
        "origin": lies.get("origin", origin),
        "crossOrigin": lies.get("cross_origin", False),
    }
    if "top_origin" in lies:
        members["topOrigin"] = lies["top_origin"]
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _authenticator_data(rp_id: str, lies: Lies) -> bytes:
    """Return rpIdHash ‖ flags ‖ sign count, and extensions where asked; flags and count of a synchronised passkey."""
    extensions = lies.get("extensions", b"")
    flags = webauthn.BACKUP_ELIGIBLE | webauthn.BACKED_UP
    flags |= webauthn.USER_PRESENT if lies.get("user_present", True) else 0
    flags |= webauthn.USER_VERIFIED if lies.get("user_verified", True) else 0
    flags |= webauthn.EXTENSION_DATA if extensions else 0
    rp_id_hash = hashlib.sha256(lies.get("rp_id", rp_id).encode("utf-8")).digest()
    return rp_id_hash + bytes([flags]) + bytes(4) + extensions
