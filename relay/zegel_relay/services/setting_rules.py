"""Accepting what the setting of a Huis is made of: roots, memberships, rulebook, directory, device lists, prekeys."""

from typing import TypeVar

from zegel_keys.casefile import Reader
from zegel_keys.exhibit import Exhibit
from zegel_keys.trust import Trust, check_follows, check_possession, establish, read_root, read_roots
from zegel_keys.verification import read_payload, verify
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import DeviceList, Directory, Epoch, Membership, Prekeys, Root, Rulebook
from zegel_protocol.signed import Place, Signed
from zegel_relay.services import archive
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict
from zegel_relay.services.office import Office
from zegel_relay.storage.operation import Transaction


async def _roots(office: Office, tx: Transaction) -> tuple[Signed[Root], ...]:
    shown = await archive.by_subject(tx.session, (Root.KIND,), [""])
    return read_roots(office.huis, shown) if shown else ()


async def judge_root(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """The first root is what the Huis was founded with; each later one is signed by enough of the one before."""
    roots = await _roots(office, tx)
    read_root(exhibit.envelope, roots[-1] if roots else None, office.huis)
    return Effect()


async def _steward(office: Office, tx: Transaction) -> Trust:
    roots = await _roots(office, tx)
    if not roots:
        raise Conflict("huis.not-founded", "This Huis has no root yet: its steward sends that first.")
    return Trust(huis=office.huis, roots=roots)


V = TypeVar("V", Membership, DeviceList)


def _stored(before: Exhibit | None, kind: type[V]) -> Signed[V] | None:
    """Return what stands before in a chain; it was verified when it was accepted."""
    return Signed(before.d, read_payload(before.envelope, kind)[0], frozenset()) if before is not None else None


async def judge_membership(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Signed by the steward, and next in its partner's chain."""
    held = verify(exhibit.envelope, Membership, await _steward(office, tx))
    before = await archive.newest(tx.session, Membership.KIND, held.payload.partner)
    known = _stored(before, Membership)
    check_follows(held.payload.version, held.payload.prev, None, known)
    return Effect()


async def judge_rulebook(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Signed by the steward, of a higher version than before. It is in force once a directory names it."""
    held = verify(exhibit.envelope, Rulebook, await _steward(office, tx))
    before = await archive.newest(tx.session, Rulebook.KIND, "")
    if before is not None and read_payload(before.envelope, Rulebook)[0].version >= held.payload.version:
        raise ChainError("chain.gap", "a rulebook of this version or a later one is there already")
    return Effect()


async def judge_directory(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Everything it names is there and verifies from the root on, it is the next version, and it names this relay."""
    payload, _ = read_payload(exhibit.envelope, Directory)
    if (payload.relay_key, payload.log_key) != (office.relay_key.public, office.log_public):
        raise Conflict("directory.relay", "The directory names the keys of another relay.")
    if payload.expires <= tx.now:
        raise Conflict("directory.expired", "The directory has already expired.")
    before = await archive.newest(tx.session, Directory.KIND, "")
    if before is not None:
        old = archive.read_directory(before)
        if payload.version != old.version + 1 and not await _skips(tx, before, payload):
            raise ChainError("chain.gap", "a directory follows the one before it, version by version")
        if payload.base not in (None, old.base or before.d):
            raise Conflict("directory.base", "A refresh is of the steward's newest directory, and of no other.")
        if payload.rp_id != old.rp_id or not set(old.origins) <= set(payload.origins):
            # A passkey's touch names its origin for ever: dropping one would make every consent given there void.
            raise Conflict("directory.origins", "A directory keeps every origin that consents were given on.")
    named = [payload.rulebook, *([payload.base] if payload.base is not None else [])]
    shown = await archive.setting(tx.session)
    shown = [item for item in shown if item.kind != Directory.KIND]
    shown += [*await archive.by_digest(tx.session, named), exhibit]
    establish(office.huis, {item.d: item for item in shown}.values(), Reader().place)
    return Effect()


async def _skips(tx: Transaction, before: Exhibit, new: Directory) -> bool:
    """Whether versions may be left out: the log lost them, as an epoch after the last directory says."""
    epoch = await archive.newest(tx.session, Epoch.KIND, "")
    if epoch is None or epoch.place is None or before.place is None or new.base is not None:
        return False
    return new.version > archive.read_directory(before).version and before.place.index < epoch.place.index


async def judge_devices(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Signed by the partner's root, next in its chain, and every device holds its key."""
    trust = await _steward(office, tx)
    payload, _ = read_payload(exhibit.envelope, DeviceList)
    shown = await archive.by_subject(tx.session, (Membership.KIND,), [payload.partner])
    members = tuple(verify(item.envelope, Membership, trust, item.place) for item in shown)
    if not members:
        raise Conflict("partner.unknown", "The steward has not admitted this partner.")
    trust = Trust(huis=office.huis, roots=trust.roots, members={payload.partner: members})
    held = verify(exhibit.envelope, DeviceList, trust)
    before = await archive.newest(tx.session, DeviceList.KIND, payload.partner)
    known = _stored(before, DeviceList)
    check_follows(held.payload.version, held.payload.prev, None, known)
    check_possession(office.huis, held.payload)
    if held.payload.expires <= tx.now:
        raise Conflict("devices.expired", "The device list has already expired.")
    return Effect()


async def judge_prekeys(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Signed by their device, of a higher version than before."""
    held = verify(exhibit.envelope, Prekeys, await office.trust(tx.session), Place(tx.index, tx.now))
    subject = f"{held.payload.partner}/{held.payload.device}"
    before = await archive.newest(tx.session, Prekeys.KIND, subject)
    if before is not None and read_payload(before.envelope, Prekeys)[0].version >= held.payload.version:
        raise ChainError("chain.gap", "prekeys of this version or a later one are there already")
    return Effect()
