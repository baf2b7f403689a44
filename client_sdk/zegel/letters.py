"""Printed letters with a stop code, and the telephone at the other end of it, for one device.

Whoever is told by letter can stop what it tells by reading its code to a worker of any partner. Rules:
`docs/spec/letter.md`; the words are `zegel.letter`'s, the card `zegel.stop_codes`'.
"""

import asyncio
from collections.abc import Callable, Iterable

from zegel.letter import Letter, LetterFacts, render_letter, tells
from zegel.relay_client import RelayClient
from zegel.stop_codes import Stop, StopCase, read_card
from zegel.telling import Duty, Telling
from zegel.view import View
from zegel.witnessed import Means, Role, WitnessedConsents
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.keystore.identity import Identity
from zegel_keys.stop_code import new_stop_code, stop_code_name
from zegel_protocol.decision.age import who_signs
from zegel_protocol.objects import StopCard


class Letters:
    """The letters of one device."""

    def __init__(
        self,
        identity: Identity,
        client: RelayClient,
        view: View,
        telling: Telling,
        families: WitnessedConsents,
        clock: Callable[[], int],
    ) -> None:
        self._identity, self._client, self._view, self._clock = identity, client, view, clock
        self._telling, self._families = telling, families

    async def write(self, duty: Duty, language: str | None = None) -> Letter:
        """Return the letter of a duty, with a stop code of its own where what it tells rests on consents that stand.

        The code is registered before it is returned, under a name that it cannot be read off; it stands nowhere but in
        the letter, so another letter has another code, and both work. `language`: the person's own unless it is given,
        else Dutch. A service's letter has no code. Raises `ProtocolError` (`text.language`), `RelayProblem`
        (`stop-card.not-owed`), `RelayUnreachable`.
        """
        facts, spoken = await self._telling.letter_facts(duty), language or duty.language or "nl"
        now = self._clock()
        about = _stoppable(facts, now)
        consents = {d: held for d, held in facts.consents.items() if held.not_after > now and about & set(held.about)}
        if not consents or self._identity.worker is None:
            # A service hands nobody a letter.
            return render_letter(facts, spoken, now)
        code = new_stop_code()
        card = StopCard(
            v=1, huis=self._identity.huis, nonce=new_nonce(), partner=self._identity.partner,
            name=await asyncio.to_thread(stop_code_name, self._identity.huis, code), notice=duty.notice,
            household=next(iter(consents.values())).household, person=facts.person,
            about=tuple(sorted(about & {person for held in consents.values() for person in held.about})),
            sender=facts.manifest.sender.party, to=facts.manifest.to, consents=tuple(sorted(consents)),
            until=max(held.not_after for held in consents.values()), at=now,
        )  # fmt: skip
        # Written first: a letter that cannot be worded must leave no card behind.
        letter = render_letter(facts, spoken, now, code, card.until)
        await self._view.submit(sign_payload(card, self._identity.signing_key))
        return letter

    async def look_up(self, code: str) -> StopCase:
        """Return what a code that was read out stops, whoever printed the letter. Nothing is changed by looking.

        Raises `SealError` (`stop-code.malformed`: misheard), `RelayProblem` (`stop-code.unknown`, `stop-code.worker`),
        `ChainError` (`stop-card.foreign`) and as `View.believe_now`; `RelayUnreachable`, also where this device tried
        too many.
        """
        name = await asyncio.to_thread(stop_code_name, self._identity.huis, code)
        case = await self._view.believe_now(await self._client.stop_card(name), self._clock())
        return read_card(case, name, self._identity.huis, self._clock())

    def prepare_stop(
        self,
        found: StopCase,
        stop: Stop,
        *,
        witnesses: Iterable[tuple[str, str]],
        means: Means = "spoken",
        reason_code: str = "not-say",
    ) -> bytes:
        """Return the payload of the revocation that a code is used for: one of `found.stops`.

        `witnesses`: (partner, device id) of two workers who heard it; they sign it and give it to the relay as any
        other (`families.witness_revocation`, `families.submit_witnessed_revocation`). Raises as
        `families.prepare_witnessed_revocation`. Nothing is signed or sent.
        """
        # Who is among those whom it is about speaks for themselves, else for the children.
        role: Role = "self" if found.person in stop.about else "authority"
        return self._families.prepare_stop(
            found.case, stop.consents, sender=found.sender, to=found.to, persons=stop.about, witnesses=witnesses,
            means=means, reason_code=reason_code, signers={found.person: role},
        )  # fmt: skip


def _stoppable(facts: LetterFacts, now: int) -> set[str]:
    """Return for whom the reader of a letter may say stop: themselves, and children that it tells them of."""
    people = {person for held in facts.consents.values() for person in held.about} & set(facts.clients)
    return {
        person
        for person in people
        if person == facts.person
        or (tells(facts, person) and facts.person in who_signs(facts.clients[person].current, now))
    }
