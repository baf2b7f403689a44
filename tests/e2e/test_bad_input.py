"""What goes wrong at a desk: each time an error that says what happened, and nothing that was entrusted is lost.

A person at a keyboard is told what happened, what is safe and what to do; software is told by class and code.
"""

import time

import pytest
import pytest_asyncio

from e2e.documents import png, write_pdf
from e2e.families import send_and_open
from e2e.line import Line
from e2e.mishaps import leave_out, must_fail, nothing_is_lost
from e2e.world import CHILD_AND_FAMILY, OCMW, SCHOOL, open_world
from zegel import (
    Carried,
    ClockWrong,
    ContentError,
    ContentFound,
    KeystoreError,
    Partner,
    Refused,
    RelayProblem,
    RelayUnreachable,
    Section,
    Whole,
)
from zegel_demo import rash
from zegel_demo.huis import DAY, PASSPHRASE
from zegel_protocol.objects.parties import Party

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory):
    opened = await open_world(tmp_path_factory.mktemp("desk"))
    try:
        await opened.consent()
        yield opened
    finally:
        await opened.close()


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def as_before(world):
    yield
    await nothing_is_lost(world)


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
