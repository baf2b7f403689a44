"""Who turns 12 or 18, and who has not accepted the code: owed once, reminded, and ended by what ends it."""

from typing import Any, cast

import msgspec
import pytest
from sqlalchemy import select

from vectors.making.huis import make_rules
from vectors.making.object_samples import samples
from zegel_keys.envelopes import sign_payload
from zegel_keys.exhibit import read
from zegel_keys.signing import SigningKey
from zegel_protocol.decision.age import month_start
from zegel_protocol.objects import ClientKey, Consent, Declaration, DeviceList, Directory, Payload, Person, Revocation
from zegel_protocol.objects.consent import ChainLink, ConsentSigner
from zegel_protocol.objects.directory import CurrentDevices
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.rulebook import CodeRules
from zegel_relay.notify.remind import remind
from zegel_relay.outbox.accepting_code import ask_acceptance
from zegel_relay.outbox.birthdays import invite
from zegel_relay.outbox.handler import Later
from zegel_relay.outbox.promise import PING, REMIND
from zegel_relay.services.deadlines import worker_number
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import ChainEntry, Deadline, OutboxItem, StoredObject

DAY = 86_400
CHILD, PARENT = "ab" * 16, "cd" * 16
NURSE, OCMW = Party(partner="nurse"), Party(partner="ocmw")
KEY = SigningKey.generate()
MARCH = month_start("2027-03")
CODE_FROM = MARCH - 100 * DAY


class Room:
    """A workroom whose relay has what a test puts there, in that order."""

    def __init__(self, room) -> None:
        self.room, self.index, self.rulebook = room, 0, make_rules()

    async def put(self, payload: Payload, subject: str, version: int = 0, *more: Any) -> str:
        """Store an object as if it had been accepted, with further rows; return its `D`."""
        envelope = sign_payload(payload, KEY)
        self.index += 1
        stored = StoredObject(
            d=read(envelope).d, kind=payload.KIND, subject=subject, household=None, version=version, envelope=envelope,
            log_index=self.index, accepted_at=CODE_FROM,
        )  # fmt: skip
        async with writing(self.room.sessions) as session:
            session.add_all([stored, *more])
        return stored.d

    async def owed(self):
        async with self.room.sessions() as session:
            found = await session.scalars(select(Deadline).order_by(Deadline.owner, Deadline.number))
            return [(row.kind, row.owner, row.number, row.state) for row in found]

    async def promised(self, kind):
        async with self.room.sessions() as session:
            return sorted(await session.scalars(select(OutboxItem.subject).where(OutboxItem.kind == kind)))

    async def consent(self, by: str, sender: Party = NURSE) -> str:
        """Have somebody say yes to a flow about the child."""
        made = msgspec.structs.replace(
            cast(Consent, samples()[Consent.KIND]), sender=sender, to=OCMW, about=(CHILD,), replaces=(),
            signers=(ConsentSigner(person=by, role="self" if by == CHILD else "authority"),),
            chains=(ChainLink(person=CHILD, seq=1),), not_before=1, not_after=MARCH + 30 * DAY,
        )  # fmt: skip
        return await self.put(made, "household", 0, self.link(made, 1))

    def link(self, payload: Consent | Revocation, seq: int) -> ChainEntry:
        d = read(sign_payload(payload, KEY)).d
        return ChainEntry(person=CHILD, sender=payload.sender.key, recipient=payload.to.key, seq=seq, d=d)


@pytest.fixture
async def room(relay):
    """A Huis with two workers of the OCMW and one service, under a code that gives thirty days."""
    room = Room(relay.workroom())
    rulebook = msgspec.structs.replace(
        make_rules(), code=CodeRules(grace_days=30, reminder_days=7), code_from=CODE_FROM, code_version="code-2"
    )
    book = await room.put(rulebook, "", 1)
    listed = cast(DeviceList, samples()[DeviceList.KIND])
    device = listed.devices[0]
    far: dict[str, Any] = {"not_before": 0, "not_after": MARCH + 400 * DAY, "inbox": False}
    devices = tuple(
        msgspec.structs.replace(
            device,
            device=f"{n}" * 32,
            worker=worker,
            service=worker is None,
            sign_key=SigningKey.generate().public,
            **far,
        )
        for n, worker in enumerate(("11" * 16, "22" * 16, None))
    )
    own = await room.put(
        msgspec.structs.replace(listed, partner="ocmw", version=1, prev=None, devices=devices), "ocmw", 1
    )
    directory = cast(Directory, samples()[Directory.KIND])
    named = (CurrentDevices(partner="ocmw", devices=own),)
    await room.put(msgspec.structs.replace(directory, rulebook=book, devices=named, base=None), "", 1)
    room.rulebook = rulebook
    return room


