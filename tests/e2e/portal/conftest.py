"""Fixtures of the family's page in a real browser: one browser, one build and one Huis for the tests of a module."""

import os
import shutil
from pathlib import Path

import pytest
import pytest_asyncio

from e2e.portal.browser import CHROMIUM, open_browser
from e2e.portal.house import House
from e2e.portal.seeing import come_in, open_portal
from e2e.portal.shell_build import PORTAL, build_driver, build_page

MEND = "`make test` sees to it (deploy/dev/system-packages.sh, deploy/dev/node.sh); no page was tried."


def _require_tools():
    """Fail where the browser or the page's build tools are not there, and say what to do."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"The page's tests need Chromium. {MEND}")
    if shutil.which("node") is None or not (PORTAL / "node_modules").is_dir():
        pytest.fail(f"The page's tests need Node.js and the packages of portal/. {MEND}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    """A browser without a window."""
    _require_tools()
    async with open_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def driver_shell(tmp_path_factory):
    """The client alone, for tests that drive it."""
    return build_driver(tmp_path_factory.mktemp("driver"))


@pytest.fixture(scope="session")
def page_shell():
    """The page as it is shipped: built here, or where `ZEGEL_TEST_SHELL` says that it was built before."""
    built = os.environ.get("ZEGEL_TEST_SHELL")
    return Path(built) if built else build_page()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory, browser, driver_shell):
    """A running Huis at whose portal the client can be driven."""
    opened = await House.open(tmp_path_factory.mktemp("huis"), browser, driver_shell)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def portal(tmp_path_factory, browser, page_shell):
    """A running Huis with the family's page as it is shipped."""
    opened = await House.open(tmp_path_factory.mktemp("huis"), browser, page_shell)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory, page_shell):
    """A Huis with its page, for all families here; the page stays as it is while others build theirs."""
    folder = tmp_path_factory.mktemp("portal")
    shutil.copytree(page_shell, folder / "shell")
    opened = await open_portal(folder / "huis", folder / "shell")
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def reader(browser, world):
    """The family of a test, `world`, at a page of their own; it threw nothing meanwhile."""
    opened = await come_in(browser, world)
    yield opened
    await opened.close()
    assert opened.device.trouble == []
