"""What all processes that are started here share: no setting of this process reaches them, and each is ended."""

import os
import signal
import subprocess


def without_settings() -> dict[str, str]:
    """Return this process's environment without what would set up a relay or a worker (`ZEGEL_*`)."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ZEGEL_")}


def end(process: subprocess.Popen[bytes] | subprocess.Popen[str], number: signal.Signals, seconds: float) -> int:
    """Send a signal and wait; whoever does not go within `seconds` is killed. Return the exit code."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait(timeout=seconds)
