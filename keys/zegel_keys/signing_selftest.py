"""Known answers for Ed25519: does the library that this process loaded sign and refuse as it must?

Apart from `zegel_keys.selftest`, so that the relay, which checks signatures and opens nothing, can run its share.
"""

from collections.abc import Callable, Mapping
from typing import Final

from zegel_keys.signing import SigningKey, check
from zegel_protocol import b64
from zegel_protocol.errors import SealError, SignatureError

# RFC 8032, section 7.1, TEST 2.
ED25519_SEED: Final = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
ED25519_PUBLIC: Final = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"
ED25519_MESSAGE: Final = b"r"
ED25519_SIGNATURE: Final = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)

NEUTRAL_POINT: Final = b"\1" + bytes(31)
"""A key of order 1: with it as `R` and a zero `S`, any message is signed for a library that does not look."""


def signs_as_known() -> bool:
    """Whether the seed gives the known key, and the key the known signature, which checks."""
    key = SigningKey(ED25519_SEED)
    check(ED25519_PUBLIC, ED25519_MESSAGE, ED25519_SIGNATURE)
    return key.public == ED25519_PUBLIC and key.sign(ED25519_MESSAGE) == ED25519_SIGNATURE


def refuses_another_message() -> bool:
    """Whether the known signature is refused over another message."""
    return _refused(ED25519_PUBLIC, b"s", ED25519_SIGNATURE)


def refuses_small_order() -> bool:
    """Whether a key of small order is refused, which would let one signature fit every message."""
    return _refused(b64.encode(NEUTRAL_POINT), ED25519_MESSAGE, NEUTRAL_POINT + bytes(32))


CHECKS: Final[Mapping[str, Callable[[], bool]]] = {
    "Ed25519 signs": signs_as_known,
    "Ed25519 refuses another message": refuses_another_message,
    "Ed25519 refuses a key of small order": refuses_small_order,
}


def run_checks(checks: Mapping[str, Callable[[], bool]]) -> None:
    """Raise `SealError` (`selftest.failed`, naming the check) unless every check holds."""
    for name, holds in checks.items():
        try:
            passed = holds()
        except Exception as error:
            # Whatever a broken library throws, the answer is the same: do not start.
            raise SealError("selftest.failed", name) from error
        if not passed:
            raise SealError("selftest.failed", name)


def run_signing() -> None:
    """Check signatures alone, at start. Raises `SealError` (`selftest.failed`)."""
    run_checks(CHECKS)


def _refused(public: str, message: bytes, signature: bytes) -> bool:
    try:
        check(public, message, signature)
    except SignatureError:
        return True
    return False
