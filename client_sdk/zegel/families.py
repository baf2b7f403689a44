"""What a partner's worker does with families: make persons known, and ask and witness consent."""

import os
from collections.abc import Iterable, Mapping

import msgspec

from zegel.draft import Draft
from zegel.enrolments import ClientKeys as ClientKeys
from zegel.enrolments import Enrolments
from zegel.enrolments import new_enrolment_secret as new_enrolment_secret
from zegel.witnessed import WitnessedConsents
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_protocol import dsse, encoding
from zegel_protocol.durations import DAY
from zegel_protocol.objects import ConsentRequest, Payload, Person
from zegel_protocol.objects.consent_request import Flow
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope
from zegel_protocol.texts.consent_text import TEMPLATE


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
    ) -> None:
        """Submit the next version of a person, with what is given changed.

        One partner may add what protects. What loosens (a new holder of authority or trusted adult, one who is
        silenced no more, a conflict that is over) takes two: `prepare_change`, both `sign_change`, `submit_change`;
        here it is refused (`person.two-partners`).
        """
        payload = await self.prepare_change(
            person, conflict=conflict, authority=authority, silenced=silenced, trusted=trusted
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
    ) -> bytes:
        """Return the payload of a person's next version, for workers of two partners to sign."""
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
            trusted=tuple(sorted(trusted)) if trusted is not None else before.trusted,
        )
        return encoding.encode(payload)

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
        says yes for a child does not see a request that asks the other parent about themselves: ask that apart.
        """
        case = await self.look_up(draft.about, self._own(), draft.recipient)
        rulebook = case.setting.rulebook.payload
        purpose = next((rule for rule in rulebook.purposes if rule.id == draft.purpose), None)
        categories = {rule.id: rule.level for rule in rulebook.categories}
        everyone = {person for section in draft.sections for person in section.about} | set(draft.about)
        asked = everyone & set(persons) if persons is not None else everyone
        about = [section for section in draft.sections if asked & set(section.about)]
        wanted = {(section.type, section.form) for section in about if section.type in categories}
        wanted = set(types) if types is not None else wanted
        allowed = purpose.days if purpose is not None else 0
        if purpose is not None and purpose.days_highly is not None and any(categories.get(t) == "H" for t, _ in wanted):
            allowed = purpose.days_highly
        until = self._clock() + min(days or allowed, allowed) * DAY
        returning = {"follow": "whole", "plan": "whole"} if back is None else back
        flows = [self._flow(draft.purpose, self._own(), Party(partner=draft.to), wanted, until)]
        if returning:
            flows.append(self._flow(draft.purpose, Party(partner=draft.to), self._own(), returning.items(), until))
        payload = ConsentRequest(
            v=1,
            huis=self._identity.huis,
            nonce=new_nonce(),
            household=draft.household,
            partner=self._identity.partner,
            persons=tuple(sorted(asked)),
            flows=tuple(flows),
            language=language,
            template=TEMPLATE,
            rulebook=case.setting.rulebook.d,
            created=self._clock(),
        )
        return await self._submit(payload)

    def _flow(self, purpose: str, sender: Party, to: Party, types: Iterable[tuple[str, str]], until: int) -> Flow:
        scopes = sorted((Scope(type=kind, form=form) for kind, form in types), key=lambda scope: scope.key)
        return Flow(purpose=purpose, sender=sender, to=to, types=tuple(scopes), until=until)

    async def _submit(self, payload: Payload) -> str:
        envelope = sign_payload(payload, self._identity.signing_key)
        await self._view.submit(envelope)
        return dsse.digest(dsse.payload_type(payload.KIND), encoding.encode(payload))
