"""`partner.alarms`: whom to phone first, whom an alarm may go to, the alarm itself, and what follows it (article 10).

One worker's signature and a motivation send an alarm at once; a colleague signs after it, or does not agree. What an
alarm may hold, to whom it may go and what follows: `docs/spec/rulebook.md`, `zegel_protocol.decision.alarm`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from zegel.alarm_seen import AlarmSeen, seen_of
from zegel.dispatch import Dispatch, Sent
from zegel.draft import Draft, people
from zegel.errors import RelayUnreachable
from zegel.own_case import ask_desk, ask_own
from zegel.progress import OnProgress
from zegel.relay_client import RelayClient
from zegel.steward.rules import digest_of_code
from zegel.view import View
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.exhibit import read, read_bundle
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.state import State
from zegel_keys.receipts import check_receipt
from zegel_protocol.api import DeadlineItem
from zegel_protocol.decision.basis import SAFETY_DESK
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import Countersignature, Membership, Payload, Procedure, Rota, Rulebook
from zegel_protocol.objects.desk import Shift, Training
from zegel_protocol.objects.manifest import Delay, OnNecessity
from zegel_protocol.objects.rulebook import PhoneRule, SafetyRules
from zegel_protocol.texts.alarm_text import desk_watch
from zegel_protocol.words import SECOND_SIGNATURE

ALARM, SAFETY, DANGER = "concern", "safety", "serious-danger"
"""Kind, purpose and code of the default rulebook that an alarm is made with."""

_TABLE, _PHONES = "values", "alarm.phones"


class AlarmWaits(RelayUnreachable):
    """An alarm could not leave. `kept`: the id under which it waits here, before all else; `phones`: whom to call."""

    code = "alarm.not-sent"

    def __init__(self, error: RelayUnreachable, kept: str, phones: tuple[PhoneRule, ...]) -> None:
        first = f": {phones[0].number} ({phones[0].name})" if phones else ""
        super().__init__(
            f"The alarm did NOT leave. {error.what}",
            "It is kept on this device, encrypted, and leaves before everything else once there is a line (`flush`).",
            f"Nobody has read it yet: phone now{first}.",
        )
        self.kept, self.phones = kept, phones


@dataclass(frozen=True)
class DeskState:
    """A partner that an alarm may go to, and whether somebody watches there now.

    `host`: it stands behind this partner. `until`: when the shift that is on call ends (UTC seconds); `opens`: when the
    next begins; `phone` and `otherwise`: what its rota says to who finds nobody. All None without a rota.
    """

    partner: str
    name: str
    sector: str
    host: bool
    rota: bool
    until: int | None = None
    opens: int | None = None
    phone: str | None = None
    otherwise: str | None = None
    held: Rota | None = field(default=None, repr=False, compare=False)

    def watch(self, now: int, language: str = "nl") -> list[str]:
        """Return in words whether somebody watches there, and if not, whom to call. Raises as `alarm_text`."""
        return desk_watch(self.name, self.held, language, now)

    @property
    def off_call(self) -> bool:
        """Whether an alarm goes there only by saying so (`draft(off_call=True)`): nobody reads it now."""
        return self.until is None and (self.rota or self.sector == SAFETY_DESK)


@dataclass(frozen=True)
class AlarmProcedure:
    """What to do: whom to phone, the times of the Huis, and what this partner registered as its own (None: nothing)."""

    phones: tuple[PhoneRule, ...]
    times: SafetyRules
    own: Procedure | None


class Alarms:
    """What one device does about an alarm."""

    def __init__(
        self,
        identity: Identity,
        state: State,
        client: RelayClient,
        view: View,
        dispatch: Dispatch,
        clock: Callable[[], int],
    ) -> None:
        self._identity, self._state, self._client, self._view = identity, state, client, view
        self._dispatch, self._clock = dispatch, clock

    def phones(self) -> tuple[PhoneRule, ...]:
        """Return whom to phone, in this order, before anything is written; no line is needed."""
        return phones_kept(self._state)

    def remember(self, rulebook: Rulebook) -> None:
        """Keep whom to phone for when there is no line."""
        if rulebook.phones != self.phones():
            self._state.put(_TABLE, _PHONES, msgspec.json.encode(rulebook.phones))

    async def procedure(self) -> AlarmProcedure:
        """Return the procedure of the Huis and this partner's own. Raises `RelayProblem`, `RelayUnreachable`, ..."""
        case = await ask_own(self._client, self._view, self._identity.partner)
        own = case.records.newest(Procedure, self._identity.partner)
        rulebook = case.setting.rulebook.payload
        return AlarmProcedure(rulebook.phones, rulebook.safety, own.payload if own is not None else None)

    async def desks(self) -> tuple[DeskState, ...]:
        """Return the partners that an alarm of this one may go to, those on call first."""
        setting = (await self._view.latest(anew=True)).setting
        rulebook, own = setting.rulebook.payload, setting.member(self._identity.partner)
        taking = {row.sector for row in rulebook.relevance if row.purpose == SAFETY}
        if own is not None and setting.secrecy(own) == "pledge":
            # Who is under a pledge alarms the safety desk, or whoever stands behind them (article 0).
            taking &= {SAFETY_DESK}
        members = [setting.member(partner) for partner in sorted(setting.memberships)]
        wanted = [
            member for member in members if member is not None and member.partner != self._identity.partner
            and (member.sector in taking or (own is not None and member.partner == own.host))
        ]  # fmt: skip
        found = [await self.on_call(member.partner) for member in wanted]
        return tuple(sorted(found, key=lambda desk: (desk.off_call, desk.until is None, desk.name)))

    async def on_call(self, partner: str) -> DeskState:
        """Return whether somebody watches at a partner now, and if not, when and whom to phone meanwhile."""
        case = await ask_desk(self._client, self._view, self._identity.partner, partner)
        return _desk(case, self._identity.partner, partner, self._clock())

    def draft(
        self,
        to: str,
        household: str,
        about: Iterable[str],
        *,
        code: str = DANGER,
        off_call: bool = False,
        delay: Delay | None = None,
    ) -> Draft:
        """Begin an alarm to partner `to` about persons of a household: give it a `motivation`, and little else.

        `off_call`: sent knowing that nobody there is on call. `delay`: until when the client's notice waits, and the
        rulebook's code why; without one they are told at once.
        """
        basis = OnNecessity(code=code, off_call=off_call)
        return Draft(ALARM, SAFETY, to, household, people(about), basis=basis, delay=delay)

    async def send(self, draft: Draft, on_progress: OnProgress | None = None) -> Sent:
        """Send an alarm. Raises `AlarmWaits` when it can't leave now: it is kept, goes first, and says whom to phone.

        Raises `Refused`, `ContentFound`, `ContentError` (nothing left this device), `RelayProblem`, `ProtocolError`.
        """
        before = set(self._dispatch.unsent())
        try:
            return await self._dispatch.send(draft, on_progress)
        except RelayUnreachable as error:
            sealed = sorted(set(self._dispatch.unsent()) - before)
            kept = sealed[0] if sealed else await self._dispatch.keep(draft, on_progress)
            raise AlarmWaits(error, kept, self.phones()) from error

    async def look(self, manifest: str) -> AlarmSeen:
        """Return what an alarm shows to who signs it second, at any partner: no content, and not who it is about.

        `manifest`: its `D`, as the sender read it out. Raises `RelayProblem` (`alarm.unknown`), `RelayUnreachable`,
        `ProtocolError` (`delivery.foreign`: the relay showed another message; ...).
        """
        bundle = await self._client.alarm(manifest)
        case = await self._view.believe(bundle)
        held = case.manifests.get(manifest)
        receipts = [item.receipt for item in read_bundle(bundle) if item.d == manifest]
        if held is None or not receipts or receipts[0] is None:
            raise ChainError("delivery.foreign", "the relay showed another message than was asked for")
        log_key = case.setting.directory.payload.log_key
        _, place, _ = check_receipt(receipts[0], manifest, case.trust, log_key)
        await self._view.compare_seen(held.payload.seen, held.payload.created, case)
        return seen_of(case, held, place)

    async def countersign(self, manifest: str, agrees: bool = True, codes: Iterable[str] = ()) -> str:
        """Sign an alarm as the second worker, or say that this worker does not agree; return the signature's `D`.

        Raises `RelayProblem` (the worker who sent it signs no second time; ...), `RelayUnreachable`, `ProtocolError`.
        """
        return await self._sign(manifest, "second", agrees, None, codes)

    async def review_delay(self, manifest: str, until: int | None, codes: Iterable[str] = ()) -> str:
        """Say, from outside the sender, until when the client's notice may wait; None: it waits no longer."""
        return await self._sign(manifest, "delay", until is not None, until, codes)

    async def waiting(self) -> tuple[DeadlineItem, ...]:
        """Return the second signatures that this partner owes, the soonest due first."""
        page = await self._client.deadlines()
        own = f"partner:{self._identity.partner}"
        owed = [
            item for item in page.items
            if item.kind == SECOND_SIGNATURE and item.owner.key == own and item.running
        ]  # fmt: skip
        return tuple(sorted(owed, key=lambda item: item.due))

    async def rota(self) -> Rota | None:
        """Return this partner's on-call rota, or None."""
        case = await ask_own(self._client, self._view, self._identity.partner)
        held = case.records.newest(Rota, self._identity.partner)
        return held.payload if held is not None else None

    async def set_rota(self, shifts: Iterable[Shift], phone: str, otherwise: str) -> str:
        """Say who is on call when, in place of the rota before; return its `D`.

        `phone` and `otherwise`: whom to call, and a sentence, for who finds nobody on call. Raises `MalformedError`,
        `RelayProblem`, `RelayUnreachable`, `ProtocolError`.
        """
        case = await ask_own(self._client, self._view, self._identity.partner)
        before = case.records.newest(Rota, self._identity.partner)
        return await self._submit(
            Rota(
                v=1, huis=self._identity.huis, nonce=new_nonce(), partner=self._identity.partner,
                version=before.payload.version + 1 if before is not None else 1,
                shifts=tuple(sorted(shifts, key=lambda item: item.opens)), phone=phone, otherwise=otherwise,
                at=self._clock(), prev=before.d if before is not None else None,
            )
        )  # fmt: skip

    async def register_procedure(self, title: str, text: bytes, trained: Mapping[str, str]) -> str:
        """Register this partner's own procedure for alarm, in place of the one before; return its `D`.

        `text`: its file, of which the digest is signed and nothing else leaves. `trained`: the day (`2026-11-24`) on
        which each worker, by their id, was trained in it. Raises as `set_rota`.
        """
        case = await ask_own(self._client, self._view, self._identity.partner)
        before = case.records.newest(Procedure, self._identity.partner)
        return await self._submit(
            Procedure(
                v=1, huis=self._identity.huis, nonce=new_nonce(), partner=self._identity.partner,
                version=before.payload.version + 1 if before is not None else 1, title=title,
                digest=digest_of_code(text),
                trained=tuple(Training(worker=worker, on=day) for worker, day in sorted(trained.items())),
                at=self._clock(), prev=before.d if before is not None else None,
            )
        )  # fmt: skip

    async def _sign(self, manifest: str, what: str, agrees: bool, until: int | None, codes: Iterable[str]) -> str:
        return await self._submit(
            Countersignature(
                v=1, huis=self._identity.huis, nonce=new_nonce(), partner=self._identity.partner, manifest=manifest,
                what=what, agrees=agrees, until=until, codes=tuple(sorted(codes)), at=self._clock(),  # type: ignore[arg-type]
            )
        )  # fmt: skip

    async def _submit(self, payload: Payload) -> str:
        envelope = sign_payload(payload, self._identity.signing_key)
        await self._view.submit(envelope)
        return read(envelope).d


def phones_kept(state: State) -> tuple[PhoneRule, ...]:
    """Return whom to phone by the rulebook that this device saw last; nobody where it saw none."""
    data = state.get(_TABLE, _PHONES)
    return msgspec.json.decode(data, type=tuple[PhoneRule, ...]) if data is not None else ()


def _desk(case: CaseFile, own: str, partner: str, at: int) -> DeskState:
    member, me = case.setting.member(partner), case.setting.member(own)
    held = case.records.newest(Rota, partner)
    host = me is not None and me.host == partner
    name, sector = (member.name, member.sector) if isinstance(member, Membership) else (partner, "")
    if held is None:
        return DeskState(partner, name, sector, host, rota=False)
    rota = held.payload
    now, after = rota.shift_at(at), rota.next_shift(at)
    return DeskState(
        partner, name, sector, host, rota=True, until=now.closes if now is not None else None,
        opens=after.opens if after is not None else None, phone=rota.phone, otherwise=rota.otherwise, held=rota,
    )  # fmt: skip
