"""The canary: what is written in a message is found nowhere on the relay's side, and neither is a key to it.

Searched are its database with -wal and -shm, blobs, log, standard output, and its memory (property 1 of the design).
What must be there, a partner's name and a message's id, is looked for in the same way, and found.
"""

import base64
import os
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from e2e import traces
from e2e.documents import write_pdf
from e2e.world import World, open_world
from servers.databases import rows
from zegel import (
    Agreement,
    Carried,
    Contact,
    FollowUp,
    HandOverStep,
    Refused,
    RelayProblem,
    RelayUnreachable,
    Section,
    Sent,
    compose,
)
from zegel.content.notes import text_fields
from zegel_demo import rash
from zegel_demo.huis import DAY
from zegel_demo.relay_process import RelayProcess
from zegel_keys import sections
from zegel_keys.sections import SealedSection
from zegel_protocol import b64, dsse

pytestmark = pytest.mark.asyncio(loop_scope="module")

TYPES = ("who", "contact", "lang", "ask", "money", "housing", "plan", "follow")
LARGE_LINES = 1500


def word(letters: int = 20) -> str:
    """Return a word that stands nowhere else."""
    return "".join(chr(ord("a") + byte % 26) for byte in os.urandom(letters))


def new_canary() -> str:
    """Return a text that stands nowhere else, with a letter that has two compositions, and no figure to detect."""
    return f"Kanarië {word()}"


@dataclass
class Journey:
    """A message that went all the way, with everything that must not be found and two things that must be."""

    world: World
    canary: str
    control: str
    sealed: list[SealedSection] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    @property
    def relay(self) -> RelayProcess:
        return self.world.huis.relay


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def journey(tmp_path_factory):
    folder = tmp_path_factory.mktemp("canary")
    world = await open_world(folder)
    journey = Journey(world, new_canary(), f"Vzw De Proef {word()}")
    seal, seal_pieces = sections.seal_section, sections.seal_pieces

    def sealing(context, content):
        section = seal(context, content)
        journey.sealed.append(section)
        return section

    def sealing_pieces(context, content, length, sink):
        made = seal_pieces(context, content, length, sink)
        sink.seek(0)
        blob = sink.read()
        journey.sealed.append(SealedSection(ct=made.ct, kc=made.kc, padded=made.padded, key=made.key, blob=blob))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "seal_section", sealing)
        patch.setattr(compose, "seal_pieces", sealing_pieces)
        try:
            # With everything in the log that an operator can have there.
            port = int(world.huis.relay.address.rpartition(":")[2])
            world.huis.relay.stop()
            world.huis.relay.settings["ZEGEL_TRACE"] = "true"
            world.huis.relay.start(port)
            await world.huis.admit("vzw-de-proef", journey.control, "caw", "penal", "counsellor")
            await world.huis.publish()
            await travel(journey, folder)
            yield journey
        finally:
            await world.close()


async def travel(journey: Journey, folder: Path) -> None:
    """Send the canary in every way there is, have it read by all, answered, and stopped."""
    world, canary = journey.world, journey.canary
    forward, _ = await world.consent(TYPES)
    sent = await world.nurse.send(message(journey, folder))
    (waiting,) = await world.ocmw.inbox()
    opened = await world.ocmw.open(waiting)
    # All but the alternatives, which are the client's alone.
    assert sum(canary in words_of(section) for section in opened.sections) == 11
    await world.ocmw.acknowledge(opened)
    answer = world.ocmw.report_back(opened)
    answer.carried = Carried(how="with-client")
    answer.note("follow", f"Eerste gesprek gehad. {canary}").note("plan", canary)
    back = await world.ocmw.send(answer)
    (returned,) = await world.nurse.inbox()
    assert all(canary in words_of(section) for section in (await world.nurse.open(returned)).sections)
    for notice in await world.phone.notices():
        assert any(canary in text for _, text in notice.readable())
        await world.phone.tell(notice)
    await world.phone.revoke([forward], "changed-mind")
    journey.sent += [sent, back]


def words_of(section: Section) -> str:
    """What can be read in a section: a note's texts, or a file's name."""
    return section.name or " ".join(text for _, text in text_fields(section.note))


def message(journey: Journey, folder: Path):
    """A referral with the canary in each category, each part, each field, a file name and two files."""
    canary, now = journey.canary, journey.world.huis.clock()
    draft = journey.world.nurse.referral("ocmw-gent", journey.world.household, [journey.world.elif_id])
    for kind in ("who", "lang", "ask", "money", "housing", "plan"):
        draft.note(kind, f"Wat er stond: {canary}")
    draft.note("contact", Contact(text=canary, safe=f"Overdag. {canary}"))
    draft.note("motivation", f"Omdat zij hier zelf om vroeg. {canary}").note("alternatives", canary)
    step = HandOverStep(what=canary, who=canary)
    draft.note(
        "agreement",
        Agreement(
            text=canary, ask=canary, informs=canary, feedback=canary, reports=canary, with_client=True, steps=(step,)
        ),
    )
    for name, lines in ((f"brief {canary}.pdf", 3), (f"{canary} lang.pdf", LARGE_LINES)):
        draft.file("money", write_pdf(folder / name, canary, lines))
    draft.carried = Carried(how="with-client")
    draft.follow_up = (FollowUp(code="first-contact", due=now + 2 * DAY),)
    return draft


