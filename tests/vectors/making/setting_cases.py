"""What is in force, from the pinned id of a Huis to its rulebook and device lists; and what must not be believed."""

from collections.abc import Iterator
from typing import Any

import msgspec

from vectors.making.case import Case, ref
from vectors.making.huis import (
    FRESHNESS,
    HUIS,
    RECIPIENT,
    SENDER,
    STEWARD,
    THIRD,
    device_id,
    make_devices,
    make_membership,
    make_root,
    root_key,
    world,
)
from vectors.making.ledger import Item, Ledger, d_of, envelope
from vectors.making.seeds import DAY, NOW, digest, nonce, signing_key
from zegel_protocol import dsse, tlog
from zegel_protocol.objects import DeviceList, Directory, Payload
from zegel_protocol.objects.directory import CurrentDevices

BASE = "setting/huis.json"
INCOMPLETE, GAP, REFRESH = "directory.incomplete", "chain.gap", "directory.refresh"
UNKNOWN = "signature.unknown"
NEW = [signing_key(f"new steward {n}") for n in range(2)]


def made(name: str, description: str, put: Any, expect: str = "ok", huis: str = HUIS) -> Case:
    """Return a case of this folder."""
    return Case(f"setting/{name}.json", description, "setting", {"huis": huis, "objects": put}, expect)


def changed(without: tuple[str, ...] = (), /, **items: Item) -> dict[str, Any]:
    """Return the base's objects, without some and with others; a name's underscores stand for hyphens."""
    put = {"base": ref(BASE, "objects"), "without": list(without)}
    return put | {"with": {name.replace("_", "-"): item.as_json() for name, item in items.items()}}


def loose(payload: Payload, *signers: Any) -> Item:
    """Return an object that no relay accepted."""
    return Item(d_of(payload), envelope(payload, *signers))


def cases() -> Iterator[Case]:
    """Yield the vectors of settings."""
    objects = {name: item.as_json() for name, item in world().setting.items()}
    yield made("huis", "A Huis with three partners, each object with its receipt", objects)
    yield from _roots()
    yield from _missing()
    yield from _directories()
    yield from _refreshes()
    yield from _lists()
    yield from _receipts()


def _roots() -> Iterator[Case]:
    base = ref(BASE, "objects")
    yield made("other-huis", "The same objects, for whoever pinned another Huis", base, "root.foreign", digest("other"))
    yield made("no-root", "No root", changed(("root",)), "root.missing")
    fewer = make_root(threshold=1)
    yield made("threshold-lowered", "The same roots, founded again with one signature instead of two",
               changed(root=loose(fewer, STEWARD[0])), "root.foreign")  # fmt: skip
    keys = tuple(sorted(key.public for key in NEW))
    second = make_root(version=2, roots=keys, prev=world().items["root"].d)
    second = msgspec.structs.replace(second, nonce=nonce("root 2"))
    placed = world().ledger.fork().accept(envelope(second, *STEWARD[:2]), NOW - DAY)
    newer = world().directory(version=2, issued=NOW, expires=NOW + 8 * DAY)
    yield made("second-root", "New roots, signed by the old ones, and a directory that the new ones signed",
               changed(root_2=placed, directory=loose(newer, *NEW)))  # fmt: skip
    yield made("old-roots-directory", "New roots, and a later directory that the old ones signed",
               changed(root_2=placed, directory=loose(newer, *STEWARD[:2])), "signature.missing")  # fmt: skip
    yield made("second-root-later", "A directory that the old roots signed before new ones came",
               changed(root_2=placed))  # fmt: skip
    yield made("second-root-by-itself", "New roots, signed by themselves",
               changed(root_2=loose(second, *NEW)), "signature.unknown")  # fmt: skip
    third = msgspec.structs.replace(second, version=3)
    alone = make_root(version=2, prev=digest("a root that nobody shows"))
    yield made("root-only-second", "The founding keys as a second version, and no first", changed(
        root=loose(alone, *STEWARD[:2])), "root.foreign")  # fmt: skip
    yield made("root-gap", "A root that skips a version", changed(root_3=loose(third, *STEWARD[:2])), GAP)
    other = msgspec.structs.replace(second, prev=digest("another root"))
    yield made("root-of-another", "A root that follows another", changed(root_2=loose(other, *STEWARD[:2])), GAP)


def _missing() -> Iterator[Case]:
    yield made("no-directory", "No directory", changed(("directory",)), "directory.missing")
    yield made("no-rulebook", "Without the rulebook that the directory names", changed(("rulebook",)), INCOMPLETE)
    yield made("no-membership", "Without a membership that it lists", changed((f"membership-{THIRD}",)), INCOMPLETE)
    yield made("no-devices", "Without a device list that it names", changed((f"devices-{THIRD}",)), INCOMPLETE)


