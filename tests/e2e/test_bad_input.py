"""What goes wrong at a desk: each time an error that says what happened, and nothing that was entrusted is lost.

A person at a keyboard is told what happened, what is safe and what to do; software is told by class and code.
"""

import asyncio
import multiprocessing
import sqlite3
import time
from collections.abc import Awaitable
from typing import Any

import pytest
import pytest_asyncio

from e2e.documents import png, write_pdf
from e2e.families import send_and_open
from e2e.line import Line
from e2e.programs import PASSED, deal_with_all
from e2e.world import CHILD_AND_FAMILY, OCMW, SCHOOL, World, open_world
from zegel import (
    Carried,
    ClockWrong,
    ContentError,
    ContentFound,
    KeystoreError,
    MessageTaken,
    Partner,
    ProtocolError,
    Refused,
    RelayProblem,
    RelayUnreachable,
    Section,
    Waiting,
    Whole,
    ZegelError,
    partner_setup,
)
from zegel.compose import INLINE_BYTES
from zegel_demo import rash
from zegel_demo.huis import DAY, PASSPHRASE
from zegel_keys.verification import read_payload
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import DeviceList
from zegel_protocol.objects.parties import Party

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPAWN = multiprocessing.get_context("spawn")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory):
    """One Huis for all: each test leaves it as it found it, which is part of what is shown."""
    opened = await open_world(tmp_path_factory.mktemp("desk"))
    try:
        await opened.consent()
        yield opened
    finally:
        await opened.close()


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def as_before(world):
    """After each test an ordinary message goes all the way, nothing waits, and nothing is unsent."""
    yield
    assert await arrives(world)
    assert world.nurse.unsent() == []
    assert await world.ocmw.inbox() == []


async def arrives(world: World) -> bool:
    """Send an ordinary message all the way."""
    _, notes = await send_and_open(world.nurse, world.ocmw, world.draft(ask="Hulp bij schulden."))
    return notes["ask"] == "Hulp bij schulden."


def port_of(world: World) -> int:
    return int(world.huis.relay.address.rpartition(":")[2])


def stored(world: World, statement: str, *values: object) -> list[Any]:
    """Ask the relay's database directly."""
    with sqlite3.connect(world.huis.relay.folder / "relay.sqlite3") as database:
        return database.execute(statement, values).fetchall()


def tells(error: Exception) -> bool:
    """Whether an error says what happened, what is safe and what to do, in sentences."""
    if isinstance(error, Refused):
        return all(item.what and item.safe and item.do for item in error.sentences)
    if isinstance(error, RelayProblem):
        # The relay's own words, in one text.
        return error.what.endswith(".")
    if isinstance(error, ZegelError):
        return all(part.endswith((".", "`).")) for part in (error.what, error.safe, error.do))
    if isinstance(error, KeystoreError):
        # One text for the keyboard: what happened comes first, then that nothing was changed, then what to do.
        return str(error.path) in error.detail and error.detail.count(". ") >= 1
    return isinstance(error, ProtocolError) and bool(error.detail)


async def must_fail(kind: type[Exception], code: str, doing: Awaitable[object]) -> Any:
    """Do something that must fail in this way, and tell it well; return the error."""
    with pytest.raises(kind) as failed:
        await doing
    error: Any = failed.value
    codes = error.codes if isinstance(error, Refused) else (error.code,)
    assert code in codes
    assert tells(error), str(error)
    return error


# The keystore


async def test_a_wrong_passphrase_opens_nothing_and_changes_nothing(world):
    folder = world.huis.members[OCMW].devices["first"]
    before = (folder / "identity.zk").read_bytes()
    error = await must_fail(KeystoreError, "keystore.passphrase", Partner.connect(folder, "a wrong one"))
    assert "a wrong one" not in str(error)
    await must_fail(KeystoreError, "keystore.passphrase", Partner.connect(folder, ""))
    assert (folder / "identity.zk").read_bytes() == before
    async with await world.huis.connect(OCMW) as again:
        assert again.identity.partner == OCMW


