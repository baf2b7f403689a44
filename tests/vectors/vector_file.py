"""One test vector a file: reading it, and what its notation stands for. `docs/spec/vectors.md` states the notation."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from zegel_protocol import b64

FOLDER = Path(__file__).resolve().parent
MANIFEST = FOLDER / "MANIFEST.sha256"
OK = "ok"
REFUSED = "refused"


class Vector(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A case: what is tried, on which format, with what input, and the result or the code of the failure.

    `expect` is `ok`, a code of the error family, or `refused` for a message that `decide()` refuses; `result` stands
    with `ok` and `refused`.
    """

    description: str
    format: str
    input: dict[str, Any]
    expect: str
    result: dict[str, Any] | None = None


def paths() -> list[str]:
    """Return the path of every vector, relative to this folder, sorted."""
    return sorted(file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*.json"))


@cache
def read(path: str) -> Vector:
    """Return the vector at a path relative to this folder."""
    return msgspec.json.decode((FOLDER / path).read_bytes(), type=Vector)


def write(vector: Vector) -> bytes:
    """Return the bytes of a vector's file."""
    text = json.dumps(msgspec.to_builtins(vector), ensure_ascii=False, indent=1)
    # A line separator inside a string is legal JSON, and ends a line in too many editors.
    return (text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029") + "\n").encode("utf-8")


def resolve(value: Any) -> Any:
    """Return `value` with every reference replaced by what it names: `{"ref": file, "at": "objects.root"}`."""
    if isinstance(value, list):
        return [resolve(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "ref" not in value:
        return {name: resolve(item) for name, item in value.items()}
    found: Any = read(value["ref"]).input
    for step in value["at"].split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return resolve(found)


def as_bytes(value: Any) -> bytes:
    """Return the bytes that a resolved value stands for.

    Text stands for its UTF-8; else `{"base64url"}`, `{"join": [...]}`, `{"repeat", "times"}`, or `{"slice", "start",
    "end"}` with either end left out.
    """
    if isinstance(value, str):
        return value.encode("utf-8")
    if "base64url" in value:
        return b64.decode(value["base64url"])
    if "join" in value:
        return b"".join(as_bytes(part) for part in value["join"])
    if "repeat" in value:
        return as_bytes(value["repeat"]) * int(value["times"])
    return as_bytes(value["slice"])[value.get("start", 0) : value.get("end")]


def objects(value: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return named objects: as they stand, or `{"base": {...}, "without": [names], "with": {...}}`."""
    if "base" not in value:
        return value
    left_out = value.get("without", ())
    kept = {name: item for name, item in objects(value["base"]).items() if name not in left_out}
    return {**kept, **value.get("with", {})}
