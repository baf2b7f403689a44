"""npm's lock: exact versions, an integrity hash for each package, and no address to fetch it from."""

import json
import re

from interop.node import FOLDER, INSTALL

PACKAGE = json.loads((FOLDER / "package.json").read_text("utf-8"))
LOCK_TEXT = (FOLDER / "package-lock.json").read_text("utf-8")
LOCK = json.loads(LOCK_TEXT)
NODE_SCRIPT = (FOLDER.parent / "deploy/dev/node.sh").read_text("utf-8")


def test_the_lock_names_no_host():
    # Where a maker asks for support is theirs to say, and nothing is fetched from there.
    fetched = {path: {k: v for k, v in item.items() if k != "funding"} for path, item in LOCK["packages"].items()}
    assert re.findall(r"://|registry|\"resolved\"", json.dumps(fetched)) == []


def test_every_package_is_pinned_and_hashed():
    packages = {path: item for path, item in LOCK["packages"].items() if path}
    assert packages
    assert [path for path, item in packages.items() if not item["integrity"].startswith("sha512-")] == []
    assert all(
        re.fullmatch(r"\d+\.\d+\.\d+", version)
        for version in {**PACKAGE["dependencies"], **PACKAGE["devDependencies"]}.values()
    )
    assert PACKAGE["dependencies"] == LOCK["packages"][""]["dependencies"]


def test_nothing_runs_at_installation():
    # esbuild would look whether its program fits the machine; without that, npm has put the right one there.
    asking = [path for path, item in LOCK["packages"].items() if item.get("hasInstallScript")]
    assert asking == ["node_modules/esbuild"]
    assert "--ignore-scripts" in INSTALL
    assert "npm ci --no-audit --no-fund --no-update-notifier --ignore-scripts" in NODE_SCRIPT
