"""A log that was restored from a backup: what the steward's epochs make of receipts of before and after."""

from collections.abc import Iterator
from typing import Any

from vectors.making.case import Case
from vectors.making.huis import SENDER, STEWARD, header, make_devices, root_key, world
from vectors.making.ledger import Item, Ledger, envelope
from vectors.making.seeds import NOW, digest, signing_key
from vectors.making.setting_cases import changed, made
from zegel_protocol.objects import Epoch


def make_epoch(number: int, ledger: Ledger, **changes: Any) -> Epoch:
    """Return the epoch that goes on from a ledger's head."""
    fields = {"number": number, "last": ledger.seen, "reason": "restored-backup", "at": NOW, **changes}
    return Epoch(**header(f"epoch {number}"), **fields)


def begin(ledger: Ledger, number: int, **changes: Any) -> tuple[Ledger, Item]:
    """Return a log that goes on from a ledger under a new epoch, and the epoch with its receipt."""
    payload, restored = make_epoch(number, ledger, **changes), ledger.fork()
    restored.epoch = number
    return restored, restored.accept(envelope(payload, *STEWARD[:2]), NOW)


def cases() -> Iterator[Case]:
    """Yield the vectors of settings with epochs."""
    before = world().ledger
    name = f"devices-{SENDER}"
    second = envelope(make_devices(SENDER, ("sara",), version=2, prev=world().items[name].d), root_key(SENDER))
    restored, epoch = begin(before, 1)
    after = restored.fork().accept(second, NOW + 1)
    lost = before.fork().accept(second, NOW - 1)
    yield made("epoch", "A restored log, and receipts of before", changed(epoch_1=epoch))
    yield made("epoch-after", "A device list that came after the restore", changed(epoch_1=epoch, devices_2=after))
    yield made("epoch-dropped", "A receipt of what the log lost when it was restored",
               changed(epoch_1=epoch, devices_2=lost), "log.dropped")  # fmt: skip
    yield made("epoch-unknown", "A receipt under an epoch that nobody shows", changed(devices_2=after), "log.foreign")
    later, next_one = begin(restored, 2)
    yield made("epoch-second", "A log that was restored twice",
               changed(epoch_1=epoch, epoch_2=next_one, devices_2=later.fork().accept(second, NOW + 1)))  # fmt: skip
    yield made("epoch-dropped-second", "What the first restored log took, and the second lost",
               changed(epoch_1=epoch, epoch_2=next_one, devices_2=after), "log.dropped")  # fmt: skip
    _, skipped = begin(before, 7)
    yield made("epoch-number-skipped", "An epoch whose number is not the next", changed(epoch_7=skipped))
    shifted = before.fork()
    shifted.append(digest("something before the epoch"))
    shifted.epoch = 1
    late = shifted.accept(envelope(make_epoch(1, before), *STEWARD[:2]), NOW)
    yield made("epoch-place", "An epoch that does not stand right behind what was restored",
               changed(epoch_1=late), "log.epoch")  # fmt: skip
    _, again = begin(before, 1, at=NOW + 5)
    yield made("epoch-number-twice", "Two epochs of one number", changed(
        epoch_1=epoch, another_epoch_1=again), "epoch.number")  # fmt: skip
    alone = before.fork()
    alone.epoch = 1
    one_key = alone.accept(envelope(make_epoch(1, before), STEWARD[0]), NOW)
    yield made("epoch-one-key", "An epoch that one steward key signed, where two must",
               changed(epoch_1=one_key), "signature.missing")  # fmt: skip
    forged = before.fork()
    forged.epoch = 1
    stranger = forged.accept(envelope(make_epoch(1, before), signing_key("stranger")), NOW)
    yield made("epoch-stranger", "An epoch that somebody else signed",
               changed(epoch_1=stranger), "signature.unknown")  # fmt: skip
