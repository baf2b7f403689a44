"""Telling people: whom this partner still owes telling in person, their letters, and whom nobody told of what was sent.

A relay can drop a notice after it gave its receipt (attack 10). So a device keeps whom it sent about, with the lines
that concern each, and asks for the word of each that they were told of those very lines.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from zegel.compose import Composed
from zegel.contacts import Choice, next_contact
from zegel.events import read_events
from zegel.letter import LetterFacts, render_letter
from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_keys.casefile import CaseFile, read_entries
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.keystore import rows
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.state import State
from zegel_keys.receipts import check_receipt
from zegel_keys.verification import read_payload, verify
from zegel_protocol.api import DutyItem, EvidenceQuery
from zegel_protocol.durations import DAY
from zegel_protocol.errors import ChainError, LogError
from zegel_protocol.objects import Acknowledgement, Consent, Entry, Manifest, Notice, Receipt
from zegel_protocol.objects.manifest import OnConsent, OnNecessity
from zegel_protocol.objects.notice import WITHOUT_DEVICE
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.signed import Place, Signed
from zegel_protocol.telling import due_to_tell, owes_telling
from zegel_protocol.words import OVER_BROAD

How = Literal["in-person", "by-letter"]
Why = Literal["not-told", "no-notice", "short-notice"]

_TABLE = "told"
_FORGET = 90 * DAY
"""Seconds after which a message that never got a receipt is asked about no more."""


@dataclass(frozen=True)
class Duty:
    """One person whom this partner owes telling of one message: by `due` (UTC seconds); `overdue` once that is past.

    `message` is the manifest's `D`, `notice` the notice's; `language` what the person chose, if they did.
    """

    person: str
    message: str
    notice: str
    since: int
    due: int
    overdue: bool
    sender: str
    language: str | None
    _manifest: Signed[Manifest] = field(repr=False)
    _entries: tuple[Signed[Entry], ...] = field(repr=False)
    _place: Place = field(repr=False)
    _receipt: str = field(repr=False)
    _codes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Untold:
    """A person of whom no word came, by `due` (UTC seconds), that they were told of a message sent here.

    `why`: `not-told`; `no-notice` (the relay shows no notice for them that its receipt named) or `short-notice` (its
    notice leaves out lines that concern them): these two are for the steward. `owing`: the partner that was to tell
    them in person; None where they have a device.
    """

    person: str
    message: str
    due: int
    why: Why
    owing: str | None = None


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    person: str
    entries: tuple[str, ...]


class _ToTell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom a message that was sent here is to be told to, with the `D` of the entries that concern each.

    `at` is when it was sealed; `may_wait`: its notices may be delayed, as an alarm's.
    """

    at: int
    owing: str | None = None
    may_wait: bool = False
    people: tuple[_Line, ...]


