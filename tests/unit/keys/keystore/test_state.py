"""The state database: sealed rows, whole transactions, many threads, and damage that is never silent."""

import asyncio
import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from unit.keys.keystore.examples import fails, holds
from zegel_keys.keystore import database
from zegel_keys.keystore.errors import BusyError, DamagedError, KeystoreError
from zegel_keys.keystore.state import MAX_VALUE_BYTES, State

NAME = "person/00112233445566778899aabbccddeeff"
VALUE = b"which family, and what is the matter"


def raw(path: Path, statement: str, *parameters: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement, parameters).fetchall()


def test_gives_back_what_was_put(state: State):
    assert state.get("pins", NAME) is None
    state.put("pins", NAME, VALUE)
    state.put("pins", "a", b"")
    assert state.get("pins", NAME) == VALUE
    assert state.get("seen", NAME) is None
    state.put("pins", NAME, b"newer")
    assert state.items("pins") == [("a", b""), (NAME, b"newer")]
    assert state.delete("pins", NAME)
    assert not state.delete("pins", NAME)
    assert state.items("pins") == [("a", b"")]


def test_a_thing_is_added_once(state: State):
    assert state.add("seen", NAME, b"first")
    assert not state.add("seen", NAME, b"second")
    assert state.get("seen", NAME) == b"first"


def test_survives_closing(state: State, store_key: bytes):
    state.put("values", "cursor", b"12")
    state.close()
    with closing(State.open(state.path, store_key)) as again:
        assert again.get("values", "cursor") == b"12"
    assert state.path.stat().st_mode & 0o777 == 0o600


def test_neither_names_nor_values_stand_in_any_file(state: State):
    state.put("spool", NAME, VALUE)
    for side in state.path.parent.iterdir():
        assert side.stat().st_mode & 0o077 == 0
    state.scrub()
    for needle in (NAME.encode(), NAME[7:].encode(), bytes.fromhex(NAME[7:]), VALUE):
        assert not holds(state.path.parent, needle)


def test_equal_values_do_not_look_equal(state: State):
    state.put("values", "a", VALUE)
    state.put("values", "b", VALUE)
    stored = raw(state.path, "SELECT name, value FROM records")
    assert len({name for name, _ in stored}) == len({value for _, value in stored}) == 3


def test_a_row_moved_to_another_name_or_table_does_not_open(state: State):
    state.put("pins", "old", b"version 1")
    state.put("pins", "new", b"version 2")
    state.put("receipts", "old", b"a receipt")
    rows = raw(state.path, "SELECT id, value FROM records WHERE part = 'pins' ORDER BY id")
    (receipts,) = raw(state.path, "SELECT value FROM records WHERE part = 'receipts'")
    raw(state.path, "UPDATE records SET value = ? WHERE id = ?", rows[0][1], rows[1][0])
    with fails("keystore.damaged"):
        state.get("pins", "new")
    with fails("keystore.damaged"):
        state.items("pins")
    raw(state.path, "UPDATE records SET value = ? WHERE id = ?", receipts[0], rows[1][0])
    with fails("keystore.damaged"):
        state.get("pins", "new")
    assert state.get("pins", "old") == b"version 1"


def test_another_store_key_does_not_open_it(state: State):
    with fails("keystore.damaged"):
        State.open(state.path, os.urandom(32))


def test_a_missing_database_is_never_made_anew(state: State, store_key: bytes):
    state.close()
    state.path.unlink()
    with fails("keystore.missing"):
        State.open(state.path, store_key)
    assert not state.path.exists()
    with fails("keystore.missing"):
        database.connect(state.path)


def test_an_existing_one_is_never_overwritten(state: State, store_key: bytes):
    state.put("values", "cursor", b"12")
    with fails("keystore.exists"):
        State.create(state.path, store_key)
    assert state.get("values", "cursor") == b"12"


def test_a_newer_schema_is_told_from_damage(state: State, store_key: bytes):
    raw(state.path, f"PRAGMA application_id={database.APPLICATION_ID + 2}")
    raw(state.path, "PRAGMA user_version=2")
    with fails("keystore.version"):
        State.open(state.path, store_key)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1000])
def test_what_is_no_state_database_is_damaged(folder: Path, store_key: bytes, content: bytes):
    path = folder / "state.db"
    path.write_bytes(content)
    path.chmod(0o600)
    with fails("keystore.damaged"):
        State.open(path, store_key)
    assert path.read_bytes() == content


def test_a_database_that_others_may_read_is_not_opened(state: State, store_key: bytes):
    state.path.chmod(0o644)
    with fails("keystore.permissions"):
        State.open(state.path, store_key)