def keys_of(journey: Journey) -> dict[str, bytes]:
    """The content keys, as bytes, in hex and in base64."""
    return {
        f"key {number}{how}": data
        for number, section in enumerate(journey.sealed)
        for how, data in traces.wrapped(section.key).items()
    }


async def test_what_is_there_is_found_in_each_spelling(tmp_path):
    text = new_canary()
    for name, needle in traces.spellings(text).items():
        assert f"file: {name}" in traces.found_in(traces.spellings(text), {"file": b"\0before" + needle + b"after\xff"})
    for before in (b"", b"1", b"22", b"333"):
        inside = base64.b64encode(before + text.encode() + b" and more")
        wide = base64.urlsafe_b64encode(before + text.encode("utf-16-le") + b" and more")
        again = base64.b64encode(b'{"body":"' + base64.urlsafe_b64encode(before + text.encode() + b" and more") + b'"}')
        for place in (inside, wide, again, (before + text.encode()).hex().encode()):
            assert traces.found_in(traces.spellings(text), {"place": place})
            assert not traces.found_in(traces.spellings(new_canary()), {"place": place})


async def test_the_canary_really_was_on_its_way(journey):
    large = [section for section in journey.sealed if len(section.blob) > compose.INLINE_BYTES]
    assert len(journey.sealed) == 14
    assert len(large) == 1
    stored = traces.files_of(journey.relay)
    # The ciphertexts are there, and named by their digests: the search would have seen what stands beside them.
    assert all(section.ct in stored["names"].decode() for section in large)
    assert all(any(section.blob[:200] in data for data in stored.values()) for section in journey.sealed)


async def test_nothing_of_it_is_in_any_file_or_in_what_the_relay_printed(journey):
    places = traces.files_of(journey.relay) | {"stdout": traces.printed_by(journey.relay)}
    files = {"relay.sqlite3", "relay.sqlite3-wal", "relay.sqlite3-shm"}
    on_server = {"table objects", "table messages", "table blobs", "table outbox", "server log"}
    assert {"relay.log", *(on_server if journey.relay.database_url else files)} <= set(places)
    assert places["stdout"] == b""
    assert traces.found_in(traces.spellings(journey.canary), places) == []
    assert traces.found_in(keys_of(journey), places) == []
    # The same search finds what is public, where it belongs.
    database = {name: data for name, data in places.items() if name.startswith(("relay.sqlite3", "table "))}
    assert traces.found_in(traces.spellings(journey.control), database)
    assert traces.found_in(traces.spellings(journey.sent[0].id), database)
    log = {"log": places["relay.log"]}
    assert traces.found_in({"an address": b'"route": "/v1/messages"', "a statement": b"INSERT INTO"}, log)
    assert not traces.found_in(traces.spellings(journey.control) | traces.spellings(journey.sent[0].id), log)


@pytest.mark.slow
async def test_nothing_of_it_is_in_the_relay_s_memory(journey, tmp_path):
    memory = traces.memory_of(journey.relay.pid, tmp_path)
    needles = traces.spellings(journey.canary) | keys_of(journey)
    assert traces.found_in(needles, {"memory": memory}) == []
    # What the relay does hold is found: a name, and as any content key would be, a key of its own.
    seed = base64.urlsafe_b64decode(own_seed(journey.relay) + "=")
    for controls in (traces.spellings(journey.control), traces.spellings(journey.sent[0].id), traces.wrapped(seed)):
        assert traces.found_in(controls, {"memory": memory})
        # Also where no core can be dumped.
        assert traces.found_in(controls, {"memory": traces.read_from_proc(journey.relay.pid)})


def own_seed(relay: RelayProcess) -> str:
    keys = (relay.folder / "keys.json").read_text()
    return keys.partition('"relay_seed":"')[2].partition('"')[0]


