"""Sealing keys: this device's, made for the coming periods, signed and published; and those of others, to seal to.

The private halves stay in the keystore (`zegel_keys.keystore.prekeys`), which erases them after their time.
"""

from zegel.errors import DeviceNotListed, RecipientWithoutKeys
from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.exhibit import read_bundle
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.prekeys import ensure_periods, erase_expired, set_version
from zegel_keys.keystore.state import State
from zegel_keys.verification import verify
from zegel_protocol.objects import Prekeys
from zegel_protocol.objects.prekeys import SUITE, Prekey
from zegel_protocol.signed import Signed

_PUBLISHED = "prekeys.published"
_SIGNED = "prekeys.signed/"


async def publish_due(keystore: Keystore, client: RelayClient, view: View, case: CaseFile, now: int) -> None:
    """Make and publish the next keys if they are due at `now` (seconds), and erase those that are long past.

    `case` is what is in force. Raises `DeviceNotListed` or `ClockWrong` where keys are due, `RelayProblem`,
    `RelayUnreachable`.
    """
    state, identity = keystore.state, keystore.identity
    periods = ensure_periods(state, now)
    version = set_version(state)
    if published_version(state) < version:
        _require_listed(identity, case)
        # At a wrong time these would be keys that nobody can use.
        await client.check_clock()
        prekeys = Prekeys(
            v=1, huis=identity.huis, nonce=new_nonce(), partner=identity.partner, device=identity.device,
            version=version, suite=SUITE,
            keys=tuple(Prekey(seal_key=key, not_before=start, not_after=end) for key, start, end in periods),
        )  # fmt: skip
        # The same bytes each time: whoever does not know whether they arrived, offers them again.
        state.add("values", f"{_SIGNED}{version}", sign_payload(prekeys, identity.signing_key))
        await view.submit(state.get("values", f"{_SIGNED}{version}") or b"")
        state.put("values", _PUBLISHED, str(version).encode())
    # A signed time, not this device's clock alone: a clock years ahead would erase keys that are still needed.
    erase_expired(state, min(now, case.setting.directory.payload.expires))


async def keys_of(client: RelayClient, view: View, partner: str, now: int) -> list[Signed[Prekeys]]:
    """Return what the inbox devices of a partner published to be sealed to; at least one holds at `now` (seconds).

    Raises `RecipientWithoutKeys`, `RelayProblem`, `RelayUnreachable`, `ProtocolError`.
    """
    bundle = await client.prekeys(partner)
    case = await view.believe(bundle)
    found = [verify(item.envelope, Prekeys, case.trust) for item in read_bundle(bundle) if item.kind == Prekeys.KIND]
    inbox = {device.device for device in case.trust.devices(partner, None) if device.inbox}
    usable = [held for held in found if held.payload.partner == partner and held.payload.device in inbox]
    for held in usable:
        view.pin_prekeys(held)
    if not any(held.payload.current(now) is not None for held in usable):
        raise RecipientWithoutKeys(
            f"{partner} has no device that a message can be sealed to now.",
            "Nothing was sent.",
            "Ask them to open their software once: it publishes new keys.",
        )
    return usable


async def keys_of_device(client: RelayClient, view: View, partner: str, device: str) -> Signed[Prekeys] | None:
    """Return what a device of one's own partner published to be sealed to, inbox or not; None where it did not.

    Raises `RelayProblem`, `RelayUnreachable`, `ProtocolError`.
    """
    bundle = await client.prekeys(partner)
    case = await view.believe(bundle)
    listed = {item.device for item in case.trust.devices(partner, None)}
    for item in read_bundle(bundle):
        if item.kind != Prekeys.KIND:
            continue
        held = verify(item.envelope, Prekeys, case.trust)
        if (held.payload.partner, held.payload.device) == (partner, device) and device in listed:
            view.pin_prekeys(held)
            return held
    return None


def published_version(state: State) -> int:
    """Return the version of the keys that the relay has of this device, 0 for none."""
    return int(state.get("values", _PUBLISHED) or b"0")


def _require_listed(own: Identity, case: CaseFile) -> None:
    if not any(device.device == own.device for device in case.trust.devices(own.partner, None)):
        raise DeviceNotListed(
            f"Device {own.device} of {own.partner} is on no list that is in force.",
            "Nothing was sent.",
            "Whoever holds the partner's root lists it (`zegel partner devices --add device.json`), and the "
            "steward publishes a directory that names the partner.",
        )
