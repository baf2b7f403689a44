"""A lying sender, in what it seals: attacks 19 to 22 and 25.

The relay cannot see into a section, so most of these are the readers' to catch, each alone: the recipient's software
gives the application nothing of the message, the client's page says which section is wrong and shows the rest, and
whose doing it is stands under the sender's own signature.
"""

import os

import msgspec
import pytest
import pytest_asyncio
from nacl import bindings

from e2e.forgery import Forgery, reader_says, relay_says
from e2e.world import OCMW
from unit.keys.sealing_cases import cut, plaintext_of, stream
from unit.keys.secretstream_by_hand import Stream, xor
from unit.keys.test_sealing_attacks import solve
from unit.sdk.content.content_cases import jpeg_segment, pdf, picture, png_chunk, with_object
from zegel import ContentError
from zegel.content.framing import pack_file
from zegel.section import Section
from zegel_keys.verification import verify
from zegel_protocol import b64
from zegel_protocol.objects import Wraps
from zegel_protocol.objects.parties import Party
from zegel_protocol.padme import CHUNK, LARGEST_CONTENT, padded_size

MESSAGE, PUSH, REKEY, FINAL = 0, 1, 2, 3
PARTNER = Party(partner=OCMW)
NOTE = b'{"text":"Drie deurwaarders."}'
SCAN = picture("JPEG")
SCAN = SCAN[:2] + 3 * jpeg_segment(0xFE, bytes(60_000)) + SCAN[2:]
"""A picture of more than two chunks."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def world(stage):
    opened = await stage.family()
    yield opened
    await opened.close()


async def forge(world, *, scan=False):
    """Return an honest message about Elif's money, with a scan or a note, open to be changed."""
    draft = world.draft(ask="Hulp.") if scan else world.draft()
    if scan:
        draft.sections.append(Section("money", "whole", draft.about, name="brief.jpg", data=SCAN, media="image/jpeg"))
    return await Forgery.of(world.nurse, draft, world.huis.clock())


async def caught_by_both(world, lies):
    """Send each lie: the relay takes it, for it cannot know; recipient and client refuse with the code that is due.

    `lies`: name to (message, code). The section on money is the one that is wrong.
    """
    sent, opened = {}, {}
    for name, (forgery, _) in lies.items():
        sent[name] = await forgery.send(world.nurse)
        opened[name] = await reader_says(world.ocmw.open(sent[name]))
    expected = {name: code for name, (_, code) in lies.items()}
    assert opened == expected
    notices = {notice.notice.payload.manifest: notice for notice in await world.phone.notices()}
    for name, code in expected.items():
        notice = notices[sent[name]]
        problems = {item.entry.payload.type: item.problem for item in notice.copy.sections}
        assert {kind: problem for kind, problem in problems.items() if problem} == {"money": code}, name
        # The rest is read, that it was shared is told, and nobody opened it.
        assert "agreement" in [kind for kind, _ in notice.readable()]
        assert any("het OCMW" in line for line in world.phone.render(notice))
        assert notice.opened == ()


async def signer_of(deliver, view, d):
    """Return whose device signed the keys that a reader is handed, their `D`, and those that the receipt names."""
    delivery = await deliver(d)
    case = await view.believe(delivery.evidence)
    wraps = verify(bytes(delivery.wraps), Wraps, case.trust)
    (signer,) = wraps.signed_by("device")
    return signer.device, wraps.payload.reader


async def test_attack_19_a_key_that_does_not_match_for_the_partner_only(world):
    await world.consent()
    forgery = await forge(world)
    forgery.given[PARTNER.key, forgery.number("money")] = os.urandom(32)
    d = await forgery.send(world.nurse)
    assert await reader_says(world.ocmw.open(d)) == "section.key-commitment"
    # The client reads everything, and sees that nobody opened it.
    (notice,) = await world.phone.notices()
    assert (notice.copy.problems, notice.opened) == ((), ())
    assert notice.readable()[0] == ("money", "Drie deurwaarders, samen ongeveer € 6.400.")
    # The keys are under the sender's own signature.
    device = world.nurse.identity.device
    assert await signer_of(world.ocmw._reminding.hand_out, world.ocmw._view, d) == (device, PARTNER)
    await world.honest_message()


