"""A file of rules that people edit: read strictly, put in order, and said clearly where it is wrong.

The file is JSON with free white space and order; the signed rulebook is the canonical object that
`template.make_rulebook` builds from it. Nothing is guessed: an unknown or repeated field is an error.
"""

import json
import re
from itertools import pairwise
from typing import Any, NoReturn

import msgspec

from zegel_protocol.errors import MalformedError
from zegel_protocol.rulebook.consistency import check_rules
from zegel_protocol.rulebook.rules import Rules

MAX_RULES_BYTES = 1024 * 1024
"""Largest rules file; the default one is about 50 KiB."""


def read_rules(data: bytes) -> Rules:
    """Return the rules in a file, every list sorted (each list of a rulebook is a set).

    Raises `MalformedError`: `rules.too-large`, `rules.not-json`, `rules.repeated` (a field or list item stands twice),
    `rules.malformed` (a field is missing, unknown, or of another type), or what `consistency.check_rules` raises. The
    path names items by their id where they have one: `$.purposes[care].days`.
    """
    if len(data) > MAX_RULES_BYTES:
        raise MalformedError("rules.too-large", f"{len(data)} bytes where at most {MAX_RULES_BYTES} are allowed")
    try:
        raw = json.loads(
            data.decode("utf-8"), object_pairs_hook=_fields, parse_float=_no_number, parse_constant=_no_number
        )
        arranged = _arrange(raw, "$")
    except (ValueError, RecursionError) as error:
        raise MalformedError("rules.not-json", str(error)) from error
    try:
        rules = msgspec.convert(arranged, Rules)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `")
        raise MalformedError("rules.malformed", detail, _named_path(path.rstrip("`"), arranged)) from error
    check_rules(rules)
    return rules


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a field that stands twice: which of the two was meant?"""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise MalformedError("rules.repeated", f"the field {name!r} stands twice in one object")
        fields[name] = value
    return fields


def _no_number(text: str) -> NoReturn:
    raise MalformedError("rules.malformed", f"{text} where a whole number belongs")


def _key(value: Any) -> str:
    """Return the text that an item is sorted by, and known by: its id, its purpose and sector, or its type."""
    if isinstance(value, dict):
        if "purpose" in value and "sector" in value:
            return f"{value['purpose']}\x01{value['sector']}"
        return str(value.get("id", value.get("type", "")))
    # Numbers in a rules file's lists are articles of law: padded, so that their text sorts as they do.
    return f"{value:08d}" if isinstance(value, int) else str(value)


def _label(value: Any) -> str:
    return _key(value).replace("\x01", "/")


def _arrange(value: Any, path: str) -> Any:
    """Return `value` with every list sorted bytewise, as sets stand in an object."""
    if isinstance(value, dict):
        return {name: _arrange(item, f"{path}.{name}") for name, item in value.items()}
    if not isinstance(value, list):
        return value
    arranged = sorted(
        (_arrange(item, f"{path}[{_label(item)}]") for item in value), key=lambda item: _key(item).encode()
    )
    for left, right in pairwise(arranged):
        # Items without a name are malformed, and said to be so where their types are checked.
        if _key(left) and _key(left) == _key(right):
            raise MalformedError("rules.repeated", "this item stands twice", f"{path}[{_label(left)}]")
    return arranged


def _named_path(path: str, value: Any) -> str:
    """Return a path with each index replaced by the item's own name, because sorting moved the indexes."""
    named = "$"
    for field, index in re.findall(r"\.([a-z_0-9]+)|\[(\d+)\]", path):
        try:
            value = value[field] if field else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return path
        named += f".{field}" if field else f"[{_label(value) or index}]"
    return named
