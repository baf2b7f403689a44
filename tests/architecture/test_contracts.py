"""The import contracts of `pyproject.toml` hold, and each is seen to catch what it is there for.

That the relay cannot read rests on one of them, so a contract that had silently stopped checking would be worse than
none: a copy of the packages with one forbidden import has to be refused by it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from architecture.source_tree import PACKAGES, ROOT

LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def lint_imports(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages under `root`, and on those alone."""
    paths = os.pathsep.join(str(root / folder.relative_to(ROOT).parent) for folder in PACKAGES.values())
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--config", ROOT / "pyproject.toml", *options],
        cwd=root,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    """A copy of the four packages, to put a forbidden import into."""
    for folder in PACKAGES.values():
        shutil.copytree(folder, tmp_path / folder.relative_to(ROOT), ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_contracts_hold():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        ("houses", "keys/zegel_keys/intruder.py", "import zegel_relay"),
        ("houses", "protocol/zegel_protocol/intruder.py", "import zegel_keys"),
        ("houses", "client_sdk/zegel/intruder.py", "import zegel_relay"),
        ("houses", "relay/zegel_relay/intruder.py", "import zegel"),
        ("cannot-read", "relay/zegel_relay/intruder.py", "import zegel_keys.opening"),
        ("cannot-read", "relay/zegel_relay/intruder.py", "from zegel_keys import keystore"),
        ("pure", "protocol/zegel_protocol/intruder.py", "from os import urandom"),
        ("pure", "protocol/zegel_protocol/intruder.py", "import nacl.utils"),
        ("keys-offline", "keys/zegel_keys/intruder.py", "import socket"),
        ("light", "client_sdk/zegel/intruder.py", "import sqlalchemy"),
        ("light", "keys/zegel_keys/intruder.py", "import redis"),
        ("no-demo", "relay/zegel_relay/intruder.py", "import zegel_demo"),
        ("relay-floors", "relay/zegel_relay/storage/intruder.py", "import zegel_relay.services"),
        ("relay-floors", "relay/zegel_relay/services/intruder.py", "import zegel_relay.api"),
        ("relay-floors", "relay/zegel_relay/services/intruder.py", "import zegel_relay.notify.ping"),
        ("contact-key", "relay/zegel_relay/services/intruder.py", "from zegel_relay import contact_key"),
        ("contact-key", "relay/zegel_relay/api/intruder.py", "from zegel_keys.contact_box import ContactKeyPair"),
        ("celery", "relay/zegel_relay/outbox/intruder.py", "import celery"),
    ],
)
def test_a_forbidden_import_is_caught(copy, contract, module, line):
    (copy / module).write_text(line + "\n", "utf-8")
    assert "0 kept, 1 broken" in lint_imports(copy, "--contract", contract).stdout


def test_the_relay_cannot_read_through_another_module(copy):
    (copy / "keys/zegel_keys/passage.py").write_text("import zegel_keys.opening\n", "utf-8")
    (copy / "relay/zegel_relay/intruder.py").write_text("import zegel_keys.passage\n", "utf-8")
    assert "0 kept, 1 broken" in lint_imports(copy, "--contract", "cannot-read").stdout