async def test_attack_19_a_key_that_does_not_match_for_the_client_only(world):
    await world.consent()
    client = Party(person=world.elif_id)
    forgery = await forge(world)
    forgery.given[client.key, forgery.number("money")] = os.urandom(32)
    d = await forgery.send(world.nurse)
    # The partner reads the message, and has no way to know what the client was given.
    assert (await world.ocmw.open(d)).sections[0].note.text == "Drie deurwaarders, samen ongeveer € 6.400."
    (notice,) = await world.phone.notices()
    assert [(item.entry.payload.type, item.problem) for item in notice.copy.sections] == [
        ("money", "section.key-commitment"), ("agreement", None),
    ]  # fmt: skip
    assert [kind for kind, _ in notice.readable()] == ["agreement"]
    assert any("het OCMW" in line for line in world.phone.render(notice))
    # What the client holds convicts the sender: keys that it signed, named by the relay, for what else it signed.
    phone = world.phone._phone
    assert await signer_of(phone.relay.deliver, phone.view, d) == (world.nurse.identity.device, client)
    assert notice.copy.wraps in notice.copy.receipt.payload.wraps
    await world.honest_message()


async def test_attack_19_boxes_that_open_for_nobody(world):
    """Boxes of the right size: made of chance, or moved here from another message of the same sender."""
    await world.consent()
    other = await forge(world)
    readers = PARTNER, Party(person=world.elif_id)

    def chance(made):
        box = b64.encode(os.urandom(len(b64.decode(made.wraps[0].box))))
        return msgspec.structs.replace(made, wraps=(msgspec.structs.replace(made.wraps[0], box=box),))

    def moved(made):
        return msgspec.structs.replace(made, wraps=other.wraps(made.reader).wraps)

    for change in (chance, moved):
        forgery = await forge(world)
        forgery.shuffle = {reader.key: change for reader in readers}
        d = await forgery.send(world.nurse)
        assert await reader_says(world.ocmw.open(d)) == "wrap.unopenable"
        notice = (await world.phone.notices(world.phone.cursor))[-1]
        assert notice.notice.payload.manifest == d
        assert {item.problem for item in notice.copy.sections} == {"wrap.unopenable"}
        assert notice.readable() == []
    await world.honest_message()


def two_key_blob(ad, key, content):
    """Return a ciphertext that authenticates under `key` and under a second key, which is returned too.

    Under `key` it holds `content` (4,072 bytes) and 16 bytes that are left to chance: Poly1305 is linear in each block,
    so the last block is solved for equal authenticators.
    """
    header = os.urandom(24)
    one, number = Stream(key, header), 0
    tag = FINAL ^ one.keystream(65)[64]
    body = bytes([tag]) + xor((4088).to_bytes(8, "big") + content, one.keystream(128 + 4096)[128:])
    while True:
        number += 1
        second = number.to_bytes(32, "big")
        other = Stream(second, header)
        # The encrypted tag byte must close the stream under both keys: one key in 256 will do.
        if FINAL ^ other.keystream(65)[64] == tag and (solved := solve(one, other, ad, body)) is not None:
            return header + solved + one.mac(ad, solved), second


async def test_attack_20_a_ciphertext_that_opens_under_two_keys(world):
    """The partner gets one key and the client the other; the entry commits to one, so only that one is used."""
    await world.consent()
    client = Party(person=world.elif_id)
    said = {}
    for committed in ("partner", "client"):
        forgery = await forge(world)
        money = forgery.number("money")
        first = forgery.keys[money]
        blob, second = two_key_blob(forgery.ad(money), first, b'{"text":"Wat de partner leest."}'.ljust(4072))
        for key in (first, second):
            state = bindings.crypto_secretstream_xchacha20poly1305_state()
            bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, blob[:24], key)
            bindings.crypto_secretstream_xchacha20poly1305_pull(state, blob[24:], forgery.ad(money))
        forgery.put(money, blob, 4096, first if committed == "partner" else second)
        forgery.given = {(PARTNER.key, money): first, (client.key, money): second}
        d = await forgery.send(world.nurse)
        partner = await reader_says(world.ocmw.open(d))
        (problem,) = (await world.phone.notices(world.phone.cursor))[-1].copy.problems
        said[committed] = (partner, problem)
    # The committed key opens the seal, to what the solved block makes of the content: no note; the other opens nothing.
    assert said["partner"] == ("content.malformed", "section.key-commitment")
    assert said["client"][0] == "section.key-commitment"
    assert said["client"][1] in {"section.malformed", "content.malformed"}
    await world.honest_message()


