"""A small page, built as `npm run build` builds the real one: files named by their digest, and the list of them."""

import hashlib
import json
from pathlib import Path

from zegel_protocol import b64

SCRIPT = b"document.title = 'Start';\n" * 40
STYLE = b":root { color: #222; }\n" * 40
ICON = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>'


def digest(data: bytes) -> str:
    """Return the SHA-256 of these bytes as a directory lists it."""
    return b64.encode(hashlib.sha256(data).digest())


def build_page(folder: Path, script: bytes = SCRIPT) -> dict[str, str]:
    """Write a built page into the new folder `folder`; return the digest of each file."""
    (folder / "assets").mkdir(parents=True)
    made = {
        f"assets/{stem}-{digest(data)[:12]}.{suffix}": data
        for stem, suffix, data in (("app", "js", script), ("styles", "css", STYLE), ("icon", "svg", ICON))
    }
    app, style, icon = made
    html = (
        f'<!doctype html><html lang="nl"><head><title>Start</title><link rel="icon" href="/{icon}">'
        f'<link rel="stylesheet" href="/{style}"><script type="module" src="/{app}"></script></head>'
        '<body><noscript><a href="/leave">Snel weg</a> <a href="/help?language=fr">aide</a></noscript></body></html>'
    )
    made["index.html"] = html.encode()
    for path, data in made.items():
        (folder / path).write_bytes(data)
    digests = {path: digest(data) for path, data in sorted(made.items())}
    (folder / "files.json").write_text(json.dumps(digests))
    return digests