@pytest.mark.parametrize("name", ["identity.zk", "state.db"])
@pytest.mark.parametrize("damage", ["turned", "cut", "gone"])
async def test_a_damaged_keystore_is_left_as_it_is_and_opens_again_once_put_back(world, name, damage):
    folder = await world.huis.add_device(world.huis.members[OCMW], f"{damage}-{name}", "social-worker")
    async with await Partner.connect(folder, PASSPHRASE, relay=world.huis.relay.address):
        pass
    file = folder / name
    whole = file.read_bytes()
    others = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path != file}
    if damage == "gone":
        file.unlink()
    else:
        # In the middle of the vault; at the head of the second page, which the database needs.
        at = len(whole) // 2 if name == "identity.zk" else 4096
        file.write_bytes(whole[:at] + (bytes([whole[at] ^ 1]) + whole[at + 1 :] if damage == "turned" else b""))
    left = file.read_bytes() if file.exists() else None
    code = "keystore.missing" if damage == "gone" else "keystore.damaged"
    error = await must_fail(KeystoreError, code, Partner.connect(folder, PASSPHRASE, relay=world.huis.relay.address))
    assert "backup" in str(error)
    assert (file.read_bytes() if file.exists() else None) == left
    assert all((folder / other).read_bytes() == data for other, data in others.items() if other.endswith(".zk"))
    file.write_bytes(whole)
    file.chmod(0o600)
    async with await Partner.connect(folder, PASSPHRASE, relay=world.huis.relay.address) as mended:
        assert mended.identity.partner == OCMW
    await leave_out(world, OCMW, f"{damage}-{name}")


# The clock


@pytest.mark.parametrize("days", [2, -2], ids=["ahead", "behind"])
async def test_a_clock_two_days_off_is_told_and_harms_nothing(world, days):
    off = 0

    def wrong() -> int:
        return int(time.time()) + off

    folder = world.huis.members[CHILD_AND_FAMILY].devices["first"]
    async with await Partner.connect(folder, PASSPHRASE, relay=world.huis.relay.address, clock=wrong) as nurse:
        draft, off = world.draft(), days * DAY
        for doing in (nurse.send(draft), nurse.inbox(), nurse.preflight(draft)):
            error = await must_fail(ClockWrong, "clock.wrong", doing)
            assert "2 days" in str(error)
            assert ("ahead" if days > 0 else "behind") in str(error)
        assert nurse.unsent() == []
    # A new device would make keys for a time that is not: it is told before it publishes any.
    worker = f"new-{days}"
    fresh = await world.huis.add_device(world.huis.members[OCMW], worker, "social-worker")
    connecting = Partner.connect(fresh, PASSPHRASE, relay=world.huis.relay.address, clock=wrong)
    await must_fail(ClockWrong, "clock.wrong", connecting)
    async with await world.huis.connect(OCMW, worker) as device:
        sent = await world.nurse.send(world.draft(ask="Aan allen."))
        message = await device.open(sent.manifest)
        await device.acknowledge(message)
    await world.ocmw.acknowledge(await world.ocmw.open(sent.manifest))
    await leave_out(world, OCMW, worker)
    # The client's phone is told the same.
    clock, world.phone._phone.clock = world.phone._phone.clock, wrong
    world.phone._phone.relay._clock = wrong
    try:
        await must_fail(ClockWrong, "clock.wrong", world.phone.notices())
    finally:
        world.phone._phone.clock = world.phone._phone.relay._clock = clock


# The directory


