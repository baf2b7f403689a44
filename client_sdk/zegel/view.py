"""What this device believes of a Huis: what the relay gives, verified up to the pinned id and never older than seen.

The relay is not trusted with any of it: every object is verified, every version held against the pins, and the log
against the largest one seen.
"""

from collections.abc import Iterable
from typing import Protocol, cast

from zegel.epochs import PROVEN, follow, keep_own, owed, settle_owed
from zegel.errors import Refused, RelayProblem
from zegel.relay_client import RelayClient
from zegel_keys import signing
from zegel_keys.casefile import CaseFile, open_case
from zegel_keys.epochs import is_dropped, origin_now
from zegel_keys.exhibit import read, read_bundle
from zegel_keys.keystore.pins import Pins
from zegel_keys.keystore.state import State
from zegel_keys.receipts import check_receipt
from zegel_protocol import b64, merkle, tlog
from zegel_protocol.api import Bundle
from zegel_protocol.errors import ChainError, LogError, SignatureError
from zegel_protocol.evidence import Flow
from zegel_protocol.objects import Conference, PartnerRules, Procedure, Rota
from zegel_protocol.objects.header import Payload
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.objects.prekeys import Prekeys
from zegel_protocol.signed import Place, Signed

_COUNTED = (Conference, PartnerRules, Procedure, Rota)
"""Records that count versions."""
_SPLIT = "the relay shows two logs, and does not prove that they are one: tell the steward"


class Versioned(Protocol):
    """A payload that counts its versions."""

    version: int


