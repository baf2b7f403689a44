"""Small drafts, allowed as they stand, for the rules about declarations, alarms, bases and plans."""

from dataclasses import replace
from typing import Any

import msgspec

from property.acts import Yes
from property.huis import NOW, Someone, d, member, the_records, the_setting
from property.worlds import Draft, Section
from zegel_protocol.decision import decide
from zegel_protocol.evidence import Setting
from zegel_protocol.objects.manifest import OnNecessity
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.records import Records
from zegel_protocol.refusal import Code
from zegel_protocol.signed import Place, Signed, Signer

BOY = Someone("boy", "child", ("mother",))
FAMILY = (BOY, Someone("mother"), Someone("sister", "child", ("mother",)))
DANGER = OnNecessity(code="serious-danger")

YES = Yes("first", (("plan", "whole"),))
SHARED = Draft((Section("plan"),), (YES,))
"""A worker of `caw-b` tells `health-a` something on the mother's own yes."""
ALARM = Draft(
    (
        Section("who", about=("boy",)), Section("violence", about=("boy",)), Section("motivation", about=("boy",)),
    ), (), FAMILY, kind="concern",
    purpose="safety", sender="school-a", to="safetydesk-a", notice_by="school-a", basis=DANGER, carried=False,
    follow_up=False, parts=(),
)  # fmt: skip
"""A teacher tells the safety desk of a boy in danger."""


def codes(draft: Draft, at: int = NOW) -> list[str]:
    """Return the codes of what is refused, each as often as it is said."""
    return [refusal.code.value for refusal in decide(draft.evidence(), at)]


def only(draft: Draft, code: Code, at: int = NOW) -> tuple[str, str, dict[str, str]]:
    """Return path, step and parameters of the one refusal that there is, which has this code."""
    (refusal,) = decide(draft.evidence(), at)
    assert refusal.code is code
    return refusal.path, refusal.mend.step.value, {item.name: item.value for item in refusal.params}


def under(setting: Setting | None = None, **rules: Any) -> Setting:
    """Return the Huis under a rulebook with other rules."""
    held = setting or the_setting()
    book = msgspec.structs.replace(held.rulebook.payload, **rules)
    return replace(held, rulebook=replace(held.rulebook, payload=book))


def book() -> Rulebook:
    """Return the default rulebook."""
    return the_setting().rulebook.payload


def joined(setting: Setting, partner: str, sector: str, secrecy: Any, **changes: Any) -> Setting:
    """Return the Huis with another membership of a partner."""
    held = member(partner, sector, secrecy)
    chain = (replace(held, payload=msgspec.structs.replace(held.payload, **changes)),)
    return replace(setting, memberships={**setting.memberships, partner: chain})


def listed(setting: Setting, partner: str, **changes: Any) -> Setting:
    """Return the Huis in which the partner's first device list says something else."""
    first, *rest = setting.devices[partner]
    edited = replace(first, payload=msgspec.structs.replace(first.payload, **changes))
    return replace(setting, devices={**setting.devices, partner: (edited, *rest)})


def without(*kinds: type, subject: str = "") -> Records:
    """Return the records without those of these kinds, and, where a subject is given, of that subject alone."""
    kept = [
        held
        for held in the_records().items
        if not (isinstance(held.payload, kinds) and (not subject or getattr(held.payload, "subject", "") == subject))
    ]
    return Records.of_all(kept)


def with_record(
    records: Records, payload: Any, index: int = 7, at: int = NOW - 3600, signers: frozenset[Signer] = frozenset()
) -> Records:
    """Return the records and one more, accepted at a place."""
    held = Signed(d(f"record {payload}"), payload, signers, Place(index, at))
    return Records.of_all((*records.items, held))