@pytest.mark.slow
async def test_an_expired_directory_stops_everything_and_loses_nothing(world):
    await world.huis.publish(life=5)
    async with Line() as line:
        waiting = await world.nurse.send(world.draft(ask="Nog op tijd."))
        try:
            await line.carry(world.nurse)
            line.lose("/v1/messages", answer=False)
            await must_fail(RelayUnreachable, "relay.unreachable", world.nurse.send(world.draft(money="Te laat.")))
            (kept,) = world.nurse.unsent()
            await asyncio.sleep(6)
            draft = world.draft()
            await must_fail(Refused, "directory.expired", world.nurse.send(draft))
            await must_fail(Refused, "directory.expired", rash.send(world.nurse, draft, world.huis.clock()))
            # What was sealed before it expired is refused too, and kept: what is wrong is not the message.
            await must_fail(Refused, "directory.expired", world.nurse.flush())
            assert world.nurse.unsent() == [kept]
            # What was accepted before waits for the recipient, and so does what the family may read.
            await must_fail(Refused, "directory.expired", world.ocmw.open(waiting.manifest))
            await must_fail(ChainError, "directory.expired", world.phone.notices())
        finally:
            await world.huis.publish()
        (sent,) = await world.nurse.flush()
        assert sent.id == kept
        opened = [await world.ocmw.open(item) for item in await world.ocmw.inbox()]
        assert {message.sections[0].note.text for message in opened} == {"Nog op tijd.", "Te laat."}
        for message in opened:
            await world.ocmw.acknowledge(message)
        assert sent.manifest in {item.copy.manifest.d for item in await world.phone.notices()}
        assert (await world.nurse.preflight(draft)).ok
    await back_to_the_relay(world)


async def back_to_the_relay(world: World) -> None:
    """Have the nurse's software speak to the relay directly again."""
    await world.nurse._client.close()


# The relay, or the line to it


async def test_a_relay_that_does_not_answer_is_told_before_anything_is_sealed(world):
    port = port_of(world)
    world.huis.relay.kill()
    try:
        for doing in (world.nurse.send(world.draft()), world.nurse.preflight(world.draft()), world.ocmw.inbox()):
            await must_fail(RelayUnreachable, "relay.unreachable", doing)
        assert world.nurse.unsent() == []
        assert await world.nurse.flush() == []
        # Offline is no reason not to open.
        folder = world.huis.members[CHILD_AND_FAMILY].devices["first"]
        async with await Partner.connect(folder, PASSPHRASE, relay=world.huis.relay.address) as offline:
            assert offline.unsent() == []
    finally:
        world.huis.relay.start(port)


@pytest.mark.parametrize("answer", [False, True], ids=["before it arrived", "after it was accepted"])
async def test_a_relay_that_dies_in_mid_send_gets_it_once(world, answer, tmp_path):
    """Killed between sealing and the answer: the message stays, and leaves once more, with the same receipt."""
    port, letter = port_of(world), write_pdf(tmp_path / "brief.pdf", "Geachte mevrouw,", 1500)
    assert letter.stat().st_size > INLINE_BYTES
    notices = len(await world.phone.notices())
    async with Line() as line:
        await line.carry(world.nurse)
        line.lose("/v1/messages", answer=answer, then=world.huis.relay.kill)
        draft = world.draft(money="Drie deurwaarders.", ask="Rust.")
        draft.file("money", letter)
        error = await must_fail(RelayUnreachable, "relay.unreachable", world.nurse.send(draft))
        assert "nobody gets it twice" in str(error)
        (kept,) = world.nurse.unsent()
        # Also for a program that was started meanwhile, without a relay, and for each further try.
        folder = world.huis.members[CHILD_AND_FAMILY].devices["first"]
        async with await Partner.connect(folder, PASSPHRASE, relay=world.huis.relay.address) as another:
            assert another.unsent() == [kept]
            await must_fail(RelayUnreachable, "relay.unreachable", another.flush())
            assert another.unsent() == [kept]
        world.huis.relay.start(port)
        given = "SELECT envelope FROM receipts JOIN messages ON object_d = messages.d WHERE audience = '' AND id = ?"
        before = stored(world, given, kept)
        assert len(before) == (1 if answer else 0)
        (sent,) = await world.nurse.flush()
        assert (sent.id, world.nurse.unsent()) == (kept, [])
        assert await world.nurse.flush() == []
        receipt = await world.nurse._client.receipt(sent.manifest)
        assert not answer or (receipt,) == before[0]
        (waiting,) = await world.ocmw.inbox()
        message = await world.ocmw.open(waiting)
        assert [section.data for section in message.sections if section.name] == [letter.read_bytes()]
        await world.ocmw.acknowledge(message)
        assert len(await world.phone.notices()) == notices + 1
        assert stored(world, "SELECT count(*) FROM messages WHERE id = ?", kept) == [(1,)]
    await back_to_the_relay(world)


