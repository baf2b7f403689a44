"""Case conferences (article 8): convened, invited, contributed to, reported, closed; each reads their own part only.

The chair signs who sits at the table; every message in it is one to one (`decide()` holds it against the table). With
the client at the table by default; among professionals only with a motivation that the client reads, and once the
invitees were discussed with them. A draft made here is judged and sent as every other (`Partner.send`).
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import uuid_utils

from zegel.asking import MAX_FLOWS, Types, ask, flow, longest, relevant
from zegel.content.notes import Note
from zegel.content.schemas import Agreement
from zegel.dispatch import Sent
from zegel.draft import Draft, party, people
from zegel.errors import ContentFound, RecipientWithoutKeys, Refused, ZegelError
from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_keys.envelopes import digest_of, new_nonce, sign_payload
from zegel_keys.keystore.identity import Identity
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.decision.age import who_signs
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Conference
from zegel_protocol.objects.manifest import Carried, FollowUp
from zegel_protocol.objects.parties import Party

CONSULT: Final = "consult"
INVITATION, CONTRIBUTION, REPORT = "consultation", "contribution", "consultation-report"
"""Kinds of the default rulebook that a conference is made of."""
AFTER_DAYS: Final = 30
"""A consent for a conference lasts until so many days after it (the rulebook's durations)."""

Send = Callable[[Draft], Awaitable[Sent]]


class ConferenceError(ZegelError):
    """A conference that cannot be convened, changed or spoken in as asked. Nothing was sent."""

    def __init__(self, code: str, what: str, do: str) -> None:
        super().__init__(what, "Nothing was sent.", do)
        self.code = code


@dataclass(frozen=True)
class Reached:
    """What became of the message to one participant: `sent`, or `error`, which says why they were not reached."""

    to: str
    sent: Sent | None = None
    error: ZegelError | None = None


class Conferences:
    """The conferences that one device chairs, or takes part in."""

    def __init__(
        self, identity: Identity, client: RelayClient, view: View, send: Send, clock: Callable[[], int]
    ) -> None:
        self._identity, self._client, self._view, self._send, self._clock = identity, client, view, send, clock

    async def convene(
        self,
        household: str,
        about: Iterable[str],
        invitees: Iterable[str],
        *,
        with_client: bool = True,
        discussed: str | None = None,
        planned: int | None = None,
    ) -> Conference:
        """Convene a conference as its chair, and return it; nobody is invited yet.

        `invitees`: partner ids, or `person:<id>`; the chair sits at the table, and `with_client` so do those whom it is
        about (for a young child, those who say yes for it). `discussed`: the day (`2026-11-24`) on which the invitees
        were discussed with the client, without which there is no conference among professionals. `planned`: when it is
        held, in UTC seconds. Raises `ConferenceError` (`conference.not-discussed`), `RelayProblem`, `ProtocolError`.
        """
        if not with_client and discussed is None:
            raise ConferenceError(
                "conference.not-discussed",
                "A conference without the client is held only once the invitees were discussed with them.",
                "Talk with them first and give the day, or hold it with them.",
            )
        subjects, now = people(about), self._clock()
        table = {party(item) for item in invitees} | {self._own}
        if with_client:
            table |= {Party(person=person) for person in await self._clients(subjects)}
        conference = Conference(
            v=1, huis=self._identity.huis, nonce=new_nonce(),
            id=str(uuid_utils.uuid7(nanoseconds=now * 1_000_000_000)), household=household,
            chair=self._identity.partner, version=1, about=subjects,
            invitees=tuple(sorted(table, key=lambda item: item.key)), with_client=with_client, discussed=discussed,
            planned=planned, ended=False, at=now,
        )  # fmt: skip
        await self._view.submit(sign_payload(conference, self._identity.signing_key))
        return conference

    @property
    def _own(self) -> Party:
        return Party(partner=self._identity.partner)

    async def _clients(self, about: Sequence[str]) -> set[str]:
        """Return who sits at the table for those it is about: they, or those who say yes for a young child."""
        query = EvidenceQuery(persons=tuple(about), sender=self._own, to=self._own)
        case = await self._view.believe(await self._client.evidence(query))
        known = [case.clients[person].current for person in about if person in case.clients]
        return {who for person in known for who in who_signs(person, self._clock())}

    async def find(self, conference: str) -> Conference:
        """Return a conference by its id, as it is now. Raises `ConferenceError` (`conference.unknown`)."""
        query = EvidenceQuery(persons=(), sender=self._own, to=self._own, thread=conference)
        case = await self._view.believe(await self._client.evidence(query))
        newest = case.records.newest(Conference, conference)
        if newest is None:
            raise ConferenceError(
                "conference.unknown", "No such conference is known here.", "Convene it, or look at its id again."
            )
        return newest.payload

    async def change(
        self,
        conference: Conference,
        *,
        invitees: Iterable[str] | None = None,
        with_client: bool | None = None,
        discussed: str | None = None,
        planned: int | None = None,
        ended: bool = False,
    ) -> Conference:
        """Change the table, or when it is held, as its chair; who left it reads there no more. Return what holds now.

        `with_client`: the persons of it come with that, and leave. Raises `ConferenceError` (`conference.chair`), and
        as `convene`.
        """
        if conference.chair != self._identity.partner:
            raise ConferenceError(
                "conference.chair", f"{conference.chair} chairs this conference.", "Ask them to change it."
            )
        before = await self.find(conference.id)
        client = before.with_client if with_client is None else with_client
        if not client and (discussed or before.discussed) is None:
            raise ConferenceError(
                "conference.not-discussed", "The invitees were not discussed with the client.", "Give the day."
            )
        table = {party(item) for item in invitees} | {self._own} if invitees is not None else set(before.invitees)
        own = {Party(person=person) for person in await self._clients(before.about)}
        table = table | own if client else {item for item in table if item.person is None}
        after = Conference(
            v=1, huis=before.huis, nonce=new_nonce(), id=before.id, household=before.household, chair=before.chair,
            version=before.version + 1, about=before.about,
            invitees=tuple(sorted(table, key=lambda item: item.key)), with_client=client,
            discussed=discussed or before.discussed, planned=before.planned if planned is None else planned,
            ended=ended or before.ended, at=self._clock(), prev=digest_of(before),
        )  # fmt: skip
        await self._view.submit(sign_payload(after, self._identity.signing_key))
        return after

    async def close(self, conference: Conference) -> Conference:
        """End a conference: after it only its report is sent. Raises as `change`."""
        return await self.change(conference, ended=True)

    async def ask_consent(
        self,
        conference: Conference,
        types: Types,
        *,
        language: str = "nl",
        days: int | None = None,
        persons: Iterable[str] | None = None,
    ) -> list[str]:
        """Ask for the consents that the participants need: one a pair and direction; return the requests' `D`.

        `types`: (type, form) pairs at most; of these each participant is asked for what its sector may read. Until 30
        days after the conference, where it is planned, and no longer than the rulebook allows. A request holds 16
        directions at most, so a large table has more than one. `persons`: only these of those it is about; two of
        whom one silences a parent of the other are asked apart. Raises `RelayProblem` (`person.apart`),
        `ProtocolError`.
        """
        case, wanted = await self._view.believe(await self._client.setting()), tuple(types)
        asked = conference.about if persons is None else tuple(persons)
        partners = [item.partner for item in conference.invitees if item.partner is not None]
        allowed = min(days or 10_000, longest(case.setting.rulebook.payload, CONSULT, wanted))
        until = self._clock() + allowed * DAY
        if conference.planned is not None:
            until = min(until, conference.planned + AFTER_DAYS * DAY)
        flows = [
            flow(CONSULT, Party(partner=sender), Party(partner=to), fitting, until)
            for sender in partners
            for to in partners
            if sender != to and (fitting := relevant(case, CONSULT, to, wanted))
        ]
        return [
            await ask(
                self._identity, self._view, case, self._clock(), household=conference.household,
                persons=asked, flows=flows[begin : begin + MAX_FLOWS], language=language,
            )
            for begin in range(0, len(flows), MAX_FLOWS)
        ]  # fmt: skip

    def draft(self, conference: Conference, to: str, kind: str = CONTRIBUTION) -> Draft:
        """Begin a message in a conference to one participant: what is relevant for them, and never the union.

        How it is carried follows the table: with the client, or discussed with them on the day that it names.
        """
        draft = Draft(kind, CONSULT, to, conference.household, conference.about, thread=conference.id)
        if conference.with_client:
            draft.carried = Carried(how="with-client")
        elif conference.discussed is not None:
            draft.carried = Carried(how="in-consultation", on=conference.discussed)
        return draft

    async def invite(
        self,
        conference: Conference,
        agenda: str | Note,
        *,
        motivation: str | None = None,
        to: Iterable[str] | None = None,
        agreement: Agreement | None = None,
        follow_up: Iterable[FollowUp] = (),
    ) -> list[Reached]:
        """Invite participants, each by a message of their own, with the agenda; return who was reached, and who not.

        `to`: all partners at the table but the chair, unless some are named; the persons read the agenda in their own
        copies. `motivation`: why it is held without the client, whom it is written for too. `follow_up`: `none-ask`,
        which names the chair, where none is given. Raises `RelayUnreachable`: whoever was reached before, was.
        """
        codes = tuple(follow_up) or (FollowUp(code="none-ask"),)

        def filled(partner: str) -> Draft:
            draft = self.draft(conference, partner, INVITATION)
            draft.follow_up = codes
            draft.note("agenda", agenda)
            if motivation is not None:
                draft.note("motivation", motivation)
            if agreement is not None:
                draft.note("agreement", agreement)
            return draft

        return await self._fan_out(filled, self._others(conference, to))

    async def contribute(self, drafts: Iterable[Draft]) -> list[Reached]:
        """Send what each participant is to read (begun with `draft`), each to one; return who was reached.

        Raises `RelayUnreachable`.
        """
        given = {draft.to: draft for draft in drafts}
        return await self._fan_out(given.__getitem__, list(given))

    async def report(
        self,
        conference: Conference,
        text: str | Note,
        *,
        to: Iterable[str] | None = None,
        agreement: Agreement | None = None,
        follow_up: Iterable[FollowUp] = (),
        notes: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    ) -> list[Reached]:
        """Send the report as the chair to each participant: what all may read; return who was reached.

        `notes`: for a participant, (type, text) that is for them alone. Raises `RelayUnreachable`.
        """
        codes = tuple(follow_up) or (FollowUp(code="none-ask"),)

        def filled(partner: str) -> Draft:
            draft = self.draft(conference, partner, REPORT)
            draft.follow_up = codes
            draft.note("report", text)
            for kind, words in (notes or {}).get(partner, ()):
                draft.note(kind, words)
            if agreement is not None:
                draft.note("agreement", agreement)
            return draft

        return await self._fan_out(filled, self._others(conference, to))

    def _others(self, conference: Conference, to: Iterable[str] | None) -> list[str]:
        if to is not None:
            return list(to)
        seated = [item.partner for item in conference.invitees if item.partner is not None]
        return [partner for partner in seated if partner != self._identity.partner]

    async def _fan_out(self, draft_for: Callable[[str], Draft], to: Iterable[str]) -> list[Reached]:
        """Send one message to each: a no to one participant's stops nobody else's."""
        reached = []
        for partner in to:
            try:
                reached.append(Reached(partner, sent=await self._send(draft_for(partner))))
            except (Refused, ContentFound, RecipientWithoutKeys) as error:
                reached.append(Reached(partner, error=error))
        return reached
