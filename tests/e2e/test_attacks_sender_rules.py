"""A lying sender, in what its message claims: attacks 18 and 23, and what would hide a message otherwise.

Each lie is made of a message composed honestly, changed, and signed anew with the sender's real key. The relay says no,
nothing of the message is kept, nobody is told of it, and honest work goes on.
"""

import msgspec
import pytest
import pytest_asyncio
from msgspec import Raw

from e2e.families import say_yes
from e2e.forgery import (
    Forgery,
    relay_says,
    sign_bytes,
)
from e2e.lying_client import give, touched, yes_of
from e2e.world import CHILD_AND_FAMILY, OCMW, complete
from zegel_demo import rash
from zegel_demo.huis import DAY
from zegel_protocol import b64, encoding
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.objects.entry import Withheld
from zegel_protocol.objects.manifest import Carried, FollowUp, OnConsent, Seen
from zegel_protocol.objects.parties import Party

THERE, BACK = Party(partner=CHILD_AND_FAMILY), Party(partner=OCMW)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def world(stage):
    opened = await stage.family()
    yield opened
    await opened.close()


async def test_attack_18_two_consents_are_combined(world):
    """No consent covers the section; each covers a part of what it takes, and together they seem to."""
    huis, nurse = world.huis, world.nurse
    household, mother = world.household, world.elif_id
    other = await nurse.families.add_person(household)
    phone = huis.phone(household, other)
    await huis.enrol(nurse, phone)

    def referral(about, **notes):
        draft = nurse.referral(OCMW, household, about)
        for kind, text in notes.items():
            draft.note(kind, text)
        return complete(draft, huis.clock())

    async def yes(client, draft, **options):
        request = await nurse.families.ask_consent(draft, back={}, **options)
        await say_yes(client, request)
        return request

    both = referral([mother, other], money="Samen ongeveer € 6.400.")
    # Of the purpose, but of another type; of the type, but for another purpose.
    await yes(world.phone, referral([mother], ask="Hulp."))
    coordinate = nurse.information(OCMW, household, [mother])
    coordinate.note("money", "Drie deurwaarders.")
    await yes(world.phone, complete(coordinate, huis.clock()))
    # Of the type, but in a shorter form.
    await yes(world.phone, referral([mother]), types=[("housing", "yes-no"), ("ask", "short")])
    # All that is needed, but from tomorrow on.
    later = await nurse.families.ask_consent(referral([mother]), types=[("money", "whole")], back={})
    tomorrow = huis.clock() + DAY
    await give(world.phone, touched(world.phone, await yes_of(world.phone, later, not_before=tomorrow)))
    # All that is needed, but about another person.
    await yes(phone, referral([other], money="Een lening."))

    query = EvidenceQuery(persons=tuple(sorted((mother, other))), sender=THERE, to=BACK)
    case = await nurse._view.believe(await nurse._client.evidence(query))
    hers, theirs = ({held.d for held in case.chains[who, THERE.key, BACK.key]} for who in (mother, other))
    assert (len(hers), len(theirs)) == (4, 1)
    said = {}
    for name, draft, named in (
        ("type and purpose and time", referral([mother], money="Drie deurwaarders."), hers),
        ("form", referral([mother], housing="Een vochtige flat."), hers),
        ("person", both, hers | theirs),
    ):
        forgery = (await Forgery.of(nurse, draft, huis.clock())).state(basis=OnConsent(consents=tuple(sorted(named))))
        said[name] = await relay_says(forgery.send(nurse))
    assert said == {
        "type and purpose and time": ("category.not-covered",),
        "form": ("category.not-covered",),
        "person": ("category.not-covered",),
    }
    await world.nothing_came()
    assert await phone.notices() == []
    # One consent that covers all of it, for each of the two.
    await yes(world.phone, referral([mother], money="Een lening."))
    await yes(phone, referral([other], money="Een lening."))
    await nurse.send(both)
    assert len(await world.arrived()) == len(await phone.notices()) == len(await world.phone.notices()) == 1
    await phone.close()


