"""`Partner`: what a partner's software embeds: draft, check, send; receive, open, acknowledge, report back."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from zegel.compose import Composer
from zegel.content.finding import Finding
from zegel.draft import Draft
from zegel.errors import ContentFound, DeviceNotListed, RecipientWithoutKeys, Refused, RelayProblem, RelayUnreachable
from zegel.families import Families
from zegel.message import Message, Waiting
from zegel.outbox import Delivered, Outbox
from zegel.receive import Receiver
from zegel.relay_client import RelayClient
from zegel.shelf import Shelf
from zegel.view import View
from zegel_keys import selftest
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.exhibit import read_bundle
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.prekeys import ensure_periods, erase_expired, set_version
from zegel_keys.receipts import check_receipt
from zegel_keys.verification import verify
from zegel_protocol.api import Bundle, EvidenceQuery
from zegel_protocol.decision import decide
from zegel_protocol.errors import ChainError, LogError
from zegel_protocol.objects import Acknowledgement, Prekeys
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.prekeys import SUITE, Prekey
from zegel_protocol.refusal import Refusal
from zegel_protocol.signed import Signed

_PUBLISHED = "prekeys.published"
_SIGNED = "prekeys.signed/"


@dataclass(frozen=True)
class Preflight:
    """What stands between a draft and its sending: rules that refuse it, and matter that does not belong in it.

    `findings` of severity *warn* are questions to the worker; they do not stop it.
    """

    refusals: tuple[Refusal, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether it may be sent as it is."""
        return not self.refusals and not any(item.severity == "refuse" for item in self.findings)


@dataclass(frozen=True)
class Sent:
    """A message that the relay accepted: its id, its manifest's `D`, when, and how many people are told of it."""

    id: str
    manifest: str
    accepted_at: int
    notices: tuple[str, ...]