def _directories() -> Iterator[Case]:
    directory = world().directory()
    yield made("directory-one-key", "A directory that one steward key signed",
               changed(directory=loose(directory, STEWARD[0])), "signature.missing")  # fmt: skip
    yield made("directory-stranger", "A directory that a stranger signed",
               changed(directory=loose(directory, *NEW)), "signature.unknown")  # fmt: skip
    newer = world().directory(version=2, issued=NOW, expires=NOW + 8 * DAY)
    yield made("newer-directory", "Two directories: the newer counts",
               changed(directory_2=loose(newer, *STEWARD[:2])))  # fmt: skip
    left = world().directory(version=2, memberships=tuple(sorted(
        world().items[f"membership-{partner}"].d for partner in (SENDER, RECIPIENT))), devices=tuple(
        item for item in directory.devices if item.partner != THIRD))  # fmt: skip
    yield made("partner-left", "A newer directory without a partner: its objects count for nothing",
               changed(directory_2=loose(left, *STEWARD[:2])))  # fmt: skip
    foreign = msgspec.structs.replace(make_membership(THIRD), huis=digest("other"))
    yield made("foreign-membership", "A membership of another Huis, signed by the same keys",
               changed(**{f"membership-{THIRD}": loose(foreign, *STEWARD[:2])}), "huis.foreign")  # fmt: skip
    later = make_membership(THIRD, version=2, sector="opgroeien", prev=world().items[f"membership-{THIRD}"].d)
    more = tuple(sorted((*directory.memberships, digest("a membership that nobody shows"))))
    yield made("membership-not-shown", "A directory that lists a membership which nobody shows", changed(
        directory=loose(world().directory(memberships=more), *STEWARD[:2])), INCOMPLETE)  # fmt: skip
    yield made("membership-not-listed", "A later membership that no directory lists yet",
               changed(later=loose(later, *STEWARD[:2])))  # fmt: skip
    unknown = dsse.seal_envelope(dsse.payload_type("police-report"), b"{}", (dsse.Signature(sig="AAAA"),))
    yield made("unknown-kind", "An object of a kind that this version does not know",
               changed(other=Item("", unknown)), "envelope.type")  # fmt: skip


def _refreshes() -> Iterator[Case]:
    base = world().items["directory"].d
    two = make_devices(RECIPIENT, ("els",), version=2, prev=world().items[f"devices-{RECIPIENT}"].d)
    listed = tuple(
        CurrentDevices(partner=RECIPIENT, devices=d_of(two)) if item.partner == RECIPIENT else item
        for item in world().directory().devices
    )

    def refresh(**fields: Any) -> Directory:
        put = {"version": 2, "base": base, "issued": NOW, "expires": NOW + 10 * DAY, "devices": listed, **fields}
        return world().directory(**put)

    def shown(payload: Directory, *keys: Any) -> dict[str, Any]:
        return changed(devices_2=loose(two, root_key(RECIPIENT)), directory_2=loose(payload, *(keys or (FRESHNESS,))))

    yield made("refresh", "A refresh with a new device list", shown(refresh()))
    only = (world().items[f"membership-{SENDER}"].d,)
    for name, description, fields in (
        ("admits", "A refresh that changes who is a member", {"memberships": only}),
        ("relay-key", "A refresh that changes the relay's key", {"relay_key": signing_key("mine").public}),
        ("origin", "A refresh that adds an origin", {"origins": ("https://evil.example", "https://huis.example")}),
        ("rulebook", "A refresh that changes the rules", {"rulebook": digest("other rules")}),
        ("too-late", "A refresh beyond the time that the steward gave", {
            "issued": NOW + 19 * DAY, "expires": NOW + 20 * DAY + 1}),
        ("same-version", "A refresh that is not newer", {"version": 1}),
    ):  # fmt: skip
        yield made(f"refresh-{name}", description, shown(refresh(**fields)), REFRESH)
    yield made("refresh-by-stranger", "A refresh by another key", shown(refresh(), NEW[0]), "signature.unknown")
    yield made("refresh-of-unknown", "A refresh of a directory that nobody shows",
               shown(refresh(base=digest("unknown"))), "signature.unknown")  # fmt: skip
    first = tuple(
        CurrentDevices(partner=RECIPIENT, devices=world().items[f"devices-{RECIPIENT}"].d)
        if item.partner == RECIPIENT
        else item
        for item in listed
    )
    ahead = world().directory(devices=listed)
    behind = refresh(base=d_of(ahead), devices=first)
    put = changed(directory=loose(ahead, *STEWARD[:2]), directory_2=loose(behind, FRESHNESS))
    yield made("refresh-behind", "A refresh that goes back to a list before the one that its base names", put,
               INCOMPLETE)  # fmt: skip
    again = refresh(version=3, base=d_of(refresh()))
    put = changed(
        devices_2=loose(two, root_key(RECIPIENT)), directory_2=loose(refresh(), FRESHNESS),
        directory_3=loose(again, FRESHNESS),
    )  # fmt: skip
    yield made("refresh-of-refresh", "A refresh of a refresh", put, REFRESH)
    unknown = refresh(base=digest("unknown"))
    yield made("refresh-by-steward", "A directory of the steward's that names a base which nobody shows",
               shown(unknown, *STEWARD[:2]), REFRESH)  # fmt: skip
    closed = world().directory(freshness_key=None, refresh_until=None)
    of_closed = refresh(base=d_of(closed), freshness_key=None, refresh_until=None)
    put = changed(
        directory=loose(closed, *STEWARD[:2]), devices_2=loose(two, root_key(RECIPIENT)),
        directory_2=loose(of_closed, *STEWARD[:2]),
    )  # fmt: skip
    yield made("refresh-not-allowed", "A directory that names as its base one which allows no refresh", put, REFRESH)


