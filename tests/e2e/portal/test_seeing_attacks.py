"""What a lying sender or relay can do to what a family reads in a browser: attacks 10, 13, 19 to 23 and 25.

What the sender did wrong is said of that one section, and the rest is read. What the relay did wrong stops the page: it
shows nothing more of what it was told.
"""

import os

import msgspec
import pytest
import pytest_asyncio
from msgspec import Raw

from e2e.forgery import Forgery, sign
from e2e.lying_relay import in_receipt
from e2e.relay_pen import RelayPen
from e2e.test_attacks_sender_sealing import FILES, MEDIA, NOTE, PAGE, PNG, two_key_blob
from e2e.world import OCMW
from unit.keys.sealing_cases import plaintext_of, stream
from zegel.section import Section
from zegel_keys.exhibit import read
from zegel_keys.verification import read_payload
from zegel_protocol import b64, encoding
from zegel_protocol.api import Bundle, Delivery, NoticeItem, NoticePage
from zegel_protocol.objects import Notice, Receipt
from zegel_protocol.objects.parties import Party
from zegel_protocol.positions import first_position
from zegel_relay import keys_file

pytestmark = pytest.mark.asyncio(loop_scope="module")
MARKUP = (
    "<!doctype html><script>document.title='gone'</script><img src=x onerror=\"document.title='gone'\">"
    "<svg onload=\"document.title='gone'\"></svg><a href=\"javascript:document.title='gone'\">lees</a>{{7*7}}"
)


@pytest_asyncio.fixture(loop_scope="module")
async def world(stage):
    opened = await stage.family()
    await opened.consent()
    yield opened
    await opened.close()


@pytest.fixture
def pen(world):
    """The relay's own hand: what it can sign, a lying relay can sign."""
    folder = world.huis.relay.folder
    return RelayPen(keys_file.load(folder / "keys.json"), folder)


async def forge(world, *sections: Section) -> Forgery:
    """Return an honest message, open to be changed; with sections, they are what it says of money."""
    draft = world.draft(ask="Hulp.") if sections else world.draft()
    draft.sections.extend(sections)
    return await Forgery.of(world.nurse, draft, world.huis.clock())


async def wrong_in(reader) -> list[str]:
    """Open the newest message and read it all; return what is wrong with it. Nothing of what is wrong can be saved."""
    await reader.first_page()
    await reader.open()
    shown = await reader.read_all()
    found: list[str] = await reader.problems()
    assert await reader.page.locator("a[download]").count() == 0
    # The rest of it is read.
    assert any("Het OCMW belt donderdag." in text for text in shown)
    return found


async def test_attack_25_markup_in_a_text_stays_text(world, reader):
    await world.nurse.send(world.draft(money=MARKUP))
    await reader.first_page()
    await reader.open()
    await reader.read_all()
    words = reader.page.locator(".opened-sections .words").first
    assert await words.text_content() == MARKUP
    assert await words.locator("*").count() == 0
    assert await reader.page.title() == reader.say("page.title")
    assert (
        await reader.page.locator("script, iframe, object, embed, img, svg").count()
        == await reader.page.locator("head script").count()
    )
    assert all(url.startswith((world.huis.origin, "blob:")) for url in reader.asked)


@pytest.mark.parametrize("title", FILES)
async def test_attack_25_a_page_or_two_formats_in_one_is_not_opened(world, reader, title):
    name, data, code = FILES[title]
    section = Section("money", "whole", (world.elif_id,), name=name, data=data, media=MEDIA[name[-3:]])
    await (await forge(world, section)).send(world.nurse)
    assert await wrong_in(reader) == [code]


async def test_attack_25_a_file_whose_name_shows_another_ending(world, reader):
    section = Section("money", "whole", (world.elif_id,), name="brief.png", data=PNG, media="image/png")
    for name in ("brief.html", "brief\u202egnp.exe.png", "../brief.png"):
        forgery = await forge(world, section)
        header = msgspec.json.encode({"name": name})
        forgery.content(forgery.number("money"), len(header).to_bytes(4, "big") + header + PAGE)
        await forgery.send(world.nurse)
        assert await wrong_in(reader) == ["content.name"], name


