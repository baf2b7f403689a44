"""Looking for a text or a key in everything on a relay's side: its files, what it printed, and its memory.

A text is looked for in every spelling in which software keeps or passes text on. `tests/e2e/test_canary.py` shows of
each spelling and of each place that what is there is found.
"""

import base64
import json
import os
import subprocess
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from servers.databases import stored_bytes
from zegel_demo.relay_process import RelayProcess

GCORE = "/usr/bin/gcore"
CHUNK = 1 << 20


def spellings(text: str) -> dict[str, bytes]:
    """Return the bytes of a text in each spelling, by the name of the spelling.

    Each composition of its letters (NFC, NFD), as it is and as JSON escapes it, in the encodings that texts have on
    disks and in Python's memory, and each of these in hex and in base64.
    """
    found: dict[str, bytes] = {}
    for form in ("NFC", "NFD"):
        words = unicodedata.normalize(form, text)
        escaped = json.dumps(words)[1:-1]
        for name, spelt in ((form, words), (f"{form} JSON", escaped)):
            for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "latin-1"):
                try:
                    raw = spelt.encode(encoding)
                except UnicodeEncodeError:
                    continue
                found |= {f"{name} {encoding}{how}": data for how, data in wrapped(raw).items()}
                if encoding == "utf-8":
                    found |= {f"{name} {encoding}{how}": data for how, data in wrapped_twice(raw).items()}
    distinct: dict[bytes, str] = {}
    for name, data in found.items():
        distinct.setdefault(data, name)
    return {name: data for data, name in distinct.items()}


def wrapped(raw: bytes) -> dict[str, bytes]:
    """Return bytes as they are, in hex, and in base64 and base64url at each alignment."""
    found = {"": raw, " hex": raw.hex().encode(), " HEX": raw.hex().upper().encode()}
    for shift in range(3):
        once = in_base64(raw, shift)
        found[f" base64+{shift}"] = once
        found[f" base64url+{shift}"] = urlsafe(once)
    return found


def wrapped_twice(raw: bytes) -> dict[str, bytes]:
    """Return bytes as a signed envelope would hold them: it is base64 of JSON, in which binary is base64url."""
    return {
        f" base64url+{shift} base64+{again}": in_base64(urlsafe(in_base64(raw, shift)), again)
        for shift in range(3)
        for again in range(3)
    }


def in_base64(raw: bytes, shift: int) -> bytes:
    """Return how `raw` looks inside the base64 of more, where `shift` bytes (modulo 3) stand before it."""
    text = base64.b64encode(bytes(shift) + raw).rstrip(b"=")
    # The first and last character also hold bits of what stands around.
    begin = (0, 2, 3)[shift]
    return text[begin:] if (shift + len(raw)) % 3 == 0 else text[begin:-1]


def urlsafe(text: bytes) -> bytes:
    """Return base64 in the URL-safe alphabet."""
    return text.translate(bytes.maketrans(b"+/", b"-_"))


def found_in(needles: Mapping[str, bytes], places: Mapping[str, bytes]) -> list[str]:
    """Return where something is found: the place and the spelling."""
    return [f"{place}: {name}" for place, data in places.items() for name, needle in needles.items() if needle in data]


def files_of(relay: RelayProcess) -> dict[str, bytes]:
    """Return every file in the relay's folder (database, its -wal and -shm, blobs, log, keys), and their names.

    With what a database server keeps of it, where it has one.
    """
    paths = sorted(path for path in relay.folder.rglob("*") if path.is_file())
    found = {str(path.relative_to(relay.folder)): path.read_bytes() for path in paths}
    return found | {"names": "\n".join(found).encode()} | stored_bytes(relay)


def printed_by(relay: RelayProcess) -> bytes:
    """Return what a running relay wrote to standard output after the line that says where it listens."""
    if relay._process is None or relay._process.stdout is None:
        raise RuntimeError("the relay does not run")
    output = relay._process.stdout.fileno()
    os.set_blocking(output, False)
    said = bytearray()
    try:
        while piece := os.read(output, CHUNK):
            said += piece
    except BlockingIOError:
        pass
    finally:
        os.set_blocking(output, True)
    return bytes(said)


def memory_of(process: int, folder: Path) -> bytes:
    """Return the memory of a process: a core dump, or where none can be made, what /proc shows of it.

    Either needs to be its owner or root. Raises `RuntimeError` when neither gives anything.
    """
    return dumped(process, folder) or read_from_proc(process)


def dumped(process: int, folder: Path) -> bytes:
    """Return a core dump of a process that goes on running; nothing where it can't be traced."""
    target = folder / "core"
    command = [GCORE, "-o", os.fspath(target), str(process)]
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=120)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return b""
    core = target.with_name(f"{target.name}.{process}")
    if done.returncode != 0 or not core.exists():
        return b""
    data = core.read_bytes()
    core.unlink()
    return data


def read_from_proc(process: int) -> bytes:
    """Return all memory of a process that may be written to, as /proc/PID/mem gives it."""
    found = bytearray()
    regions = _writable(Path(f"/proc/{process}/maps").read_text(encoding="ascii", errors="replace").splitlines())
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for start, end in regions:
            try:
                memory.seek(start)
                while start < end and (piece := memory.read(min(CHUNK, end - start))):
                    found += piece
                    start += len(piece)
            except OSError:
                # A page that was never touched, or that belongs to a device.
                continue
    if not found:
        raise RuntimeError("the memory of this process can't be read: run the tests as its owner, or as root")
    return bytes(found)


def _writable(lines: Iterable[str]) -> list[tuple[int, int]]:
    regions = []
    for line in lines:
        span, rights = line.split()[:2]
        if rights.startswith("rw"):
            start, _, end = span.partition("-")
            regions.append((int(start, 16), int(end, 16)))
    return regions
