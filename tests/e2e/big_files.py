"""Large files to send, most of them holes, and programs that send and open them in a process with little memory."""

import asyncio
import hashlib
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from e2e.families import complete
from e2e.world import OCMW, World
from zegel import Partner, Progress
from zegel.content.framing import file_prefix
from zegel.steward.rules import digest_of_code, sign_rulebook
from zegel_demo.huis import PASSPHRASE, system_clock
from zegel_protocol.padme import LARGEST_CONTENT
from zegel_protocol.rulebook.template import default_rules

MIB = 1024 * 1024
_PIECE = 4 * MIB


def sparse_pdf(path: Path, size: int) -> Path:
    """Write a PDF of `size` bytes whose one stream is mostly a hole, and different in each mebibyte of the first 64."""
    head = b"%PDF-1.7\n1 0 obj\n<< /Filter /DCTDecode /Length 0 >>\nstream\n"
    tail = b"\nendstream\nendobj\ntrailer\n<< >>\nstartxref\n0\n%%EOF\n"
    with path.open("wb") as file:
        file.write(head)
        for number in range(min(64, size // MIB - 1)):
            file.seek(number * MIB + 512)
            file.write(f"mebibyte {number}".encode())
        file.seek(size - len(tail))
        file.write(tail)
    return path


def largest_size(name: str) -> int:
    """Return how many bytes a PDF of that name has whose section is as large as any section can be."""
    return LARGEST_CONTENT - len(file_prefix(name, "application/pdf"))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


async def allow_large_files(world: World) -> None:
    """Put a rulebook in force that allows files of any size with `money`."""
    rules = default_rules()
    categories = tuple(
        msgspec.structs.replace(item, file_bytes=LARGEST_CONTENT) if item.id == "money" else item
        for item in rules.categories
    )
    known, keys = await world.huis.known(), world.huis.keys
    world.huis.rulebook = sign_rulebook(
        known, keys, world.huis.clock(), name="Huis", code_version="code-1", code_digest=digest_of_code(b"the code"),
        rules=msgspec.structs.replace(rules, categories=categories),
    )  # fmt: skip
    await world.huis.give(world.huis.rulebook)
    await world.huis.publish()


class Outcome(NamedTuple):
    """What a program did: seconds of each stage, the bytes of the first report of each, a digest or a manifest, and the
    bytes that it holds of its own (`VmData`: what the limit is on)."""

    stages: dict[str, float]
    began: dict[str, int]
    result: str
    memory: int


def send_file(
    folder: Path, relay: str, family: tuple[str, str], path: Path, memory: int, kill_at: float, results: Any
) -> None:
    """Send a file here, under a limit of `memory` bytes (0: none); die by SIGKILL at that part of the upload."""
    _limit(memory)
    watch = _Watch(kill_at)

    async def run() -> str:
        async with await Partner.connect(folder, PASSPHRASE, relay=relay) as partner:
            draft = partner.referral(OCMW, family[0], [family[1]])
            complete(draft, system_clock())
            draft.file("money", path)
            return (await partner.send(draft, watch.see)).manifest

    results.put(watch.outcome(asyncio.run(run())))


def open_file(folder: Path, relay: str, manifest: str, target: Path, memory: int, results: Any) -> None:
    """Open a message's file in this process, under a limit of `memory` bytes, and save it at `target`."""
    _limit(memory)
    watch = _Watch(2.0)

    async def run() -> str:
        async with await Partner.connect(folder, PASSPHRASE, relay=relay) as partner:
            message = await partner.open(manifest, watch.see)
            (section,) = [item for item in message.sections if item.name is not None]
            section.save(target)
            message.close()
            await partner.acknowledge(message)
            return digest_of(target)

    results.put(watch.outcome(asyncio.run(run())))


class _Watch:
    """Notes how long each stage took, and ends this process in the middle of an upload if it is to."""

    def __init__(self, kill_at: float) -> None:
        self._kill_at = kill_at
        self._began: dict[str, int] = {}
        self._times: dict[str, tuple[float, float]] = {}

    def see(self, progress: Progress) -> None:
        now = asyncio.get_running_loop().time()
        self._began.setdefault(progress.stage, progress.done)
        self._times[progress.stage] = (self._times.get(progress.stage, (now, now))[0], now)
        if progress.stage == "uploading" and progress.done >= self._kill_at * progress.total:
            os.kill(os.getpid(), signal.SIGKILL)

    def outcome(self, result: str) -> Outcome:
        return Outcome({name: end - begin for name, (begin, end) in self._times.items()}, self._began, result, _held())


def at_part(part: float, act: Callable[[], None], stage: str) -> Callable[[Progress], None]:
    """Return a progress callback that acts once, when that part of a stage is done."""
    left = [act]

    def see(progress: Progress) -> None:
        if left and progress.stage == stage and progress.done >= part * progress.total:
            left.pop()()

    return see


def _held() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:"))


def _limit(memory: int) -> None:
    # What a process allocates; a file that is mapped for reading is the system's cache, not its memory.
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