@pytest.mark.parametrize("status", [200, 302, 403, 502])
async def test_what_answers_in_the_relay_s_place_takes_no_message_away(world, status):
    """A proxy whose relay is down, or the page of a guest network: the message stays, and leaves later."""
    async with Line() as line:
        await line.carry(world.nurse)
        line.instead("/v1/messages", status, b"<html><body>Welkom op het gastnetwerk</body></html>")
        await must_fail(RelayUnreachable, "relay.unreachable", world.nurse.send(world.draft()))
        (kept,) = world.nurse.unsent()
        (sent,) = await world.nurse.flush()
        assert sent.id == kept
        await world.ocmw.acknowledge(await world.ocmw.open((await world.ocmw.inbox())[0]))
    await back_to_the_relay(world)


# Words that nobody knows


async def test_an_unknown_category_form_purpose_or_kind_is_refused_by_both_sides(world):
    now = world.huis.clock()
    about = (world.elif_id,)

    def changed(**fields):
        draft = world.draft()
        for name, value in fields.items():
            setattr(draft, name, value)
        return draft

    def with_section(section):
        draft = world.draft()
        draft.sections.append(section)
        return draft

    religion = with_section(Section("religion", "whole", about, note=Whole(text="Katholiek.")))
    haiku = with_section(Section("money", "haiku", about, note=Whole(text="Schuld, schuld.")))
    short = with_section(Section("money", "short", about, note=Whole(text="Schulden.")))
    for draft, mine, theirs in (
        (religion, "content.type", "category.unknown"),
        (haiku, "content.form", "form.unknown"),
        (short, "content.form", "form.unknown"),
    ):
        await must_fail(ContentError, mine, world.nurse.send(draft))
        error = await must_fail(Refused, theirs, rash.send(world.nurse, draft, now))
        assert all(item.path.startswith("$.entries[") for item in error.refusals)
    for draft, code in (
        (changed(purpose="taxes"), "purpose.unknown"),
        (changed(kind="gossip"), "kind.unknown"),
        (changed(purpose="voice"), "purpose.kind"),
        (changed(to="belastingdienst"), "recipient.unknown"),
    ):
        await must_fail(Refused, code, world.nurse.send(draft))
        if code != "recipient.unknown":
            await must_fail(Refused, code, rash.send(world.nurse, draft, now))
    with pytest.raises(ContentError) as schema:
        world.draft().note("ask", "iets", form="sonnet")
    assert schema.value.code == "content.form"
    # The mending step, taken: without the section that nobody knows, it goes.
    await send_and_open(world.nurse, world.ocmw, religion.without("religion"))


# Content


