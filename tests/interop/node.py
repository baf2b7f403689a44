"""Running the page's own formats and checks in Node.js, from the PATH, with the packages of the lock."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "portal"
OLDEST = 20
INSTALL = ("npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts")
BUILD = ("node", "build.mjs", "--vectors")
MEND = "`make test` sees to it (deploy/dev/node.sh); nothing was tried in JavaScript."


def prepare() -> None:
    """See that Node and the packages are there; else the test fails, and says what to do."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.fail(f"The interop tests need Node.js {OLDEST} or later, and npm. {MEND}")
    version = subprocess.run(("node", "--version"), capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").split(".")[0]) < OLDEST:
        pytest.fail(f"The interop tests need Node.js {OLDEST} or later, and this is {version.strip()}. {MEND}")
    if not (FOLDER / "node_modules").is_dir():
        done = subprocess.run(INSTALL, cwd=FOLDER, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"`npm ci` did not install the packages of portal/. {MEND}\n{done.stderr}")
    built = subprocess.run(BUILD, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr


def run(script: str, argument: Path) -> Any:
    """Return the JSON that a script of `vectors/` prints, once `prepare` built it."""
    done = subprocess.run(
        ("node", f"build/{script}", str(argument)), cwd=FOLDER, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
