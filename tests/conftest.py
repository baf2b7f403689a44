"""What every test shares: the Hypothesis profiles, and the database. Helpers of one kind of test live beside those."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from servers.databases import Databases, PostgresDatabases, SqliteDatabases
from servers.mail import MailServer
from servers.redis import Redis
from zegel_demo.relay_process import RelayProcess

# A deadline would measure the machine. In CI the examples are the same on every run, so that a failure there is one
# of the change; at a desk they vary, and what they found is kept.
settings.register_profile("desk", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True, database=None, print_blob=True)
# By hand, before a release: HYPOTHESIS_PROFILE=long
settings.register_profile("long", deadline=None, max_examples=5000)

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "desk"))


LONGEST_ID = 24


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the caller choose what relays keep their data in."""
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite", help="what relays keep data in")


@pytest.fixture(scope="session", autouse=True)
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Give every relay of this run a database of the chosen kind; on Postgres, of one server a test process."""
    chosen = SqliteDatabases() if request.config.getoption("--database") == "sqlite" else PostgresDatabases()
    RelayProcess.databases = chosen
    yield chosen
    RelayProcess.databases = None
    chosen.close()


@pytest.fixture(scope="session")
def postgres_databases(databases: Databases) -> Iterator[PostgresDatabases]:
    """Databases of a real Postgres, whatever this run is about. Not for a test that stops the server."""
    if isinstance(databases, PostgresDatabases):
        yield databases
        return
    own = PostgresDatabases()
    yield own
    own.close()


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A running Redis of the test's own, which it may stop and kill."""
    server = Redis()
    server.start()
    yield server
    server.close()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A running mail server of the test's own."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database_url(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a new database without tables."""
    return databases.empty(tmp_path_factory.mktemp("database"))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes and long text by their parameter.

    Keys and codes are made anew for each run: as part of a test's name they would differ between two workers, which
    pytest-xdist refuses, and would stand in reports.
    """
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_ID) else None
