"""Running the other implementation: Node.js from the PATH, with the packages of the lock."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parent
OLDEST = 20
INSTALL = ("npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts")
MEND = "`make test` sees to it (deploy/dev/node.sh); nothing was tried in JavaScript."


def prepare() -> None:
    """See that Node and the packages are there; else the test fails, and says what to do."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.fail(f"The interop tests need Node.js {OLDEST} or later, and npm. {MEND}")
    version = subprocess.run(("node", "--version"), capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").split(".")[0]) < OLDEST:
        pytest.fail(f"The interop tests need Node.js {OLDEST} or later, and this is {version.strip()}. {MEND}")
    if (FOLDER / "node_modules").is_dir():
        return
    done = subprocess.run(INSTALL, cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"`npm ci` did not install the packages of tests/interop. {MEND}\n{done.stderr}")


def run(script: str, argument: Path) -> Any:
    """Return the JSON that a script of `src/` prints."""
    done = subprocess.run(
        ("node", f"src/{script}", str(argument)), cwd=FOLDER, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
