"""Attack 15: a page that is not the one that the directory lists, served by a relay process as a browser gets it."""

import asyncio
import json
import os
import subprocess
import sys

import aiohttp
import pytest

from e2e.world import open_huis
from servers.built_page import build_page, digest
from zegel_demo.huis import PASSPHRASE

ZEGEL = [sys.executable, "-c", "from zegel.cli import main; main()"]
STOLEN = b"fetch('/v1/keyring').then((answer) => answer.text());\n"


class Steward:
    """A Huis whose relay serves a page, and the steward's commands."""

    def __init__(self, huis, page):
        self.huis, self.page, self.folder = huis, page, huis.folder / "steward"
        self.passphrase = huis.folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE + "\n")

    async def run(self, *words):
        """Run a command of the steward's to its end; return its exit code, its answer, and its error."""
        clean = {name: text for name, text in os.environ.items() if not name.startswith("ZEGEL_")}
        done = await asyncio.to_thread(
            subprocess.run, [*ZEGEL, "steward", *map(str, words), "--json"], capture_output=True, text=True,
            env=clean | {"ZEGEL_PASSPHRASE_FILE": str(self.passphrase)}, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout or "{}"), json.loads(done.stderr or "{}")

    async def check(self, *more):
        return await self.run("portal", "check", self.huis.relay.address, *(more or ("--folder", self.folder)))

    async def publish(self, *bundles):
        named = [word for bundle in bundles for word in ("--bundle", bundle)]
        code, _, error = await self.run("publish", "--folder", self.folder, "--relay", self.huis.relay.address, *named)
        assert code == 0, error

    def serve_again(self):
        """Start the relay anew: it reads its files once."""
        self.huis.relay.stop()
        self.huis.relay.start()


@pytest.fixture
async def steward(tmp_path):
    page = tmp_path / "page"
    build_page(page)
    huis = await open_huis(tmp_path / "huis", ZEGEL_SHELL_FOLDER=str(page))
    yield Steward(huis, page)
    huis.stop()


def tamper(page, *, told):
    """Put another script in the place of the page's own; `told`: also into the list of files, under its old name."""
    path = next((page / "assets").glob("app-*.js"))
    path.write_bytes(STOLEN)
    if told:
        listed = json.loads((page / "files.json").read_text())
        listed[f"assets/{path.name}"] = digest(STOLEN)
        (page / "files.json").write_text(json.dumps(listed))
    return f"/assets/{path.name}"


def found(error):
    assert error["code"] == "page.differs", error
    return {(item["code"], item["path"]) for item in error["differences"]}


async def test_attack_15_a_script_that_the_directory_does_not_list_is_found_from_outside(steward):
    assert (await steward.check())[2]["code"] == "page.unsigned"
    await steward.publish(steward.page)
    code, answer, _ = await steward.check()
    assert (code, answer["files"]) == (0, 5)
    # Whoever is not the steward needs the id of the Huis alone.
    assert (await steward.check("--huis", steward.folder / "huis.json"))[0] == 0

    script = tamper(steward.page, told=True)
    steward.serve_again()
    code, _, error = await steward.check("--huis", steward.folder / "huis.json")
    assert code == 1
    assert found(error) == {("page.digest", script), ("page.digest", "/files.json"), ("page.missing", "")}
    async with aiohttp.ClientSession() as browser, browser.get(steward.huis.relay.address + script) as answer:
        # This relay really serves it, so that what was found is what a family would have been given.
        assert await answer.read() == STOLEN


async def test_attack_15_an_index_that_loads_another_script_is_found_from_outside(steward):
    await steward.publish(steward.page)
    index = steward.page / "index.html"
    index.write_text(index.read_text().replace("</head>", '<script src="/assets/more.js"></script></head>'))
    listed = json.loads((steward.page / "files.json").read_text())
    (steward.page / "assets" / "more.js").write_bytes(STOLEN)
    listed |= {"index.html": digest(index.read_bytes()), "assets/more.js": digest(STOLEN)}
    (steward.page / "files.json").write_text(json.dumps(listed))
    steward.serve_again()
    code, _, error = await steward.check()
    assert code == 1
    assert {("page.digest", "/"), ("page.digest", "/enrol"), ("page.digest", "/assets/more.js")} <= found(error)


async def test_attack_15_the_relay_itself_serves_no_file_that_differs_from_its_own_list(steward):
    await steward.publish(steward.page)
    script = tamper(steward.page, told=False)
    steward.serve_again()
    code, _, error = await steward.check()
    assert (code, found(error)) == (1, {("page.list", "/files.json")})
    async with aiohttp.ClientSession() as browser, browser.get(steward.huis.relay.address + script) as answer:
        assert answer.status == 404


async def test_the_digests_are_the_same_of_the_folder_and_of_what_is_served(steward):
    _, of_folder, _ = await steward.run("portal", "digests", steward.page)
    _, served, _ = await steward.run("portal", "digests", steward.huis.relay.address)
    assert of_folder == served
    await steward.publish(*of_folder["bundles"])
    assert (await steward.check())[0] == 0
    await steward.publish()
    assert (await steward.check())[0] == 0
