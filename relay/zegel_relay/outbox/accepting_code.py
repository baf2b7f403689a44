"""Who has not accepted the code of ethics in force: each such worker, as a deadline of their partner (article 1).

Opened for who is listed and has not declared it; ended by their declaration, and lapsed for who is listed no more. That
a worker who is late sends nothing more, `decide()` says; here they are only reminded.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Declaration, DeviceList, Directory, Rulebook
from zegel_relay.outbox.promise import REMIND, promise
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.services import archive
from zegel_relay.services.deadlines import ACCEPT_CODE, LAPSED, RUNNING, open_deadline, worker_number
from zegel_relay.services.rules_in_force import rulebook_in_force
from zegel_relay.storage.batch import OUTBOX_KEY
from zegel_relay.storage.database import change, writing
from zegel_relay.storage.models import Deadline
from zegel_relay.storage.once import put_once


@dataclass(frozen=True)
class _Worker:
    """A worker (None: the services of the partner) and since when they are listed, in seconds."""

    partner: str
    worker: str | None
    since: int


async def ask_acceptance(room: Workroom, now: int) -> int:
    """Open what is owed by who has not accepted the code, and end what is owed no more; return how many were opened."""
    async with room.sessions() as session:
        rulebook = await rulebook_in_force(session)
        if rulebook is None or rulebook.code is None:
            return 0
        workers = await _workers(session, now)
        missing = [item for item in workers if not await _accepted(session, item, rulebook)]
    opened = 0
    owed: set[str] = set()
    for item in missing:
        due = rulebook.accept_by(item.since)
        if due is None:
            continue
        begins = due - rulebook.code.grace_days * DAY
        owner, number = f"partner:{item.partner}", worker_number(item.worker)
        row = open_deadline(ACCEPT_CODE, owner, rulebook.code_digest, due, now, number=number)
        owed.add(row.d)
        first = min(max(now, begins) + rulebook.code.reminder_days * DAY, due)
        async with writing(room.sessions) as session:
            new = await put_once(session, row)
            if new:
                await put_once(session, promise(REMIND, owner, row.d, first, now))
        opened += new
        if new:
            room.wakeups.notify(owner)
    await _end(room, owed, now)
    if opened:
        room.wakeups.notify(OUTBOX_KEY)
    return opened


async def _end(room: Workroom, owed: set[str], now: int) -> None:
    """End what nobody owes any more: of who left the list, and of an older version of the code."""
    running = Deadline.kind == ACCEPT_CODE, Deadline.state.in_(RUNNING)
    async with room.sessions() as session:
        over = sorted(set(await session.scalars(select(Deadline.d).where(*running))) - owed)
    for d in over:
        async with writing(room.sessions) as session:
            # Whoever declared it in this moment has ended it, and it stays done.
            which = update(Deadline).where(Deadline.d == d, *running)
            _ = await change(session, which.values(state=LAPSED, closed_at=now))


async def _workers(session: AsyncSession, now: int) -> list[_Worker]:
    """Return every worker of the lists that the directory names, with the services of each partner as one."""
    newest = await archive.newest(session, Directory.KIND, "")
    named = {item.devices for item in archive.read_directory(newest).devices} if newest is not None else set()
    shown = [item for item in await archive.setting(session) if item.kind == DeviceList.KIND]
    lists = [(item, read_payload(item.envelope, DeviceList)[0]) for item in shown]
    first: dict[tuple[str, str | None], int] = {}
    for item, listed in lists:
        for device in listed.devices:
            at = item.place.at if item.place is not None else listed.issued
            first.setdefault((listed.partner, device.worker), at)
    return [
        _Worker(listed.partner, worker, first[listed.partner, worker])
        for item, listed in lists
        if item.d in named
        for worker in _in_force(listed, now)
    ]


def _in_force(listed: DeviceList, now: int) -> Iterator[str | None]:
    found = {device.worker for device in listed.devices if now < device.not_after}
    yield from sorted(found, key=lambda worker: worker or "")


async def _accepted(session: AsyncSession, item: _Worker, rulebook: Rulebook) -> bool:
    subject = f"{item.partner}/{item.worker or ''}"
    shown = await archive.by_subject(session, (Declaration.KIND,), [subject])
    said = [read_payload(held.envelope, Declaration)[0] for held in shown]
    return any(one.what == "code" and rulebook.is_code(one.code_version, one.code_digest) for one in said)
