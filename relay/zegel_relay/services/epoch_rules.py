"""Accepting an epoch: the steward's word that the log was restored from a backup, and from where it goes on."""

from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.trust import Trust, read_roots
from zegel_keys.verification import read_payload, verify
from zegel_protocol import b64
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import Epoch, Root
from zegel_protocol.objects.manifest import Seen
from zegel_relay.services import archive
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict
from zegel_relay.services.office import Office
from zegel_relay.storage.log import read_head, root_at
from zegel_relay.storage.operation import Transaction


async def judge_epoch(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Signed by the steward, higher than every epoch before, and of just the log that this database was restored with.

    Raises `Conflict` (`huis.not-founded`, `epoch.reason`, `epoch.unneeded`, `epoch.last`), `ChainError`
    (`epoch.number`) and as `verify`.
    """
    roots = await archive.by_subject(tx.session, (Root.KIND,), [""])
    if not roots:
        raise Conflict("huis.not-founded", "This Huis has no root yet: its steward sends that first.")
    payload = verify(exhibit.envelope, Epoch, Trust(huis=office.huis, roots=read_roots(office.huis, roots))).payload
    if payload.reason != "restored-backup":
        raise Conflict("epoch.reason", "This relay cannot go on with another log key.")
    before = await archive.newest(tx.session, Epoch.KIND, "")
    head = await read_head(tx.session)
    known = max(head.epoch, read_payload(before.envelope, Epoch)[0].number if before is not None else 0)
    if payload.number <= known:
        raise ChainError("epoch.number", "an epoch has a higher number than every one before it")
    if not head.restored:
        # Nobody may cut off what parties have receipts for, as long as all of it is there.
        raise Conflict("epoch.unneeded", "This database was not restored from a backup: its log goes on as it is.")
    if payload.last != await _head(tx.session, tx.index):
        raise Conflict("epoch.last", "The epoch goes on from another log than the one that was restored here.")
    return Effect(epoch=payload.number)


async def _head(session: AsyncSession, size: int) -> Seen | None:
    root = await root_at(session, size)
    return Seen(size=size, root=b64.encode(root)) if root is not None else None
