"""The one JSON encoding of an object: decoded only if encoding it again gives the same bytes.

msgspec alone accepts duplicate keys, white space and escapes, so `decode` compares; and it lets `UnicodeDecodeError`
and `RecursionError` through, so every parse is wrapped. `docs/spec/encoding.md` states the rules.
"""

import re
import unicodedata
from collections.abc import Hashable
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from zegel_protocol.errors import MalformedError

T = TypeVar("T")

MAX_OBJECT_BYTES = 512 * 1024
"""Largest payload of one object. A prekeys object of a device with six periods is about 10 KiB, a directory of a
Huis with 2,000 partners about 200 KiB."""

MAX_DEPTH = 12
"""Deepest nesting of arrays and objects; the deepest object of the format has 6."""

# An open string runs to the end, so that one pass reads any bytes: no quote is tried twice.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NUL_TEXT = r"\u0000"
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

_QUOTING = ("Object contains unknown field", "Invalid enum value", "Invalid value")
_PATH = re.compile(r" - at `(\$[a-z0-9_.\[\]]*)`\Z")

_encoder = msgspec.json.Encoder(decimal_format="string")


@lru_cache(maxsize=128)
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cast("type[Any]", kind), strict=True)


def encode(value: Any) -> bytes:
    """Return the canonical bytes of a struct: declared field order, absent optionals omitted, no white space."""
    return _encoder.encode(value)


def decode(data: bytes, kind: type[T], limit: int = MAX_OBJECT_BYTES) -> T:
    """Return `data` as a `kind`.

    Raises `MalformedError` with `object.too-large`, `object.too-deep`, `object.malformed` (not JSON, or not of this
    type: `path` says where) or `object.not-canonical` (duplicate key, white space, escape, order, explicit null,
    text that is not NFC or holds U+0000).
    """
    if len(data) > limit:
        raise MalformedError("object.too-large", f"{len(data)} bytes where at most {limit} are allowed")
    # No nesting is deeper than the number of brackets that open.
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and _depth(data) > MAX_DEPTH:
        raise MalformedError("object.too-deep", f"nested deeper than {MAX_DEPTH}")
    try:
        text = data.decode("utf-8")
        value: T = _decoder(cast(Hashable, kind)).decode(data)
        again = _encoder.encode(value)
    except msgspec.ValidationError as error:
        raise MalformedError("object.malformed", *unquoted(error)) from error
    except (msgspec.MsgspecError, ValueError, RecursionError, TypeError) as error:
        raise MalformedError("object.malformed", type(error).__name__) from error
    if again != data:
        raise MalformedError("object.not-canonical", "not the one encoding of what it says")
    # Most of what comes is ASCII without such an escape, and asking for that first costs nearly nothing.
    if (_NUL_TEXT in text and _NUL.search(text)) or not (text.isascii() or unicodedata.is_normalized("NFC", text)):
        raise MalformedError("object.not-canonical", "text is not NFC, or holds U+0000")
    return value


def unquoted(error: msgspec.ValidationError) -> tuple[str, str]:
    """Return what does not fit, and its path, without the value or name that was found there.

    msgspec quotes some of what it decoded. An error goes into answers and tickets, where no client's word belongs.
    """
    text = str(error)
    found = _PATH.search(text)
    detail = text[: found.start()] if found is not None else text
    detail = next((said for said in _QUOTING if detail.startswith(said)), detail)
    return detail, found.group(1) if found is not None else ""


def _depth(data: bytes) -> int:
    """Return the deepest nesting, counted over the raw bytes outside strings (no recursion, so no bomb)."""
    # Without escapes every second piece between quotes is a string; one that stays open runs to the end.
    outside = _STRING.sub(b"", data) if b"\\" in data else b"".join(data.split(b'"')[::2])
    deepest = depth = 0
    for bracket in outside.translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"{[" else -1
        deepest = max(deepest, depth)
    return deepest
