"""Every kind of object: one that is right, and what its fields and the rules between them refuse."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from vectors.making.case import Case
from vectors.making.object_edits import EDITS, FURTHER, Edit
from vectors.making.object_samples import samples
from vectors.making.record_edits import GAINED, GAINED_REFUSED, RECORD_EDITS
from zegel_protocol import encoding
from zegel_protocol.objects import KINDS

Fields = dict[str, Any]
MALFORMED, NOT_CANONICAL = "object.malformed", "object.not-canonical"


def fields_of(kind: str) -> Fields:
    """Return the example of a kind as plain JSON values, in order."""
    found: Fields = json.loads(encoding.encode(samples()[kind]))
    return found


def write(fields: Fields) -> str:
    """Return the text of an object: canonical if the fields are right and in order."""
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)


def put(fields: Fields, change: Edit) -> Fields:
    """Return a copy with each dotted path set to a value; a callable gives the value from the old one, None removes."""
    copied: Fields = json.loads(json.dumps(fields))
    for path, value in change.items():
        *way, last = path.split(".")
        target: Any = copied
        for step in way:
            target = target[int(step)] if isinstance(target, list) else target[step]
        key: Any = int(last) if isinstance(target, list) else last
        if value is None:
            del target[key]
        else:
            target[key] = value(target[key]) if callable(value) else value
    return copied


def ordered(kind: str, fields: Fields) -> Fields:
    """Return the fields in the order of the wire: one that the example lacks was put at the end."""
    names = [field.encode_name for field in msgspec.structs.fields(KINDS[kind])]
    return {name: fields[name] for name in names if name in fields}


def cases() -> Iterator[Case]:
    """Yield the vectors of all kinds."""
    for kind in samples():
        yield from _of_kind(kind)


def _of_kind(kind: str) -> Iterator[Case]:
    good = fields_of(kind)

    def made(name: str, description: str, text: str, expect: str = "ok") -> Case:
        return Case(f"objects/{kind}/{name}.json", description, "object", {"kind": kind, "payload": text}, expect)

    yield made("valid", f"A {kind} with every field that it may have", write(good))
    names = list(good)
    edits: list[tuple[str, str, Callable[[], Fields], str]] = [
        ("unknown-version", "A version of the format that is not 1", lambda: put(good, {"v": 2}), MALFORMED),
        ("unknown-field", "A field that this kind does not have", lambda: {**good, "x": 1}, MALFORMED),
        ("short-nonce", "A nonce of 15 bytes", lambda: put(good, {"nonce": "A" * 20}), MALFORMED),
        ("huis-stray-bits", "A digest with bits that belong to no byte",
         lambda: put(good, {"huis": "A" * 42 + "B"}), MALFORMED),
        ("order", "The last two fields the other way round",
         lambda: {name: good[name] for name in (*names[:-2], names[-1], names[-2])}, NOT_CANONICAL),
    ]  # fmt: skip
    for name, description, build, expect in edits:
        yield made(name, description, write(build()), expect)
    for name, description, change in (EDITS | RECORD_EDITS)[kind]:
        yield made(name, description, write(put(good, change)), MALFORMED)
    for name, description, change in GAINED_REFUSED.get(kind, ()):
        yield made(name, description, write(ordered(kind, put(good, change))), MALFORMED)
    for name, description, change in (*FURTHER.get(kind, ()), *GAINED.get(kind, ())):
        yield made(name, description, write(ordered(kind, put(good, change))))