async def test_failing_and_refusing_quote_nothing(journey):
    """Whoever sends plaintext by mistake finds it in no log, on no disk and in no answer."""
    canary, relay = new_canary(), journey.relay
    answers = await malformed(relay.address, canary)
    answers += await signed_wrongly(journey, canary)
    assert {status // 100 for status, _ in answers} == {4}
    answers += await while_the_relay_fails(journey, canary)
    assert 500 in {status for status, _ in answers}
    spelt = traces.spellings(canary) | traces.spellings(canary.partition(" ")[2])
    assert traces.found_in(spelt, {f"{number}": body for number, (_, body) in enumerate(answers)}) == []
    places = traces.files_of(relay) | {"stdout": traces.printed_by(relay)}
    assert traces.found_in(spelt, places) == []
    assert traces.found_in({"a failure": b'"event": "request failed"', "where": b'"where": ['}, places)


async def malformed(address: str, canary: str) -> list[tuple[int, bytes]]:
    """Send the relay what nobody should, with the canary in each place of a request; return status and all else."""
    plain = canary.partition(" ")[2]
    json = {"Content-Type": "application/json"}
    wrapped = base64.b64encode(f'{{"v":1,"text":"{canary}"}}'.encode()).decode()
    manifest = dsse.payload_type("manifest")
    bodies = [
        f'{{"text":"{canary}"}}', f'"{canary}"', f'{{"{canary}":1}}', canary, f'[["{canary}"]]',
        f'{{"manifest":"{canary}"',
        f'{{"manifest":{{"payload":"{wrapped}","payloadType":"{manifest}","signatures":[]}},"entries":["{canary}"],'
        '"wraps":[],"sections":[]}',
        f'{{"payload":"{wrapped}","payloadType":"{manifest}","signatures":[{{"keyid":"","sig":"AAAA"}}]}}',
        f'{{"payload":"{canary}","payloadType":"{manifest}","signatures":[{{"keyid":"","sig":"AAAA"}}]}}',
        f'{{"payload":"{wrapped}","payloadType":"{canary}","signatures":[{{"keyid":"{canary}","sig":"{canary}"}}]}}',
    ]  # fmt: skip
    paths = ("/v1/messages", "/v1/objects", "/v1/evidence")
    requests = [("POST", path, json, body) for path in paths for body in bodies]
    requests += [
        ("POST", "/v1/messages", {"Content-Type": f"text/{plain}"}, canary),
        ("POST", "/v1/messages", json | {"Content-Encoding": plain}, canary),
        ("POST", "/v1/objects", json | {"Signature-Input": f'sig=("{plain}")', "Signature": plain}, "{}"),
        ("GET", f"/v1/{plain}", {}, ""),
        ("GET", f"/v1/blobs/{plain}", {}, ""),
        ("GET", f"/v1/blobs/{b64.encode(canary.encode())}", {}, ""),
        ("GET", f"/v1/inbox?after={plain}", {}, ""),
        ("GET", f"/v1/inbox?{plain}=1", {}, ""),
        ("GET", f"/v1/inbox?after=1&after={plain}", {}, ""),
        ("GET", f"/v1/partners/{plain}/prekeys", {"Signature": plain, "Authorization": plain}, ""),
        ("GET", "/v1/notices", {"Signature-Input": f'zegel=();keyid="person:{plain}"', "Signature": "zegel=:AA:"}, ""),
        (plain.upper(), "/v1/messages", {}, ""),
        ("DELETE", f"/v1/messages/{plain}", {}, ""),
    ]  # fmt: skip
    answers = []
    async with aiohttp.ClientSession() as session:
        for method, path, headers, body in requests:
            async with session.request(method, address + path, headers=headers, data=body.encode()) as response:
                head = repr(sorted(response.headers.items())).encode()
                answers.append((response.status, head + await response.read()))
    return answers


async def signed_wrongly(journey: Journey, canary: str) -> list[tuple[int, bytes]]:
    """Have a partner that is known sign what is not as it should be; return status and code of each refusal."""
    nurse, plain = journey.world.nurse, canary.partition(" ")[2]
    draft = journey.world.draft(money=canary)
    composed = await rash.seal(nurse, draft, journey.world.huis.clock())
    bad = [
        rash.changed(composed.submission, sections=()),
        rash.changed(composed.submission, entries=(b64.encode(canary.encode()),)),
    ]
    tries: list[Awaitable[object]] = [nurse._client.submit_message(item) for item in bad]
    tries += [nurse._client.upload(b64.encode(os.urandom(32)), canary.encode())]
    # Nobody consented to this any more, and no rulebook knows this category: refused by the rules.
    tries += [rash.send(nurse, draft, journey.world.huis.clock())]
    tries += [nurse._client.download(plain), nurse._client.receipt(plain), nurse._client.events(plain)]
    answers: list[tuple[int, bytes]] = []
    for attempt in tries:
        with pytest.raises((RelayProblem, Refused)) as failed:
            await attempt
        answers.append((getattr(failed.value, "status", 422), str(failed.value).encode()))
    return answers


async def while_the_relay_fails(journey: Journey, canary: str) -> list[tuple[int, bytes]]:
    """Take the blob folder and a table away under the relay's feet; return what it answers."""
    nurse, relay = journey.world.nurse, journey.relay
    partial = relay.folder / "blobs" / "partial"
    partial.rmdir()
    partial.touch()
    body = (canary * 4000).encode()
    texts = []
    with pytest.raises(RelayUnreachable) as broken:
        await nurse._client.upload(b64.encode(os.urandom(32)), body)
    texts.append(str(broken.value))
    partial.unlink()
    partial.mkdir(0o700)
    rows(relay, "ALTER TABLE objects RENAME TO elsewhere")
    with pytest.raises(RelayUnreachable) as broken:
        await nurse._client.upload(b64.encode(os.urandom(32)), body)
    texts.append(str(broken.value))
    rows(relay, "ALTER TABLE elsewhere RENAME TO objects")
    assert (await nurse.setting()).setting.directory.d
    return [(500, text.encode()) for text in texts]
