"""What this device believes of a Huis: what the relay gives, verified up to the pinned id and never older than seen.

The relay is not trusted with any of it: every object is verified, every version held against the pins, and the log
against the largest one seen.
"""

from collections.abc import Iterable
from typing import Protocol, cast

from zegel.relay_client import RelayClient
from zegel_keys import signing
from zegel_keys.casefile import CaseFile, open_case
from zegel_keys.exhibit import read_bundle
from zegel_keys.keystore.pins import Pins
from zegel_keys.keystore.state import State
from zegel_protocol import b64, merkle, tlog
from zegel_protocol.api import Bundle
from zegel_protocol.errors import LogError
from zegel_protocol.objects.header import Payload
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.objects.prekeys import Prekeys
from zegel_protocol.signed import Signed


class Versioned(Protocol):
    """A payload that counts its versions."""

    version: int


class View:
    """One device's view of the Huis `huis`, pinned in its `state`."""

    def __init__(self, huis: str, state: State, client: RelayClient) -> None:
        self._huis, self._client = huis, client
        self._pins = Pins(state)

    async def believe(self, bundle: Bundle) -> CaseFile:
        """Return the case file of a bundle, once nothing in it is forged, incomplete or older than seen.

        Raises `ProtocolError`: whatever verification raises, `pin.*` for what is older than seen or of another
        history, `log.split` for a log that is not the one seen before.
        """
        case = open_case(self._huis, read_bundle(bundle))
        self._pin(case)
        for seen in _largest(case.seen.values()):
            await self.compare_log(seen, case)
        return case

    def _pin(self, case: CaseFile) -> None:
        setting = case.setting
        self._check("root", "", case.trust.roots[-1])
        self._check("directory", "", setting.directory)
        self._check("rulebook", "", setting.rulebook)
        for partner, memberships in setting.memberships.items():
            self._check("membership", partner, memberships[-1])
        for partner, lists in setting.devices.items():
            self._check("devices", partner, lists[-1])
        for person, client in case.clients.items():
            self._check("person", person, client.versions[-1])
            if client.keys:
                self._check("client-key", person, client.keys[-1])
        for (person, sender, to), chain in case.chains.items():
            # What a receipt showed to exist is pinned too, so a status that says less contradicts it later.
            self._pins.check_and_pin_head(person, sender, to, len(chain), chain[-1].d)
        for (person, sender, to), status in case.statuses.items():
            self._pins.check_and_pin_head(person, sender, to, status.payload.head_seq, status.payload.head)

    def pin_prekeys(self, held: Signed[Prekeys]) -> None:
        """Accept a device's sealing keys, if they are not older than seen. Raises `ChainError` (`pin.rollback`)."""
        self._check("prekeys", f"{held.payload.partner}/{held.payload.device}", held)

    def _check(self, kind: str, subject: str, held: Signed[Payload]) -> None:
        version = cast(Versioned, held.payload).version
        self._pins.check_and_pin(kind, subject, version, held.d, None)

    @property
    def seen(self) -> Seen:
        """The largest log that this device saw; of size 0 before the first."""
        pin = self._pins.log_pin()
        if pin is None:
            return Seen(size=0, root=b64.encode(merkle.EMPTY_ROOT))
        return Seen(size=pin.size, root=pin.root)

    async def compare_log(self, seen: Seen, case: CaseFile) -> None:
        """Return if `seen` and the largest log seen here are one log; then the larger of the two is pinned.

        The relay must prove it (RFC 9162, 2.1.4). Raises `LogError` (`log.split`): it showed two logs, so it has
        withheld or rewritten something; keep the keystore, tell the steward. Raises `ChainError` for a forked pin.
        """
        while True:
            pin = self._pins.log_pin()
            if pin is None or pin.size == seen.size or seen.size == 0 or pin.size == 0:
                if seen.size == 0 or self._pins.check_and_pin_log(seen.size, seen.root, pin):
                    return
                continue
            old, new = sorted(((seen.size, seen.root), (pin.size, pin.root)))
            await self._prove(old, new, case)
            if seen.size <= pin.size or self._pins.check_and_pin_log(seen.size, seen.root, pin):
                return

    async def _prove(self, old: tuple[int, str], new: tuple[int, str], case: CaseFile) -> None:
        answer = await self._client.log_consistency(old[0], new[0])
        log_key = case.setting.directory.payload.log_key
        tlog.verify_checkpoint(answer.checkpoint, tlog.log_origin(self._huis), log_key, signing.check)
        hashes = [b64.decode(item, 32) for item in answer.hashes]
        try:
            merkle.verify_consistency(old[0], b64.decode(old[1], 32), new[0], b64.decode(new[1], 32), hashes)
        except LogError as error:
            raise LogError("log.split", "the relay shows two logs that are not one: tell the steward") from error


def _largest(seen: Iterable[Seen]) -> list[Seen]:
    """The largest log shown, and any other of the same size, which must then be the same."""
    states = sorted(seen, key=lambda item: item.size)
    return [item for item in states if item.size == states[-1].size] if states else []