async def test_attack_23_a_section_is_hidden_from_the_client(world):
    await world.consent()
    other = await world.nurse.families.add_person(world.household)
    elsewhere = await world.nurse.families.add_person("f" * 32)
    elif_, there = Party(person=world.elif_id), Party(partner=OCMW)

    async def lie(**changes):
        """Return a message whose section on money is changed."""
        forgery = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
        money = forgery.number("money")
        return forgery.entry(money, **changes).content(money, b'{"text":"Schulden."}')

    unread = await lie(readers=(there,))
    no_reason = await lie(readers=(there,), withheld=(Withheld(person=world.elif_id, reason="because"),))
    not_theirs = await lie(withheld=(Withheld(person=other, reason="safety"),))
    said = {
        "no reader": await relay_says(unread.send(world.nurse)),
        "no reason of the list": await relay_says(no_reason.send(world.nurse)),
        "kept from somebody else": await relay_says(not_theirs.send(world.nurse)),
        "about nobody": await relay_says((await lie(about=(), readers=(there,))).send(world.nurse)),
        "about another": await relay_says((await lie(about=(other,), readers=(there,))).send(world.nurse)),
        "of another household": await relay_says((await lie(about=(elsewhere,), readers=(there,))).send(world.nurse)),
        "about a stranger": await relay_says((await lie(about=("e" * 32,), readers=(there,))).send(world.nurse)),
    }
    # The reader is named, and gets no key; or not all keys; or keys for somebody else's phone.
    keyless = await lie()
    keyless.left_out.add(elif_.key)
    said["no keys"] = await relay_says(keyless.send(world.nurse))
    partly = await lie()
    partly.shuffle[elif_.key] = lambda made: msgspec.structs.replace(
        made, wraps=tuple(msgspec.structs.replace(wrap, entries=wrap.entries[:1]) for wrap in made.wraps)
    )
    said["not all keys"] = await relay_says(partly.send(world.nurse))
    elsewhere_sealed = await lie()
    elsewhere_sealed.seal_keys[elif_.key] = elsewhere_sealed.seal_keys[there.key]
    said["another's keys"] = await relay_says(elsewhere_sealed.send(world.nurse))
    assert said == {
        "no reader": ("client-copy.missing",),
        "no reason of the list": ("withheld.reason",),
        "kept from somebody else": ("withheld.reason",),
        "about nobody": ("about.missing",),
        "about another": ("consent.missing",),
        "of another household": ("consent.missing", "person.household"),
        "about a stranger": ("person.unknown",),
        "no keys": ("wraps.missing",),
        "not all keys": ("wraps.entries",),
        "another's keys": ("wraps.key",),
    }
    await world.nothing_came()

    # For a reason of the list it may be, and then the client is told of that.
    told = await lie(readers=(there,), withheld=(Withheld(person=world.elif_id, reason="third-party"),))
    await told.send(world.nurse)
    (notice,) = await world.phone.notices()
    assert [(item.entry.payload.type, item.withheld) for item in notice.copy.sections] == [
        ("money", "third-party"), ("agreement", None),
    ]  # fmt: skip
    assert notice.notice.payload.codes == ("partly-withheld",)
    await world.honest_message()


async def test_attack_23_a_notice_is_made_that_no_page_can_show(world):
    """A day or a moment that has no words would keep the client's page of the message from being written."""
    await world.consent()
    client, identity = world.nurse._client, world.nurse.identity
    forgery = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
    forgery.state(
        carried=Carried(how="in-consultation", on="2026-02-28"),
        follow_up=(FollowUp(code="first-contact", due=253_402_200_000),),
    )
    honest, body = forgery.submission(), encoding.encode(forgery.signed())
    for truth, lie in ((b"2026-02-28", b"2026-02-31"), (b"253402200000", b"253402300800")):
        manifest = sign_bytes(identity, "manifest", body.replace(truth, lie))
        said = await relay_says(client.submit_message(rash.changed(honest, manifest=Raw(manifest))))
        assert said == ("object.malformed",)
    await world.nothing_came()
    # Whatever is no such lie has words.
    await forgery.send(world.nurse)
    (notice,) = await world.phone.notices()
    assert any("9999" in line for line in world.phone.render(notice))


async def test_attack_11_a_sender_makes_up_what_it_saw_of_the_log(world):
    """Readers hold what a sender saw against what they saw; a made-up one would stop them, and blame the relay."""
    await world.consent()
    seen = world.nurse._view.seen
    for lie in (
        Seen(size=seen.size, root=b64.encode(bytes(32))),
        Seen(size=seen.size - 1, root=seen.root),
        Seen(size=seen.size + 1_000, root=seen.root),
        Seen(size=0, root=seen.root),
    ):
        forgery = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
        assert await relay_says(forgery.state(seen=lie).send(world.nurse)) == ("log.seen",)
    await world.nothing_came()
    sent = await world.nurse.send(world.draft())
    message = await world.ocmw.open(sent.manifest)
    view, pins = world.ocmw._view, world.ocmw._view._pins
    true = view.seen
    pins.restart_log(true.size, b64.encode(bytes(32)))
    assert await relay_says(world.ocmw.acknowledge(message)) == ("log.seen",)
    pins.restart_log(true.size, true.root)
    assert await world.nurse.events(sent.manifest) == []
    (notice,) = await world.phone.notices()
    assert notice.copy.problems == ()