def test_a_flipped_byte_is_told_or_changes_nothing(state: State, store_key: bytes, tmp_path: Path):
    expected = [(f"subject/{number:02}", os.urandom(60)) for number in range(40)]
    for name, value in expected:
        state.put("pins", name, value)
    state.put("values", "large", bytes(9000))
    state.close()
    whole = state.path.read_bytes()
    told = 0
    # Every byte of the header, and a sample of all others.
    for position in [*range(100), *range(101, len(whole), 61)]:
        damaged = bytearray(whole)
        damaged[position] ^= 1 << position % 8
        path = tmp_path / f"{position}.db"
        path.write_bytes(damaged)
        path.chmod(0o600)
        try:
            with closing(State.open(path, store_key)) as opened:
                assert opened.items("pins") == expected
                assert [opened.get("pins", name) for name, _ in expected] == [value for _, value in expected]
                assert opened.get("values", "large") == bytes(9000)
                opened.put("values", "still", b"writable")
        except DamagedError:
            told += 1
            assert path.read_bytes() == damaged
        path.unlink()
    assert told > 100


def test_a_transaction_is_stored_whole_or_not_at_all(state: State):
    def fail_late() -> None:
        with state.transaction() as transaction:
            transaction.put("pins", "a", b"1")
            transaction.put("seen", "b", b"2")
            assert transaction.get("pins", "a") == b"1"
            raise KeyError

    with pytest.raises(KeyError):
        fail_late()
    assert state.items("pins") == state.items("seen") == []
    with state.transaction() as transaction:
        transaction.put("pins", "a", b"1")
        with transaction.transaction() as inner:
            inner.put("seen", "b", b"2")
    assert state.items("pins") + state.items("seen") == [("a", b"1"), ("b", b"2")]


def test_others_see_a_transaction_when_it_ended(state: State):
    with state.transaction() as transaction:
        transaction.put("pins", "a", b"1")
        assert state.get("pins", "a") is None
    assert state.get("pins", "a") == b"1"


def test_a_transaction_is_of_no_use_after_its_end(state: State):
    with state.transaction() as transaction:
        transaction.put("pins", "a", b"1")
    with pytest.raises(RuntimeError):
        transaction.put("pins", "a", b"2")
    state.close()
    with pytest.raises(RuntimeError):
        state.get("pins", "a")


def test_an_error_that_the_body_swallowed_still_undoes_the_transaction(state: State):
    def body() -> None:
        with state.transaction() as transaction:
            transaction.put("pins", "a", b"1")
            try:
                transaction._run("INSERT INTO nowhere VALUES (1)")
            except KeystoreError:
                transaction.put("pins", "b", b"2")

    with fails("keystore.damaged"):
        body()
    assert state.items("pins") == []


def test_who_waits_too_long_is_told_so(state: State, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "WAIT", 0.05)
    with state.transaction() as transaction:
        transaction.put("pins", "a", b"1")
        with fails("keystore.busy"):
            state.put("pins", "b", b"2")
        assert state.get("pins", "b") is None
    assert state.items("pins") == [("a", b"1")]


def test_two_tasks_of_one_thread_never_share_a_transaction(state: State, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "WAIT", 0.05)

    async def careless(entered: asyncio.Event, leave: asyncio.Event) -> None:
        with state.transaction() as transaction:
            transaction.put("pins", "a", b"1")
            entered.set()
            await leave.wait()
            raise KeyError

    async def main() -> None:
        entered, leave = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(careless(entered, leave))
        await entered.wait()
        with pytest.raises(BusyError):
            state.put("pins", "b", b"2")
        leave.set()
        with pytest.raises(KeyError):
            await task

    asyncio.run(main())
    assert state.items("pins") == []


def test_threads_lose_no_update(state: State):
    start = threading.Barrier(8)

    def count(who: int) -> None:
        start.wait()
        for number in range(25):
            with state.transaction() as transaction:
                now = int(transaction.get("values", "count") or b"0")
                transaction.put("values", "count", str(now + 1).encode())
                transaction.put("values", f"{who}/{number}", b"x")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(8)))
    assert state.get("values", "count") == b"200"
    assert len(state.items("values")) == 201


def test_a_full_disk_stores_nothing_and_says_so(state: State):
    state.put("values", "before", b"kept")

    def fill() -> None:
        with state.transaction() as transaction:
            transaction._run("PRAGMA max_page_count=12")
            transaction.put("spool", "large", os.urandom(500_000))

    with fails("keystore.storage"):
        fill()
    assert state.get("values", "before") == b"kept"
    assert state.get("spool", "large") is None


def test_a_misspelt_table_is_refused(state: State):
    for call in (state.get, state.delete):
        with pytest.raises(ValueError, match="pinns"):
            call("pinns", "a")
    with pytest.raises(ValueError, match="pinns"):
        state.put("pinns", "a", b"")
    with pytest.raises(ValueError, match="pinns"):
        state.items("pinns")


def test_what_is_too_large_belongs_in_the_spool(state: State):
    with pytest.raises(ValueError, match="spool"):
        state.put("spool", "a", bytes(MAX_VALUE_BYTES + 1))


def test_a_copy_of_the_three_files_is_a_backup(state: State, store_key: bytes, tmp_path: Path):
    state.put("pins", "a", b"1")
    copy = tmp_path / "copy"
    shutil.copytree(state.path.parent, copy)
    with closing(State.open(copy / "state.db", store_key)) as opened:
        assert opened.get("pins", "a") == b"1"
