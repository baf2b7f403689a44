"""npm's lock: exact versions, an integrity hash for each package, and no address to fetch it from."""

import json
import re

from interop.node import FOLDER

PACKAGE = json.loads((FOLDER / "package.json").read_text("utf-8"))
LOCK_TEXT = (FOLDER / "package-lock.json").read_text("utf-8")
LOCK = json.loads(LOCK_TEXT)


def test_the_lock_names_no_host():
    assert re.findall(r"://|registry|\"resolved\"", LOCK_TEXT) == []


def test_every_package_is_pinned_and_hashed():
    packages = {path: item for path, item in LOCK["packages"].items() if path}
    assert packages
    assert [path for path, item in packages.items() if not item["integrity"].startswith("sha512-")] == []
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in PACKAGE["dependencies"].values())
    assert PACKAGE["dependencies"] == LOCK["packages"][""]["dependencies"]


def test_nothing_runs_at_installation():
    assert [path for path, item in LOCK["packages"].items() if item.get("hasInstallScript")] == []