class View:
    """One device's view of the Huis `huis`, pinned in its `state`."""

    def __init__(self, huis: str, state: State, client: RelayClient) -> None:
        self._huis, self._state, self._client = huis, state, client
        self._pins = Pins(state)
        self._newest: CaseFile | None = None

    async def believe(self, bundle: Bundle, flows: Iterable[Flow] = ()) -> CaseFile:
        """Return the case file of a bundle, once nothing in it is forged, incomplete or older than seen.

        `flows` are the consent chains that were asked for: they are read also where the relay states nothing of them.

        Raises `ProtocolError`: whatever verification raises, `pin.*` for what is older than seen or of another
        history, `log.split` for a log that is not the one seen before; `LogSetBack` once after the relay was restored.
        """
        case = open_case(self._huis, read_bundle(bundle), flows=flows, strict=True)
        _check(self._pins, "root", "", case.trust.roots[-1])
        # Before anything else is held against what was seen: the steward may say that part of that is lost.
        await follow(self._state, case.trust.epochs, lambda old, new: self._prove(old, new, case))
        with self._state.transaction() as transaction:
            # All of it is pinned, or nothing: what is refused must not stand in the way of what is true.
            _pin(Pins(transaction), case)
        restored = {held.payload.last for held in case.trust.epochs}
        for seen in sorted({*case.seen.values(), *restored}, key=lambda item: item.size):
            # Each, and not the largest alone: a receipt of another log would give its object another place.
            await self.compare_log(seen, case)
        self._newest = case
        return case

    async def believe_now(self, bundle: Bundle, now: int, flows: Iterable[Flow] = (), *, grace: int = 0) -> CaseFile:
        """Return the same, to act on at `now` (seconds). Raises `ChainError` (`directory.expired`) and as `believe`.

        `grace`: for how long an expired directory still does, in seconds; of alarms only.
        """
        case = await self.believe(bundle, flows)
        if now >= case.setting.directory.payload.expires + grace:
            raise ChainError("directory.expired", "the directory has expired: wait for a new one, then try again")
        return case

    async def submit(self, envelope: bytes) -> Place:
        """Give the relay a signed object, and return its place once the receipt holds.

        Raises `Refused`, `RelayProblem`, `RelayUnreachable`; `ProtocolError` for a receipt that does not hold: whether
        the object was accepted is then unknown, and the same bytes may be given again.
        """
        receipt, d = await self._client.submit_object(envelope), read(envelope).d
        try:
            place = await self._check_receipt(receipt, d, self._newest or await self._fetch())
        except (SignatureError, LogError) as error:
            if isinstance(error, LogError) and error.code != "log.foreign":
                raise
            # The steward may have named another relay key since, or said that the log was set back.
            place = await self._check_receipt(receipt, d, await self._fetch())
        self.keep_own(envelope, place)
        return place

    def keep_own(self, envelope: bytes, place: Place) -> None:
        """Keep an object of one's own that the relay accepted at `place`, in case it loses it."""
        keep_own(self._state, envelope, place)

    async def offer_again(self) -> list[str]:
        """Give the relay once more what was submitted here and what it lost when it was restored; return their `D`.

        What is not accepted any more stays lost: it was signed for a state of things that is no more. Raises
        `RelayUnreachable`, and `ProtocolError` for a receipt that does not hold.
        """
        offered = []
        for envelope in owed(self._state):
            try:
                await self.submit(envelope)
            except (Refused, RelayProblem):
                continue
            offered.append(read(envelope).d)
        settle_owed(self._state)
        return offered

    async def latest(self, *, anew: bool = False) -> CaseFile:
        """Return the case file that was believed last, or fetch the setting if there is none yet, or if `anew`."""
        return self._newest if self._newest is not None and not anew else await self._fetch()

    async def _fetch(self) -> CaseFile:
        return await self.believe(await self._client.setting())

    async def _check_receipt(self, receipt: bytes, d: str, case: CaseFile) -> Place:
        _, place, seen = check_receipt(receipt, d, case.trust, case.setting.directory.payload.log_key)
        await self.compare_log(seen, case)
        return place

    def check_rota(self, case: CaseFile, partner: str | None) -> None:
        """Return if the case file has the rota of a partner (None: a person) that had one when it was seen last.

        Raises `ChainError` (`pin.rollback`): without its rota a desk is taken for one that is always there.
        """
        if partner is None or case.records.newest(Rota, partner) is not None:
            return
        if self._pins.version(Rota.KIND, partner) is not None:
            raise ChainError("pin.rollback", "a desk's rota was seen, and is not shown: phone, and tell the steward")

    def pin_prekeys(self, held: Signed[Prekeys]) -> None:
        """Accept a device's sealing keys, if they are not older than seen. Raises `ChainError` (`pin.rollback`)."""
        _check(self._pins, "prekeys", f"{held.payload.partner}/{held.payload.device}", held)

    @property
    def seen(self) -> Seen:
        """The largest log that this device saw; of size 0 before the first."""
        pin = self._pins.log_pin()
        if pin is None:
            return Seen(size=0, root=b64.encode(merkle.EMPTY_ROOT))
        return Seen(size=pin.size, root=pin.root)

    async def compare_seen(self, seen: Seen, made_at: int, case: CaseFile) -> None:
        """Return if `seen`, in an object that its signer made at `made_at` (seconds), and the log seen here are one.

        What somebody saw before the log was set back, and what it lost, is compared with nothing. Raises as
        `compare_log`.
        """
        if not is_dropped(case.trust, seen, made_at):
            await self.compare_log(seen, case)

    async def compare_log(self, seen: Seen, case: CaseFile) -> None:
        """Return if `seen` and the largest log seen here are one log; then the larger of the two is pinned.

        The relay must prove it (RFC 9162, 2.1.4), once for each state. Raises `LogError` (`log.split`): it showed two
        logs, so it has withheld or rewritten something, or it does not prove that they are one; keep the keystore, tell
        the steward.
        """
        name = f"{PROVEN}{seen.size}"
        while seen.size > 0 and self._state.get("values", name) != seen.root.encode():
            pin = self._pins.log_pin()
            if pin is not None and pin.size == seen.size and pin.root != seen.root:
                raise LogError("log.split", _SPLIT)
            if pin is not None and 0 < pin.size != seen.size:
                old, new = sorted((seen, Seen(size=pin.size, root=pin.root)), key=lambda item: item.size)
                await self._prove(old, new, case)
            smaller = pin is not None and seen.size < pin.size
            try:
                proven = smaller or self._pins.check_and_pin_log(seen.size, seen.root, pin)
            except ChainError as error:
                if error.code != "pin.log-rollback":
                    raise
                # Another program at this keystore pinned a larger one meanwhile: this is to be held against that.
                continue
            if proven:
                self._state.put("values", name, seen.root.encode())

    async def _prove(self, old: Seen, new: Seen, case: CaseFile) -> None:
        try:
            answer = await self._client.log_consistency(old.size, new.size)
        except RelayProblem as problem:
            if problem.code != "log.consistency":
                raise
            raise LogError("log.split", _SPLIT) from problem
        log_key = case.setting.directory.payload.log_key
        tlog.verify_checkpoint(answer.checkpoint, origin_now(case.trust), log_key, signing.check)
        hashes = [b64.decode(item, 32) for item in answer.hashes]
        try:
            merkle.verify_consistency(old.size, b64.decode(old.root, 32), new.size, b64.decode(new.root, 32), hashes)
        except LogError as error:
            raise LogError("log.split", _SPLIT) from error