async def test_attack_21_a_stream_that_is_not_made_as_it_must_be(world):
    await world.consent()
    malformed, unopenable = "section.malformed", "section.unopenable"
    lies = {}
    for tag in (MESSAGE, PUSH, REKEY, 7):
        forgery = await forge(world)
        lies[f"one chunk with tag {tag}"] = (
            forgery.seal(forgery.number("money"), plaintext_of(NOTE), tags=[tag]),
            malformed,
        )

    async def scanned(change):
        forgery = await forge(world, scan=True)
        money = forgery.number("money")
        chunks = cut(plaintext_of(pack_file("brief.jpg", SCAN)))
        assert len(chunks) == 3
        change(forgery, money, chunks)
        return forgery, malformed

    for tags in (
        [PUSH, MESSAGE, FINAL], [MESSAGE, REKEY, FINAL], [MESSAGE, FINAL, FINAL], [FINAL, MESSAGE, FINAL],
        [MESSAGE, MESSAGE, MESSAGE], [MESSAGE, FINAL, MESSAGE],
    ):  # fmt: skip
        lies[f"tags {tags}"] = await scanned(lambda it, n, chunks, tags=tags: it.seal_chunks(n, chunks, tags=tags))

    def short(forgery, number, chunks):
        """As many chunks and bytes, cut at another place: the middle one is short, the last makes up for it."""
        forgery.seal_chunks(number, [chunks[0], chunks[1][:-100], chunks[1][-100:] + chunks[2]])

    def swapped(forgery, number, chunks):
        blob, size = forgery.blobs[number], CHUNK + 17
        one, two = blob[24 : 24 + size], blob[24 + size : 24 + 2 * size]
        forgery.put(number, blob[:24] + two + one + blob[24 + 2 * size :], sum(map(len, chunks)))

    def truncated(forgery, number, chunks):
        """Cut off between two chunks, where the entry says that it ends there."""
        forgery.put(number, forgery.blobs[number][: 24 + 2 * (CHUNK + 17)], 2 * CHUNK)

    def spliced(forgery, number, chunks):
        size = 24 + CHUNK + 17
        other = stream(chunks, None, forgery.ad(number), forgery.keys[number])
        forgery.put(number, forgery.blobs[number][:size] + other[size:], sum(map(len, chunks)))

    lies |= {change.__name__: await scanned(change) for change in (short, truncated, spliced)}
    lies["swapped"] = ((await scanned(swapped))[0], unopenable)
    for name, ad, key in (("without its context", b"", None), ("under another key", None, bytes(32))):
        forgery = await forge(world)
        money = forgery.number("money")
        sealed = stream([plaintext_of(NOTE)], None, forgery.ad(money) if ad is None else ad, key or forgery.keys[money])
        lies[name] = (forgery.put(money, sealed, 4096), unopenable)
    await caught_by_both(world, lies)
    await world.honest_message()


async def test_attack_21_a_stream_of_another_size_than_its_entry_says(world):
    """Whatever makes a stream longer or shorter than its entry says is seen without any key: the relay refuses it."""
    await world.consent()
    whole = plaintext_of(NOTE)

    async def lie(change):
        forgery = await forge(world)
        money = forgery.number("money")
        return forgery.put(money, change(forgery.blobs[money], forgery, money), 4096)

    for change in (
        lambda blob, it, n: blob + b"x",
        lambda blob, it, n: blob + bytes(17),
        lambda blob, it, n: stream([whole, b""], [FINAL, FINAL], it.ad(n), it.keys[n]),
        lambda blob, it, n: stream([whole, b"more"], [FINAL, MESSAGE], it.ad(n), it.keys[n]),
        lambda blob, it, n: stream([whole[:100], whole[100:]], None, it.ad(n), it.keys[n]),
        lambda blob, it, n: blob[:-1],
        lambda blob, it, n: blob[:24],
        lambda blob, it, n: b"",
    ):
        assert await relay_says((await lie(change)).send(world.nurse)) == ("section.size",)
    await world.nothing_came()
    await world.honest_message()


async def test_attack_22_padding_that_hides_something_and_lengths_that_lie(world):
    await world.consent()
    smuggled = plaintext_of(NOTE)[:-32] + b"a word for the recipient alone.."
    lies = {"padding at the end": smuggled, "padding right behind": plaintext_of(NOTE + b"x", 4096)}
    lies["padding right behind"] = len(NOTE).to_bytes(8, "big") + lies["padding right behind"][8:]
    for length in (4089, 4096, LARGEST_CONTENT + 1, 2**63, 2**64 - 1):
        lies[f"length {length}"] = length.to_bytes(8, "big") + plaintext_of(NOTE)[8:]
    # More padding than the content asks for: a size that could tell something.
    lies["too much padding"] = plaintext_of(NOTE, padded_size(5_000))
    made = {}
    for name, plaintext in lies.items():
        forgery = await forge(world)
        made[name] = (forgery.seal(forgery.number("money"), plaintext), "section.malformed")
    # A length that pads to the same size cuts the note off, or makes padding a part of it: then it is no note.
    for length in (0, len(NOTE) - 1, len(NOTE) + 1, 4088):
        forgery = await forge(world)
        plaintext = length.to_bytes(8, "big") + plaintext_of(NOTE)[8:]
        code = "section.malformed" if length < len(NOTE) else "content.malformed"
        made[f"length {length}"] = (forgery.seal(forgery.number("money"), plaintext), code)
    await caught_by_both(world, made)
    await world.honest_message()


