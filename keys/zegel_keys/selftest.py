"""Known answers for sealing and signing, run when a process that seals or opens starts.

They catch a library built, linked or replaced so that it still runs and no longer gives the agreed bytes: what such a
process seals, nobody could open, or everybody. Encrypting takes no randomness from outside, so only opening is pinned.
The values are fixed: the keys here are public and protect nothing.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from nacl import bindings
from nacl.exceptions import RuntimeError as SodiumError

from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.opening import unwrap
from zegel_keys.sections import TAG_FINAL, TAG_MESSAGE
from zegel_keys.signing_selftest import CHECKS as SIGNING_CHECKS
from zegel_keys.signing_selftest import run_checks
from zegel_protocol import b64
from zegel_protocol.errors import SealError

# draft-connolly-cfrg-xwing-kem, Appendix C, first vector: its seed, and SHA-256 of its public key.
XWING_SEED: Final = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
XWING_PUBLIC_DIGEST: Final = "LoFt7rzXbFyA0M0tF0R4hxZY6OL_QrydSm5IY3LoVrs"

HPKE_INFO: Final = b"zegel/selftest/1\0"
HPKE_KEY: Final = hashlib.sha256(b"zegel selftest wrapped key").digest()
HPKE_BOX: Final = (
    "l7RLNV2nZpXDoXNtdRNXawjsvOcTmfFNv_NJcNLM41ez_cN2tbqLxd1NKi1Ggda3PYTpAiOCKF68qZbY-OqK8pAv9hrhat8RSKApJwAY8p1GYysc"
    "Z-KWXj96dakLKUf9n6Q8QNZbaOIO9WSCob5PQWc-4mXWUxfmo0SyJbRkilDgdX34zU6IGqtqelCy_c_Gu5p1H3CBI-24RvV54HEdFOGmmogGSpMq"
    "CW1xrITdCbsgh_oCCTFAInb24qYS3OIZalApOOWScT7M8keO9QTEPimaIMaylFZBLMBapkUBtsODZ0VS5GXSPEuqibVNimeq3n8gTR2ABNmXtiV5"
    "Z3ISE8O9-8dgHjfH0n-DjVaX7-nVC4D80QN2WKFWiCUwDUi6ShL0eB62jCYl2I_zc-N7TBqpxIBqeVOfdK5xIud-qB4RHu-DhqbLLxMNlFUVVNk1"
    "9y0RLY9GickTKP6VowyfL7s7w5bLUt7LNrQgcNTwNXif1bvcPltdonvJts2TN-rZGCP1Zlr1JK2qe8KK48kaU3uINKizTeOXmnKd97W3bjvzzFgR"
    "0-_0q7d2i2s1rvO7ClDzebtJC09pfSc92pMynJseB_aaJ1oSqVwH61QBVsNd7kWJe4f01cGnTHKT9QclEdWcMy3JtKPSIsm_pQQbtbLJU8lcn36t"
    "4bI-Rrr1m50XWgCFumSxmOjMa3EzX0QuGv4XRtWrf4cRXaMlY8a8JeGRXALewUGHF7J18qWrJnHoK561UyeuL44lxp1z9arhAWJH9FYa15T_IC1W"
    "szdeEEwmFYzdDE4yigsPlDntozorzQ7ktpYXPgB6uV8D7jIyPUV_5PULrF7icc_-u59GcqoseLfAvzYQUv4OKrObYe0dKw9JwJkboNkqurR6BMZs"
    "c5CVnVtiET6OzmwPak9g8mOPN2usATmDqeq_Ik_PPFsnmH3cNR6J8BsHjf7MjADBRf5HVldG8y2mKKtPd_DO8BOyIDGJ-Ipvwy06BHnVx834wp-d"
    "wbm26OqiGdbUxWnoMUUrmgkqHHDPTDVkznGKOZWeHtm0-8lhxmWvt0zK5M-mKXpYGgr2uPkkuccI2MKFq8gcFUdrgCUAin4ynxaGd_1t3x-DOWfD"
    "7Ew86okn83ERuIFMgSF2887Mg_gzAff_ri-06xTPpbIEHB1LfUHhDZILxVyvzqSMZmCNjtZhd9QTyfiVCQn_0LCCRJgSmc942Me4zTectuThNqoS"
    "dkcKbP6nDmQJ5ZLWaNCMjxFlEQ7aLsPlX_5SRksvLS5XabFW8YbzNu0uN7OZSfUQV7ceWh3oIRWbK9shxLqmbK6zS_WB5iNZ71ktWYD7nVTN6K9h"
    "n5YX5b_q4dMUTJjdvaaGQFdOrlgC8UjUMDLEVQpjnex-oTTQpofWdq9s4E9preg9uH3EcHVzx8JYDkRJZp3dV7TISwzeXuPEdJ-luEEbgsQulhgO"
    "VrOrKUYtxf31xL5yNJo9Ol5OfOJzbtH-3VeoVZiL3ahGvAu6wTgre2PYjMWO7_jQLmyfSVCn3mgoNdtPX6kR353_HZgI3T1UF7P4rQ"
)
"""`HPKE_KEY` wrapped for `XWING_SEED` under `HPKE_INFO`."""

STREAM_KEY: Final = bytes(range(32))
STREAM_DATA: Final = b"zegel/selftest/1\0"
STREAM_HEADER: Final = "PQwTfmGy41004oEOCVrzOFiwASfsIqsW"
STREAM_CHUNKS: Final = (
    ("iWGszvyYggrl4B6QRtFcByor0L3MWqIwmxSiTGFfzhw", b"the first chunk", TAG_MESSAGE),
    ("imn0fH-3UBMZilnSRcboASOswjCr4f6A6FVI314", b"the last one", TAG_FINAL),
)
"""Each chunk's ciphertext, and the plaintext and tag that it opens to."""


