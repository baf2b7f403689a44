"""A client's seed: 32 random bytes from which the seal key and the identity key grow, and the ways to keep it.

Here: deriving, wrapping under a passkey's PRF result, under a device's secret with a share of the relay's, and under a
printed recovery code (a passkey must never be the only way in: families lose phones). Never here: where wraps are
stored, and whether an identity key is the client's; the caller holds `identity_key.public` against the client-key
object. Source: `docs/spec/keyring.md`; Web Authentication Level 3, section 10.1.4 (PRF); RFC 5869 (HKDF); Crockford's
Base32.

Every use has its own HKDF `info`, so that no derived key serves two ends. A wrap is 60 bytes: nonce (12) ‖ AES-256-GCM
of the seed (32) ‖ tag (16), without associated data: its key already depends on the label and, for a passkey, on the
credential. The nonce is random because the same passkey or code may wrap more than once. AES-GCM commits to no key,
which is harmless here: all inputs are uniformly random and too long to guess, so there is no list of keys to try.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zegel_keys import spoken_code
from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.errors import SealError

SEED_BYTES = 32
PRF_BYTES = 32
DEVICE_BYTES = 32
"""Bytes of a device's secret, and of the relay's share."""
WRAP_BYTES = 12 + SEED_BYTES + 16
PRF_SALT = b"zegel/client-seed/1\0"
"""What the page gives the authenticator as the `first` input of the `prf` extension."""

CODE_RANDOM_SYMBOLS = 27
"""27 symbols of 5 bits: 135 random bits, before the check symbol."""

_INFO_SEAL = b"zegel/client-seed/seal/1\0"
_INFO_IDENTITY = b"zegel/client-seed/identity/1\0"
_INFO_PRF = b"zegel/client-seed/prf/1\0"
_INFO_DEVICE = b"zegel/client-seed/device/1\0"
_INFO_CODE = b"zegel/client-seed/recovery-code/1\0"
_INFO_NAME = b"zegel/client-seed/recovery-name/1\0"


class ClientSeed:
    """A client's 32-byte seed. Give the constructor only what an unwrap returned; new ones come from `generate`."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise SealError("seed.unopenable", "not a seed of 32 bytes")
        self._seed = bytes(seed)
        self.identity_key = SigningKey(_derive(self._seed, _INFO_IDENTITY))
        """The Ed25519 key with which the client signs what needs no touch."""

    @classmethod
    def generate(cls) -> "ClientSeed":
        """Return a new seed from the operating system's randomness."""
        return cls(os.urandom(SEED_BYTES))

    @property
    def seal_key_seed(self) -> bytes:
        """The 32 secret bytes from which the client's hybrid seal key grows."""
        return _derive(self._seed, _INFO_SEAL)

    def wrap_under_prf(self, prf: bytes, credential: str) -> bytes:
        """Return the seed, 60 bytes, openable with the 32-byte PRF result of one passkey.

        `credential` is the passkey's id as base64url text. Raises `SealError` (`seed.prf`) when `prf` has another
        length: an authenticator without PRF gives none, and wrapping under that would protect nothing.
        """
        if len(prf) != PRF_BYTES:
            raise SealError("seed.prf", "the passkey gave no PRF result of 32 bytes")
        return _wrap(_prf_key(prf, credential), self._seed)

    def wrap_under_device(self, secret: bytes, share: bytes, credential: str) -> bytes:
        """Return the seed, 60 bytes, openable with a device's secret and the relay's share, 32 random bytes each.

        For a passkey that gives no PRF result: the share comes only after a login with it. Raises `SealError`
        (`seed.device`) when one of them has another length.
        """
        return _wrap(_device_key(secret, share, credential), self._seed)

    def wrap_under_recovery_code(self, code: str) -> bytes:
        """Return the seed, 60 bytes, openable with a recovery code. Raises `SealError` (`recovery-code.malformed`)."""
        return _wrap(_code_key(code), self._seed)

    def __repr__(self) -> str:
        return f"ClientSeed(identity={self.identity_key.public!r})"


def unwrap_under_prf(wrapped: bytes, prf: bytes, credential: str) -> ClientSeed:
    """Return the seed that `wrap_under_prf` wrapped.

    Raises `SealError` (`seed.unopenable`), or `MalformedError` (`binary.malformed`) for a credential that is no text of
    bytes.
    """
    return _unwrap(_prf_key(prf, credential), wrapped)


def unwrap_under_device(wrapped: bytes, secret: bytes, share: bytes, credential: str) -> ClientSeed:
    """Return the seed that `wrap_under_device` wrapped.

    Raises `SealError` (`seed.device`, `seed.unopenable`), `MalformedError` (`binary.malformed`).
    """
    return _unwrap(_device_key(secret, share, credential), wrapped)


def unwrap_under_recovery_code(wrapped: bytes, code: str) -> ClientSeed:
    """Return the seed that `wrap_under_recovery_code` wrapped; `code` as a person types it (see `read_recovery_code`).

    Raises `SealError`: `recovery-code.malformed` for a typing error, `seed.unopenable` for another code or other bytes.
    """
    return _unwrap(_code_key(code), wrapped)


def new_recovery_code() -> str:
    """Return a new code for print: seven groups of four symbols with hyphens, the last symbol a check symbol.

    134 bits and more are random (`spoken_code.new_code`).
    """
    return spoken_code.new_code(CODE_RANDOM_SYMBOLS)


def recovery_name(code: str) -> str:
    """Return the name of a code's keyring entry, base64url of 32 bytes; it says nothing of the key that opens it.

    Raises `SealError` (`recovery-code.malformed`).
    """
    return b64.encode(_derive(read_recovery_code(code).encode("ascii"), _INFO_NAME))


def read_recovery_code(typed: str) -> str:
    """Return the 27 symbols that a typed code stands for, without its check symbol (`spoken_code.read_code`).

    Raises `SealError` (`recovery-code.malformed`) for other characters, another length or a wrong check symbol.
    """
    symbols = spoken_code.read_code(typed, CODE_RANDOM_SYMBOLS)
    if symbols is None:
        detail = "nothing is lost: compare all 28 characters with the paper and try again"
        raise SealError("recovery-code.malformed", f"the code is not as it was printed; {detail}")
    return symbols


def _derive(secret: bytes, info: bytes) -> bytes:
    # No salt (RFC 5869 section 3.1 allows it): every input secret is uniformly random.
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(secret)


def _prf_key(prf: bytes, credential: str) -> bytes:
    return _derive(prf, _INFO_PRF + b64.decode(credential))


def _device_key(secret: bytes, share: bytes, credential: str) -> bytes:
    if len(secret) != DEVICE_BYTES or len(share) != DEVICE_BYTES:
        raise SealError("seed.device", "a device's secret and the relay's share have 32 bytes each")
    return _derive(secret + share, _INFO_DEVICE + b64.decode(credential))


def _code_key(code: str) -> bytes:
    return _derive(read_recovery_code(code).encode("ascii"), _INFO_CODE)


def _wrap(key: bytes, seed: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, seed, None)


def _unwrap(key: bytes, wrapped: bytes) -> ClientSeed:
    if len(wrapped) != WRAP_BYTES:
        raise _unopenable()
    try:
        return ClientSeed(AESGCM(key).decrypt(wrapped[:12], wrapped[12:], None))
    except InvalidTag as error:
        raise _unopenable() from error


def _unopenable() -> SealError:
    return SealError(
        "seed.unopenable",
        "this passkey or recovery code does not open this copy; nothing is lost: try the other one, or ask the partner "
        "who helped you start",
    )
