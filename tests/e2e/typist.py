"""Somebody at a terminal: runs `zegel` as a process of its own, at one keystore, and reads what it says."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from zegel_demo.huis import PASSPHRASE

COMMAND = Path(sys.executable).parent / "zegel"


class Typist:
    """Types commands in `folder`, as the worker whose `keystore` it is."""

    def __init__(self, keystore: Path, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        secret = folder / "passphrase"
        secret.write_text(PASSPHRASE, "utf-8")
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "ZEGEL_KEYSTORE": str(keystore),
            "ZEGEL_PASSPHRASE_FILE": str(secret),
        }  # fmt: skip

    def begin(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """Start a command and return its process."""
        return subprocess.Popen(
            [COMMAND, *words], cwd=self.folder, env=self.environment, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            # Whoever runs the tests in the background may have it ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options,
        )  # fmt: skip

    def run(self, *words: str, given: str = "", exit_code: int = 0) -> tuple[str, str]:
        """Run a command to its end; return what it said on standard output and on standard error."""
        with self.begin(*words) as process:
            said, aside = process.communicate(given, timeout=60)
        assert process.returncode == exit_code, (words, said, aside)
        assert "Traceback" not in aside
        return said, aside

    def json(self, *words: str, given: str = "") -> dict[str, Any]:
        """Run a command and return its answer."""
        answer: dict[str, Any] = json.loads(self.run(*words, "--json", given=given)[0])
        return answer

    def fail(self, code: str, *words: str, given: str = "", exit_code: int = 1) -> dict[str, Any]:
        """Run a command that must fail with this code, and answer nothing; return what it said of it."""
        said, aside = self.run(*words, "--json", given=given, exit_code=exit_code)
        assert said == ""
        problem: dict[str, Any] = json.loads(aside.splitlines()[-1])
        assert problem["code"] == code, problem
        return problem