async def test_attack_22_a_size_that_no_padding_gives(world):
    await world.consent()
    for padded in (1, 8, 4095, 4097, 5_000):
        forgery = await forge(world)
        plaintext = plaintext_of(b"", 8).ljust(padded, b"\0")[:padded]
        forgery.seal(forgery.number("money"), plaintext)
        assert await relay_says(forgery.send(world.nurse)) == ("section.size",), padded
    await world.nothing_came()
    await world.honest_message()


PAGE = b"<!doctype html><script>fetch('https://evil.example')</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PNG = picture("PNG")
FILES = {
    "a page as a picture": ("brief.png", PAGE, "content.magic"),
    "SVG as a picture": ("brief.png", SVG, "content.magic"),
    "a page before a PDF": ("brief.pdf", PAGE + pdf(), "content.magic"),
    "a page in a picture": ("brief.png", PNG[:33] + png_chunk(b"tEXt", PAGE) + PNG[33:], "content.polyglot"),
    "a page in a JPEG": ("brief.jpg", SCAN[:2] + jpeg_segment(0xFE, PAGE) + SCAN[2:], "content.polyglot"),
    "a page behind a picture": ("brief.png", PNG + PAGE, "content.trailing"),
    "an archive behind a JPEG": ("brief.jpg", SCAN + b"PK\3\4" + bytes(26), "content.trailing"),
    "an archive behind a PDF": ("brief.pdf", pdf() + b"PK\5\6" + bytes(18), "content.trailing"),
    "an archive in a PDF": ("brief.pdf", with_object(pdf(), b"PK\5\6" + bytes(18)), "content.polyglot"),
    "a PDF that acts": ("brief.pdf", with_object(pdf(), b"<< /S /JavaScript /JS (app.alert(1)) >>"), "content.active"),
}
MEDIA = {"png": "image/png", "pdf": "application/pdf", "jpg": "image/jpeg"}


async def test_attack_25_a_page_or_two_formats_in_one_as_a_section(world, tmp_path):
    await world.consent()

    def drafted(name, data):
        draft = world.draft(ask="Hulp.")
        media = MEDIA[name[-3:]]
        draft.sections.append(Section("money", "whole", draft.about, name=name, data=data, media=media))
        return draft

    # The sender's own software refuses each, before anything is sealed.
    for name in ("brief.html", "brief.svg", "brief.png.html"):
        (tmp_path / name).write_bytes(PAGE)
        with pytest.raises(ContentError) as refused:
            world.draft(ask="Hulp.").file("money", tmp_path / name)
        assert refused.value.code == "content.name"
    for title, (name, data, code) in FILES.items():
        with pytest.raises(ContentError) as refused:
            await world.nurse.send(drafted(name, data))
        assert refused.value.code == code, title
    await world.nothing_came()

    # The relay refuses what says openly what it is.
    for media in ("text/html", "image/svg+xml"):
        forgery = await Forgery.of(world.nurse, drafted("brief.png", PNG), world.huis.clock())
        money = forgery.number("money")
        forgery.content(money, PAGE, media=media)
        assert await relay_says(forgery.send(world.nurse)) == ("media.not-allowed",)
    await world.nothing_came()

    # Rash software sends each all the same: both readers refuse it, before the application or the page has a byte.
    lies = {}
    for title, (name, data, code) in FILES.items():
        lies[title] = (await Forgery.of(world.nurse, drafted(name, data), world.huis.clock()), code)
    forgery = await Forgery.of(world.nurse, drafted("brief.png", PNG), world.huis.clock())
    money = forgery.number("money")
    header = b'{"name":"brief.html"}'
    named = len(header).to_bytes(4, "big") + header + PAGE
    lies["a page by its name"] = (forgery.content(money, named), "content.name")
    await caught_by_both(world, lies)
    await world.honest_message()