def _pin(pins: Pins, case: CaseFile) -> None:
    """Hold all that a case file shows against what was seen, and pin it. Raises `ChainError` (`pin.*`)."""
    setting = case.setting
    _check(pins, "root", "", case.trust.roots[-1])
    _check(pins, "directory", "", setting.directory)
    # A refresh is of the newest that the steward signed: else it could bring back whom the steward took out.
    base = case.trust.directories.get(setting.directory.payload.base or "", setting.directory)
    _check(pins, "steward-directory", "", base)
    _check(pins, "rulebook", "", setting.rulebook)
    for partner, memberships in setting.memberships.items():
        _check(pins, "membership", partner, memberships[-1])
    for partner, lists in setting.devices.items():
        _check(pins, "devices", partner, lists[-1])
    for person, client in case.clients.items():
        _check(pins, "person", person, client.versions[-1])
        if client.keys:
            _check(pins, "client-key", person, client.keys[-1])
        elif pins.version("client-key", person) is not None:
            raise ChainError("pin.rollback", "a client's keys were seen, and are shown no more")
    _pin_records(pins, case)
    for (person, sender, to), chain in case.chains.items():
        # What a receipt showed to exist is pinned too, so a status that says less contradicts it later.
        pins.check_and_pin_head(person, sender, to, len(chain), chain[-1].d)
    for (person, sender, to), held in case.statuses.items():
        chain, status, pin = case.chains.get((person, sender, to), ()), held.payload, pins.head(person, sender, to)
        shown = (len(chain), chain[-1].d if chain else None)
        # A number without the objects behind it is not believed, so it is not pinned: `decide()` refuses it.
        if (status.head_seq, status.head) == shown or (pin is not None and status.head_seq <= pin.seq):
            pins.check_and_pin_head(person, sender, to, status.head_seq, status.head)


def _pin_records(pins: Pins, case: CaseFile) -> None:
    """Hold the newest version of each record that counts them against what was seen, and pin it."""
    newest: dict[tuple[str, str], Signed[Payload]] = {}
    for held in case.records.items:
        if isinstance(held.payload, _COUNTED):
            name = held.payload.KIND, held.payload.subject
            before = newest.get(name)
            if before is None or cast(Versioned, before.payload).version < held.payload.version:
                newest[name] = held
    for (kind, subject), held in newest.items():
        _check(pins, kind, subject, held)


def _check(pins: Pins, kind: str, subject: str, held: Signed[Payload]) -> None:
    version = cast(Versioned, held.payload).version
    pins.check_and_pin(kind, subject, version, held.d, None)
