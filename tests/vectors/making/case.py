"""A vector that is to be written: hand-stated expectation first, derived values from the implementation after it."""

from dataclasses import dataclass
from typing import Any

from zegel_protocol import b64

Json = Any


@dataclass(frozen=True)
class Case:
    """One vector without its `result`. `path` is relative to the folder of the vectors.

    `codes`: of a refusal, the codes of all its reasons, in any order.
    """

    path: str
    description: str
    format: str
    input: dict[str, Json]
    expect: str = "ok"
    codes: tuple[str, ...] = ()


def ref(path: str, at: str) -> Json:
    """Return a reference to a part of another vector's input."""
    return {"ref": path, "at": at}


def raw(data: bytes) -> Json:
    """Return bytes as vectors write them: as text where they are text that an editor leaves alone."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64url": b64.encode(data)}
    return text if text.isprintable() or text.replace("\n", "").isprintable() else {"base64url": b64.encode(data)}


def binary(data: bytes) -> Json:
    """Return bytes that are no text."""
    return {"base64url": b64.encode(data)}