async def test_what_is_too_much_or_no_such_file_is_told_before_it_is_sealed(world, tmp_path):
    good, now = write_pdf(tmp_path / "brief.pdf", "Geachte mevrouw,").read_bytes(), world.huis.clock()

    def file(name, data, category="money"):
        path = tmp_path / name
        path.write_bytes(data)
        return world.draft().file(category, path)

    large = good.replace(b"%%EOF", b"% " + b"a" * 11_000_000 + b"\n%%EOF")
    for draft, code in (
        (world.draft(money="a" * 1001), "content.too-long"),
        (file("groot.pdf", large), "content.too-large"),
        (file("foto.pdf", b"\x89PNG\r\n\x1a\n" + good), "content.magic"),
        (file("leeg.pdf", b""), "content.magic"),
        (file("af.pdf", good[: len(good) // 2]), "content.malformed"),
        (file("dubbel.png", png() + b"PK\x03\x04"), "content.trailing"),
        (file("vraag.pdf", good, "ask"), "content.media"),
        (file("afspraak.pdf", good, "agreement"), "content.media"),
    ):
        error = await must_fail(ContentError, code, world.nurse.send(draft))
        assert error.found is None or error.found > error.limit
    for name in ("brief.docx", "brief.pdf.exe", "brief\u202efdp.exe"):
        (tmp_path / name).write_bytes(good)
        with pytest.raises(ContentError) as named:
            world.draft().file("money", tmp_path / name)
        assert named.value.code == "content.name"
    found = await must_fail(ContentFound, "content.found", world.nurse.send(world.draft(money="93.05.18-223.61")))
    assert "93.05.18" not in str(found)
    # Software that does not look is refused by the relay, which sees sizes and types and no content.
    await must_fail(Refused, "size.too-large", rash.send(world.nurse, world.draft(ask="a" * 9000), now))
    await must_fail(Refused, "size.too-large", rash.send(world.nurse, file("groot.pdf", large), now))
    await must_fail(Refused, "media.not-allowed", rash.send(world.nurse, file("vraag.pdf", good, "ask"), now))
    many = world.draft()
    for number in range(6):
        (tmp_path / f"{number}.pdf").write_bytes(good)
        many.file("money", tmp_path / f"{number}.pdf")
    await must_fail(Refused, "files.too-many", world.nurse.send(many))
    await must_fail(Refused, "files.too-many", rash.send(world.nurse, many, now))


# Partners and devices that are no more


async def test_a_partner_that_was_taken_out_neither_gets_nor_sends_and_what_waited_waits(world):
    began, _ = await send_and_open(world.nurse, world.ocmw, world.draft(ask="Begin."))
    opened = await world.ocmw.open(began.manifest)
    sent = await world.nurse.send(world.draft(ask="Voor later."))
    await world.huis.publish(without=[OCMW])
    try:
        error = await must_fail(Refused, "recipient.unknown", world.nurse.send(world.draft()))
        # It is not the client's yes that is wrong, and nobody is sent back to ask for another.
        assert error.codes == ("recipient.unknown",)
        for doing in (world.ocmw.inbox(), world.ocmw.open(sent.manifest)):
            await must_fail(RelayProblem, "http.key", doing)
        back = world.ocmw.report_back(opened)
        back.carried = Carried(how="with-client")
        back.note("follow", "Gesprek gehad.")
        await must_fail(RelayProblem, "http.key", world.ocmw.send(back))
    finally:
        await world.huis.publish()
    (waiting,) = await world.ocmw.inbox()
    message = await world.ocmw.open(waiting)
    assert message.sections[0].note.text == "Voor later."
    await world.ocmw.acknowledge(message)


async def test_a_partner_that_leaves_leaves_its_families_as_they_were(world):
    """The nurse's organisation made Elif known and enrolled her phone: none of that ends with its membership."""
    told = len(await world.phone.notices())
    own = Party(partner=OCMW)
    await world.huis.publish(without=[CHILD_AND_FAMILY])
    try:
        await must_fail(RelayProblem, "http.key", world.nurse.inbox())
        assert len(await world.phone.notices()) == told
        assert len(await world.phone.given()) == 2
        known = await world.ocmw.families.look_up([world.elif_id], own, Party(partner=SCHOOL))
        assert known.clients[world.elif_id].key_at(None) is not None
        draft = world.ocmw.referral(SCHOOL, world.household, [world.elif_id]).note("ask", "Een gesprek.")
        checked = await world.ocmw.preflight(draft)
        # What is refused is the address and what the draft lacks, and nothing about who she is.
        assert "recipient.closed" in {item.code.value for item in checked.refusals}
        assert not [item for item in checked.refusals if item.code.value.startswith(("person.", "sender."))]
    finally:
        await world.huis.publish()


async def leave_out(world: World, partner: str, worker: str) -> None:
    """Leave a worker's device out of the partner's list from now on."""
    member = world.huis.members[partner]
    listed = read_payload(member.lists[-1], DeviceList)[0].devices
    async with await world.huis.connect(partner, worker) as leaving:
        device = leaving.identity.device
    left = partner_setup.without_device(listed, device)
    envelope = partner_setup.device_list(
        member.root, world.huis.id, partner, left, world.huis.clock(), before=member.lists[-1]
    )
    member.lists.append(envelope)
    del member.devices[worker]
    await world.huis.give(envelope)


async def test_a_device_left_out_of_the_newest_list_signs_nothing_any_more(world):
    member = world.huis.members[CHILD_AND_FAMILY]
    await world.huis.add_device(member, "second", "nurse")
    async with await world.huis.connect(CHILD_AND_FAMILY, "second") as second, Line() as line:
        before = await second.send(world.draft(ask="Van het tweede toestel."))
        child = await second.families.add_person(world.household, authority=[world.elif_id])
        await line.carry(second)
        line.lose("/v1/messages", answer=False)
        await must_fail(RelayUnreachable, "relay.unreachable", second.send(world.draft(ask="Te laat vertrokken.")))
        sealed = await rash.seal(second, world.draft(), world.huis.clock())
        await leave_out(world, CHILD_AND_FAMILY, "second")
        await must_fail(RelayProblem, "http.key", second.inbox())
        await must_fail(RelayProblem, "http.key", second.send(world.draft()))
        # What it signed before it was left out, and brings only now, does not count either.
        await must_fail(RelayProblem, "signature.unknown", second._client.submit_message(sealed.submission))
        await must_fail(RelayProblem, "signature.unknown", second.flush())
    # What was accepted while it was listed counts as ever.
    own = Party(partner=CHILD_AND_FAMILY)
    assert child in (await world.nurse.families.look_up([child], own, own)).clients
    message = await world.ocmw.open(before.manifest)
    assert message.sections[0].note.text == "Van het tweede toestel."
    await world.ocmw.acknowledge(message)


# Two programs at one keystore


@pytest.mark.slow
async def test_two_programs_at_one_keystore_lose_nothing_and_do_nothing_twice(world, tmp_path):
    """Each sends five messages, and both deal with one inbox of ten, at the same time."""
    sent, _ = await send_and_open(world.nurse, world.ocmw, world.draft(ask="Begin."))
    began = await world.ocmw.open(sent.manifest)
    coming = []
    for number in range(10):
        answer = world.ocmw.report_back(began)
        answer.carried = Carried(how="with-client")
        answer.note("follow", f"Gesprek {number}.")
        coming.append((await world.ocmw.send(answer)).manifest)
    folder = world.huis.members[CHILD_AND_FAMILY].devices["first"]
    go, results = SPAWN.Barrier(2), SPAWN.Queue()
    programs = [
        SPAWN.Process(
            target=deal_with_all,
            args=(folder, world.huis.relay.address, (world.household, world.elif_id), name, go, results),
            daemon=True,
        )
        for name in ("eerste", "tweede")
    ]
    for program in programs:
        program.start()
    done = [await asyncio.to_thread(results.get, True, 90) for _ in programs]
    for program in programs:
        await asyncio.to_thread(program.join, 30)
    assert [program.exitcode for program in programs] == [0, 0]
    dealt = [manifest for result in done for manifest in result.dealt]
    assert sorted(dealt) == sorted(coming)
    assert all(result.failed == [] for result in done)
    by_nurse = "SELECT message_d, count(*) FROM events WHERE reader = ? GROUP BY message_d"
    events = dict(stored(world, by_nurse, f"partner:{CHILD_AND_FAMILY}"))
    assert {d: events[d] for d in coming} == dict.fromkeys(coming, 1)
    left = [manifest for result in done for manifest in result.sent]
    assert len(left) == len(set(left)) == 2 * PASSED
    waiting = await world.ocmw.inbox()
    assert sorted(item.manifest for item in waiting) == sorted(left)
    texts = set()
    for item in waiting:
        message = await world.ocmw.open(item)
        texts.add(message.sections[0].note.text)
        await world.ocmw.acknowledge(message)
    assert texts == {f"Bericht {number} van {name}." for name in ("eerste", "tweede") for number in range(PASSED)}
    assert await world.nurse.inbox() == []
    # Whoever saw one of them in the inbox before it was dealt with does not deal with it again.
    await must_fail(MessageTaken, "message.taken", world.nurse.open(Waiting(0, coming[0])))
