"""What the rules would never let through is not asked of a family; a misspelt type is met with the one that is meant.

A request is no message, so nothing refuses it at the relay: without this somebody would read a question whose yes is of
no use. The rules themselves stand in `zegel_protocol.decision.sections`, which judges every message in the end.
"""

import difflib
from collections.abc import Iterable, Iterator
from typing import Final

from zegel.content.errors import ContentCode
from zegel.errors import Refused, ZegelError
from zegel_protocol.evidence import Setting
from zegel_protocol.objects import Rulebook
from zegel_protocol.refusal import Code, Refusal, Step, refuse

_ALIKE: Final = 0.8
"""How alike two words are, of 1, that are one and a slip of it: `mony` is money, and `religion` is no `relation`."""


class TypeUnknown(ZegelError):
    """Something is of a type that the rulebook does not know."""

    code = ContentCode.TYPE.value


def require_types(rules: Rulebook, types: Iterable[str]) -> None:
    """Return if the rulebook knows all these types. Raises `TypeUnknown`, with those that may be meant."""
    known = sorted({*(item.id for item in rules.categories), *(item.id for item in rules.parts)})
    wrong = sorted(set(types) - set(known))
    near = [match for item in wrong for match in difflib.get_close_matches(item, known, 2, _ALIKE)]
    meant = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(known)}."
    if wrong:
        raise TypeUnknown(f"The rules know no category or part {', '.join(wrong)}.", "Nothing was sent.", meant)


def require_askable(setting: Setting, to: str, purpose: str, types: Iterable[tuple[str, str]]) -> None:
    """Return if a yes to these (type, form) pairs can be of use. Raises `Refused`, or `TypeUnknown`.

    Paths of refusals are those of a message with one section for each pair.
    """
    pairs = tuple(types)
    require_types(setting.rulebook.payload, (kind for kind, _ in pairs))
    refusals = tuple(_refusals(setting, to, purpose, pairs))
    if refusals:
        raise Refused(refusals, names={item: setting.names(item)[0] for item in setting.memberships})


def _refusals(setting: Setting, to: str, purpose: str, types: tuple[tuple[str, str], ...]) -> Iterator[Refusal]:
    rules, recipient = setting.rulebook.payload, setting.member(to)
    if purpose not in {rule.id for rule in rules.purposes}:
        yield refuse(Code.PURPOSE_UNKNOWN, "$.purpose", Step.OTHER_PURPOSE, purpose=purpose)
        return
    if recipient is None:
        yield refuse(Code.RECIPIENT_UNKNOWN, "$.to.partner", Step.OTHER_RECIPIENT, partner=to)
        return
    row = next((rule for rule in rules.relevance if (rule.purpose, rule.sector) == (purpose, recipient.sector)), None)
    # What may be reported back may be asked for beforehand, whoever begins the conversation.
    allowed = {item.type: item.forms for item in (*rules.report_back, *(row.types if row is not None else ()))}
    sector = recipient.sector
    for n, (kind, form) in enumerate(types):
        if kind not in allowed:
            path = f"$.entries[{n}].type"
            yield refuse(Code.NOT_RELEVANT, path, Step.LEAVE_OUT, (kind,), type=kind, purpose=purpose, to=sector)
        elif form not in allowed[kind]:
            yield refuse(
                Code.FORM_NOT_RELEVANT, f"$.entries[{n}].form", Step.NARROW, allowed[kind],
                type=kind, form=form, purpose=purpose, to=sector,
            )  # fmt: skip
