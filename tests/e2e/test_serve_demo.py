"""`make serve-demo` without a terminal: it says where the page is, keeps it up, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest

from zegel_demo.child_process import without_settings

SECONDS = 120
ADDRESS = re.compile(r"http://localhost:\d+/$")
CODE = re.compile(r"(Elif|Emre) +([0-9A-Z]{4}(?:-[0-9A-Z]{4}){6})")


def told(process, log, pattern):
    """Wait until the program's words have a line that ends so; return all of its words."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        words = log.read_text("utf-8")
        if any(pattern.search(line.strip(" │")) for line in words.splitlines()):
            return words
        assert process.poll() is None, words
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stays_up_without_a_terminal_and_ends_cleanly(tmp_path, number):
    log = tmp_path / "log"
    environment = without_settings() | {"TMPDIR": os.fspath(tmp_path), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "zegel_demo.serve"], stdin=subprocess.DEVNULL, stdout=words, stderr=words,
            env=environment, start_new_session=True,
        )  # fmt: skip
    try:
        said = told(process, log, re.compile("/enrol#"))
        address = next(filter(None, map(ADDRESS.search, (line.strip(" │") for line in said.splitlines())))).group()
        assert {name for name, _ in CODE.findall(said)} == {"Elif", "Emre"}
        with urllib.request.urlopen(f"{address}code") as answer:
            assert answer.status == 200
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
        assert not any(child.is_running() for child in children)
        assert sorted(tmp_path.iterdir()) == [log]
        assert "Traceback" not in log.read_text("utf-8")
    finally:
        if process.poll() is None:
            process.kill()
