"""A lying sender, in the objects that it signs: attacks 16, 17, 24 and 29.

Each lie is made of a message composed honestly, changed, and signed anew with the sender's real key. All of these are
the relay's to catch: it says no, nothing of the message is kept, nobody is told of it, and honest work goes on.
"""

import re

import msgspec
import pytest
import pytest_asyncio
from msgspec import Raw

from e2e.desk import colleague
from e2e.forgery import (
    Forgery,
    digest,
    reader_says,
    relay_says,
    retyped,
    sign,
    sign_bytes,
)
from e2e.lying_client import give, touched, yes_of
from e2e.world import CHILD_AND_FAMILY, OCMW
from servers.databases import rows
from unit.keys.sealing_cases import code_of
from zegel import RelayProblem, partner_setup
from zegel_demo import rash
from zegel_keys import opening
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.verification import read_payload, verify
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.assertion import to_signature
from zegel_protocol.objects import ConsentRequest, DeviceList, Manifest, Revocation
from zegel_protocol.objects.consent import ByPasskey, ChainLink, ConsentSigner
from zegel_protocol.objects.manifest import Carried, OnConsent
from zegel_protocol.objects.parties import Party
from zegel_protocol.signed import Place

THERE, BACK = Party(partner=CHILD_AND_FAMILY), Party(partner=OCMW)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def world(stage):
    opened = await stage.family()
    yield opened
    await opened.close()


async def envelope_of(world, d):
    """Return the envelope of a consent from the nurse to the OCMW, as the nurse is handed it."""
    query = EvidenceQuery(persons=(world.elif_id,), sender=THERE, to=BACK)
    bundle = await world.nurse._client.evidence(query)
    envelopes = [bytes(item.object) for item in bundle.items]
    return next(item for item in envelopes if dsse.digest(*dsse.open_envelope(item)[:2]) == d)


def revocation(world, revokes, sender, to, **changes):
    """Return a revocation of Elif's, next in a chain of one."""
    fields = {
        "household": world.household, "sender": sender, "to": to, "revokes": (revokes,), "reason_code": "changed-mind",
        "about": (world.elif_id,), "signers": (ConsentSigner(person=world.elif_id, role="self"),),
        "evidence": ByPasskey(), "at": world.huis.clock(),
        "chains": (ChainLink(person=world.elif_id, seq=2, prev=revokes),), **changes,
    }  # fmt: skip
    return Revocation(v=1, huis=world.huis.id, nonce=new_nonce(), **fields)


async def test_attack_16_a_payload_type_is_changed(world):
    forward, _ = await world.consent()
    consent = await envelope_of(world, forward)
    said = {
        kind: await relay_says(world.nurse._client.submit_object(retyped(consent, kind)))
        for kind in ("revocation", "consent-request", "person", "acknowledgement", "manifest", "decree")
    }
    assert said == {
        "revocation": ("object.malformed",),
        "consent-request": ("object.malformed",),
        "person": ("object.malformed",),
        "acknowledgement": ("object.malformed",),
        "manifest": ("object.kind",),
        "decree": ("envelope.type",),
    }
    forgery = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
    honest = forgery.submission()
    as_wraps = rash.changed(honest, manifest=Raw(retyped(bytes(honest.manifest), "wraps")))
    as_manifests = rash.changed(honest, wraps=tuple(Raw(retyped(bytes(item), "manifest")) for item in honest.wraps))
    for lie in (as_wraps, as_manifests):
        assert await relay_says(world.nurse._client.submit_message(lie)) == ("envelope.type",)
    await world.nothing_came()
    await world.honest_message()


