"""Evidence that is well-typed and makes no sense: parts of a message that holds together, replaced by what the types
allow.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from property import instances, oracle
from property.drafts import drafts
from property.huis import NOW, SECTORS, d, device_signer, hex_id
from property.worlds import Draft
from zegel_protocol.evidence import Client, Evidence, Setting
from zegel_protocol.signed import Place, Signed, Signer

TERMS = (*oracle.LEVELS, *oracle.KINDS, *oracle.ALL_KINDS, *oracle.FORMS, *SECTORS, "motivation", "x", "report-back")
IDS = tuple(hex_id(f"person {name}") for name in ("kim", "mother", "father", "sister", "nobody"))
TIMES = (0, NOW - 1, NOW, NOW + 1, 2**53 - 1)


def value(draw: st.DrawFn, kind: msgspec.inspect.Type, old: Any) -> Any:
    """Draw a value of a type: any, or one that the rest of the evidence knows."""
    if draw(st.booleans()):
        return draw(instances.of(kind))
    match kind:
        case msgspec.inspect.IntType():
            return draw(st.sampled_from([time for time in TIMES if kind.le is None or time <= kind.le]))
        case msgspec.inspect.StrType() if kind.pattern and "{32}" in kind.pattern:
            return draw(st.sampled_from(IDS))
        case msgspec.inspect.StrType() if kind.max_length in (48, 64):
            return draw(st.sampled_from(TERMS))
        case msgspec.inspect.VarTupleType() if old:
            place = draw(st.integers(0, len(old) - 1))
            if draw(st.booleans()):
                return old[:place] + old[place + 1 :]
            return (*old[:place], value(draw, kind.item_type, old[place]), *old[place + 1 :])
        case msgspec.inspect.UnionType():
            return value(draw, draw(st.sampled_from(kind.types)), old if old is not None else ())
        case msgspec.inspect.StructType() if isinstance(old, kind.cls):
            return scramble(draw, old)
        case _:
            return draw(instances.of(kind))


def scramble(draw: st.DrawFn, old: Any) -> Any:
    """Return a struct with one field replaced, or as it was where its own rules do not allow that."""
    described = msgspec.inspect.type_info(type(old))
    assert isinstance(described, msgspec.inspect.StructType)
    if not described.fields:
        return old
    chosen = draw(st.sampled_from(described.fields))
    try:
        return msgspec.structs.replace(old, **{chosen.name: value(draw, chosen.type, getattr(old, chosen.name))})
    except (ValueError, TypeError):
        return old


def signers(draw: st.DrawFn) -> frozenset[Signer]:
    """Draw signers, some of them known."""
    known = [device_signer("caw-b"), device_signer("mental-b", "service"), Signer("identity", "k", person=IDS[0])]
    known += [Signer("passkey", d(f"passkey {name}"), person=hex_id(f"person {name}")) for name in ("kim", "mother")]
    return frozenset(draw(st.lists(st.sampled_from(known), max_size=3)))


def signed(draw: st.DrawFn, old: Signed[Any]) -> Any:
    """Return a signed object with another payload, other signers, another place, or another identity."""
    match draw(st.integers(0, 5)):
        case 0:
            return replace(old, signers=signers(draw))
        case 1:
            return replace(old, place=draw(st.none() | st.builds(Place, st.integers(0, 2000), st.sampled_from(TIMES))))
        case 2:
            return replace(old, d=d(draw(st.sampled_from(["entry 0", "consent first", "request first", "odd"]))))
        case _:
            return replace(old, payload=scramble(draw, old.payload))


def any_of(draw: st.DrawFn, old: Any) -> Any:
    """Return a part of the evidence, changed somewhere inside."""
    match old:
        case Signed():
            return signed(draw, old)
        case Client() | Setting():
            return inside(draw, old)
        case tuple() if old:
            place = draw(st.integers(0, len(old) - 1))
            if draw(st.integers(0, 3)) == 0 and not (len(old) == 1 and isinstance(old[0], Signed)):
                return (*old, old[place])
            return (*old[:place], any_of(draw, old[place]), *old[place + 1 :])
        case dict() if old:
            key = draw(st.sampled_from(sorted(old)))
            if draw(st.integers(0, 3)) == 0:
                return {name: item for name, item in old.items() if name != key}
            return {**old, key: any_of(draw, old[key])}
        case _:
            return old


def inside(draw: st.DrawFn, old: Any) -> Any:
    """Return a group of parts with one of them changed."""
    name = draw(st.sampled_from([item.name for item in fields(old)]))
    return replace(old, **{name: any_of(draw, getattr(old, name))})


@dataclass(frozen=True)
class Odd:
    """Evidence, with the draft it was made of; the evidence itself is too large to print."""

    draft: Draft
    evidence: Evidence

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        printer.text(f"Odd({self.draft!r}, ...)")


@st.composite
def odd(draw: st.DrawFn) -> Odd:
    """Draw evidence with one to six things changed in it."""
    draft = draw(drafts())
    evidence = draft.evidence()
    for _ in range(draw(st.integers(1, 6))):
        evidence = inside(draw, evidence)
    return Odd(draft, evidence)