async def test_attack_19_a_key_that_does_not_match_for_the_client_only(world, reader):
    forgery = await forge(world)
    forgery.given[Party(person=world.elif_id).key, forgery.number("money")] = os.urandom(32)
    await forgery.send(world.nurse)
    assert await wrong_in(reader) == ["section.key-commitment"]
    text = await reader.page.locator("[data-problem]").inner_text()
    assert text == reader.say("page-problem.keys", sender="Kind en Gezin")


async def test_attack_20_a_ciphertext_that_opens_under_two_keys(world, reader):
    forgery = await forge(world)
    money = forgery.number("money")
    first = forgery.keys[money]
    blob, second = two_key_blob(forgery.ad(money), first, b'{"text":"Wat de partner leest."}'.ljust(4072))
    forgery.put(money, blob, 4096, first)
    forgery.given = {(Party(person=world.elif_id).key, money): second}
    await forgery.send(world.nurse)
    assert await wrong_in(reader) == ["section.key-commitment"]


async def test_attacks_21_and_22_a_stream_and_padding_that_lie(world, reader):
    async def lie(change, code):
        forgery = await forge(world)
        money = forgery.number("money")
        change(forgery, money)
        await forgery.send(world.nurse)
        assert await wrong_in(reader) == [code]

    hidden = plaintext_of(NOTE)[:-32] + b"a word for the recipient alone.."
    await lie(lambda it, n: it.seal(n, plaintext_of(NOTE), tags=[0]), "section.malformed")
    await lie(lambda it, n: it.seal(n, hidden), "section.malformed")
    await lie(lambda it, n: it.content(n, NOTE + b" "), "content.malformed")
    await lie(lambda it, n: it.put(n, stream([plaintext_of(NOTE)], None, b"", it.keys[n]), 4096), "section.unopenable")


async def test_attack_23_a_section_is_hidden_from_the_client(world, reader, pen):
    """No honest relay takes such a message, so the relay is the sender's friend here, and signs what they like."""
    honest = (await world.nurse.send(world.draft())).manifest
    phone = world.phone._phone
    beside, said = await phone.relay.deliver(honest), await phone.relay.events(honest)
    forgery = await forge(world)
    forgery.entry(forgery.number("money"), readers=(Party(partner=OCMW),))
    wraps = sign(world.nurse.identity, forgery.wraps(Party(person=world.elif_id)))
    notice = pen.sign(
        Notice(
            v=1, huis=world.huis.id, nonce="A" * 22, person=world.elif_id, manifest=forgery.d,
            entries=forgery.signed().entries, codes=(), not_before=world.huis.clock(),
        )
    )  # fmt: skip
    log = pen.log_of([*pen.leaves(), forgery.d])
    names = {"wraps": (read(wraps).d,), "notices": (read(notice).d,)}
    receipt = pen.receipt(forgery.d, log, world.huis.clock(), **names)
    item = NoticeItem(manifest=forgery.d, notice=Raw(notice), position=first_position(log.size - 1))
    delivery = msgspec.structs.replace(
        beside, manifest=Raw(sign(world.nurse.identity, forgery.signed())), receipt=Raw(receipt), wraps=Raw(wraps),
        entries=tuple(b64.encode(encoding.encode(entry)) for entry in forgery.entries), notice=Raw(notice),
    )  # fmt: skip
    await reader.lie("**/v1/notices?after=0*", NoticePage, lambda it: msgspec.structs.replace(it, items=(item,)))
    await reader.serve(f"**/v1/deliveries/{forgery.d}", lambda _: delivery)
    await reader.serve(f"**/v1/messages/{forgery.d}/events", lambda _: said)
    await reader.serve("**/v1/log/consistency?*", log.consistency)
    await reader.first_page()
    await reader.open()
    assert await reader.problems() == ["section.hidden"]
    text = await reader.page.locator("[data-problem]").inner_text()
    assert text == reader.say("page-problem.hidden", sender="Kind en Gezin")
    # What else the message holds is there to be read.
    assert await reader.page.locator("#read-all").is_visible()


