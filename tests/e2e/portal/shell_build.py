"""Built pages for browsers in tests: the family's page as it is shipped, and a bare one that only has its client.

Both are made by the build tools in `portal/`, once for all test processes of a run.
"""

import base64
import hashlib
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
PORTAL = ROOT / "portal"
SHIPPED = ROOT / "relay/zegel_relay/portal/shell"
_DRIVER = Path(__file__).parent / "driver.ts"
_PAGE = '<!doctype html><html lang="nl"><head><title>Test</title></head><body><script type="module" src="/{}"></script>'


def build_page() -> Path:
    """Build the page as it is shipped; return its folder."""
    subprocess.run(["node", "build.mjs"], cwd=PORTAL, check=True, capture_output=True, timeout=120)
    return SHIPPED


def build_driver(folder: Path) -> Path:
    """Build a page that only puts the client's functions where a test can call them; return its folder."""
    command = [
        "node_modules/.bin/esbuild", str(_DRIVER), "--bundle", "--format=esm", "--splitting", "--charset=utf8",
        "--loader:.txt=text", "--entry-names=[name]-[hash]", "--chunk-names=part-[hash]", "--log-level=warning",
        f"--outdir={folder / 'assets'}",
    ]  # fmt: skip
    subprocess.run(command, cwd=PORTAL, check=True, timeout=120)
    entry = next((folder / "assets").glob("driver-*.js"))
    (folder / "index.html").write_text(_PAGE.format(entry.relative_to(folder)), "utf-8")
    files = [folder / "index.html", *sorted((folder / "assets").iterdir())]
    listed = {str(file.relative_to(folder)): _digest(file.read_bytes()) for file in files}
    (folder / "files.json").write_text(json.dumps(listed), "utf-8")
    return folder


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