class Partner:
    """One device of a partner, connected to its relay. Use it with `async with await Partner.connect(...)`."""

    def __init__(self, keystore: Keystore, client: RelayClient, clock: Callable[[], int]) -> None:
        self._keystore, self._client, self._clock = keystore, client, clock
        self.identity = keystore.identity
        self._view = View(self.identity.huis, keystore.state, client)
        self._outbox = Outbox(keystore.state, client)
        self._shelf = Shelf(keystore.state)
        self._receiver = Receiver(self.identity, keystore.state, self._view, client)
        self.families = Families(self.identity, client, self._view, clock)

    @classmethod
    async def connect(
        cls,
        folder: Path | str,
        passphrase: str,
        *,
        relay: str | None = None,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> "Partner":
        """Open a keystore folder and publish fresh sealing keys where they are due.

        `relay` overrides the relay's address of the keystore. Raises `KeystoreError` (wrong passphrase, damage, ...),
        `ClockWrong` (when keys are due), `RelayProblem`, `ProtocolError`, and `SealError` (`selftest.failed`) when this
        machine's cryptography gives other answers than it should.
        """
        selftest.run()
        keystore = Keystore.open(folder, passphrase)
        identity = keystore.identity
        keyid = f"device:{identity.partner}/{identity.device}"
        client = RelayClient(relay or identity.relay, keyid, identity.signing_key, clock)
        partner = cls(keystore, client, clock)
        try:
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
        state, now = self._keystore.state, self._clock()
        periods = ensure_periods(state, now)
        version = set_version(state)
        published = state.get("values", _PUBLISHED)
        if published is None or int(published) < version:
            self._require_listed(case)
            # At a wrong time these would be keys that nobody can use.
            await self._client.check_clock()
            prekeys = Prekeys(
                v=1, huis=self.identity.huis, nonce=new_nonce(), partner=self.identity.partner,
                device=self.identity.device, version=version, suite=SUITE,
                keys=tuple(Prekey(seal_key=key, not_before=start, not_after=end) for key, start, end in periods),
            )  # fmt: skip
            # The same bytes each time: whoever does not know whether they arrived, offers them again.
            state.add("values", f"{_SIGNED}{version}", sign_payload(prekeys, self.identity.signing_key))
            await self._view.submit(state.get("values", f"{_SIGNED}{version}") or b"")
            state.put("values", _PUBLISHED, str(version).encode())
        # A signed time, not this device's clock alone: a clock years ahead would erase keys that are still needed.
        erase_expired(state, min(now, case.setting.directory.payload.expires))

    def _require_listed(self, case: CaseFile) -> None:
        own, listed = self.identity, case.trust.devices(self.identity.partner, None)
        if not any(device.device == own.device for device in listed):
            raise DeviceNotListed(
                f"Device {own.device} of {own.partner} is on no list that is in force.",
                "Nothing was sent.",
                "Whoever holds the partner's root lists it (`zegel partner devices --add device.json`), and the "
                "steward publishes a directory that names the partner.",
            )

    async def setting(self) -> CaseFile:
        """Fetch and verify what is in force in the Huis: partners, rules."""
        return await self._view.believe(await self._client.setting())

    def referral(self, to: str, household: str, about: Iterable[str], purpose: str = "referral") -> Draft:
        """Begin a referral to partner `to` about persons of a household."""
        return Draft("referral", purpose, to, household, _people(about))

    def information(self, to: str, household: str, about: Iterable[str], purpose: str = "coordinate") -> Draft:
        """Begin an information message to partner `to`."""
        return Draft("information", purpose, to, household, _people(about))

    def report_back(self, message: Message) -> Draft:
        """Begin a report-back to whoever began the conversation that `message` is part of."""
        manifest = message.manifest
        if manifest.sender.partner is None or manifest.household is None:
            raise ValueError("a report-back goes to a partner, about people of a household")
        return Draft(
            "report-back", manifest.purpose, manifest.sender.partner, manifest.household, message.about,
            thread=message.thread,
        )  # fmt: skip

    async def preflight(self, draft: Draft) -> Preflight:
        """Judge a draft as the relay and the recipient will, before anything is sealed or sent.

        Raises `ContentError` for content that is no such form or too long, `RelayUnreachable`, `ProtocolError`.
        """
        case = await self._evidence(draft)
        return self._judge(draft, case)

    def _judge(self, draft: Draft, case: CaseFile) -> Preflight:
        findings = draft.findings(case.setting.rulebook.payload)
        composer = Composer(self.identity, case, self._view.seen, self._clock())
        return Preflight(decide(composer.preview(draft), self._clock()), findings)

    async def _evidence(self, draft: Draft) -> CaseFile:
        people = tuple(sorted({person for section in draft.sections for person in section.about} | set(draft.about)))
        query = EvidenceQuery(
            persons=people,
            sender=Party(partner=self.identity.partner),
            to=Party(partner=draft.to),
            thread=draft.thread,
        )
        flows = [(person, query.sender.key, query.to.key) for person in people]
        return await self._view.believe(await self._client.evidence(query), flows)

    async def send(self, draft: Draft) -> Sent:
        """Check, seal and send a draft; return once the relay has accepted it durably, with its notices.

        Raises `Refused` or `ContentFound` (nothing left this device), `RelayUnreachable` (sealed and kept: `flush`
        sends it later), `RelayProblem`, `ProtocolError`.
        """
        case = await self._evidence(draft)
        checked = self._judge(draft, case)
        refused = tuple(item for item in checked.findings if item.severity == "refuse")
        if refused:
            raise ContentFound(refused)
        if checked.refusals:
            raise Refused(checked.refusals, names=self._names(case))
        prekeys = await self._prekeys(draft.to)
        composed = Composer(self.identity, case, self._view.seen, self._clock()).compose(draft, prekeys)
        message = self._outbox.put(composed, told=len(composed.told))
        return await self._finish(await self._outbox.send(message))

    async def flush(self) -> list[Sent]:
        """Send everything that was sealed and could not be sent; return what arrived.

        Raises as `send`: the first refusal or problem, once all were tried; `RelayUnreachable` at once.
        """
        arrived: list[Sent] = []
        failed: Refused | RelayProblem | None = None
        for message in self._outbox.waiting():
            try:
                arrived.append(await self._finish(await self._outbox.send(message)))
            except RelayProblem as problem:
                # Another program at this keystore sent it meanwhile.
                if problem.code != "outbox.unknown":
                    failed = failed or problem
            except Refused as refused:
                failed = failed or refused
        if failed is not None:
            raise failed
        return arrived

    def unsent(self) -> list[str]:
        """Return the ids of messages that are sealed and kept here, and not receipted yet."""
        return self._outbox.waiting()

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
        self._outbox.settle(delivered.id)
        return Sent(delivered.id, delivered.manifest, place.at, receipt.payload.notices)

    async def _prekeys(self, partner: str) -> list[Signed[Prekeys]]:
        bundle = await self._client.prekeys(partner)
        case = await self._view.believe(bundle)
        found = [
            verify(item.envelope, Prekeys, case.trust) for item in read_bundle(bundle) if item.kind == Prekeys.KIND
        ]
        inbox = {device.device for device in case.trust.devices(partner, None) if device.inbox}
        usable = [held for held in found if held.payload.partner == partner and held.payload.device in inbox]
        for held in usable:
            self._view.pin_prekeys(held)
        if not any(held.payload.current(self._clock()) is not None for held in usable):
            raise RecipientWithoutKeys(
                f"{partner} has no device that a message can be sealed to now.",
                "Nothing was sent.",
                "Ask them to open their software once: it publishes new keys.",
            )
        return usable

    @staticmethod
    def _names(case: CaseFile) -> dict[str, str]:
        return {partner: case.setting.names(partner)[0] for partner in case.setting.memberships}

    async def inbox(self, wait: int = 0) -> list[Waiting]:
        """Return messages that nobody at this keystore has dealt with, oldest first; `wait` up to 30 seconds for one.

        One that was opened and never acknowledged comes again after ten minutes: whoever opened it may have crashed.
        """
        cursor = self._shelf.cursor
        page = await self._client.inbox(cursor, wait)
        shown = [Waiting(item.index, item.manifest) for item in page.items]
        while page.items and page.cursor > cursor:
            cursor = page.cursor
            page = await self._client.inbox(cursor)
            shown += [Waiting(item.index, item.manifest) for item in page.items]
        return self._shelf.sort(shown, self._clock())

    async def open(self, waiting: Waiting | str) -> Message:
        """Have a message handed out, verify everything it rests on, decide again, and open it.

        It is then this program's to deal with until it is acknowledged. By its `D` a message is opened also after it
        was dealt with. Raises `Refused`, `ProtocolError`, `NotForThisDevice`, `ContentError`, `MessageTaken` (another
        program at this keystore has it, or had it since the inbox was read); then nothing was opened.
        """
        by_name = isinstance(waiting, str)
        manifest = waiting if isinstance(waiting, str) else waiting.manifest
        with self._shelf.taking(manifest, self._clock(), again=by_name):
            delivery = await self._client.deliver(manifest)
            return await self._receiver.open(delivery, manifest, self._clock())

    async def acknowledge(self, message: Message, event: Event = "opened", codes: Iterable[str] = ()) -> None:
        """Tell sender and client what became of a message, by default that it was opened; it is then dealt with."""
        acknowledgement = Acknowledgement(
            v=1, huis=self.identity.huis, nonce=new_nonce(), manifest=message.d, wraps=message.wraps,
            receipt=message.receipt, reader=Party(partner=self.identity.partner),
            by=Sender(partner=self.identity.partner, device=self.identity.device), event=event,
            codes=tuple(sorted(codes)), seen=self._view.seen, at=self._clock(),
        )  # fmt: skip
        await self._view.submit(sign_payload(acknowledgement, self.identity.signing_key))
        self._shelf.settle(message, self._clock())

    async def events(self, manifest: str) -> list[Acknowledgement]:
        """Return what readers said of a message, verified; for the sender this shows who opened it and who was told.

        Raises `ProtocolError`: `event.foreign` (of another message), `log.split` (a reader was shown another log than
        this device), and what verification raises.
        """
        said, setting = await self._client.events(manifest), await self._client.setting()
        case = await self._view.believe_now(Bundle(items=(*setting.items, *said.items)), self._clock())
        log_key = case.setting.directory.payload.log_key
        events = []
        for item in read_bundle(said):
            if item.kind != Acknowledgement.KIND:
                continue
            if item.receipt is None:
                raise LogError("log.receipt", "an event that no receipt shows to be accepted")
            _, place, seen = check_receipt(item.receipt, item.d, case.trust, log_key)
            event = verify(item.envelope, Acknowledgement, case.trust, place).payload
            if event.manifest != manifest or event.by.party != event.reader:
                raise ChainError("event.foreign", "an event of another message, or in another reader's name")
            # Their receipt, and what they saw themselves: whoever is shown another log than we are is found out here.
            await self._view.compare_log(seen, case)
            await self._view.compare_log(event.seen, case)
            events.append(event)
        return events


def _people(about: Iterable[str]) -> tuple[str, ...]:
    if isinstance(about, str):
        raise TypeError("about: a list of person ids, not one text")
    return tuple(sorted(set(about)))
