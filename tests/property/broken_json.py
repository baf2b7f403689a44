"""JSON that means what a valid payload means, or nearly, and is not its one encoding: each way must be refused.

A document is taken apart into pairs instead of dicts, so that keys can repeat and change places, which a dict hides.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st


@dataclass
class Obj:
    """An object as its pairs, in their order."""

    pairs: list[tuple[str, Any]]


@dataclass(frozen=True)
class Raw:
    """Text that stands in the document as it is."""

    text: str


def write(node: Any) -> str:
    """Return a document as compact JSON text."""
    match node:
        case Raw():
            return node.text
        case Obj():
            return "{" + ",".join(f"{write(name)}:{write(inner)}" for name, inner in node.pairs) + "}"
        case list():
            return "[" + ",".join(map(write, node)) + "]"
        case _:
            return json.dumps(node, ensure_ascii=False)


def read(data: bytes) -> Any:
    """Return canonical bytes as a document."""
    return json.loads(data, object_pairs_hook=lambda pairs: Obj(list(pairs)))


def _objects(node: Any) -> Iterator[Obj]:
    if isinstance(node, Obj):
        yield node
    children: list[Any] = node if isinstance(node, list) else []
    if isinstance(node, Obj):
        children = [value for _, value in node.pairs]
    for child in children:
        yield from _objects(child)


def _one(draw: st.DrawFn, doc: Any, wanted: Callable[[Any], bool]) -> tuple[Obj, int]:
    """Pick a member of some object whose value is `wanted`."""
    found: list[tuple[Obj, int]] = []
    for node in _objects(doc):
        found += [(node, at) for at, pair in enumerate(node.pairs) if wanted(pair[1])]
    assume(found)
    return found[draw(st.integers(0, len(found) - 1))]


def _duplicate_key(draw: st.DrawFn, doc: Any) -> None:
    node, at = _one(draw, doc, lambda _: True)
    node.pairs.insert(draw(st.sampled_from([0, at, len(node.pairs)])), node.pairs[at])


def _reorder_keys(draw: st.DrawFn, doc: Any) -> None:
    node, at = _one(draw, doc, lambda _: True)
    assume(at > 0)
    node.pairs[at - 1], node.pairs[at] = node.pairs[at], node.pairs[at - 1]


def _unknown_key(draw: st.DrawFn, doc: Any) -> None:
    node, at = _one(draw, doc, lambda _: True)
    known = {name for name, _ in node.pairs}
    name = draw(st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8).filter(lambda text: text not in known))
    value: Any = draw(st.sampled_from([None, 0, "", [], False]))
    node.pairs.insert(at, (name, value))


def _other_number(draw: st.DrawFn, doc: Any) -> None:
    node, at = _one(draw, doc, lambda value: type(value) is int)
    name, value = node.pairs[at]
    shape = draw(st.sampled_from(["{}.0", "{}e0", "{}E+0", "0{}", "+{}", "-0{}", '"{}"', "{}.", "[{}]"]))
    node.pairs[at] = (name, Raw(shape.format(value)))


def _escape(draw: st.DrawFn, doc: Any) -> None:
    node, at = _one(draw, doc, lambda value: isinstance(value, str) and value != "")
    name, value = node.pairs[at]
    target = draw(st.sampled_from(range(len(value))))
    # Control characters are escaped in the one encoding too; everything else stands as it is.
    assume(value[target] >= " " and value[target] not in '"\\\x7f' and ord(value[target]) < 0x10000)
    escaped = draw(st.sampled_from([f"\\u{ord(value[target]):04x}", f"\\u{ord(value[target]):04X}"]))
    text = json.dumps(value[:target], ensure_ascii=False)[:-1] + escaped + json.dumps(value[target + 1 :])[1:]
    node.pairs[at] = (name, Raw(text))


def _escaped_key(draw: st.DrawFn, doc: Any) -> None:
    node, at = _one(draw, doc, lambda _: True)
    name, value = node.pairs[at]
    node.pairs[at] = (Raw(f'"\\u{ord(name[0]):04x}{name[1:]}"'), value)  # type: ignore[assignment]


def _nul(draw: st.DrawFn, doc: Any) -> None:
    node, at = _one(draw, doc, lambda value: isinstance(value, str))
    name, value = node.pairs[at]
    place = draw(st.integers(0, len(value)))
    node.pairs[at] = (name, value[:place] + "\0" + value[place:])


def _decomposed(draw: st.DrawFn, doc: Any) -> None:
    node, at = _one(draw, doc, lambda value: isinstance(value, str))
    name, value = node.pairs[at]
    node.pairs[at] = (name, value + "e\N{COMBINING ACUTE ACCENT}")


def _surrogate(draw: st.DrawFn, doc: Any) -> None:
    node, at = _one(draw, doc, lambda value: isinstance(value, str))
    node.pairs[at] = (node.pairs[at][0], Raw(draw(st.sampled_from(['"\\ud800"', '"\\udfff\\ud800"', '"\\ud83d"']))))


def _wrong_type(draw: st.DrawFn, doc: Any) -> None:
    node, at = _one(draw, doc, lambda _: True)
    name, value = node.pairs[at]
    other: Any = draw(st.sampled_from([None, {}, -1, 2**53, 1.5, "\u00e9", [[]], [None]]))
    assume(type(other) is not type(value) or isinstance(value, list))
    node.pairs[at] = (name, Obj([]) if other == {} else other)


TREE_BREAKS = {
    "duplicate-key": _duplicate_key,
    "reordered-keys": _reorder_keys,
    "unknown-key": _unknown_key,
    "other-number": _other_number,
    "escape": _escape,
    "escaped-key": _escaped_key,
    "nul": _nul,
    "decomposed": _decomposed,
    "surrogate": _surrogate,
    "wrong-type": _wrong_type,
}


@st.composite
def broken(draw: st.DrawFn, data: bytes) -> bytes:
    """Draw bytes that say nearly what `data` (canonical) says, and that no parser may accept."""
    doc = read(data)
    TREE_BREAKS[draw(st.sampled_from(sorted(TREE_BREAKS)))](draw, doc)
    return write(doc).encode("utf-8")


def _structural(text: str) -> list[int]:
    """Return the places outside strings, where JSON allows white space."""
    places, quoted, escaped = [0], False, False
    for at, char in enumerate(text):
        if quoted:
            quoted, escaped = escaped or char != '"', not escaped and char == "\\"
        elif char == '"':
            quoted = True
        elif char in "{}[]:,":
            places += [at, at + 1]
    return places


BLANKS = [" ", "\n", "\r\n", "\t", "/**/", "\N{NO-BREAK SPACE}", "\N{ZERO WIDTH NO-BREAK SPACE}"]


@st.composite
def spaced(draw: st.DrawFn, data: bytes) -> bytes:
    """Draw `data` with white space, a byte order mark or a comment where JSON readers may let it pass."""
    text = data.decode("utf-8")
    at = draw(st.sampled_from(_structural(text)))
    blank = draw(st.sampled_from(BLANKS))
    return (text[:at] + blank + text[at:]).encode("utf-8")


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Draw `data` with a bit flipped, a byte put in, taken out or doubled, a piece cut out, or the end missing."""
    at = draw(st.integers(0, len(data) - 1))
    match draw(st.sampled_from(["flip", "insert", "remove", "double", "cut", "truncate", "append"])):
        case "flip":
            return data[:at] + bytes([data[at] ^ (1 << draw(st.integers(0, 7)))]) + data[at + 1 :]
        case "insert":
            return data[:at] + draw(st.binary(min_size=1, max_size=3)) + data[at:]
        case "remove":
            return data[:at] + data[at + 1 :]
        case "double":
            return data[: at + 1] + data[at:]
        case "cut":
            end = draw(st.integers(at + 1, len(data)))
            return data[:at] + data[end:]
        case "append":
            return data + draw(st.binary(min_size=1, max_size=3))
        case _:
            return data[:at]
