"""What a client is asked: each request's flows as the yeses that this person could give, with the very text of each.

A yes is for oneself or for one's children, never both at once: whoever signs says in what role, once. Nothing is
signed here. Rules: `docs/spec/rulebook.md`; `zegel_protocol.decision` judges the same and has the last word.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from zegel_demo.phone import Family
from zegel_protocol.decision.age import who_signs
from zegel_protocol.durations import DAY
from zegel_protocol.errors import ProtocolError
from zegel_protocol.evidence import Setting
from zegel_protocol.objects import ConsentRequest
from zegel_protocol.objects.consent import ConsentSigner
from zegel_protocol.objects.consent_request import Flow
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope
from zegel_protocol.signed import Signed
from zegel_protocol.texts.consent_text import TEMPLATE, ConsentDraft, draft_of_flow, render_consent


@dataclass(frozen=True)
class Offer:
    """One yes that could be given: the request, which of its flows, what it will say, and the text to be read."""

    request: Signed[ConsentRequest]
    flow: int
    draft: ConsentDraft
    text: str


@dataclass(frozen=True)
class Asked:
    """A verified request. `asker` is the asking organisation's name.

    `offers` are in the order of the flows, oneself before one's children. `unanswerable` says why a flow has none: its
    index, and a code (`request.expired`, `request.template`, `purpose.no-consent`, `text.missing`, ...).
    """

    request: Signed[ConsentRequest]
    asker: str
    offers: tuple[Offer, ...]
    unanswerable: Mapping[int, str]


def read_request(request: Signed[ConsentRequest], family: Family, person: str, now: int) -> Asked | None:
    """Return a request as `person` can answer it at `now` (UTC seconds); None when it is not theirs to answer."""
    asked, setting = request.payload, family.case.setting
    # Who may not say yes for themselves, as a young person after a rebuttal, is offered nothing that would not count.
    myself = (person,) if person in who_signs(family.me.current, now) else ()
    groups = [group for group in (myself, family.children) if set(group) & set(asked.persons)]
    if not groups:
        return None
    offers: list[Offer] = []
    unanswerable: dict[int, str] = {}
    for index, flow in enumerate(asked.flows):
        try:
            if asked.template != TEMPLATE:
                raise ProtocolError("request.template", "a text that this version does not know")
            for group in groups:
                about = tuple(sorted(set(group) & set(asked.persons)))
                draft = first_draft(flow, about, person, setting, now, asked.language)
                offers.append(Offer(request, index, draft, text_of(draft, setting)))
        except ProtocolError as error:
            # One flow that cannot be shown does not keep the others from being answered.
            unanswerable[index] = error.code
    names = setting.names(asked.partner)
    return Asked(request, names[0] if names else asked.partner, tuple(offers), unanswerable)


def first_draft(
    flow: Flow, about: tuple[str, ...], person: str, setting: Setting, now: int, language: str
) -> ConsentDraft:
    """Return what a yes to a whole flow would say, from now until what is asked, or what the rules allow.

    Raises `ProtocolError`: `request.expired`, `purpose.unknown`, `purpose.no-consent`.
    """
    if flow.until <= now:
        raise ProtocolError("request.expired", "what was asked for lies in the past")
    role = ConsentSigner(person=person, role="self" if about == (person,) else "authority")
    version = setting.rulebook.payload.code_version
    draft = draft_of_flow(flow, about=about, not_before=now, signers=(role,), language=language, code_version=version)
    return bounded(draft, setting)


def bounded(draft: ConsentDraft, setting: Setting) -> ConsentDraft:
    """Return the draft, ended where the rulebook has it end. Raises `ProtocolError` as `longest`."""
    end = draft.not_before + longest(draft.purpose, draft.types, (draft.sender, draft.to), setting)
    return replace(draft, not_after=min(draft.not_after, end))


def longest(purpose: str, types: Iterable[Scope], parties: Iterable[Party], setting: Setting) -> int:
    """Return for how many seconds a yes by passkey may last at most.

    Raises `ProtocolError`: `purpose.unknown`, or `purpose.no-consent` for one that rests on no consent.
    """
    rulebook = setting.rulebook.payload
    rule = next((item for item in rulebook.purposes if item.id == purpose), None)
    if rule is None:
        raise ProtocolError("purpose.unknown", "the rulebook has no such purpose")
    levels = {category.id: category.level for category in rulebook.categories}
    limits = [rule.days]
    # A category that the rulebook does not know counts as highly sensitive, as in `decide()`.
    if rule.days_highly is not None and any(levels.get(item.type, "H") == "H" for item in types):
        limits.append(rule.days_highly)
    sides = [setting.member(party.partner) for party in parties]
    if any(side is not None and setting.secrecy(side) == "pledge" for side in sides):
        limits.append(rulebook.consent.pledge_days)
    if min(limits) == 0:
        raise ProtocolError("purpose.no-consent", "nobody is asked for a yes for this purpose")
    return min(limits) * DAY


def narrowed(draft: ConsentDraft, types: Set[str]) -> ConsentDraft:
    """Return the draft with these types only, each in the form it had.

    Raises `ProtocolError` (`consent.not-asked`) for a type that it does not hold: a yes is never wider than the
    question.
    """
    if not types <= {item.type for item in draft.types}:
        raise ProtocolError("consent.not-asked", "a type that nobody asked for")
    return replace(draft, types=tuple(item for item in draft.types if item.type in types))


def text_of(draft: ConsentDraft, setting: Setting) -> str:
    """Return the text that is read before this yes. Raises `ProtocolError` (`text.*`)."""
    partners = (party.partner for party in (draft.sender, draft.to) if party.partner is not None)
    # An organisation that the Huis does not know has no name here, and so no text.
    return render_consent(draft, {name: known[0] for name in partners if (known := setting.names(name))})
