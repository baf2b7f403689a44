"""Starting what is measured as processes of their own, and watching what they use."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from zegel_demo import child_process

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """Return the environment of a process of the bench: no setting of a relay leaks in."""
    paths = os.pathsep.join([str(ROOT / "bench"), str(ROOT / "tests")])
    return child_process.without_settings() | {"PYTHONPATH": paths}


def begin(module: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a module of the bench that prints JSON lines."""
    command = [sys.executable, "-m", f"zegel_bench.{module}", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())


def first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return the first line that a process prints. Raises `RuntimeError` when it ended without any."""
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise RuntimeError(f"{process.args!r} ended with {process.wait()}")
    found: dict[str, Any] = json.loads(line)
    return found


async def answer(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module of the bench to its end; return what it printed. Raises `RuntimeError` when it failed."""
    process = begin(module, *arguments)
    try:
        output, _ = await asyncio.to_thread(process.communicate)
    except BaseException:
        end(process)
        raise
    if process.returncode != 0:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
    found: dict[str, Any] = json.loads(output)
    return found


def end(process: subprocess.Popen[str]) -> None:
    """End a process that was started here, wait for it, and close what it printed to."""
    child_process.end(process, signal.SIGTERM, 20)
    if process.stdout is not None:
        process.stdout.close()


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and its children so far, in seconds."""
    total = 0.0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        times = process.cpu_times()
        total += times.user + times.system
    return total