async def child(room, **months):
    fields = {"turns12": None, "turns18": None} | months
    person = msgspec.structs.replace(
        cast(Person, samples()[Person.KIND]), person=CHILD, authority=(PARENT,), silenced=(), trusted=(), version=1,
        prev=None, capability=None, **fields,
    )  # fmt: skip
    await room.put(person, CHILD, 1)


TURNS_12 = {"turns12": "2027-03", "turns18": "2033-03"}
TURNS_18 = {"turns18": "2027-03"}


@pytest.mark.parametrize(("months", "age"), [(TURNS_12, 12), (TURNS_18, 18)], ids=["12", "18"])
async def test_both_partners_in_a_parents_yes_are_to_ask_once(room, months, age):
    await child(room, **months)
    await room.consent(PARENT)
    assert await invite(room.room, MARCH - 1) == 0
    assert await invite(room.room, MARCH) == 2
    assert await invite(room.room, MARCH + DAY) == 0
    assert await room.owed() == [("invite", "partner:nurse", age, "open"), ("invite", "partner:ocmw", age, "open")]
    assert await room.promised(REMIND) == ["partner:nurse", "partner:ocmw"]
    # Without keys there is nobody to ping: the partner asks in person.
    assert await room.promised(PING) == []


async def test_who_has_keys_is_pinged_once(room):
    await child(room, **TURNS_12)
    await room.consent(PARENT)
    await room.put(cast(ClientKey, samples()[ClientKey.KIND]), CHILD, 1)
    for _ in range(2):
        await invite(room.room, MARCH)
    assert await room.promised(PING) == [f"person:{CHILD}"]


async def test_nobody_is_asked_about_what_is_over_or_the_childs_own(room):
    await child(room, **TURNS_12)
    d = await room.consent(PARENT)
    stopped = msgspec.structs.replace(
        cast(Revocation, samples()[Revocation.KIND]), sender=NURSE, to=OCMW, revokes=(d,), about=(CHILD,),
        chains=(ChainLink(person=CHILD, seq=2, prev=d),),
    )  # fmt: skip
    await room.put(stopped, "household", 0, room.link(stopped, 2))
    await room.consent(CHILD, sender=Party(partner="clb"))
    assert await invite(room.room, MARCH) == 0


async def test_a_relay_that_was_down_finds_a_birthday_for_a_while(room):
    await child(room, **TURNS_12)
    await room.consent(PARENT)
    assert await invite(room.room, MARCH + 20 * DAY) == 2


def number(worker):
    return worker_number(worker * 16 if worker else None)


async def test_each_worker_who_has_not_accepted_the_code_is_owed_by_the_partner(room):
    said = cast(Declaration, samples()[Declaration.KIND])
    accepted = msgspec.structs.replace(
        said, partner="ocmw", worker="11" * 16, what="code", code_version="code-2",
        code_digest=room.rulebook.code_digest, manifest=None,
    )  # fmt: skip
    await room.put(accepted, f"ocmw/{'11' * 16}")
    older = msgspec.structs.replace(accepted, worker="22" * 16, code_version="code-1")
    await room.put(older, f"ocmw/{'22' * 16}")
    now = CODE_FROM + DAY
    assert await ask_acceptance(room.room, now) == 2
    assert await ask_acceptance(room.room, now) == 0
    owed = [("accept-code", "partner:ocmw", number(""), "open"), ("accept-code", "partner:ocmw", number("22"), "open")]
    assert await room.owed() == owed
    async with room.room.sessions() as session:
        assert {row.due_at for row in await session.scalars(select(Deadline))} == {CODE_FROM + 30 * DAY}
        items = list(await session.scalars(select(OutboxItem).where(OutboxItem.kind == REMIND)))
    assert {item.due_at for item in items} == {now + 7 * DAY}
    assert await remind(room.room, items[0], now + 7 * DAY) == Later(now + 14 * DAY)
    # Somebody accepts it for the services; nobody owes that any more.
    await room.put(msgspec.structs.replace(accepted, worker=None), "ocmw/")
    assert await ask_acceptance(room.room, now + DAY) == 0
    assert [(n, state) for _, _, n, state in await room.owed()] == [(0, "lapsed"), (number("22"), "open")]
