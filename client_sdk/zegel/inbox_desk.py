"""The shared inbox of a partner (article 5): what is due, whose message it is to deal with, who steps in meanwhile.

Assignments and absences are signed by workers and kept at the relay, so that all programs of a partner see the same.
The newest assignment of a message counts, and of a worker the newest absence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from zegel.errors import ZegelError
from zegel.prekeys import keys_of_device
from zegel.receive import Receiver
from zegel.relay_client import RelayClient
from zegel.reminding import Reminding
from zegel.view import View
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.keystore.identity import Identity
from zegel_protocol.api import DeadlineItem
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Absence, Assignment
from zegel_protocol.objects.parties import Party
from zegel_protocol.records import Records


class NoColleague(ZegelError):
    """No device of this partner is that worker's."""

    code = "worker.unknown"


@dataclass(frozen=True)
class Due:
    """Something that somebody owes by `due` (UTC seconds): `kind` is a word of `docs/spec/deadlines.md`.

    `object`: the `D` of what it is about; `message`: of the message that it belongs to. `mine`: this partner owes it.
    `number`: which step. `closed`: when it was done, or lapsed. `says`: when, in words.
    """

    kind: str
    owner: Party
    mine: bool
    object: str
    message: str | None
    number: int
    since: int
    due: int
    state: Literal["open", "overdue", "done", "lapsed"]
    closed: int | None
    says: str


@dataclass(frozen=True)
class Assigned:
    """Whose message it is: the `worker` it was given to, and who deals with it now, a `substitute` perhaps."""

    message: str
    worker: str
    now: str
    at: int

    @property
    def substituted(self) -> bool:
        """Whether somebody steps in."""
        return self.now != self.worker


class InboxDesk:
    """The inbox of a partner, as one of its devices sees it."""

    def __init__(
        self,
        identity: Identity,
        client: RelayClient,
        view: View,
        receiver: Receiver,
        reminding: Reminding,
        clock: Callable[[], int],
    ) -> None:
        self._identity, self._client, self._view, self._clock = identity, client, view, clock
        self._receiver, self._reminding = receiver, reminding

    async def deadlines(self, *, all_states: bool = False) -> list[Due]:
        """Return what this partner owes, and what is owed on its messages: overdue first, then the soonest due.

        `all_states`: also what is done or lapsed, last. Raises `RelayUnreachable`, `RelayProblem`.
        """
        page, now = await self._client.deadlines(), self._clock()
        found = [self._due(item, now) for item in page.items if all_states or item.running]
        return sorted(found, key=lambda item: (_order(item), item.due, item.object, item.number))

    def _due(self, item: DeadlineItem, now: int) -> Due:
        return Due(
            item.kind, item.owner, item.owner == Party(partner=self._identity.partner), item.object, item.message,
            item.number, item.since, item.due, item.state, item.closed, when(item.due, now, item.state),
        )  # fmt: skip

    async def assign(self, message: str, worker: str | None = None) -> None:
        """Give a message (its `D`) to a worker to deal with; to oneself where none is named.

        Raises `NoColleague`, and `RelayProblem` (`message.unknown`: this partner never received it).
        """
        to = worker or self._identity.worker
        await self._require_colleagues(to)
        payload = Assignment(
            v=1, huis=self._identity.huis, nonce=new_nonce(), partner=self._identity.partner, manifest=message,
            worker=to or "", at=self._clock(),
        )  # fmt: skip
        await self._view.submit(sign_payload(payload, self._identity.signing_key))

    async def hand_to(self, message: str, device: str) -> None:
        """Give another device of this partner, which is no inbox device, the keys of a message that this one can open.

        That device opens it then by its `D`. Raises `NoColleague` (no such device, or it published no keys), and as
        `Partner.open`.
        """
        held = await keys_of_device(self._client, self._view, self._identity.partner, device)
        if held is None:
            raise NoColleague(
                f"No device {device} of this partner has keys to be sealed to.",
                "Nothing was given.",
                "List it, then open your software there once.",
            )
        delivery = await self._reminding.hand_out(message)
        envelope = await self._receiver.keys_again(delivery, message, held, self._clock())
        await self._client.give_keys(message, envelope)

    async def set_absence(self, worker: str | None, substitute: str, begins: int, ends: int) -> None:
        """Say that a worker (None: oneself) is away from `begins` until `ends`, and who deals with what is theirs.

        Raises `NoColleague`, `ValueError` (it ends before it begins, or they stand in for themselves), `RelayProblem`.
        """
        away = worker or self._identity.worker
        await self._require_colleagues(away, substitute)
        payload = Absence(
            v=1, huis=self._identity.huis, nonce=new_nonce(), partner=self._identity.partner, worker=away or "",
            substitute=substitute, begins=begins, ends=ends, at=self._clock(),
        )  # fmt: skip
        await self._view.submit(sign_payload(payload, self._identity.signing_key))

    async def assigned(self, now: int | None = None) -> dict[str, Assigned]:
        """Return whose each assigned message of this partner is, by its `D`, as of `now` (seconds).

        Raises `ProtocolError` for what does not verify: nobody but a colleague gives work away.
        """
        at = self._clock() if now is None else now
        case = await self._view.believe(await self._client.desk())
        own = self._identity.partner
        messages = {
            held.payload.subject
            for held in case.records.items
            if isinstance(held.payload, Assignment) and held.payload.partner == own
        }
        found = {}
        for message in sorted(messages):
            newest = case.records.newest(Assignment, message)
            if newest is not None and newest.payload.partner == own:
                worker = newest.payload.worker
                now_with = deals_with(case.records, own, worker, at)
                found[message] = Assigned(message, worker, now_with, newest.payload.at)
        return found

    async def _require_colleagues(self, *workers: str | None) -> None:
        case = await self._view.believe(await self._client.setting())
        known = {item.worker for item in case.trust.devices(self._identity.partner, None)} - {None}
        for worker in workers:
            if worker is None or worker not in known:
                raise NoColleague(
                    f"No device of this partner belongs to worker {worker or '(a service)'}.",
                    "Nothing was changed.",
                    "`zegel code status` lists the workers.",
                )


def deals_with(records: Records, partner: str, worker: str, at: int) -> str:
    """Return who deals with a worker's messages at a time: they, or the last in the row of those who step in.

    Two who stand in for each other while both are away leave it with the worker that it was given to.
    """
    absences = [held.payload for held in records.all(Absence, partner)]
    current, passed = worker, {worker}
    while (away := _away(absences, current, at)) is not None:
        if away.substitute in passed:
            return worker
        passed.add(current := away.substitute)
    return current


def _away(absences: Sequence[Absence], worker: str, at: int) -> Absence | None:
    """Return the newest absence of a worker, if it covers a time."""
    newest = next((item for item in reversed(absences) if item.worker == worker), None)
    return newest if newest is not None and newest.begins <= at < newest.ends else None


def _order(item: Due) -> int:
    return ("overdue", "open", "done", "lapsed").index(item.state)


def when(due: int, now: int, state: str) -> str:
    """Return in words when something is due: `in 3 days`, `today`, `2 days late`, `done`."""
    if state in ("done", "lapsed"):
        return state
    days = abs(due - now) // DAY
    count = f"{days} day{'' if days == 1 else 's'}"
    if due < now:
        return f"{count} late" if days else "late since today"
    return f"in {count}" if days else "within a day"