class Telling:
    """The telling of one device."""

    def __init__(
        self, identity: Identity, state: State, client: RelayClient, view: View, clock: Callable[[], int]
    ) -> None:
        self._identity, self._state, self._client, self._view, self._clock = identity, state, client, view, clock

    def remember(self, composed: Composed) -> None:
        """Keep whom a sealed message is to be told to, before it is sent."""
        manifest, _ = read_payload(bytes(composed.submission.manifest), Manifest)
        people = tuple(_Line(person=person, entries=lines) for person, lines in sorted(composed.lines.items()))
        if people:
            waits = isinstance(manifest.basis, OnNecessity)
            kept = _ToTell(at=self._clock(), owing=owes_telling(manifest), may_wait=waits, people=people)
            rows.store(self._state, _TABLE, composed.manifest, kept)

    async def duties(self, now: int | None = None) -> list[Duty]:
        """Return whom this partner owes telling as of `now` (seconds), those first that it owes for longest."""
        page, at = await self._client.duties(), self._clock() if now is None else now
        case = await self._view.believe_now(page.evidence, self._clock())
        return [self._duty(item, case, at) for item in page.items]

    def _duty(self, item: DutyItem, case: CaseFile, now: int) -> Duty:
        trust, partner = case.trust, self._identity.partner
        notice = verify(bytes(item.notice), Notice, trust)
        _, d = read_payload(bytes(item.manifest), Manifest)
        log_key = case.setting.directory.payload.log_key
        receipt, place, _ = check_receipt(bytes(item.receipt), d, trust, log_key)
        manifest = verify(bytes(item.manifest), Manifest, trust, place)
        entries = read_entries(manifest.payload, item.entries, whole=False)
        # A finding of the steward comes later than the receipt, and so does its notice: it withholds nothing.
        named = notice.d in receipt.payload.notices or OVER_BROAD in notice.payload.codes
        named = named or manifest.payload.sender.partner != partner
        foreign = notice.payload.manifest != d or owes_telling(manifest.payload) != partner
        if foreign or not named or not {held.d for held in entries} <= set(notice.payload.entries):
            raise ChainError("notice.foreign", "a notice of another message, or one that this partner does not owe")
        begins = max(place.at, item.since)
        due = due_to_tell(begins, case.setting.rulebook.payload)
        return Duty(
            notice.payload.person, d, notice.d, begins, due, now > due,
            manifest.payload.sender.party.key, item.language, manifest, entries, place, receipt.d,
            notice.payload.codes,
        )  # fmt: skip

    async def letter(self, duty: Duty, language: str | None = None) -> str:
        """Return the letter to the person of a duty: plain text without a stop code, to read aloud.

        `language`: the person's own unless it is given, else Dutch. Raises `ProtocolError` (`text.language`).
        """
        return render_letter(await self.letter_facts(duty), language or duty.language or "nl", self._clock()).text

    async def letter_facts(self, duty: Duty) -> LetterFacts:
        """Return what a letter to the person of a duty is made from."""
        manifest = duty._manifest.payload
        people = {person for held in duty._entries for person in held.payload.about} | {duty.person}
        sender = manifest.sender.party
        query = EvidenceQuery(persons=tuple(sorted(people)), sender=sender, to=manifest.to)
        flows = [(person, sender.key, manifest.to.key) for person in query.persons]
        case = await self._view.believe(await self._client.evidence(query), flows)
        named = set(manifest.basis.consents) if isinstance(manifest.basis, OnConsent) else set[str]()
        chained = (link for chain in case.chains.values() for link in chain)
        consents = {link.d: link.payload for link in chained if isinstance(link.payload, Consent) and link.d in named}
        return LetterFacts(
            person=duty.person, partner=self._identity.partner, manifest=manifest,
            entries=[held.payload for held in duty._entries], place=duty._place, setting=case.setting,
            clients=case.clients, consents=consents, codes=duty._codes,
        )  # fmt: skip

    async def confirm(self, duty: Duty, how: How) -> None:
        """Say, as this worker, that the person was told. The partner owes it no more.

        Raises `RelayProblem`: `acknowledgement.not-owed`; `signature.service` for a service's device.
        """
        told = Acknowledgement(
            v=1, huis=self._identity.huis, nonce=new_nonce(), manifest=duty.message, receipt=duty._receipt,
            notice=duty.notice, reader=Party(person=duty.person),
            by=Sender(partner=self._identity.partner, device=self._identity.device), event="told", codes=(how,),
            seen=self._view.seen, at=self._clock(),
        )  # fmt: skip
        await self._view.submit(sign_payload(told, self._identity.signing_key))

    async def set_contact(self, person: str, choice: Choice) -> None:
        """Say, as a worker in the presence of a person without keys, how they want to be pinged.

        Raises as `next_contact`, and `RelayProblem` (`contact.own-keys`: they choose for themselves).
        """
        case = await self._view.believe_now(await self._client.setting(), self._clock())
        by = Sender(partner=self._identity.partner, device=self._identity.device)
        contact = await next_contact(self._client, case.trust, person, by, choice, self._clock())
        await self._view.submit(sign_payload(contact, self._identity.signing_key))

    async def untold(self, now: int | None = None) -> list[Untold]:
        """Return everyone who is past the day by which they should have been told of what was sent here.

        A message of which everyone was told is asked about no more. Raises as `read_events`.
        """
        at, found = self._clock() if now is None else now, list[Untold]()
        for manifest, kept in rows.load_all(self._state, _TABLE, _ToTell):
            envelope = self._state.get("receipts", manifest)
            if envelope is None:
                if kept.at + _FORGET < at:
                    self._state.delete(_TABLE, manifest)
                continue
            missing = await self._missing(manifest, kept, envelope, at)
            if missing is None:
                self._state.delete(_TABLE, manifest)
            else:
                found += missing
        return found

    async def _missing(self, manifest: str, kept: _ToTell, envelope: bytes, now: int) -> list[Untold] | None:
        """Return whose word of one message is missing and due; None when nobody's is missing at all."""
        accepted = read_payload(envelope, Receipt)[0].accepted_at
        case = await self._view.believe(await self._client.setting())
        rulebook = case.setting.rulebook.payload
        if now <= due_to_tell(_begins(kept, accepted, None, rulebook), rulebook):
            return []
        try:
            receipt, _, _ = check_receipt(envelope, manifest, case.trust, case.setting.directory.payload.log_key)
        except LogError as error:
            if error.code != "log.dropped":
                raise
            # The relay lost it when it was restored: `Partner.lost` says so.
            return []
        events = await read_events(self._client, self._view, manifest, self._clock())
        notices = await self._notices(manifest, receipt.payload.notices, case)
        missing, open_ones = list[Untold](), False
        for line in kept.people:
            notice, told_from = notices.get(line.person, (None, None))
            begins = _begins(kept, accepted, told_from, rulebook)
            untold = _why(line, notice, kept.owing, events)
            open_ones = open_ones or untold is not None
            due = due_to_tell(begins, rulebook)
            if untold is not None and now > due:
                without = notice is not None and WITHOUT_DEVICE in notice.payload.codes
                missing.append(Untold(line.person, manifest, due, untold, kept.owing if without else None))
        return missing if open_ones else None

    async def _notices(
        self, manifest: str, named: Iterable[str], case: CaseFile
    ) -> dict[str, tuple[Signed[Notice], int]]:
        """Return the notices, by person, that the relay shows and that its receipt named, and from when each is there.

        That is what the notice says, unless a review moved it.
        """
        page, known = await self._client.sent_notices(manifest), frozenset(named)
        shown = [(verify(bytes(item.notice), Notice, case.trust), item.due) for item in page.items]
        return {
            held.payload.person: (held, held.payload.not_before if due is None else due)
            for held, due in shown
            if held.d in known and held.payload.manifest == manifest
        }


