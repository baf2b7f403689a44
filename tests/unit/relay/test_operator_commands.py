"""The operator's commands: refusals, dead letters, retention, the case of a message. JSON, tables, exit codes."""

import json
import time

import pytest
from click.testing import CliRunner

from servers.databases import rows
from zegel_protocol import b64
from zegel_relay.cli import main
from zegel_relay.outbox.promise import promise
from zegel_relay.services.deadlines import open_deadline
from zegel_relay.storage.models import Deadline

HUIS = b64.encode(bytes(range(32)))
ID = "0" * 32


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "relay"
    assert run("init", "--huis", HUIS, "--folder", folder).exit_code == 0
    assert run("migrate", "--folder", folder).exit_code == 0
    return folder


def run(*arguments, **environ):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env=environ)


def answer(*arguments):
    done = run(*arguments)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def put_dead(folder, count=1):
    now = int(time.time())
    ids = []
    for number in range(count):
        item = promise("ping", f"person:{number:032}", "d", now, now)
        values = (item.id, item.kind, item.subject, "d", "dead", now, 0, 8, "mail.refused", now, now)
        rows(folder, f"INSERT INTO outbox VALUES ({', '.join('?' * len(values))})", values)
        ids.append(item.id)
    return ids


def states(folder):
    return sorted(state for (state,) in rows(folder, "SELECT state FROM outbox"))


def test_refusals_by_day_and_code(folder):
    for day, code, count in (("2026-11-23", "consent.missing", 2), ("2026-11-24", "relevance.closed", 7)):
        rows(folder, "INSERT INTO refusals VALUES (?, ?, ?)", (day, code, count))
    shown = answer("refusals", "--folder", folder)["refusals"]
    assert shown[0] == {"day": "2026-11-23", "code": "consent.missing", "count": 2}
    assert len(shown) == 2
    assert len(answer("refusals", "--folder", folder, "--since", "2026-11-24")["refusals"]) == 1
    table = run("refusals", "--folder", folder, "--table").stdout.splitlines()
    assert [line.split() for line in table] == [
        ["day", "code", "count"], ["2026-11-23", "consent.missing", "2"], ["2026-11-24", "relevance.closed", "7"],
    ]  # fmt: skip
    assert run("refusals", "--folder", folder, "--since", "gisteren").exit_code == 2


def test_dead_letters_are_listed_without_whom_they_are_for(folder):
    [item] = put_dead(folder)
    shown = answer("dead-letters", "list", "--folder", folder)["dead_letters"]
    assert [(row["id"], row["kind"], row["error"], row["attempts"]) for row in shown] == [
        (item, "ping", "mail.refused", 8)
    ]
    assert "person:" not in run("dead-letters", "list", "--folder", folder).stdout
    assert answer("dead-letters", "show", "--folder", folder, item)["subject"] == f"person:{0:032}"


def test_dead_letters_are_replayed_one_by_one_or_all(folder):
    first, *_ = put_dead(folder, 3)
    assert answer("dead-letters", "replay", "--folder", folder, first) == {"replayed": 1}
    assert states(folder) == ["dead", "dead", "waiting"]
    assert answer("dead-letters", "replay", "--folder", folder, "--all") == {"replayed": 2}
    assert rows(folder, "SELECT DISTINCT attempts, claimed_until FROM outbox") == [(0, 0)]


def test_dead_letters_are_dropped_only_when_that_is_meant(folder):
    [item] = put_dead(folder)
    assert run("dead-letters", "drop", "--folder", folder, item).exit_code == 1
    assert states(folder) == ["dead"]
    assert answer("dead-letters", "drop", "--folder", folder, "--yes", item) == {"dropped": 1}
    assert states(folder) == []


@pytest.mark.parametrize("command", [("show", ID), ("replay", ID), ("drop", "--yes", ID)])
def test_a_dead_letter_that_is_not_there_is_said(folder, command):
    done = run("dead-letters", command[0], "--folder", folder, *command[1:])
    assert (done.exit_code, json.loads(done.stderr)["code"]) == (1, "work.not-dead")


@pytest.mark.parametrize("which", [(), ("--all", ID)])
def test_which_dead_letters_must_be_said(folder, which):
    assert run("dead-letters", "replay", "--folder", folder, *which).exit_code == 2