async def test_attack_10_a_notice_is_dropped(world, reader):
    """The page of the client cannot know; whoever sent the message can, for nobody says that they were told."""
    sent = await world.nurse.send(world.draft())
    await reader.lie("**/v1/notices?*", NoticePage, lambda page: msgspec.structs.replace(page, items=()))
    assert await reader.first_page() == []
    assert [event.event for event in await world.nurse.events(sent.manifest)] == []
    await reader.behave()
    assert len(await reader.first_page()) == 1


async def test_attack_10_a_section_is_left_out_of_an_older_copy(world, reader):
    """What was verified before is taken from the screen too: it comes from the same relay."""
    older = (await world.nurse.send(world.draft())).manifest
    await world.nurse.send(world.draft(money="Een andere brief."))
    path = f"**/v1/deliveries/{older}"
    await reader.lie(path, Delivery, lambda it: msgspec.structs.replace(it, entries=it.entries[1:]))
    await reader.first_page()
    assert "notice.entry-missing" in await reader.trouble()
    assert await reader.page.locator("article.told").count() == 0
    await reader.behave()
    assert len(await reader.first_page()) == 2


async def test_attack_10_a_shorter_notice_that_the_relay_signed_anew(world, reader, pen):
    await world.nurse.send(world.draft())

    def shorter(notice: bytes) -> Raw:
        entries = read_payload(notice, Notice)[0].entries
        return Raw(pen.again(notice, Notice, entries=entries[1:]))

    def page(it: NoticePage) -> NoticePage:
        items = tuple(msgspec.structs.replace(item, notice=shorter(bytes(item.notice))) for item in it.items)
        return msgspec.structs.replace(it, items=items)

    await reader.lie("**/v1/notices?*", NoticePage, page)
    await reader.lie(
        "**/v1/deliveries/*", Delivery,
        lambda it: msgspec.structs.replace(it, notice=shorter(bytes(it.notice)), entries=it.entries[1:]),
    )  # fmt: skip
    await reader.first_page()
    assert "notice.receipt" in await reader.trouble()


@pytest.mark.parametrize("owned", [False, True], ids=["by the old receipt", "by a receipt signed anew"])
async def test_attack_13_the_wraps_of_another_message(world, reader, pen, owned):
    first = (await world.nurse.send(world.draft())).manifest
    second = (await world.nurse.send(world.draft(money="Een andere brief."))).manifest
    other = await world.phone._phone.relay.deliver(first)

    def named(receipt: bytes) -> bytes:
        wraps = read_payload(bytes(other.receipt), Receipt)[0].wraps
        return pen.again(receipt, Receipt, wraps=wraps) if owned else receipt

    def moved(it: Delivery) -> Delivery:
        return in_receipt(named)(msgspec.structs.replace(it, wraps=other.wraps))

    await reader.lie(f"**/v1/deliveries/{second}", Delivery, moved)
    await reader.first_page()
    assert ("wraps.foreign" if owned else "wraps.receipt") in await reader.trouble()
    assert await reader.page.locator("article.told").count() == 0


async def test_a_word_of_another_message_is_not_shown_as_one_of_this(world, reader):
    first = (await world.nurse.send(world.draft())).manifest
    await world.ocmw.acknowledge(await world.ocmw.open(first))
    second = (await world.nurse.send(world.draft(money="Een andere brief."))).manifest
    said = await world.phone._phone.relay.events(first)
    await reader.lie(f"**/v1/messages/{second}/events", Bundle, lambda _: said)
    await reader.first_page()
    assert "event.foreign" in await reader.trouble()


async def test_a_notice_of_somebody_else_is_not_shown(stage, world, reader):
    other = await stage.family()
    await other.consent()
    await other.nurse.send(other.draft(money="Van een ander gezin."))
    theirs = await other.phone._phone.relay.notices(0)
    await world.nurse.send(world.draft())
    await reader.lie("**/v1/notices?after=0*", NoticePage, lambda _: theirs)
    await reader.first_page()
    assert "notice.foreign" in await reader.trouble()
    await other.close()