def _lists() -> Iterator[Case]:
    name = f"devices-{SENDER}"
    first = world().items[name]
    second = make_devices(SENDER, ("sara", "sara-tablet"), version=2, prev=first.d)
    listed = tuple(
        CurrentDevices(partner=SENDER, devices=d_of(second)) if item.partner == SENDER else item
        for item in world().directory().devices
    )
    naming = loose(world().directory(devices=listed), *STEWARD[:2])
    newer = loose(second, root_key(SENDER))
    yield made("device-removed", "A second list, which leaves a device out", changed(devices_2=newer, directory=naming))
    yield made("old-list", "The list before the one that the directory names", changed(directory=naming), INCOMPLETE)
    yield made("list-gap", "A second list without the first", changed((name,), devices_2=newer, directory=naming), GAP)
    other = make_devices(SENDER, ("sara",), version=2, prev=digest("another first list"))
    yield made("list-other-first", "A second list that follows another first", changed(
        devices_2=loose(other, root_key(SENDER))), GAP)  # fmt: skip
    ledger = world().ledger.fork()
    late = ledger.accept(newer.envelope, NOW)
    early = ledger.accept(first.envelope, NOW + 1)
    yield made("list-order", "A second list that stands before the first in the log",
               changed(**{name: early, "devices-2": late, "directory": naming}), "chain.order")  # fmt: skip
    yield from _ended()
    theirs = loose(make_devices(SENDER), root_key(THIRD))
    yield made("list-by-another", "A device list by another partner's root",
               changed(**{name: theirs}), "signature.unknown")  # fmt: skip
    stolen = _stolen()
    theirs_listed = tuple(
        CurrentDevices(partner=SENDER, devices=d_of(stolen)) if item.partner == SENDER else item
        for item in world().directory().devices
    )
    put = {
        name: loose(stolen, root_key(SENDER)),
        "directory": loose(world().directory(devices=theirs_listed), *STEWARD[:2]),
    }
    yield made("key-not-held", "A partner that lists another's device key as its own",
               changed(**put), "devices.proof")  # fmt: skip


def _ended() -> Iterator[Case]:
    """A partner whose term is over lists no devices any more; what it listed before stays."""
    ended = make_membership(THIRD, not_after=NOW - 2 * DAY)
    members = tuple(
        sorted([d_of(ended), *(world().items[f"membership-{partner}"].d for partner in (SENDER, RECIPIENT))])
    )
    directory = loose(world().directory(memberships=members), *STEWARD[:2])
    name = f"devices-{THIRD}"
    for case, description, at, expect in (
        ("list-before-end", "A device list from before the end of its partner's term", NOW - 2 * DAY - 1, "ok"),
        ("list-after-end", "A device list from after the end of its partner's term", NOW - 2 * DAY, UNKNOWN),
    ):
        accepted = world().ledger.fork().accept(world().items[name].envelope, at)
        put = {f"membership-{THIRD}": loose(ended, *STEWARD[:2]), name: accepted, "directory": directory}
        yield made(case, description, changed(**put), expect)


def _stolen() -> DeviceList:
    """The sender's list, with the key of the recipient's device under the id of one of its own."""
    own, other = make_devices(SENDER), make_devices(RECIPIENT).find(device_id(RECIPIENT, "els"))
    assert other is not None
    devices = tuple(
        msgspec.structs.replace(item, sign_key=other.sign_key, proof=other.proof) if number == 0 else item
        for number, item in enumerate(own.devices)
    )
    return msgspec.structs.replace(own, devices=devices)


def _receipts() -> Iterator[Case]:
    items = world().items
    name = f"devices-{SENDER}"
    swapped = Item(items[name].d, items[name].envelope, items[f"devices-{THIRD}"].receipt)
    yield made("receipt-of-another", "A receipt of another object", changed(**{name: swapped}), "log.receipt")
    ledger = Ledger(HUIS)
    index = ledger.append(items[name].d)
    head = ledger.checkpoint(origin=tlog.log_origin(digest("other")))
    receipt = ledger.receipt(items[name].d, ledger.proof(index, head), NOW)
    foreign = Item(items[name].d, items[name].envelope, envelope(receipt, signing_key("relay")))
    yield made("receipt-foreign-log", "A receipt from another log", changed(**{name: foreign}), "log.foreign")
    forged = envelope(receipt, NEW[0])
    yield made("receipt-by-stranger", "A receipt that the relay did not give",
               changed(**{name: Item(items[name].d, items[name].envelope, forged)}), "signature.unknown")  # fmt: skip
    bare = {name: Item(item.d, item.envelope) for name, item in world().setting.items()}
    put = {name: item.as_json() for name, item in bare.items()}
    yield made("no-receipts", "The same objects without receipts: they have no place yet", put)
