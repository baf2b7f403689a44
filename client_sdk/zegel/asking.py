"""Asking people for consent to flows between any two partners: one request, signed by the partner that asks.

It serves whoever asks: for what a draft needs (`Families.ask_consent`), for a question that another partner may answer
(article 6), for a conference whose participants share with each other (article 8).
"""

from collections.abc import Iterable, Sequence

from zegel.view import View
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import digest_of, new_nonce, sign_payload
from zegel_keys.keystore.identity import Identity
from zegel_protocol.objects import ConsentRequest, Rulebook
from zegel_protocol.objects.consent_request import Flow
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope
from zegel_protocol.texts.consent_text import TEMPLATE

MAX_FLOWS = 16
"""Of one request."""

Types = Iterable[tuple[str, str]]
"""(type, form) pairs."""


def longest(rulebook: Rulebook, purpose: str, types: Types) -> int:
    """Return for how many days at most the rulebook lets a consent for these types last; 0 for no such purpose."""
    rule = next((item for item in rulebook.purposes if item.id == purpose), None)
    if rule is None:
        return 0
    highly = {item.id for item in rulebook.categories if item.level == "H"}
    if rule.days_highly is not None and any(kind in highly for kind, _ in types):
        return rule.days_highly
    return rule.days


def relevant(case: CaseFile, purpose: str, to: str, types: Types) -> list[tuple[str, str]]:
    """Return those of these (type, form) pairs that the rules let go to partner `to` for a purpose."""
    member = case.setting.member(to)
    rules = case.setting.rulebook.payload.relevance
    row = next(
        (rule for rule in rules if member is not None and (rule.purpose, rule.sector) == (purpose, member.sector)), None
    )
    found = []
    for kind, form in types:
        allowed = row.find(kind) if row is not None else None
        if allowed is not None and form in allowed.forms:
            found.append((kind, form))
    return found


def flow(purpose: str, sender: Party, to: Party, types: Types, until: int) -> Flow:
    """Return one direction that is asked for."""
    scopes = sorted((Scope(type=kind, form=form) for kind, form in set(types)), key=lambda item: item.key)
    return Flow(purpose=purpose, sender=sender, to=to, types=tuple(scopes), until=until)


async def ask(
    identity: Identity,
    view: View,
    case: CaseFile,
    now: int,
    *,
    household: str,
    persons: Iterable[str],
    flows: Sequence[Flow],
    language: str,
) -> str:
    """Sign and submit one request; return its `D`. Raises `RelayProblem`, `RelayUnreachable`, `ProtocolError`."""
    request = ConsentRequest(
        v=1, huis=identity.huis, nonce=new_nonce(), household=household, partner=identity.partner,
        persons=tuple(sorted(set(persons))), flows=tuple(flows), language=language, template=TEMPLATE,
        rulebook=case.setting.rulebook.d, created=now,
    )  # fmt: skip
    await view.submit(sign_payload(request, identity.signing_key))
    return digest_of(request)
