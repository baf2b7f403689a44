"""The tables: migrations make what the models say, a database that does not fit is refused with a clear word."""

import asyncio
import stat
import traceback

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import IntegrityError

from zegel_relay.storage import database
from zegel_relay.storage.database import check_migrated, migrate, open_engine, open_sessions, writing
from zegel_relay.storage.errors import NotMigrated, StorageError
from zegel_relay.storage.models import Base, RefusalCount
from zegel_relay.storage.postgres import hold_log


@pytest.fixture
def url(database_url):
    """A database of the kind that this run is about."""
    return database_url


@pytest.fixture
async def engine(url):
    engine = open_engine(url)
    yield engine
    await engine.dispose()


async def code_of(awaitable, kind=NotMigrated):
    with pytest.raises(kind) as caught:
        await awaitable
    return caught.value.code


async def test_migrations_make_exactly_what_the_models_say(url, engine):
    await migrate(url)

    def differences(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, Base.metadata)

    def names(connection):
        return set(inspect(connection).get_table_names())

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(names) == {*Base.metadata.tables, "alembic_version"}
    await check_migrated(engine)


async def test_migrating_again_changes_nothing(url, engine):
    await migrate(url)
    async with writing(open_sessions(engine)) as session:
        session.add(RefusalCount(day="2026-11-24", code="x", count=1))
    await migrate(url)
    async with open_sessions(engine)() as session:
        assert await session.scalar(select(RefusalCount.count)) == 1


async def test_an_empty_an_older_and_a_newer_database_are_refused(url, engine, monkeypatch):
    assert await code_of(check_migrated(engine)) == "database.empty"
    await migrate(url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")
    assert await code_of(check_migrated(engine)) == "database.newer"
    assert await code_of(migrate(url)) == "database.newer"
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    monkeypatch.setattr("alembic.script.ScriptDirectory.get_current_head", lambda self: "0002")
    assert await code_of(check_migrated(engine)) == "database.older"


async def test_a_migration_that_fails_leaves_nothing(url, engine, monkeypatch):
    monkeypatch.setattr("alembic.op.create_index", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await migrate(url)
    assert await code_of(check_migrated(engine)) == "database.empty"
    async with engine.connect() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == []


@pytest.fixture
def file_url(tmp_path):
    return f"sqlite:///{tmp_path}/relay.sqlite3"


@pytest.fixture
async def file_engine(file_url):
    engine = open_engine(file_url)
    yield engine
    await engine.dispose()


async def test_a_file_that_is_no_database_is_told(tmp_path, file_url, file_engine):
    (tmp_path / "relay.sqlite3").write_bytes(b"not a database, at some length" * 100)
    assert await code_of(check_migrated(file_engine), StorageError) == "database.failed"
    assert await code_of(migrate(file_url), StorageError) == "database.failed"


async def test_the_file_is_its_owners_alone(tmp_path, file_url, file_engine):
    await migrate(file_url)
    async with writing(open_sessions(file_engine)) as session:
        session.add(RefusalCount(day="2026-11-24", code="x", count=1))
        await session.flush()
        files = list(tmp_path.glob("relay.sqlite3*"))
        assert {file.name for file in files} == {"relay.sqlite3", "relay.sqlite3-wal", "relay.sqlite3-shm"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


async def test_a_commit_reaches_the_disk(file_url, file_engine):
    await migrate(file_url)
    async with file_engine.connect() as connection:
        pragmas = {}
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete"):
            pragmas[name] = (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": database.BUSY_TIMEOUT_MS,
        "secure_delete": 1,
    }


async def test_writers_take_turns_and_readers_see_one_state(url, engine):
    await migrate(url)
    sessions = open_sessions(engine)
    days = select(RefusalCount.day)
    found = []

    async def write(name):
        async with writing(sessions) as session:
            await hold_log(session, shared=False)
            found.append(len(list(await session.scalars(days))))
            await asyncio.sleep(0.05)
            await session.execute(insert(RefusalCount).values(day=name, code="x", count=1))

    async with sessions() as reader:
        assert list(await reader.scalars(days)) == []
        await asyncio.gather(write("a"), write("b"))
        assert list(await reader.scalars(days)) == []
    assert found == [0, 1]
    async with sessions() as reader:
        assert sorted(await reader.scalars(days)) == ["a", "b"]


async def test_an_exception_takes_everything_back(url, engine):
    await migrate(url)
    sessions = open_sessions(engine)

    async def fail():
        async with writing(sessions) as session:
            await session.execute(insert(RefusalCount).values(day="a", code="x", count=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with sessions() as session:
        assert list(await session.scalars(select(RefusalCount.day))) == []


async def test_an_error_never_quotes_what_was_to_be_stored(url, engine):
    await migrate(url)

    async def twice():
        async with writing(open_sessions(engine)) as session:
            for _ in range(2):
                await session.execute(insert(RefusalCount).values(day="canary", code="x", count=1))

    with pytest.raises(IntegrityError, match=r"(?i)unique") as caught:
        await twice()
    assert "canary" not in f"{caught.value!s} {caught.value!r}"


@pytest.mark.parametrize(
    "url",
    [
        "", "relay.sqlite3", "sqlite://", "sqlite:///:memory:", "mysql://u:canary@host/db", "sqlite:///x?mode=memory",
        "a://[", "postgresql://u:canary@[/db", "postgresql://", "postgresql://u:canary@host", "postgres:///",
        "postgresql+asyncpg://u:canary@host/db",
    ],
)  # fmt: skip
def test_an_address_that_is_no_database_is_refused_and_not_quoted(url):
    with pytest.raises(StorageError) as caught:
        open_engine(url)
    assert caught.value.code == "database.url"
    assert "canary" not in "".join(traceback.format_exception(caught.value))
