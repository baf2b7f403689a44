"""Is every section covered by one single consent, for everyone it is about?

Dimensions are never combined across consents: for each (section, person) one unreplaced, unrevoked consent covers
sender, recipient, type and form, purpose and time, or the section is refused. Source: WIRE, decide() exactly.
"""

from collections.abc import Iterator

from zegel_protocol.decision import signers
from zegel_protocol.decision.case import DAY, Case
from zegel_protocol.decision.sections import WHOLE, allowance
from zegel_protocol.errors import ProtocolError
from zegel_protocol.evidence import ChainObject, Flow
from zegel_protocol.objects.consent import ByPasskey, Consent, Revocation
from zegel_protocol.objects.consent_request import ConsentRequest
from zegel_protocol.objects.entry import Entry
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.refusal import Code, Refusal, Step, refuse
from zegel_protocol.signed import Signed
from zegel_protocol.texts.consent_text import render_consent, text_digest


def judge(case: Case) -> Iterator[Refusal]:
    """Yield refusals about consents, for a kind that rests on them."""
    basis = case.manifest.basis
    if not isinstance(basis, OnConsent) or case.kind is None or not case.kind.client:
        return
    files = {person: _ConsentFile(case, person, basis.consents) for person in sorted(_persons(case))}
    known = {held.d for file in files.values() for held in file.consents}
    for index, d in enumerate(basis.consents):
        if d not in known:
            yield refuse(Code.CONSENT_UNKNOWN, f"$.basis.consents[{index}]", Step.ASK_CONSENT, consent=d)
    for file in files.values():
        yield from file.judge_status()
        yield from file.judge_entries()


def _persons(case: Case) -> set[str]:
    return {
        person
        for held in case.evidence.entries
        if case.manifest.to in held.payload.readers
        for person in held.payload.about
        if case.client(person) is not None
    }