async def test_attack_16_a_consent_is_offered_as_a_revocation_and_the_other_way_round(world):
    forward, back = await world.consent()
    *_, (assertion,) = dsse.open_envelope(await envelope_of(world, forward))
    # The yes that Elif touched does not sign the stop that she did not.
    stop = revocation(world, forward, THERE, BACK)
    moved = dsse.seal_envelope(dsse.payload_type("revocation"), encoding.encode(stop), (assertion,))
    assert await relay_says(world.nurse._client.submit_object(moved)) == ("assertion.batch",)

    # The stop that she did touch signs no yes either, and stands for none in a message.
    stopped = revocation(world, back, BACK, THERE)
    await give(world.phone, touched(world.phone, stopped))
    request = await world.nurse.families.ask_consent(world.draft(), types=[("money", "whole")], back={})
    yes = await yes_of(world.phone, request)
    touch = world.phone._phone.passkey.assertion(digest(stopped))
    moved = dsse.seal_envelope(dsse.payload_type("consent"), encoding.encode(yes), (to_signature(touch),))
    assert await relay_says(world.nurse._client.submit_object(moved)) == ("assertion.challenge",)
    forgery = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
    forgery.state(basis=OnConsent(consents=(digest(stopped),)))
    assert await relay_says(forgery.send(world.nurse)) == ("consent.missing", "consent.unknown")
    await world.nothing_came()
    await world.honest_message()


def escaped(body, field):
    """Return an object whose text field begins with an escape: the same meaning in other bytes."""
    return re.sub(b'("%s":")(.)' % field, lambda found: found[1] + b"\\u%04x" % found[2][0], body, count=1)


TWISTS = {
    "a key twice": lambda body: body.replace(b'{"v":1,', b'{"v":1,"v":1,', 1),
    "a key twice, and the second counts": lambda body: body.replace(b'{"v":1,', b'{"v":2,"v":1,', 1),
    "white space": lambda body: body.replace(b'{"v":1,', b'{"v": 1,', 1),
    "a line feed at the end": lambda body: body + b"\n",
    "an escape in a name": lambda body: body.replace(b'"huis"', b'"\\u0068uis"', 1),
    "an escape in a value": lambda body: escaped(body, b"nonce"),
    "another order": lambda body: b"{" + body[7:-1] + b',"v":1}',
    "a fraction": lambda body: body.replace(b'{"v":1,', b'{"v":1.0,', 1),
}


NOT_EVEN_READ = {"a key twice, and the second counts", "a fraction"}
"""These are no object at all: the first fails as a version that is not known, the second as no integer."""

ENVELOPES = {
    "white space": lambda data: data.replace(b'","payload":', b'", "payload":', 1),
    "an escape in a name": lambda data: data.replace(b'"payloadType"', b'"\\u0070ayloadType"', 1),
    "a key twice": lambda data: data.replace(b'{"payloadType"', b'{"payloadType":"x","payloadType"', 1),
    "no padding": lambda data: re.sub(b'"payload":"([^"=]*)=+"', b'"payload":"\\1"', data, count=1),
}


async def test_attack_17_a_payload_in_other_bytes(world):
    """Each is signed as it stands, so that no signature tells; only the rule of the one encoding does."""
    await world.consent()
    identity, client = world.nurse.identity, world.nurse._client
    forgery = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
    honest, manifest = forgery.submission(), encoding.encode(forgery.signed())
    for name, twist in TWISTS.items():
        entries = [twist(encoding.encode(entry)) for entry in forgery.entries]
        named = tuple(dsse.digest(dsse.payload_type("entry"), body) for body in entries)
        naming = sign(identity, msgspec.structs.replace(forgery.manifest, entries=named))
        wraps = [twist(dsse.open_envelope(bytes(item))[1]) for item in honest.wraps]
        lies = {
            "manifest": rash.changed(honest, manifest=Raw(sign_bytes(identity, "manifest", twist(manifest)))),
            "entries": rash.changed(honest, manifest=Raw(naming), entries=tuple(map(b64.encode, entries))),
            "wraps": rash.changed(honest, wraps=tuple(Raw(sign_bytes(identity, "wraps", body)) for body in wraps)),
        }
        expected = "object.malformed" if name in NOT_EVEN_READ else "object.not-canonical"
        for part, lie in lies.items():
            assert await relay_says(client.submit_message(lie)) == (expected,), (name, part)
    for name, twist in ENVELOPES.items():
        lie = twist(bytes(honest.manifest))
        assert lie != bytes(honest.manifest)
        expected = "envelope.malformed" if name == "no padding" else "object.not-canonical"
        said = await relay_says(client.submit_message(rash.changed(honest, manifest=Raw(lie))))
        assert said == (expected,), name
    await world.nothing_came()
    await world.honest_message()


