"""A large file from one partner's disk to another's, beside the same bytes up and down through bare aiohttp."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec

from e2e.big_files import sparse_pdf
from zegel.steward.rules import digest_of_code, sign_rulebook
from zegel_bench import processes
from zegel_bench.anonymous import Growth
from zegel_bench.servers import FloorProcess, Pair
from zegel_bench.town import RECIPIENT, Town
from zegel_protocol.padme import LARGEST_CONTENT
from zegel_protocol.rulebook.template import default_rules

CHUNK = 256 * 1024
MIB = 2**20


@dataclass(frozen=True)
class Carried:
    """Seconds of both ways of a file of `mib`, for Zegel and for bare aiohttp; and who grew by how many MiB."""

    mib: int
    send: float
    open: float
    raw_up: float
    raw_down: float
    growth: dict[str, float]


async def measure(pair: Pair, mib: int) -> Carried:
    """Carry a PDF of so many MiB, once each way. Raises `RuntimeError` when what arrives is not what was sent."""
    await _allow(pair.town)
    path, target = sparse_pdf(pair.folder / "dossier.pdf", mib * MIB), pair.folder / "opened.pdf"
    with pair.floor([1]) as floor:
        up, down = await _raw(floor, path, pair.folder / "raw.pdf")
    relay, family, members = pair.town.huis.relay, pair.town.families[0], pair.town.huis.members
    sender = members[family.sender.identity.partner].devices["first"]
    recipient = members[RECIPIENT].devices["first"]
    with Growth(relay.pid) as grown:
        sent = await processes.answer(
            "carrier", "send", str(sender), relay.address, family.household, family.person, str(path)
        )
        got = await processes.answer(
            "carrier", "open", str(recipient), relay.address, str(sent["manifest"]), str(target)
        )
    if _digest(path) != _digest(target):
        raise RuntimeError("another file arrived than was sent")
    growth = {"sender": sent["mib"], "relay": grown.mib, "recipient": got["mib"]}
    return Carried(mib, sent["seconds"], got["seconds"], up, down, growth)


async def _raw(floor: FloorProcess, path: Path, target: Path) -> tuple[float, float]:
    async with aiohttp.ClientSession() as session:
        begin = time.perf_counter()
        async with session.put(f"{floor.address}/file", data=_pieces(path)) as response:
            await response.read()
        up = time.perf_counter() - begin
        begin = time.perf_counter()
        async with session.get(f"{floor.address}/file") as response:
            with target.open("wb") as file:
                async for piece in response.content.iter_chunked(CHUNK):
                    file.write(piece)
        return up, time.perf_counter() - begin


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, CHUNK):
            yield piece


async def _allow(town: Town) -> None:
    """Put a rulebook in force that allows a file of any size with `money`."""
    huis, rules = town.huis, default_rules()
    categories = tuple(
        msgspec.structs.replace(item, file_bytes=LARGEST_CONTENT) if item.id == "money" else item
        for item in rules.categories
    )
    huis.rulebook = sign_rulebook(
        await huis.known(), huis.keys, huis.clock(), name="Huis", code_version="code-1",
        code_digest=digest_of_code(b"the code"), rules=msgspec.structs.replace(rules, categories=categories),
    )  # fmt: skip
    await huis.give(huis.rulebook)
    await huis.publish()


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