class _ConsentFile:
    """The consents that a message names for one person, with what was revoked or replaced by the time of judging."""

    def __init__(self, case: Case, person: str, named: tuple[str, ...]) -> None:
        self.case, self.person = case, person
        self.flow: Flow = (person, case.manifest.sender.party.key, case.manifest.to.key)
        chain: tuple[ChainObject, ...] = case.evidence.chains.get(self.flow, ())
        self.whole_chain = chain
        if case.place is not None:
            # A consent that came after the message was accepted could not have allowed it.
            chain = tuple(held for held in chain if held.place is not None and held.place.index < case.place.index)
        self.chain = chain
        self.consents = tuple(_consents(chain, named))
        self.paths = {d: f"$.basis.consents[{index}]" for index, d in enumerate(named)}
        self.revoked = {d for held in chain if isinstance(held.payload, Revocation) for d in held.payload.revokes}
        self.replaced = {d for held in chain if isinstance(held.payload, Consent) for d in held.payload.replaces}
        self._own: dict[str, tuple[Refusal, ...]] = {}

    def judge_status(self) -> Iterator[Refusal]:
        """The relay must have stated, lately, that this chain ends where we see it end."""
        held, case = self.case.evidence.statuses.get(self.flow), self.case
        if not self.whole_chain:
            return
        if held is None or not held.signed_by("relay"):
            yield refuse(Code.STATUS_MISSING, "$.basis", Step.REFRESH, person=self.person)
            return
        status, last = held.payload, self.whole_chain[-1]
        named = (status.person, status.sender.key, status.to.key)
        ends = (status.head_seq, status.head)
        if named != self.flow or status.huis != case.manifest.huis or ends != (len(self.whole_chain), last.d):
            yield refuse(Code.STATUS_HEAD, "$.basis", Step.REFRESH, person=self.person)
        elif status.as_of < case.at - case.rulebook.consent.status_seconds:
            yield refuse(Code.STATUS_STALE, "$.basis", Step.REFRESH, person=self.person, as_of=str(status.as_of))

    def judge_entries(self) -> Iterator[Refusal]:
        missing: list[str] = []
        for index, held in enumerate(self.case.evidence.entries):
            entry = held.payload
            if self.case.manifest.to not in entry.readers or self.person not in entry.about:
                continue
            if self._never_allowed(entry):
                continue
            if not self.consents:
                missing.append(entry.type)
                continue
            yield from self._explain(entry, f"$.entries[{index}]")
        if missing:
            asked = tuple(sorted({kind for kind in missing if kind in self.case.categories}))
            yield refuse(Code.CONSENT_MISSING, "$.basis", Step.ASK_CONSENT, asked, person=self.person)

    def _never_allowed(self, entry: Entry) -> bool:
        """Whether even a consent would not allow this section: then asking for one would be a false step."""
        if entry.type in self.case.parts:
            return False
        allowed = allowance(self.case, entry)
        any_category = self.case.purpose is not None and self.case.purpose.any_category
        return not any_category and (allowed is None or entry.form not in allowed.forms)

    def _explain(self, entry: Entry, path: str) -> Iterator[Refusal]:
        """Yield nothing if one consent covers the entry, else what stands in the way of the one that comes nearest."""
        nearest: tuple[Refusal, ...] | None = None
        for held in self.consents:
            against = self._against(held) + tuple(self._against_entry(held, entry, path))
            if not against:
                return
            if nearest is None or len(against) < len(nearest):
                nearest = against
        yield from nearest or ()

    def _against(self, held: Signed[Consent]) -> tuple[Refusal, ...]:
        """What speaks against a consent whatever the section; worked out once a consent."""
        if held.d not in self._own:
            self._own[held.d] = tuple(self._against_consent(held))
        return self._own[held.d]

    def _against_consent(self, held: Signed[Consent]) -> Iterator[Refusal]:
        case, consent, path = self.case, held.payload, self.paths[held.d]
        ask = tuple(item.type for item in consent.types)
        if consent.huis != case.manifest.huis:
            yield refuse(Code.HUIS_FOREIGN, path, Step.ASK_CONSENT)
        if held.d in self.revoked:
            yield refuse(Code.CONSENT_REVOKED, path, Step.ASK_CONSENT, ask, person=self.person, consent=held.d)
        if held.d in self.replaced:
            yield refuse(Code.CONSENT_REPLACED, path, Step.ASK_CONSENT, ask, person=self.person, consent=held.d)
        if case.at >= consent.not_after:
            yield refuse(
                Code.CONSENT_EXPIRED, path, Step.ASK_CONSENT, ask, person=self.person, until=str(consent.not_after)
            )
        if case.at < consent.not_before:
            yield refuse(Code.CONSENT_NOT_YET, path, Step.ASK_CONSENT, ask, person=self.person)
        if consent.purpose != case.manifest.purpose:
            yield refuse(Code.CONSENT_PURPOSE, path, Step.ASK_CONSENT, ask, purpose=consent.purpose)
        if consent.sender != case.manifest.sender.party or consent.to != case.manifest.to:
            yield refuse(Code.CONSENT_PARTY, path, Step.ASK_CONSENT, ask, consent=held.d)
        if self.person not in consent.about or consent.household != case.manifest.household:
            yield refuse(Code.CONSENT_PERSON, path, Step.ASK_CONSENT, ask, person=self.person)
        yield from self._request(held, path)
        yield from self._length(held, path)
        yield from self._text(held, path)
        yield from signers.judge_signatures(case, held, path)
        pledged = any(side is not None and side.secrecy == "pledge" for side in (case.sender, case.recipient))
        if pledged and not isinstance(consent.evidence, ByPasskey):
            yield refuse(Code.PLEDGE_SIGNED, path, Step.ASK_SIGNATURE, (self.person,), person=self.person)

    def _request(self, held: Signed[Consent], path: str) -> Iterator[Refusal]:
        """No consent counts that does not answer a partner's request, within what was asked."""
        consent = held.payload
        asked = self.case.evidence.requests.get(consent.request)
        fits = asked is not None and any(
            (flow.purpose, flow.sender, flow.to) == (consent.purpose, consent.sender, consent.to)
            and set(consent.types) <= set(flow.types)
            and consent.not_after <= flow.until
            for flow in asked.payload.flows
        )
        if asked is None or not fits or not self._asked_for(asked.payload, consent):
            yield refuse(Code.CONSENT_REQUEST, path, Step.ASK_CONSENT, consent=held.d)

    def _asked_for(self, asked: ConsentRequest, consent: Consent) -> bool:
        """Whether the request is for these persons, in the language that the text was shown in."""
        same = (asked.household, asked.language) == (consent.household, consent.language)
        return same and set(consent.about) <= set(asked.persons)

    def _length(self, held: Signed[Consent], path: str) -> Iterator[Refusal]:
        case, consent, rules = self.case, held.payload, self.case.rulebook.consent
        purpose = next((rule for rule in case.rulebook.purposes if rule.id == consent.purpose), None)
        if purpose is None:
            return
        limits = [purpose.days]
        if purpose.days_highly is not None and any(self._level(item.type) == "H" for item in consent.types):
            limits.append(purpose.days_highly)
        if any(side is not None and side.secrecy == "pledge" for side in (case.sender, case.recipient)):
            limits.append(rules.pledge_days)
        if not isinstance(consent.evidence, ByPasskey):
            limits.append(rules.witnessed_days)
            earlier = [
                other for other in self.chain
                if isinstance(other.payload, Consent) and other.payload.purpose == consent.purpose
                and not isinstance(other.payload.evidence, ByPasskey)
            ]  # fmt: skip
            order = next((i for i, other in enumerate(earlier) if other.d == held.d), 0)
            if order > rules.witnessed_renewals:
                yield refuse(Code.WITNESS_RENEWED, path, Step.ASK_SIGNATURE, (self.person,), person=self.person)
        if consent.not_after - consent.not_before > min(limits) * DAY:
            yield refuse(Code.CONSENT_TOO_LONG, path, Step.ASK_CONSENT, days=str(min(limits)))

    def _text(self, held: Signed[Consent], path: str) -> Iterator[Refusal]:
        """What was signed is what was shown: the text, rendered again, has the digest that was signed."""
        consent, setting = held.payload, self.case.evidence.setting
        for sender in setting.names(consent.sender.partner) or ("",):
            for to in setting.names(consent.to.partner) or ("",):
                names = {consent.sender.partner or "": sender, consent.to.partner or "": to}
                try:
                    text = render_consent(consent, names)
                except ProtocolError:
                    continue
                if text_digest(text) == consent.text_digest:
                    return
        yield refuse(Code.CONSENT_TEXT, path, Step.ASK_CONSENT, consent=held.d)

    def _level(self, category: str) -> str:
        rule = self.case.categories.get(category)
        return rule.level if rule is not None else "O"

    def _against_entry(self, held: Signed[Consent], entry: Entry, path: str) -> Iterator[Refusal]:
        case, consent = self.case, held.payload
        if entry.type in case.parts:
            # A part has no relevance row and is in no consent's types; its readers are given by the rulebook.
            yield from signers.judge_entitled(case, held, self.person, "O", path)
            return
        covered = any(item.type == entry.type and item.form in (entry.form, WHOLE) for item in consent.types)
        if not covered:
            yield refuse(
                Code.NOT_COVERED, f"{path}.type", Step.ASK_CONSENT, (entry.type,),
                type=entry.type, form=entry.form, person=self.person,
            )  # fmt: skip
        level, by_passkey = self._level(entry.type), isinstance(consent.evidence, ByPasskey)
        allowed = allowance(case, entry)
        if allowed is not None and allowed.signed and not by_passkey:
            yield refuse(Code.NOT_SIGNED, f"{path}.type", Step.ASK_SIGNATURE, (self.person,), type=entry.type)
        if not by_passkey and level not in case.rulebook.consent.witnessed_levels:
            yield refuse(Code.WITNESS_LEVEL, f"{path}.type", Step.LEAVE_OUT, (entry.type,), type=entry.type)
        yield from signers.judge_entitled(case, held, self.person, level, path)


def _consents(chain: tuple[ChainObject, ...], named: tuple[str, ...]) -> Iterator[Signed[Consent]]:
    for held in chain:
        if held.d in named and isinstance(held.payload, Consent):
            yield Signed(held.d, held.payload, held.signers, held.place)
