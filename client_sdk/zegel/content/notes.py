"""The base of every form struct, and the walk over its text fields. The forms themselves are in `schemas`.

A note never shows its words in `repr`, because a struct in a log line or a traceback is how content leaks. (The
`__rich_repr__` of msgspec is replaced for the same reason.)
"""

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")


class Note(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of a form: the fields of a text section, or a part of them."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {characters(self)} characters>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("characters", characters(self))]


def text_fields(value: object, path: str = "$") -> Iterator[tuple[str, str]]:
    """Yield (path, text) of every text field in declared order: `$.text`, `$.items[1].what`.

    Fields with a closed list of values (`per`) are yielded too: they are text on the wire, and finding nothing in them
    costs nothing.
    """
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from text_fields(item, f"{path}[{index}]")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from text_fields(getattr(value, name), f"{path}.{name}")


def characters(note: object) -> int:
    """Return how much text a note holds: Unicode code points over all its text fields, words of closed lists apart."""
    return sum(len(text) for path, text in text_fields(note) if not path.endswith(".per"))


def normalised(note: T) -> T:
    """Return the note as it is sealed: each text in NFC, lines ended by a single line feed.

    What people type differs by keyboard and system (a Mac decomposes accents, Windows ends lines with two characters);
    the wire has one spelling, so it is made here and only compared at the other end.
    """
    return cast(T, _map_text(note, lambda text: unicodedata.normalize("NFC", _line_feeds(text))))


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _map_text(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple | list):
        return tuple(_map_text(item, change) for item in value)
    if isinstance(value, msgspec.Struct):
        fields = {name: _map_text(getattr(value, name), change) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    return value
