"""`zegel enrol` and a phone, as programs of their own: between them the relay, a code and six words."""

import json
import os
import subprocess
import sys

import pytest

from e2e.turned_clock import turned_huis
from e2e.world import CHILD_AND_FAMILY, OCMW
from zegel_demo.huis import PASSPHRASE

WAIT = 60
ZEGEL = "from zegel.cli import main; main()"


class Commands:
    """Runs `zegel enrol` as each partner's worker, and phones."""

    def __init__(self, huis, clock, folder):
        self.huis, self.clock = huis, clock
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE + "\n")

    def _environment(self):
        turned = {name: text for name, text in self.huis.relay.settings.items() if not name.startswith("ZEGEL_")}
        return {name: text for name, text in os.environ.items() if not name.startswith("ZEGEL_")} | turned

    def start(self, partner, *arguments, **pipes):
        """Start a command; its answer and its errors are pipes."""
        device = self.huis.members[partner].devices["first"]
        command = [
            sys.executable, "-c", ZEGEL, "enrol", *arguments, "--keystore", os.fspath(device),
            "--passphrase-file", os.fspath(self.passphrase), "--relay", self.huis.relay.address,
        ]  # fmt: skip
        return self._popen(command, **pipes)

    def phone(self, address):
        """Start a phone that read this address."""
        command = [sys.executable, "-m", "zegel_demo.phone_agent", "enrol", address, "--relay", self.huis.relay.address]
        return self._popen(command)

    def _popen(self, command, **pipes):
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self._environment(), **pipes,
        )  # fmt: skip

    def run(self, partner, *arguments):
        """Run a command to its end; return its exit code, what it answered in JSON, and its errors."""
        with self.start(partner, *arguments, "--json") as process:
            answer, errors = process.communicate(timeout=WAIT)
        return process.returncode, json.loads(answer) if answer else None, errors

    def enrol(self, what, person, typed="", *more):
        """Enrol with a command and a phone; return both answers, the words of both, and how the command ended."""
        with self.start(
            CHILD_AND_FAMILY, what, "--person", person, "--means", "known", "--address-only", *more
        ) as desk:
            address = desk.stderr.readline().strip()
            with self.phone(address) as phone:
                words = json.loads(phone.stdout.readline())["words"]
                said, heard = desk.communicate(typed, timeout=WAIT)
                if desk.returncode != 0:
                    phone.kill()
                signed = phone.communicate(timeout=WAIT)[0]
        return desk.returncode, said, heard, words, json.loads(signed) if signed else None


@pytest.fixture
async def table(tmp_path):
    huis, clock = await turned_huis(tmp_path / "huis")
    try:
        household = os.urandom(16).hex()
        async with await huis.connect(CHILD_AND_FAMILY) as nurse, await huis.connect(OCMW):
            person = await nurse.families.add_person(household)
        yield Commands(huis, clock, tmp_path), person
    finally:
        huis.stop()


@pytest.mark.slow
async def test_a_phone_is_enrolled_and_its_keys_replaced_by_command(table):
    commands, person = table
    status, said, heard, words, signed = commands.enrol("show", person, "y\n")
    assert status == 0, heard
    assert " ".join(words) in heard
    assert signed["client_key"] in said
    assert signed["effective_at"] is None

    assert commands.run(CHILD_AND_FAMILY, "pending", "--person", person)[1] == {"person": person, "waiting": None}
    status, _, errors = commands.run(CHILD_AND_FAMILY, "show", "--person", person, "--means", "known")
    assert (status, json.loads(errors.splitlines()[-1])["code"]) == (1, "enrolment.has-keys")

    status, said, heard, _, signed = commands.enrol("replace", person, "", "--json", "--yes-words-match")
    assert status == 0, heard
    begun = json.loads(said)
    assert (begun["client_key"], begun["words"], begun["effective_at"]) == (
        signed["client_key"], signed["words"], signed["effective_at"],
    )  # fmt: skip
    status, vouched, _ = commands.run(
        OCMW, "vouch", "--person", person, "--means", "id-card", "--yes-words-match"
    )  # fmt: skip
    assert (status, vouched) == (0, {"client_key": begun["client_key"], "effective_at": begun["effective_at"]})
    waiting = commands.run(CHILD_AND_FAMILY, "pending", "--person", person)[1]["waiting"]
    assert (waiting["partner"], waiting["vouched"], waiting["words"]) == (CHILD_AND_FAMILY, [OCMW], begun["words"])
    commands.clock.turn(waiting["seconds_left"])
    assert commands.run(CHILD_AND_FAMILY, "pending", "--person", person)[1]["waiting"] is None


async def test_other_words_enrol_nobody(table):
    commands, person = table
    status, said, heard, _, signed = commands.enrol("show", person, "n\n")
    assert (status, said, signed) == (1, "", None)
    assert "Nothing was vouched for." in heard
    # Nothing stands in the way of beginning again.
    assert commands.enrol("show", person, "y\n")[0] == 0


async def test_a_phone_does_not_read_what_is_no_code(table):
    commands, _ = table
    with commands.phone("https://portal.example/enrol#x") as phone:
        said, heard = phone.communicate(timeout=WAIT)
    assert (phone.returncode, said) == (1, "")
    assert "enrolment.code" in heard
