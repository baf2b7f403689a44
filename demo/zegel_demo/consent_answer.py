"""Answering: a yes to what was asked, less of it later, or a stop. One touch of the passkey signs all of one answer.

Each object says what was shown, takes the next place in its chains, and goes to the relay by itself; receipts are
checked and kept. Rules: RULEBOOK, Durations and Persons; article 7 of the duties (the client decides, and may stop).
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from zegel_demo.asked import Asked, Offer, bounded, narrowed, text_of
from zegel_demo.consent_chains import Given, Heads, read_given
from zegel_demo.phone import Family, Phone, digest_of, nonce
from zegel_keys.casefile import CaseFile
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.assertion import to_signature
from zegel_protocol.decision.age import Age, age
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Consent, Revocation
from zegel_protocol.objects.consent import ByPasskey, ConsentSigner
from zegel_protocol.objects.parties import Party
from zegel_protocol.signed import Place
from zegel_protocol.texts.consent_text import ConsentDraft, text_digest


@dataclass(frozen=True)
class Answer:
    """One object of an answer that the relay accepted: its `D`, what it says, the text that was read, its place."""

    d: str
    payload: Consent | Revocation
    text: str | None
    place: Place


@dataclass(frozen=True)
class _Yes:
    draft: ConsentDraft
    household: str
    request: str
    text: str


class Answers:
    """The answers of one phone."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    async def accept(
        self, asked: Asked, only: Mapping[int, Set[str]] | None = None, replaces: Iterable[str] = ()
    ) -> tuple[Answer, ...]:
        """Say yes to a request, and return what was accepted, in the order of its offers.

        `only`: the types (of those asked) that a flow, by its index, is narrowed to; an empty set is no to that flow,
        and a flow that is not named is accepted as it was asked. `replaces`: `D` of earlier consents that these take
        the place of, each in its own chain. What is neither narrowed nor replaces anything is signed as it was shown.

        Raises `ProtocolError`: `consent.not-asked`, `consent.nothing`, `consent.text-changed` (what was shown reads
        otherwise by now: look again), `consent.unknown` (of `replaces`), and what verification raises; then nothing
        was signed. Raises `Refused`, `RelayProblem` (`chain.head`: something was signed in between), `RelayUnreachable`
        while submitting; what was accepted before that stands, and its receipts are kept.
        """
        family = await self._phone.family()
        wanted, heads, yeses = set(replaces), Heads(), list[_Yes]()
        offers = _chosen(asked, only or {})
        cases: dict[tuple[str, str], CaseFile] = {}
        replaced: set[str] = set()
        for offer in offers:
            parties = (offer.draft.sender.key, offer.draft.to.key)
            if parties not in cases:
                cases[parties] = await self._evidence(family, offer.draft.sender, offer.draft.to, heads)
            case = cases[parties]
            old = wanted & _common(case, offer.draft)
            draft = replace(offer.draft, replaces=tuple(sorted(old)))
            replaced |= old
            text = text_of(draft, case.setting)
            if draft == offer.draft and text != offer.text:
                raise ProtocolError("consent.text-changed", "the text reads otherwise by now: look again")
            yeses.append(_Yes(draft, asked.request.payload.household, asked.request.d, text))
        if wanted - replaced:
            raise ProtocolError("consent.unknown", "a consent to be replaced is in none of these chains")
        return await self._give(yeses, heads, family.case)

    async def given(self) -> tuple[Given, ...]:
        """Return every yes about this person and their children, verified, oldest first."""
        family = await self._phone.family()
        return (await self._given(family))[1]

    async def narrow(self, d: str, types: Set[str]) -> Answer:
        """Replace the consent `d` by one for these of its types only, until the same end; the same request is answered.

        Raises `ProtocolError`: `consent.unknown` (no consent of one's own that counts), `consent.not-asked`,
        `consent.nothing`; and as `accept`.
        """
        family = await self._phone.family()
        case, given = await self._given(family)
        old = _find(given, [d])[0].consent.payload
        about = tuple(person for person in old.about if person in (self._phone.person, *family.children))
        if not about:
            raise ProtocolError("consent.unknown", "a consent of somebody else")
        if not types:
            raise ProtocolError("consent.nothing", "nothing is left of it: stop it instead")
        draft = ConsentDraft(
            purpose=old.purpose,
            sender=old.sender,
            to=old.to,
            types=old.types,
            about=about,
            not_before=self._phone.clock(),
            not_after=old.not_after,
            signers=(self._signer(about),),
            language=old.language,
            code_version=case.setting.rulebook.payload.code_version,
            replaces=(d,),
        )
        draft = bounded(narrowed(draft, types), case.setting)
        yes = _Yes(draft, old.household, old.request, text_of(draft, case.setting))
        return (await self._give([yes], self._heads_of(case, [draft.sender.key], [draft.to.key], about), case))[0]

    async def revoke(self, digests: Iterable[str], reason_code: str) -> tuple[Answer, ...]:
        """Take back consents of one (from, to); return one revocation for each set of persons they are about.

        Raises `ProtocolError`: `consent.unknown` (none of one's own that counts), `revocation.flows` (of several (from,
        to)), `revocation.reason` (not on the rulebook's list); and as `accept`.
        """
        family = await self._phone.family()
        case, given = await self._given(family)
        if reason_code not in case.setting.rulebook.payload.revocation_reasons:
            raise ProtocolError("revocation.reason", "no reason of the rulebook's list")
        by_about: dict[tuple[str, ...], list[Given]] = {}
        for item in _find(given, digests):
            about = tuple(person for person in item.consent.payload.about if self._may_take_back(case, person))
            if not about:
                raise ProtocolError("consent.unknown", "a consent of somebody else")
            by_about.setdefault(about, []).append(item)
        found = [item.consent.payload for items in by_about.values() for item in items]
        if len({(item.sender.key, item.to.key) for item in found}) != 1:
            raise ProtocolError("revocation.flows", "one stop is for one organisation to one other")
        sender, to = found[0].sender, found[0].to
        heads = self._heads_of(case, [sender.key], [to.key], {person for about in by_about for person in about})
        revocations: list[Revocation] = []
        for about, items in by_about.items():
            revocation = Revocation(
                v=1,
                huis=self._phone.huis,
                nonce=nonce(),
                household=items[0].consent.payload.household,
                sender=sender,
                to=to,
                revokes=tuple(sorted(item.consent.d for item in items)),
                reason_code=reason_code,
                about=about,
                signers=(self._signer(about),),
                evidence=ByPasskey(),
                at=self._phone.clock(),
                chains=heads.links(about, sender.key, to.key),
            )
            heads.append(about, sender.key, to.key, digest_of(revocation))
            revocations.append(revocation)
        return await self._sign(revocations, [None] * len(revocations), case)
