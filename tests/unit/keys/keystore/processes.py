"""What other processes do to a keystore: write to it, hold it, die in the middle of changing it.

Run with multiprocessing's spawn, so that each starts from nothing; forks happen in here only, where there is no thread.
"""

import multiprocessing
import os
import resource
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from unit.keys.keystore.examples import OTHER, PASSPHRASE, identity
from zegel_keys.keystore import prekeys
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.errors import KeystoreError
from zegel_keys.keystore.state import State

SPAWN = multiprocessing.get_context("spawn")
WRITES = 100
ELSEWHERE = "https://elsewhere.example"


def start(target: Callable[..., None], *arguments: Any) -> Any:
    process = SPAWN.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def ended_well(*processes: Any) -> bool:
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes] == [0] * len(processes)


def write_values(folder: Path, who: str, go: Any) -> None:
    with Keystore.open(folder, PASSPHRASE) as keystore:
        go.wait(30)
        for number in range(WRITES):
            with keystore.state.transaction() as transaction:
                transaction.put("values", f"{who}/{number}", str(number).encode())
                count = int(transaction.get("values", "count") or b"0")
                transaction.put("values", "count", str(count + 1).encode())
            keystore.state.add("seen", f"message/{number}", who.encode())
        prekeys.ensure_periods(keystore.state, 1_800_000_000)


def hold(folder: Path, held: Any, release: Any) -> None:
    with Keystore.open(folder, PASSPHRASE) as keystore, keystore.exclusive():
        held.set()
        release.wait(30)


def open_in_little_memory(folder: Path, codes: Any) -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = used + 100 * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        Keystore.open(folder, PASSPHRASE).close()
    except KeystoreError as error:
        codes.put(error.code)
    else:
        codes.put("opened")


def die_at_every_step(template: Path, change: str, steps: Any) -> None:
    """Do `change` to copies of `template`, killed before the first file operation, the second, ..., until it ends.

    Copies are `<template>-0` and so on; how many deaths there were is put on `steps`.
    """
    step = 0
    while True:
        folder = template.with_name(f"{template.name}-{step}")
        if template.exists():
            shutil.copytree(template, folder)
        child = os.fork()
        if child == 0:
            _kill_before(step)
            _change(folder, change)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            steps.put(step)
            return
        step += 1


def use_after_fork(path: Path, store_key: bytes) -> None:
    """Use one opened state in a parent and its forked child."""
    state = State.open(path, store_key)
    state.put("values", "parent", b"before")
    child = os.fork()
    if child == 0:
        inherited = list(state._idle)
        for number in range(20):
            state.put("values", f"child/{number}", b"x")
        # SQLite forbids both: using a connection that crossed a fork, and closing it.
        used = [connection for connection in state._idle if connection in inherited]
        kept = [connection for connection in state._inherited if connection in inherited]
        state.close()
        os._exit(0 if inherited and not used and kept == inherited else 1)
    for number in range(20):
        state.put("values", f"parent/{number}", b"x")
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise RuntimeError("the child failed")
    state.put("values", "parent", b"after")
    state.close()


def _change(folder: Path, change: str) -> None:
    if change == "create":
        Keystore.create(folder, PASSPHRASE, identity(), cost="interactive")
        return
    with Keystore.open(folder, PASSPHRASE) as keystore, keystore.exclusive() as custody:
        if change == "passphrase":
            custody.change_passphrase(PASSPHRASE, OTHER, cost="interactive")
        else:
            custody.replace_identity(replace(keystore.identity, relay=ELSEWHERE))


def _kill_before(step: int) -> None:
    """Have this process killed before file operation number `step`: force to disk, rename, remove."""
    left = step

    def counted(operation: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return operation(*arguments, **options)

        return run

    os.fsync = counted(os.fsync)
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]
    Path.unlink = counted(Path.unlink)  # type: ignore[method-assign]