async def test_attack_17_an_object_in_other_bytes(world):
    """The same holds for what is no message, such as a request that a family would be asked to answer."""
    client, known = world.nurse._client, await world.phone.requests()
    request = await world.nurse.families.ask_consent(world.draft(), back={})
    asked = next(item.request for item in await world.phone.requests() if item.request.d == request)
    body = encoding.encode(msgspec.structs.replace(asked.payload, nonce=new_nonce()))
    for name, twist in TWISTS.items():
        expected = "object.malformed" if name in NOT_EVEN_READ else "object.not-canonical"
        envelope = sign_bytes(world.nurse.identity, "consent-request", twist(body))
        assert await relay_says(client.submit_object(envelope)) == (expected,), name
    assert len(await world.phone.requests()) == len(known) + 1


async def test_attack_24_one_id_for_two_messages(world):
    await world.consent()
    first = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
    accepted = await first.send(world.nurse)

    async def another(text):
        forgery = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
        return forgery.state(id=first.manifest.id).content(forgery.number("money"), text)

    second, third = await another(b'{"text":"Niets."}'), await another(b'{"text":"Veel."}')
    for lie in (second, second, third):
        with pytest.raises(RelayProblem) as no:
            await lie.send(world.nurse)
        assert (no.value.status, no.value.code) == (409, "message.id")
    kept = rows(world.huis.relay.folder, "select d, id, envelope from equivocations where id = ?", [first.manifest.id])
    assert {d for d, _, _ in kept} == {second.d, third.d}
    # What is kept convicts: other bytes under one id, all signed by the one device.
    trust = (await world.ocmw.setting()).trust
    for d, message, envelope in kept:
        held = verify(envelope, Manifest, trust)
        assert (held.d, held.payload.id, message) == (d, first.manifest.id, first.manifest.id)
        assert held.d != accepted
        assert [signer.device for signer in held.signed_by("device")] == [world.nurse.identity.device]
    # The first stands alone.
    (waiting,) = await world.arrived()
    assert waiting.manifest == accepted
    assert (await world.ocmw.open(waiting)).sections[0].note.text.startswith("Drie deurwaarders")
    assert [notice.copy.manifest.d for notice in await world.phone.notices()] == [accepted]
    await world.honest_message()


async def test_attack_24_the_same_manifest_with_other_keys(world):
    """The same manifest twice is a repetition: keys that come with it the second time are not taken."""
    await world.consent()
    forgery = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
    receipt = await world.nurse._client.submit_message(forgery.submission())
    query = "select d, reader from wraps where message_d = ? order by reader"
    stored = rows(world.huis.relay.folder, query, [forgery.d])
    forgery.given[Party(person=world.elif_id).key, 0] = bytes(32)
    assert await world.nurse._client.submit_message(forgery.submission()) == receipt
    assert rows(world.huis.relay.folder, query, [forgery.d]) == stored
    (notice,) = await world.phone.notices()
    assert notice.copy.problems == ()