def put_deadline(folder, kind, owner, late, state="overdue"):
    now = int(time.time())
    row = open_deadline(kind, owner, "d" * 43, now - late, now - late - 60, message_d="m" * 43)
    columns = [column.name for column in Deadline.__table__.columns]
    values = [state if name == "state" else getattr(row, name) for name in columns]
    rows(folder, f"INSERT INTO deadlines ({', '.join(columns)}) VALUES ({', '.join('?' * len(values))})", values)


def test_what_is_late_is_shown_with_alarms_first_and_no_person(folder):
    put_deadline(folder, "first-contact", "partner:ocmw-gent", 9_000)
    put_deadline(folder, "second-signature", "partner:kind-en-gezin", 500)
    put_deadline(folder, "answer", f"person:{ID}", 700)
    put_deadline(folder, "alarm-steward", "partner:vk-gent", 60, "open")
    put_deadline(folder, "alarm-phone", "partner:kind-en-gezin", 9_000, "done")
    put_deadline(folder, "step", "partner:ocmw-gent", -9_000, "open")
    shown = answer("overdue", "--folder", folder)["overdue"]
    assert [(row["kind"], row["owner"]) for row in shown] == [
        ("alarm-steward", "partner:vk-gent"),
        ("first-contact", "partner:ocmw-gent"),
        ("answer", "a person"),
        ("second-signature", "partner:kind-en-gezin"),
    ]
    assert all(row["late_seconds"] >= 60 for row in shown)
    alarms = answer("overdue", "--folder", folder, "--alarms")["overdue"]
    assert [row["kind"] for row in alarms] == ["alarm-steward", "second-signature"]
    table = run("overdue", "--folder", folder, "--alarms", "--table").stdout.splitlines()
    assert table[0].split() == ["kind", "owner", "message", "since", "due", "late_seconds"]


def test_retention_says_what_would_end_and_then_ends_it(folder):
    ct = b64.encode(bytes(32))
    rows(folder, "INSERT INTO blobs (ct, size, uploader, created_at, body) VALUES (?, 1, 'partner:a', 0, NULL)", (ct,))
    assert answer("retention", "--folder", folder, "--dry-run")["unnamed"] == 1
    assert rows(folder, "SELECT count(*) FROM blobs") == [(1,)]
    ended = answer("retention", "--folder", folder)
    assert (ended["dry_run"], ended["unnamed"], ended["messages"]) == (False, 1, 0)
    assert rows(folder, "SELECT count(*) FROM blobs") == [(0,)]
    table = run("retention", "--folder", folder, "--table").stdout.splitlines()
    assert table[0].split() == ["what", "count"]
    assert ["unnamed", "0"] in [line.split() for line in table]


@pytest.mark.parametrize("command", [("refusals",), ("dead-letters", "list"), ("retention",), ("export-case", "x")])
def test_a_database_without_tables_is_said(tmp_path, command):
    done = run(*command, "--folder", tmp_path)
    assert (done.exit_code, json.loads(done.stderr)["code"]) == (1, "database.empty")


def test_the_case_of_an_unknown_message_is_said(folder):
    done = run("export-case", "--folder", folder, "018f")
    assert (done.exit_code, json.loads(done.stderr)["code"]) == (1, "message.unknown")


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_a_worker_needs_redis_and_tables(folder, tmp_path, command):
    assert run(command, "--folder", folder).exit_code == 2
    done = run(command, "--folder", tmp_path, ZEGEL_REDIS_URL="redis://127.0.0.1:1/0")
    assert (done.exit_code, json.loads(done.stderr)["code"]) == (1, "database.empty")


def test_a_worker_does_not_take_a_contact_key_that_others_may_read(folder):
    (folder / "contact-key.json").chmod(0o644)
    done = run("worker", "--folder", folder, ZEGEL_REDIS_URL="redis://127.0.0.1:1/0")
    assert (done.exit_code, json.loads(done.stderr)["code"]) == (1, "keys.open")


@pytest.mark.parametrize(("setting", "value"), [("WORK", "elsewhere"), ("REDIS_URL", "http://redis")])
def test_a_wrong_setting_is_named(folder, setting, value):
    done = run("retention", "--folder", folder, **{f"ZEGEL_{setting}": value})
    assert (done.exit_code, setting.lower() in done.stderr) == (2, True)