def seed_gives_known_key() -> bool:
    """Whether the seed grows into the X-Wing key of the draft."""
    return SealPrivateKey(XWING_SEED).public.digest == XWING_PUBLIC_DIGEST


def box_opens_as_known() -> bool:
    """Whether the pinned box opens to the pinned key."""
    return unwrap(HPKE_BOX, SealPrivateKey(XWING_SEED), HPKE_INFO, 1) == [HPKE_KEY]


def box_refuses_other_info() -> bool:
    """Whether the pinned box stays shut under another `info`, that is, once moved."""
    try:
        unwrap(HPKE_BOX, SealPrivateKey(XWING_SEED), HPKE_INFO + b"x", 1)
    except SealError as error:
        return error.code == "wrap.unopenable"
    return False


def stream_opens_as_known() -> bool:
    """Whether the pinned stream opens, chunk by chunk, to the pinned plaintext and tags."""
    return _pull(STREAM_DATA) == [(plaintext, tag) for _, plaintext, tag in STREAM_CHUNKS]


def stream_refuses_other_data() -> bool:
    """Whether the pinned stream stays shut under other associated data."""
    try:
        _pull(STREAM_DATA + b"x")
    except SodiumError:
        return True
    return False


CHECKS: Final[Mapping[str, Callable[[], bool]]] = {
    **SIGNING_CHECKS,
    "X-Wing key from a seed": seed_gives_known_key,
    "HPKE opens": box_opens_as_known,
    "HPKE refuses other info": box_refuses_other_info,
    "secretstream opens": stream_opens_as_known,
    "secretstream refuses other data": stream_refuses_other_data,
}


def run() -> None:
    """Check everything that this process seals, opens and signs with. Raises `SealError` (`selftest.failed`)."""
    run_checks(CHECKS)


def _pull(data: bytes) -> list[tuple[bytes, int]]:
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, b64.decode(STREAM_HEADER), STREAM_KEY)
    return [
        bindings.crypto_secretstream_xchacha20poly1305_pull(state, b64.decode(chunk), data)
        for chunk, _, _ in STREAM_CHUNKS
    ]
