"""The types of single fields: each is text or a number with the one pattern or range that the wire allows.

Binary stays base64url *text* in the structs, so that values compare, hash and sort as they stand on the wire (sets are
sorted bytewise by that text); `zegel_protocol.b64.decode` gives the bytes where cryptography needs them. The last
character of each pattern is limited to those without stray bits. `(?!\\n)` closes the gap that `$` leaves in Python.
"""

from typing import Annotated

from msgspec import Meta

MAX_INT = 2**53 - 1
MAX_TIME = 253_402_300_799
"""9999-12-31T23:59:59Z. A later moment has no words, and a notice that can't be worded would hide what it tells of."""

_B64 = "[A-Za-z0-9_-]"
_END = r"$(?!\n)"


def _binary(size: int) -> Meta:
    full, rest = divmod(size * 8, 6)
    last = {0: "", 2: "[AQgw]", 4: "[AEIMQUYcgkosw048]"}[rest]
    return Meta(pattern=f"^{_B64}{{{full}}}{last}{_END}")


def _slug(longest: int) -> Meta:
    return Meta(pattern=rf"^[a-z0-9]+(?:[.-][a-z0-9]+)*{_END}", max_length=longest)


Nonce = Annotated[str, _binary(16)]
"""16 random bytes: makes `D` unguessable."""
Digest = Annotated[str, _binary(32)]
"""SHA-256, as the `D` of an object or a digest of bytes; 43 characters."""
Key32 = Annotated[str, _binary(32)]
"""An Ed25519 public key."""
Sig64 = Annotated[str, _binary(64)]
"""An Ed25519 signature inside a payload."""
SealKey = Annotated[str, _binary(1216)]
"""An ML-KEM-768 + X25519 public key, 1,184 then 32 bytes."""
SealedContact = Annotated[str, _binary(320)]
"""A contact address, padded and sealed: 272 bytes in a sealed box, which adds 48."""
SeedWrap = Annotated[str, _binary(60)]
"""A client's seed, wrapped: 12 bytes of nonce, 32 sealed, 16 of tag."""
Binary = Annotated[str, Meta(pattern=rf"^{_B64}*{_END}", max_length=8192)]
"""Base64url bytes of varying length; `b64.decode` checks the last character."""

Time = Annotated[int, Meta(ge=0, le=MAX_TIME)]
"""Whole seconds since 1970-01-01T00:00:00Z, to the end of the year 9999."""
Month = Annotated[str, Meta(pattern=rf"^[0-9]{{4}}-(?:0[1-9]|1[0-2]){_END}")]
"""A month of the Gregorian calendar, `2038-11`."""
Date = Annotated[str, Meta(pattern=rf"^[0-9]{{4}}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]){_END}")]
"""A day, `2026-11-24`."""
Size = Annotated[int, Meta(ge=0, le=MAX_INT)]
"""A count of bytes."""
Count = Annotated[int, Meta(ge=0, le=MAX_INT)]

Random128 = Annotated[str, Meta(pattern=rf"^[0-9a-f]{{32}}{_END}")]
"""128 random bits in lower-case hex: household, person, device and worker ids. Never time-ordered."""
Uuid7 = Annotated[
    str, Meta(pattern=rf"^[0-9a-f]{{8}}-[0-9a-f]{{4}}-7[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{12}}{_END}")
]
"""A message id: UUIDv7 (RFC 9562), made at sealing."""
PartnerId = Annotated[str, _slug(64)]
"""A partner's id, given by the steward: a lower-case slug such as `ocmw-gent`."""
Term = Annotated[str, _slug(48)]
"""A word of the vocabulary (purpose, sector, category, form, code). Whether it is known is decided, not parsed."""
Language = Annotated[str, Meta(pattern=rf"^[a-z]{{2,3}}{_END}")]
"""ISO 639 code."""
Media = Annotated[str, Meta(pattern=rf"^[a-z0-9]+/[a-z0-9][a-z0-9.+-]*{_END}", max_length=100)]
"""A media type in lower case, without parameters."""
Name = Annotated[str, Meta(min_length=1, max_length=120)]
"""A name for people, of an organisation; never of a client."""
Phone = Annotated[str, Meta(pattern=rf"^[0-9+][0-9 ]{{1,19}}{_END}", max_length=20)]
"""A telephone number of an organisation, as people dial it; never of a client."""
Url = Annotated[str, Meta(pattern=rf"^https?://[a-z0-9.-]+(?::[0-9]{{1,5}})?{_END}", max_length=200)]
"""A web origin: scheme, host, optional port."""
ProofText = Annotated[str, Meta(min_length=1, max_length=16384)]
"""A proof in the C2SP `tlog-proof` format."""
