"""What a partner's worker does with families: make persons known, and ask and witness consent."""

import os
from collections.abc import Iterable, Mapping

import msgspec

from zegel.asking import ask, flow, longest
from zegel.draft import Draft
from zegel.enrolments import ClientKeys as ClientKeys
from zegel.enrolments import Enrolments
from zegel.enrolments import new_enrolment_secret as new_enrolment_secret
from zegel.witnessed import WitnessedConsents
from zegel_keys.envelopes import digest_of, new_nonce, sign_payload
from zegel_protocol import dsse, encoding
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Payload, Person
from zegel_protocol.objects.person import Capability


def new_id() -> str:
    """Return a new household or person id: 128 random bits, so that it betrays neither order nor family."""
    return os.urandom(16).hex()


class Families(Enrolments, WitnessedConsents):
    """The worker's side of families, for one device. Keys: `Enrolments`; a yes without a phone: `WitnessedConsents`."""

    async def add_person(
        self,
        household: str,
        person: str | None = None,
        *,
        turns12: str | None = None,
        turns18: str | None = None,
        authority: Iterable[str] = (),
        conflict: bool = False,
        silenced: Iterable[str] = (),
    ) -> str:
        """Make a person known to the relay and return their id.

        `turns12`, `turns18`: months (`2038-11`), absent for adults. `authority`: who holds parental authority; they
        must be known first. Raises `RelayProblem`, `RelayUnreachable`, `ProtocolError`.
        """
        payload = Person(
            v=1,
            huis=self._identity.huis,
            nonce=new_nonce(),
            household=household,
            person=person or new_id(),
            partner=self._identity.partner,
            version=1,
            turns12=turns12,
            turns18=turns18,
            authority=tuple(sorted(authority)),
            conflict=conflict,
            silenced=tuple(sorted(silenced)),
            attesting=(),
        )
        await self._submit(payload)
        return payload.person

    async def change_person(
        self,
        person: str,
        *,
        conflict: bool | None = None,
        authority: Iterable[str] | None = None,
        silenced: Iterable[str] | None = None,
        trusted: Iterable[str] | None = None,
        capability: Capability | None = None,
    ) -> None:
        """Submit the next version of a person, with what is given changed.

        One partner may add what protects. What loosens (a new holder of authority or trusted adult, one who is
        silenced no more, a conflict that is over) takes two: `prepare_change`, both `sign_change`, `submit_change`;
        here it is refused (`person.two-partners`). A rebuttal of capability takes two workers (`signature.missing`).
        """
        payload = await self.prepare_change(
            person, conflict=conflict, authority=authority, silenced=silenced, trusted=trusted, capability=capability
        )
        await self.submit_change(payload, [self.sign_change(payload)])

    async def prepare_change(
        self,
        person: str,
        *,
        conflict: bool | None = None,
        authority: Iterable[str] | None = None,
        silenced: Iterable[str] | None = None,
        trusted: Iterable[str] | None = None,
        capability: Capability | None = None,
    ) -> bytes:
        """Return the payload of a person's next version, for workers of two partners to sign.

        `capability`: a reasoned rebuttal of what the age presumes, for two workers of this partner to sign; one in
        force stays, one that is over goes.
        """
        current = (await self.look_up([person], self._own(), self._own())).clients[person].versions[-1]
        before = current.payload
        payload = msgspec.structs.replace(
            before,
            nonce=new_nonce(),
            partner=self._identity.partner,
            version=before.version + 1,
            authority=tuple(sorted(authority)) if authority is not None else before.authority,
            conflict=before.conflict if conflict is None else conflict,
            silenced=tuple(sorted(silenced)) if silenced is not None else before.silenced,
            prev=current.d,
            capability=capability or self._in_force(before),
            trusted=tuple(sorted(trusted)) if trusted is not None else before.trusted,
        )
        return encoding.encode(payload)

    def _in_force(self, before: Person) -> Capability | None:
        """Return the rebuttal that still holds: one that is over would ask two workers to sign for nothing."""
        held = before.capability
        return held if held is not None and self._clock() < held.until else None

    def sign_change(self, payload: bytes) -> dsse.Signature:
        """Return this device's signature of a person's next version. Look at what it changes first."""
        encoding.decode(payload, Person)
        return self._identity.signing_key.sign_object(dsse.payload_type(Person.KIND), payload)

    async def submit_change(self, payload: bytes, signatures: Iterable[dsse.Signature]) -> None:
        """Submit a person's next version with its signatures. Raises `RelayProblem` (`person.two-partners`, ...)."""
        await self._view.submit(dsse.seal_envelope(dsse.payload_type(Person.KIND), payload, tuple(signatures)))

    async def ask_consent(
        self,
        draft: Draft,
        *,
        days: int | None = None,
        back: Mapping[str, str] | None = None,
        language: str = "nl",
        types: Iterable[tuple[str, str]] | None = None,
        persons: Iterable[str] | None = None,
    ) -> str:
        """Ask the persons of a draft for the consent that it needs, and for the way back; return the request's `D`.

        `days`: how long, at most what the rulebook allows (the default). `back`: types (to form) that the recipient may
        report back; `follow` and `plan` by default, as a referral asks two flows in one touch. `types`: (type, form)
        pairs to ask for instead of those of the draft. `persons`: only these, with the sections about them. Whoever
        says yes for a child does not see a request that asks the other parent about themselves: ask that apart. So are
        two children of whom one silences a parent of the other (`RelayProblem`, `person.apart`).
        """
        case = await self.look_up(draft.about, self._own(), draft.recipient)
        rulebook = case.setting.rulebook.payload
        categories = {rule.id for rule in rulebook.categories}
        everyone = {person for section in draft.sections for person in section.about} | set(draft.about)
        asked = everyone & set(persons) if persons is not None else everyone
        about = [section for section in draft.sections if asked & set(section.about)]
        wanted = {(section.type, section.form) for section in about if section.type in categories}
        wanted = set(types) if types is not None else wanted
        allowed = longest(rulebook, draft.purpose, wanted)
        until = self._clock() + min(days or allowed, allowed) * DAY
        returning = {"follow": "whole", "plan": "whole"} if back is None else back
        flows = [flow(draft.purpose, self._own(), draft.recipient, wanted, until)]
        if returning:
            flows.append(flow(draft.purpose, draft.recipient, self._own(), returning.items(), until))
        return await ask(
            self._identity, self._view, case, self._clock(), household=draft.household, persons=asked, flows=flows,
            language=language,
        )  # fmt: skip

    async def _submit(self, payload: Payload) -> str:
        envelope = sign_payload(payload, self._identity.signing_key)
        await self._view.submit(envelope)
        return digest_of(payload)