def _begins(kept: _ToTell, accepted: int, told_from: int | None, rulebook: Rulebook) -> int:
    """Return from when somebody may be told.

    The relay says when it accepted and from when a notice may reach people (`told_from`): neither puts off the asking
    beyond what this device knows. A message is accepted within a day of being sealed or not at all, and only an alarm's
    notice may wait, no longer than the rulebook lets it.
    """
    begins = min(accepted, kept.at + DAY)
    if told_from is None or not kept.may_wait:
        return begins
    return min(max(begins, told_from), begins + rulebook.safety.delay_absolute_days * DAY)


def _why(
    line: _Line, notice: Signed[Notice] | None, owing: str | None, events: Iterable[Signed[Acknowledgement]]
) -> Why | None:
    """Return why a person does not count as told, or None when they do."""
    if notice is None:
        return "no-notice"
    if not set(line.entries) <= set(notice.payload.entries):
        return "short-notice"
    # Only who had no device by the notice is told by a partner, and only by the one that owed it.
    allowed = {owing} if WITHOUT_DEVICE in notice.payload.codes else set[str | None]()
    words = (held.payload for held in events if held.payload.event == "told" and held.payload.notice == notice.d)
    said = (word.by for word in words if word.reader.person == line.person)
    return None if any(by.person == line.person or by.partner in allowed - {None} for by in said) else "not-told"
