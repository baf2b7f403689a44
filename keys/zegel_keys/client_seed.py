"""A client's seed: 32 random bytes from which the seal key and the identity key grow, and the two ways to keep it.

Here: deriving, wrapping under a passkey's PRF result, wrapping under a printed recovery code (a passkey must never be
the only way in: families lose phones). Never here: where wraps are stored, and whether an identity key is the client's;
the caller holds `identity_key.public` against the client-key object. Source: `docs/spec/sealing.md`; Web
Authentication Level 3, section 10.1.4 (PRF); RFC 5869 (HKDF); Crockford's Base32.

Every use has its own HKDF `info`, so that no derived key serves two ends. A wrap is 60 bytes: nonce (12) ‖ AES-256-GCM
of the seed (32) ‖ tag (16), without associated data: its key already depends on the label and, for a passkey, on the
credential. The nonce is random because the same passkey or code may wrap more than once. AES-GCM commits to no key,
which is harmless here: both inputs are uniformly random and too long to guess, so there is no list of keys to try.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.errors import SealError

SEED_BYTES = 32
PRF_BYTES = 32
WRAP_BYTES = 12 + SEED_BYTES + 16
PRF_SALT = b"zegel/client-seed/1\0"
"""What the page gives the authenticator as the `first` input of the `prf` extension."""

CODE_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet: no I, L, O or U."""
CODE_RANDOM_SYMBOLS = 27
"""27 symbols of 5 bits: 135 random bits, before the check symbol."""
CODE_GROUP = 4

_INFO_SEAL = b"zegel/client-seed/seal/1\0"
_INFO_IDENTITY = b"zegel/client-seed/identity/1\0"
_INFO_PRF = b"zegel/client-seed/prf/1\0"
_INFO_CODE = b"zegel/client-seed/recovery-code/1\0"

_CHECK_MODULUS = 37
_TYPED = {symbol: symbol for symbol in CODE_SYMBOLS} | {"I": "1", "L": "1", "O": "0"}
_TYPED |= {symbol.lower(): meant for symbol, meant in _TYPED.items()}
_SEPARATORS = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")
"""The hyphen, and what the keyboards of phones make of it."""


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


def unwrap_under_recovery_code(wrapped: bytes, code: str) -> ClientSeed:
    """Return the seed that `wrap_under_recovery_code` wrapped; `code` as a person types it (see `read_recovery_code`).

    Raises `SealError`: `recovery-code.malformed` for a typing error, `seed.unopenable` for another code or other bytes.
    """
    return _unwrap(_code_key(code), wrapped)


def new_recovery_code() -> str:
    """Return a new code for print: seven groups of four symbols with hyphens, the last symbol a check symbol.

    Crockford's check symbol is the number modulo 37, for which five more signs (`*~$=U`) exist. Codes that would need
    one are drawn again, so that letters and digits suffice on every keyboard; 134 bits and more remain.
    """
    while True:
        number = int.from_bytes(os.urandom(17), "big") >> 1
        if number % _CHECK_MODULUS < len(CODE_SYMBOLS):
            break
    symbols = "".join(CODE_SYMBOLS[number >> 5 * place & 31] for place in reversed(range(CODE_RANDOM_SYMBOLS)))
    symbols += CODE_SYMBOLS[number % _CHECK_MODULUS]
    return "-".join(symbols[at : at + CODE_GROUP] for at in range(0, len(symbols), CODE_GROUP))


def read_recovery_code(typed: str) -> str:
    """Return the 27 symbols that a typed code stands for, without its check symbol.

    Lower case counts as upper, I and L as 1, O as 0; spaces and hyphens don't count. Raises `SealError`
    (`recovery-code.malformed`) for other characters, another length or a wrong check symbol: one wrong symbol, and two
    neighbours exchanged, are always found.
    """
    kept = [_TYPED.get(sign) for sign in typed if not sign.isspace() and sign not in _SEPARATORS]
    symbols = "".join(symbol or "?" for symbol in kept)
    if "?" in symbols or len(symbols) != CODE_RANDOM_SYMBOLS + 1:
        raise _mistyped()
    number = 0
    for symbol in symbols[:-1]:
        number = number << 5 | CODE_SYMBOLS.index(symbol)
    if number % _CHECK_MODULUS != CODE_SYMBOLS.index(symbols[-1]):
        raise _mistyped()
    return symbols[:-1]


def _mistyped() -> SealError:
    return SealError(
        "recovery-code.malformed",
        "the code is not as it was printed; nothing is lost: compare all 28 characters with the paper and try again",
    )


def _derive(secret: bytes, info: bytes) -> bytes:
    # No salt (RFC 5869 section 3.1 allows it): every input secret is uniformly random.
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(secret)


def _prf_key(prf: bytes, credential: str) -> bytes:
    return _derive(prf, _INFO_PRF + b64.decode(credential))


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
