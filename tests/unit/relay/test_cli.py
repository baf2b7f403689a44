"""The command: keys, tables, a server that says where it listens, and an end that loses nothing."""

import json
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing

import pytest
from click.testing import CliRunner

from zegel_protocol import b64
from zegel_relay import keys_file
from zegel_relay.cli import main

HUIS = b64.encode(bytes(range(32)))


def run(*arguments, **environ):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env=environ)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "relay"
    assert run("init", "--huis", HUIS, "--folder", folder).exit_code == 0
    return folder


def test_init_prints_the_public_keys(tmp_path):
    done = run("init", "--huis", HUIS, "--folder", tmp_path / "relay")
    keys = keys_file.load(tmp_path / "relay" / "keys.json")
    assert json.loads(done.stdout) == {"huis": HUIS, "relay_key": keys.relay.public, "log_key": keys.log.public}


def test_init_again_changes_nothing_and_says_so(folder):
    before = (folder / "keys.json").read_bytes()
    done = run("init", "--huis", HUIS, "--folder", folder)
    assert (done.exit_code, json.loads(done.stderr)["code"]) == (1, "keys.exists")
    assert (folder / "keys.json").read_bytes() == before


def test_a_folder_may_come_from_the_environment_and_must_come_from_somewhere(tmp_path):
    assert run("init", "--huis", HUIS, ZEGEL_FOLDER=str(tmp_path)).exit_code == 0
    assert (tmp_path / "keys.json").is_file()
    assert run("init", "--huis", HUIS, ZEGEL_FOLDER="").exit_code == 2


def test_migrate_may_be_run_twice(folder):
    for _ in range(2):
        done = run("migrate", "--folder", folder)
        assert (done.exit_code, json.loads(done.stdout)) == (0, {"migrated": True})


def test_serving_without_keys_says_what_to_do(tmp_path):
    done = run("serve", "--folder", tmp_path)
    assert (done.exit_code, json.loads(done.stderr)["code"]) == (1, "keys.missing")


def start(folder, *options):
    command = [sys.executable, "-c", "from zegel_relay.cli import main; main()", "serve", "--folder", str(folder)]
    process = subprocess.Popen(
        [*command, "--port", "0", *options],
        env={"PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    return process, process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_says_where_it_listens_and_ends_when_told(folder, number):
    process, line = start(folder)
    try:
        facts = json.loads(line)
        with urllib.request.urlopen(f"{facts['listening']}/v1/health") as response:
            assert json.load(response)["huis"] == HUIS
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out) == (0, b"")
    assert facts["public_url"] == facts["listening"]
    assert facts["log_key"] == keys_file.load(folder / "keys.json").log.public
    lines = [json.loads(text) for text in err.splitlines()]
    assert [(entry["event"], entry["route"], entry["status"]) for entry in lines] == [("request", "/v1/health", 200)]


def test_a_database_of_another_version_is_not_served(folder):
    run("migrate", "--folder", folder)
    with closing(sqlite3.connect(folder / "relay.sqlite3")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'later'")
    process, line = start(folder, "--public-url", "https://relay.example")
    out, err = process.communicate(timeout=30)
    assert (process.returncode, line + out, json.loads(err.splitlines()[-1])["code"]) == (1, b"", "database.newer")
