"""Saying yes to what was asked, and to less of it later. Taking back is `consent_stop`.

Each consent says what was shown and takes the next place in its chains. Rules: `docs/spec/rulebook.md`; article
7 of the duties.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from zegel_demo.asked import Asked, bounded, narrowed, text_of
from zegel_demo.consent_chains import Heads, flows_of, read_given
from zegel_demo.phone import Family, Phone
from zegel_demo.touch import Answer, sign_and_submit
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import digest_of, new_nonce
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Consent
from zegel_protocol.objects.consent import ByPasskey, ConsentSigner
from zegel_protocol.objects.parties import Party
from zegel_protocol.texts.consent_text import ConsentDraft, text_digest


@dataclass(frozen=True)
class Yes:
    """A yes that is ready to be given: what it will say, with the text that was read, to which request."""

    draft: ConsentDraft
    text: str
    household: str
    request: str


async def accept(
    phone: Phone, asked: Asked, only: Mapping[int, Set[str]] | None = None, replaces: Iterable[str] = ()
) -> tuple[Answer, ...]:
    """Say yes to a request; return what was accepted, in the order of its offers.

    `only`: the types (of those asked) that a flow, by its index, is narrowed to; an empty set is no to that flow, and a
    flow that is not named is accepted as it was asked. `replaces`: `D` of earlier consents that these take the place
    of, each in its own chain. What is neither narrowed nor replaces anything is signed as it was shown.

    Raises `ProtocolError`: `consent.not-asked`, `consent.nothing`, `consent.text-changed` (what was shown reads
    otherwise by now: look again), `consent.unknown` (of `replaces`), and what verification raises; then nothing was
    signed. Raises `Refused`, `RelayProblem` (`chain.head`: something was signed in between), `RelayUnreachable` while
    submitting; what was accepted before that stands, and its receipt is kept.
    """
    family = await phone.family()
    heads = Heads()
    yeses: list[Yes] = []
    cases: dict[tuple[str, str], CaseFile] = {}
    to_replace, found = set(replaces), set[str]()
    for draft, shown in chosen(asked, only or {}):
        parties = (draft.sender.key, draft.to.key)
        if parties not in cases:
            cases[parties] = await evidence_for(phone, family, draft.sender, draft.to, heads)
        case = cases[parties]
        old = to_replace & _in_all_chains(case, draft)
        found |= old
        final = replace(draft, replaces=tuple(sorted(old)))
        text = text_of(final, case.setting)
        if final == draft and shown is not None and text != shown:
            raise ProtocolError("consent.text-changed", "the text reads otherwise by now: look again")
        yeses.append(Yes(final, text, asked.request.payload.household, asked.request.d))
    if to_replace - found:
        raise ProtocolError("consent.unknown", "a consent to be replaced is in none of these chains")
    return await _give(phone, yeses, heads, family.case)


async def narrow(phone: Phone, d: str, types: Set[str]) -> tuple[Answer, ...]:
    """Replace the consent `d` by one for these of its types only, until the same end; the same request is answered.

    Two take its place where it is about oneself and about children. Raises `ProtocolError`: `consent.unknown` (no
    consent of one's own that counts), `consent.not-asked`, `consent.nothing` (then it is to be stopped); and as
    `accept`.
    """
    family = await phone.family()
    own = (phone.person, *family.children)
    case, now = await phone.consents(), phone.clock()
    held = next((item for item in read_given(case, own, now) if item.consent.d == d and item.counts_for), None)
    if held is None:
        raise ProtocolError("consent.unknown", "no consent of one's own that counts")
    if not types:
        raise ProtocolError("consent.nothing", "nothing is left of it: stop it instead")
    old, heads, yeses = held.consent.payload, Heads(), list[Yes]()
    for group in ((phone.person,), family.children):
        about = tuple(person for person in held.counts_for if person in group)
        if not about:
            continue
        draft = ConsentDraft(
            purpose=old.purpose,
            sender=old.sender,
            to=old.to,
            types=old.types,
            about=about,
            not_before=now,
            not_after=old.not_after,
            signers=(ConsentSigner(person=phone.person, role="self" if about == (phone.person,) else "authority"),),
            language=old.language,
            code_version=case.setting.rulebook.payload.code_version,
            replaces=(d,),
        )
        draft = bounded(narrowed(draft, types), case.setting)
        heads.read(case, flows_of(about, draft.sender, draft.to), now)
        yeses.append(Yes(draft, text_of(draft, case.setting), old.household, old.request))
    return await _give(phone, yeses, heads, case)


def chosen(asked: Asked, only: Mapping[int, Set[str]]) -> list[tuple[ConsentDraft, str | None]]:
    """Return the drafts that are said yes to, each with the text that was shown for it; None for a narrowed one."""
    if not set(only) <= {offer.flow for offer in asked.offers}:
        raise ProtocolError("consent.not-asked", "a flow that nobody asked for, or that can't be answered")
    chosen: list[tuple[ConsentDraft, str | None]] = []
    for offer in asked.offers:
        types = only.get(offer.flow)
        if types is None:
            chosen.append((offer.draft, offer.text))
        elif types:
            chosen.append((narrowed(offer.draft, types), None))
    if not chosen:
        raise ProtocolError("consent.nothing", "nothing of the request is said yes to")
    return chosen


async def evidence_for(phone: Phone, family: Family, sender: Party, to: Party, heads: Heads) -> CaseFile:
    """Fetch the chains of this person and their children for one (from, to), and take over where they end."""
    persons = tuple(sorted((phone.person, *family.children)))
    case = await phone.believe(await phone.relay.evidence(EvidenceQuery(persons=persons, sender=sender, to=to)))
    heads.read(case, flows_of(persons, sender, to), phone.clock())
    return case


def _in_all_chains(case: CaseFile, draft: ConsentDraft) -> set[str]:
    """Return the consents that stand in the chain of everyone the draft is about."""
    chains = [case.chains.get(flow, ()) for flow in flows_of(draft.about, draft.sender, draft.to)]
    known = [{held.d for held in chain if isinstance(held.payload, Consent)} for chain in chains]
    return set.intersection(*known)


async def _give(phone: Phone, yeses: Iterable[Yes], heads: Heads, case: CaseFile) -> tuple[Answer, ...]:
    return await sign_and_submit(phone, consents_of(phone, yeses, heads, case), case)


def consents_of(phone: Phone, yeses: Iterable[Yes], heads: Heads, case: CaseFile) -> list[tuple[Consent, str]]:
    """Return the consents that say these yeses, each with its text, at the next places of their chains."""
    made: list[tuple[Consent, str]] = []
    for yes in yeses:
        draft, sender, to = yes.draft, yes.draft.sender.key, yes.draft.to.key
        consent = Consent(
            v=1,
            huis=phone.huis,
            nonce=new_nonce(),
            household=yes.household,
            request=yes.request,
            purpose=draft.purpose,
            sender=draft.sender,
            to=draft.to,
            types=draft.types,
            about=draft.about,
            not_before=draft.not_before,
            not_after=draft.not_after,
            signers=draft.signers,
            evidence=ByPasskey(),
            language=draft.language,
            text_digest=text_digest(yes.text),
            rulebook=case.setting.rulebook.d,
            code_version=draft.code_version,
            replaces=draft.replaces,
            chains=heads.links(draft.about, sender, to),
        )
        heads.append(draft.about, sender, to, digest_of(consent))
        made.append((consent, yes.text))
    return made
