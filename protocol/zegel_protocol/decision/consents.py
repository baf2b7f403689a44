"""Is every section covered by one single consent, for everyone it is about?

Dimensions are never combined across consents: for each (section, person) one unreplaced, unrevoked consent covers
sender, recipient, type and form, purpose and time, or the section is refused. `docs/spec/decide.md`.
"""

from collections.abc import Iterator

from zegel_protocol.decision import consent_record, signers
from zegel_protocol.decision.case import Case
from zegel_protocol.decision.sections import WHOLE, allowance
from zegel_protocol.evidence import ChainObject, Flow
from zegel_protocol.objects.consent import ByPasskey, Consent, Revocation
from zegel_protocol.objects.entry import Entry
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.refusal import Code, Refusal, Step, refuse
from zegel_protocol.signed import Signed


def judge(case: Case) -> Iterator[Refusal]:
    """Yield refusals about consents, for a kind that rests on them."""
    basis, kind = case.manifest.basis, case.kind
    if kind is None or not kind.client or "consent" not in kind.bases:
        return
    if basis is None:
        # No consent named is no consent given; for each person that says what to ask for.
        yield from _judge_named(case, ())
        if not _persons(case):
            yield refuse(Code.BASIS_MISSING, "$.basis", Step.ASK_CONSENT)
    elif isinstance(basis, OnConsent):
        yield from _judge_named(case, basis.consents)


def _judge_named(case: Case, named: tuple[str, ...]) -> Iterator[Refusal]:
    files = {person: _ConsentFile(case, person, named) for person in sorted(_persons(case))}
    known = {held.d for file in files.values() for held in file.consents}
    for index, d in enumerate(named):
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
        return not self.case.free and (allowed is None or entry.form not in allowed.forms)

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
        request = case.evidence.requests.get(consent.request)
        for refusal in consent_record.judge(case, held, request, self.chain, path, answers=case.answers_own_thread):
            # Who is a member no more has no name to render the text with. That is refused, and by its own name.
            if refusal.code is not Code.CONSENT_TEXT or not case.has_stranger:
                yield refusal

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
        level, by_passkey = case.level(entry.type), isinstance(consent.evidence, ByPasskey)
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