async def test_attack_29_a_removed_device_backdates(world):
    huis = world.huis
    member = huis.members[CHILD_AND_FAMILY]
    removed = await colleague(huis, CHILD_AND_FAMILY, "second")
    await world.consent()
    before = huis.clock()
    forgery = await Forgery.of(removed, world.draft(), before)
    forgery.state(created=before - 3_600)
    listed = read_payload(member.lists[-1], DeviceList)[0].devices
    without = partner_setup.without_device(listed, removed.identity.device)
    member.lists.append(
        partner_setup.device_list(member.root, huis.id, CHILD_AND_FAMILY, without, before, before=member.lists[-1])
    )
    await huis.give(member.lists[-1])

    # It names the list that still had it, and a time at which it was listed: the place in the log is what counts.
    assert forgery.manifest.devices == dsse.digest(*dsse.open_envelope(member.lists[-2])[:2])
    assert await relay_says(forgery.send(removed)) == ("signature.unknown",)
    request = ConsentRequest(
        v=1, huis=huis.id, nonce=new_nonce(), household=world.household, partner=CHILD_AND_FAMILY,
        persons=(world.elif_id,), flows=(await world.phone.requests())[0].request.payload.flows, language="nl",
        template="consent-1", rulebook=(await world.nurse.setting()).setting.rulebook.d, created=before - 3_600,
    )  # fmt: skip
    assert await relay_says(removed._client.submit_object(sign_payload(request, removed.identity.signing_key))) == (
        "signature.unknown",
    )
    assert await relay_says(removed._client.upload(b64.encode(bytes(32)), b"x")) == ("http.key",)
    # Nor does a device that is listed sign for it, or for another partner.
    mine = await Forgery.of(world.nurse, world.draft(), huis.clock())
    for partner, device in ((CHILD_AND_FAMILY, removed.identity.device), (OCMW, world.ocmw.identity.device)):
        sender = msgspec.structs.replace(mine.manifest.sender, partner=partner, device=device)
        mine.state(sender=sender)
        assert await relay_says(mine.send(world.nurse)) == ("signature.unknown",)
    await world.nothing_came()

    # The recipient's own software says the same of a relay that would take it, by the place on its receipt.
    trust = (await world.ocmw.setting()).trust
    envelope = sign(removed.identity, forgery.signed())
    gone = trust.lists[CHILD_AND_FAMILY][-1].place
    assert verify(envelope, Manifest, trust, Place(gone.index - 1, before)).payload.id == forgery.manifest.id
    assert code_of(verify, envelope, Manifest, trust, Place(gone.index + 1, before)) == "signature.unknown"
    await removed.close()
    await world.honest_message()


async def test_attack_29_a_recipient_passes_off_a_copied_ciphertext(world):
    """The recipient has key and ciphertext, and sends them on as a section of its own."""
    await world.consent()
    original = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
    await original.send(world.nurse)
    message = await world.ocmw.open(original.d)
    money = original.number("money")
    ct = original.entries[money].ct

    answer = world.ocmw.report_back(message)
    answer.carried = Carried(how="with-client")
    answer.note("follow", "Wordt vervangen.")
    copied = await Forgery.of(world.ocmw, answer, world.huis.clock())
    copied.put(0, original.blobs[money], original.entries[money].padded, original.keys[money])
    assert copied.entries[0].ct == ct
    assert await relay_says(copied.send(world.ocmw)) == ("section.foreign",)
    assert await relay_says(world.ocmw._client.upload(ct, original.blobs[money])) == ("blob.bound",)
    assert await world.since.new(world.nurse) == []
    assert len(await world.phone.notices()) == 1

    # Should a relay take it, the section opens for nobody: it is bound to its sender, message and kind.
    rows(world.huis.relay.folder, "delete from blobs where ct = ?", [ct])
    again = await copied.send(world.ocmw)
    assert await reader_says(world.nurse.open(again)) == "section.unopenable"
    notice = (await world.phone.notices())[-1]
    assert (notice.notice.payload.manifest, notice.copy.problems) == (again, ("section.unopenable",))
    assert notice.readable() == []
    # Nor would the sender's own commitment go with it.
    key, kc = original.keys[money], original.entries[money].kc
    assert code_of(opening.check_key, copied.context(0), key, kc) == "section.key-commitment"

    answer.sections.clear()
    answer.note("follow", "Eerste gesprek gehad.")
    sent = await world.ocmw.send(answer)
    assert (await world.nurse.open(sent.manifest)).sections[0].note.text == "Eerste gesprek gehad."
