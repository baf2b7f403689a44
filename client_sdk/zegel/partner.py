"""`Partner`: what a partner's software embeds: draft, check, send; receive, open, acknowledge, report back."""

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from zegel.acknowledging import Words
from zegel.alarms import Alarms
from zegel.compose import Composed, Composer
from zegel.conferences import Conferences
from zegel.contacts import Choice
from zegel.dispatch import Desk, Dispatch, Sent
from zegel.draft import Draft, people
from zegel.erasures import Erasures
from zegel.errors import ContentFound, Refused, RelayUnreachable
from zegel.ethics import Ethics
from zegel.events import read_events
from zegel.families import Families
from zegel.inbox_desk import InboxDesk
from zegel.kept_draft import Kept
from zegel.letters import Letters
from zegel.message import Message, Waiting, waiting_of
from zegel.outbox import Delivered
from zegel.own_rules import OwnRules
from zegel.preflight import Preflight
from zegel.prekeys import keys_of, publish_due
from zegel.progress import OnProgress
from zegel.proving import ProofFile, prove
from zegel.receive import Receiver
from zegel.received import ReceivedMessage, ReceivedMessages
from zegel.relay_client import RelayClient
from zegel.reminding import Reminder, Reminding
from zegel.sent import SentMessage, SentMessages
from zegel.shelf import Shelf
from zegel.talks import Talks, report_back
from zegel.telling import Duty, How, Telling, Untold
from zegel.view import View
from zegel_keys import selftest
from zegel_keys.casefile import CaseFile
from zegel_keys.keystore.directory import Keystore
from zegel_keys.receipts import check_receipt
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.decision import decide
from zegel_protocol.errors import ChainError, LogError
from zegel_protocol.objects import Acknowledgement, Prekeys
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.objects.manifest import OnNecessity
from zegel_protocol.objects.parties import Party
from zegel_protocol.signed import Signed

_LOOK_AGAIN = 600
"""Seconds after which an inbox that is looked at has the setting fetched too."""


