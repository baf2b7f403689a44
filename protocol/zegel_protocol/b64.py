"""Base64url without padding (RFC 4648 section 5), one encoding a value.

Our own thin codec over the standard library, because the library ignores foreign characters and stray bits, and
because msgspec's `bytes` is padded standard base64.
"""

import base64
import binascii

from zegel_protocol.errors import MalformedError


def encode(data: bytes) -> str:
    """Return `data` as base64url text without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str, size: int | None = None) -> bytes:
    """Return the bytes that `text` stands for; `size` is the number of bytes expected, where it is fixed.

    Raises `MalformedError` (`binary.malformed`) unless `encode` of the result is `text` again, so that stray bits in
    the last character and foreign characters are refused.
    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise MalformedError("binary.malformed", "not base64url text") from error
    if encode(data) != text:
        raise MalformedError("binary.malformed", "not the canonical base64url text of its bytes")
    if size is not None and len(data) != size:
        raise MalformedError("binary.malformed", f"{len(data)} bytes where {size} belong")
    return data
