"""An exported case is enough for a steward to check an opening proof with no relay at hand; and holds no content."""

import asyncio
import json
import os
import stat

import msgspec
import pytest
from click.testing import CliRunner

from e2e.world import open_world
from zegel.content.notes import text_fields
from zegel.proving import check_proof
from zegel_keys.casefile import read_entries
from zegel_keys.exhibit import read_bundle
from zegel_keys.verification import read_payload
from zegel_protocol.objects import Manifest
from zegel_relay.cli import main
from zegel_relay.services.opening_case import OpeningCase

CANARY = "Drie deurwaarders uit Evergem."


@pytest.fixture
async def world(tmp_path):
    world = await open_world(tmp_path)
    yield world
    await world.close()


async def export(world, *arguments):
    relay = world.huis.relay
    environ = {"ZEGEL_DATABASE_URL": relay.database_url} if relay.database_url else {}
    command = ["export-case", "--folder", os.fspath(relay.folder), *arguments]
    return await asyncio.to_thread(CliRunner().invoke, main, command, env=environ)


@pytest.mark.slow
async def test_a_steward_checks_a_proof_with_the_exported_case_alone(world, tmp_path):
    await world.consent()
    sent = await world.nurse.send(world.draft(money=CANARY))
    message = await world.ocmw.open(sent.manifest)
    await world.ocmw.acknowledge(message)
    target = tmp_path / "case.json"
    done = await export(world, message.manifest.id, "--to", os.fspath(target))
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["bytes"] == target.stat().st_size
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    case = msgspec.json.decode(target.read_bytes(), type=OpeningCase)
    printed = await export(world, sent.manifest)
    assert msgspec.json.decode(printed.stdout, type=OpeningCase).manifest == case.manifest

    manifest, d = read_payload(bytes(case.manifest), Manifest)
    assert d == sent.manifest
    assert len(read_entries(manifest, case.entries, whole=True)) == 2
    assert len(case.wraps) == 2
    assert [item.audience for item in case.receipts] == ["", "partner:ocmw-gent", f"person:{world.elif_id}"]
    assert [item.kind for item in read_bundle(case.acknowledgements)] == ["acknowledgement"]
    assert (case.equivocations, CANARY in target.read_text()) == ((), False)

    section = next(held.payload.n for held in message.entries if held.payload.type == "money")
    proof = await world.ocmw.prove(sent.manifest, section)
    world.huis.stop()
    shown = read_bundle(case.evidence)
    proven = check_proof(world.huis.id, shown, proof)
    assert (proven.manifest, proven.sender) == (d, "kind-en-gezin")
    assert CANARY in dict(text_fields(proven.section.note)).values()
    # What the proof rests on is what the case holds.
    assert proof.manifest == bytes(case.manifest)
    assert proof.entry in case.entries
    # Nobody's consents and nobody's keys come with it: a steward needs none of them for this.
    assert not {item.kind for item in shown} & {"consent", "person", "client-key"}


@pytest.mark.slow
async def test_a_file_that_is_there_is_not_overwritten(world, tmp_path):
    await world.consent()
    sent = await world.nurse.send(world.draft())
    target = tmp_path / "case.json"
    target.write_text("something else")
    done = await export(world, sent.manifest, "--to", os.fspath(target))
    assert (done.exit_code, target.read_text()) == (1, "something else")