class Partner:
    """One device of a partner, connected to its relay. Use it with `async with await Partner.connect(...)`."""

    def __init__(self, keystore: Keystore, client: RelayClient, clock: Callable[[], int]) -> None:
        self._keystore, self._client, self._clock = keystore, client, clock
        self.identity = keystore.identity
        self._view = View(self.identity.huis, keystore.state, client)
        self._shelf = Shelf(keystore.state)
        self._looked = self._called = 0
        self._receiver = Receiver(keystore, self._view, client)
        self._telling = Telling(self.identity, keystore.state, client, self._view, clock)
        self._sent = SentMessages(keystore.state)
        desk = Desk(self._allowed, self._prekeys, self._remember, self._finish, clock)
        self._dispatch = Dispatch(keystore, client, desk)
        self.families = Families(self.identity, client, self._view, clock)
        self.ethics = Ethics(self.identity, keystore.state, client, self._view)
        self.letters = Letters(self.identity, client, self._view, self._telling, self.families, clock)
        self.alarms = Alarms(self.identity, keystore.state, client, self._view, self._dispatch, clock)
        self.own_rules = OwnRules(client, self._view, self.identity.partner)
        self._reminding = Reminding(self.identity, keystore.state, self._view, client)
        self._words = Words(self.identity, keystore.state, client, self._view, self._shelf, clock)
        self._received = ReceivedMessages(keystore.state)
        self.talks = Talks(self.identity, client, self._view, self._words, clock)
        self.conferences = Conferences(self.identity, client, self._view, self.send, clock)
        self.desk = InboxDesk(self.identity, client, self._view, self._receiver, self._reminding, clock)
        self.erasures = Erasures(self.identity, client, self._view, self._words, self._received, self._dispatch, clock)

    @classmethod
    async def connect(
        cls,
        folder: Path | str,
        passphrase: str,
        *,
        relay: str | None = None,
        clock: Callable[[], int] = lambda: int(time.time()),
        opened: "Callable[[Partner], None] | None" = None,
    ) -> "Partner":
        """Open a keystore folder and publish fresh sealing keys where they are due.

        `relay` overrides the relay's address of the keystore. `opened` is called before the relay is asked anything:
        for what has to be seen first, as whom to phone (`alarms.phones`). Raises `KeystoreError` (wrong passphrase,
        damage, ...), `ClockWrong` (when keys are due), `RelayProblem`, `ProtocolError`, and `SealError`
        (`selftest.failed`) when this machine's cryptography gives other answers than it should.
        """
        selftest.run()
        keystore = Keystore.open(folder, passphrase)
        identity = keystore.identity
        keyid = f"device:{identity.partner}/{identity.device}"
        client = RelayClient(relay or identity.relay, keyid, identity.signing_key, clock)
        partner = cls(keystore, client, clock)
        await asyncio.to_thread(partner._dispatch.sweep, clock())
        try:
            if opened is not None:
                opened(partner)
            await partner.refresh()
        except RelayUnreachable:
            # Offline is no reason not to open: drafts and the outbox work without a relay.
            pass
        except BaseException:
            await partner.close()
            raise
        return partner

    async def __aenter__(self) -> "Partner":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close connections and the keystore."""
        await self._client.close()
        self._keystore.close()

    async def refresh(self) -> None:
        """Make and publish the next sealing keys if they are due, and erase those that are long past."""
        case = await self.setting()
        await self._view.offer_again()
        await publish_due(self._keystore, self._client, self._view, case, self._clock())

    async def setting(self) -> CaseFile:
        """Fetch and verify what is in force in the Huis: partners, rules."""
        case = await self._view.believe(await self._client.setting())
        self._looked = self._clock()
        self.alarms.remember(case.setting.rulebook.payload)
        return case

    def referral(self, to: str, household: str, about: Iterable[str], purpose: str = "referral") -> Draft:
        """Begin a referral to partner `to` about persons of a household."""
        return Draft("referral", purpose, to, household, people(about))

    def information(self, to: str, household: str, about: Iterable[str], purpose: str = "coordinate") -> Draft:
        """Begin an information message to partner `to`."""
        return Draft("information", purpose, to, household, people(about))

    def report_back(self, message: Message) -> Draft:
        """Begin a report-back to whoever began the conversation that `message` is part of."""
        return report_back(message)

    async def preflight(self, draft: Draft) -> Preflight:
        """Judge a draft as the relay and the recipient will, before anything is sealed or sent.

        Raises `ContentError` for content that is no such form or too long, `RelayUnreachable`, `ProtocolError`.
        """
        case = await self._evidence(draft)
        return await asyncio.to_thread(self._judge, draft, case)

    def _judge(self, draft: Draft, case: CaseFile) -> Preflight:
        findings = draft.findings(case.setting.rulebook.payload)
        composer = Composer(self.identity, case, self._view.seen, self._clock())
        return Preflight(decide(composer.preview(draft), self._clock()), findings)

    async def _evidence(self, draft: Draft) -> CaseFile:
        people = tuple(sorted({person for section in draft.sections for person in section.about} | set(draft.about)))
        query = EvidenceQuery(
            persons=people,
            sender=Party(partner=self.identity.partner),
            to=draft.recipient,
            thread=draft.thread,
            worker=self.identity.worker,
            household=draft.household,
            answers=draft.answers,
        )
        flows = [(person, query.sender.key, query.to.key) for person in people]
        case = await self._view.believe(await self._client.evidence(query), flows)
        if not (isinstance(draft.basis, OnNecessity) and draft.basis.off_call):
            self._view.check_rota(case, query.to.partner)
        return case

    async def send(self, draft: Draft, on_progress: OnProgress | None = None) -> Sent:
        """Check, seal and send a draft; return once the relay has accepted it durably, with its notices.

        Raises `Refused`, `ContentFound` or `ContentError` (nothing left this device), `RelayUnreachable` (sealed and
        kept: `flush` sends it later; or, if `unsent` does not show it, not even sealed: `keep` the draft),
        `RelayProblem`, `ProtocolError`, `KeystoreError`.
        """
        return await self._dispatch.send(draft, on_progress)

    async def _allowed(self, draft: Draft) -> Composer:
        """Return what seals this draft, if rules and checks allow it. Raises `Refused`, `ContentFound`."""
        case = await self._evidence(draft)
        checked = await asyncio.to_thread(self._judge, draft, case)
        refused = tuple(item for item in checked.findings if item.severity == "refuse")
        if refused:
            raise ContentFound(refused)
        if checked.refusals:
            raise Refused(checked.refusals, names=self._names(case))
        return Composer(self.identity, case, self._view.seen, self._clock())

    async def keep(self, draft: Draft, on_progress: OnProgress | None = None) -> str:
        """Keep a draft on this device, copied and encrypted with its files, until `flush` sends it; return its id.

        No relay is needed. Raises `ContentError`, `KeystoreError` (a full disk), `OSError` (a file can't be read).
        """
        return await self._dispatch.keep(draft, on_progress)

    def drafts(self) -> list[Kept]:
        """Return the drafts that are kept here, oldest first, with what the last try to send each said."""
        return self._dispatch.drafts()

    async def draft(self, identifier: str) -> Draft:
        """Return a kept draft to mend; it stays kept: `discard` it once the mended one is kept or sent.

        Raises `DraftUnknown`, and `SealError` or `KeystoreError` for a copy that was damaged.
        """
        return await self._dispatch.restored(identifier)

    def discard(self, identifier: str) -> None:
        """Throw away a kept draft, or a sealed message that waits; this can't be undone. Raises `DraftUnknown`."""
        self._dispatch.discard(identifier)

    async def flush(self, on_progress: OnProgress | None = None) -> list[Sent]:
        """Send everything that was sealed and could not be sent, and every kept draft; return what arrived.

        A draft is judged and sealed as it leaves; one that is refused stays, with its refusals (`drafts`). A message
        that waited so long that it is refused is sealed anew. Raises as `send`: the first refusal or problem, once all
        were tried; `RelayUnreachable` at once.
        """
        return await self._dispatch.flush(on_progress)

    def _remember(self, composed: Composed) -> None:
        self._telling.remember(composed)
        self._sent.remember(composed)

    def sent(self) -> list[SentMessage]:
        """Return what was sent from this keystore and has its receipt, oldest first."""
        return self._sent.all()

    async def lost(self) -> list[str]:
        """Return the `D` of messages sent here that the relay lost when it was restored from a backup.

        Their receipts stay proof that it had accepted them. The sealed copies are gone: write and send them anew.
        """
        case = await self.setting()
        log_key = case.setting.directory.payload.log_key
        lost = []
        for manifest, receipt in self._keystore.state.items("receipts"):
            try:
                check_receipt(receipt, manifest, case.trust, log_key)
            except LogError as error:
                if error.code != "log.dropped":
                    raise
                lost.append(manifest)
        return lost

    def unsent(self) -> list[str]:
        """Return the ids of messages that are sealed and kept here, and not receipted yet."""
        return self._dispatch.unsent()

    async def _finish(self, delivered: Delivered) -> Sent:
        """Hold the receipt against what was sent, then forget the sealed copy."""
        case = await self.setting()
        log_key = case.setting.directory.payload.log_key
        receipt, place, seen = check_receipt(delivered.receipt, delivered.manifest, case.trust, log_key)
        await self._view.compare_log(seen, case)
        if set(receipt.payload.wraps) != set(delivered.wraps):
            raise ChainError("receipt.wraps", "the relay gave a receipt for other keys than were sent")
        if len(receipt.payload.notices) < delivered.told:
            raise ChainError("receipt.notices", "the relay gave a receipt that leaves out somebody who is to be told")
        self._keystore.state.put("receipts", delivered.manifest, delivered.receipt)
        self._dispatch.settle(delivered.id)
        expired = place.at >= case.setting.directory.payload.expires
        return Sent(delivered.id, delivered.manifest, place.at, receipt.payload.notices, expired)

    async def _prekeys(self, partner: str) -> list[Signed[Prekeys]]:
        return await keys_of(self._client, self._view, partner, self._clock())

    @staticmethod
    def _names(case: CaseFile) -> dict[str, str]:
        return {partner: case.setting.names(partner)[0] for partner in case.setting.memberships}

    async def inbox(self, wait: int = 0) -> list[Waiting]:
        """Return messages that nobody at this keystore has dealt with, alarms first, then the oldest.

        `wait` up to 30 seconds for one; an alarm that is called to this partner ends the waiting.

        One that was opened and never acknowledged comes again after ten minutes: whoever opened it may have crashed.
        """
        if self._clock() - self._looked >= _LOOK_AGAIN:
            # A log that was set back has a smaller cursor than this device's, and no message would ever show.
            await self.setting()
        cursor = self._shelf.cursor
        page = await self._client.inbox(cursor, wait, self._called)
        self._called, shown = page.called, {item.manifest: item for item in waiting_of(page)}
        while page.items and page.cursor > cursor:
            cursor = page.cursor
            page = await self._client.inbox(cursor)
            shown |= {item.manifest: item for item in waiting_of(page) if item.manifest not in shown}
        return sorted(self._shelf.sort(list(shown.values()), self._clock()), key=lambda item: not item.urgent)

    async def open(
        self,
        waiting: Waiting | str,
        on_progress: OnProgress | None = None,
        reminder: Reminder | None = None,
        *,
        language: str = "nl",
    ) -> Message:
        """Have a message handed out, verify everything it rests on, decide again, and open it.

        Before the first opening `reminder` is called with the reminder of secrecy, in `language`, and says whether it
        is acknowledged; without one, the software that calls this has shown it (`ethics.reminder`) and acknowledges for
        its user.

        Large files stand opened in the keystore's folder until the message is closed or forgotten: `Section.save` them.
        It is then this program's to deal with until it is acknowledged. By its `D` a message is opened also after it
        was dealt with. Raises `Refused`, `ProtocolError`, `NotForThisDevice`, `ContentError`, `SecrecyNotAcknowledged`,
        `MessageTaken` (another program at this keystore has it, or had it since); then nothing was opened.
        """
        by_name = isinstance(waiting, str)
        manifest = waiting if isinstance(waiting, str) else waiting.manifest
        with self._shelf.taking(manifest, self._clock(), again=by_name):
            delivery = await self._reminding.hand_out(manifest, reminder, language)
            message = await self._receiver.open(delivery, manifest, self._clock(), on_progress)
            self._received.remember(message)
            return message

    async def prove(self, manifest: str, n: int) -> ProofFile:
        """Return the opening proof of section `n` of a message, for the steward. Raises as `zegel.proving.prove`."""
        delivery = await self._reminding.hand_out(manifest)
        return await prove(self.identity, self._client, self._receiver, delivery, manifest, n, self._clock())

    async def acknowledge(self, message: Message, event: Event = "opened", codes: Iterable[str] = ()) -> None:
        """Tell sender and client what became of a message, by default that it was opened; it is then dealt with."""
        await self._words.say(message, event, codes)

    async def unopenable(self, waiting: Waiting | str, codes: Iterable[str] = ()) -> None:
        """Tell sender and client that a message does not open, and of which `codes` (`section.digest`).

        It is then dealt with; by its `D` it is opened later all the same, should the relay's operator mend it. Raises
        as `open`: of what does not verify or is not allowed, no word can be given.
        """
        manifest = waiting if isinstance(waiting, str) else waiting.manifest
        delivery = await self._reminding.hand_out(manifest)
        given = await self._receiver.unopened(delivery, manifest, self._clock())
        await self._words.say(given, "unopenable", codes)

    def received(self) -> list[ReceivedMessage]:
        """Return what was opened at this keystore, oldest first."""
        return self._received.all()

    async def events(self, manifest: str) -> list[Acknowledgement]:
        """Return what readers said of a message, verified; for the sender this shows who opened it and who was told.

        Raises `ProtocolError`: `event.foreign` (of another message), `log.split` (a reader was shown another log than
        this device), and what verification raises.
        """
        return [held.payload for held in await read_events(self._client, self._view, manifest, self._clock())]

    async def duties(self, now: int | None = None) -> list[Duty]:
        """Return whom this partner still owes telling, in person or by letter; those that it owes for longest first."""
        return await self._telling.duties(now)

    async def letter(self, duty: Duty, language: str | None = None) -> str:
        """Return the letter of a duty as plain text, in the person's own language, else `language`, else Dutch."""
        return await self._telling.letter(duty, language)

    async def confirm_told(self, duty: Duty, how: How = "in-person") -> None:
        """Say, as this worker, that the person was told: the partner owes it no more."""
        await self._telling.confirm(duty, how)

    async def set_contact(self, person: str, choice: Choice) -> None:
        """Say how a person without keys, who is present, wants to be pinged."""
        await self._telling.set_contact(person, choice)

    async def untold(self, now: int | None = None) -> list[Untold]:
        """Return who should have been told of messages sent here by `now` (seconds), and of whom no word says so."""
        return await self._telling.untold(now)
