"""One public file in memory, and how it is answered: whole, compressed, or as already known (RFC 9110, 13)."""

import gzip
import re
from dataclasses import dataclass
from typing import Final

from aiohttp import ETag, hdrs, web

_TYPES: Final = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "json": "application/json",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
    "woff2": "font/woff2",
}
"""What a built file may be; another suffix is not served."""
_TEXT: Final = frozenset({"html", "js", "css", "json", "svg"})
LOOK_AGAIN: Final = "no-cache"
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""For files whose name has their digest."""


@dataclass(frozen=True, repr=False)
class StaticFile:
    """A file's bytes, its SHA-256 (base64url), and the same compressed where that is shorter."""

    body: bytes
    digest: str
    media_type: str
    charset: str | None
    cache: str
    squeezed: bytes | None

    def answer(self, request: web.Request) -> web.Response:
        """Return the answer to a GET or HEAD."""
        squeezed = self.squeezed if _takes_gzip(request) else None
        tag = f"{self.digest}-gzip" if squeezed is not None else self.digest
        headers = {hdrs.CACHE_CONTROL: self.cache, hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if _knows(request.if_none_match, {self.digest, f"{self.digest}-gzip"}):
            response = web.Response(status=304, headers=headers)
        else:
            if squeezed is not None:
                headers[hdrs.CONTENT_ENCODING] = "gzip"
            body = self.body if squeezed is None else squeezed
            response = web.Response(body=body, content_type=self.media_type, charset=self.charset, headers=headers)
        response.etag = tag
        return response


def media_type_of(path: str) -> str | None:
    """Return the media type of a built file, or None where there is none that is served."""
    return _TYPES.get(path.rpartition(".")[2])


def static_file(path: str, body: bytes, digest: str, cache: str) -> StaticFile:
    """Return a file that is served as `path` says. Raises `KeyError` if its suffix is none that is served."""
    suffix = path.rpartition(".")[2]
    text = suffix in _TEXT
    # These bytes are everyone's: nothing secret stands beside them that a length could betray.
    squeezed = gzip.compress(body, 9, mtime=0) if text or suffix == "wasm" else body
    shorter = squeezed if len(squeezed) < len(body) else None
    return StaticFile(body, digest, _TYPES[suffix], "utf-8" if text else None, cache, shorter)


def _knows(tags: tuple[ETag, ...] | None, own: set[str]) -> bool:
    return any(tag.value == "*" or tag.value in own for tag in tags or ())


def _takes_gzip(request: web.Request) -> bool:
    for part in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower().split(","):
        name, _, rest = part.strip().partition(";")
        if name.strip() in {"gzip", "*"}:
            return not re.fullmatch(r"q=0(\.0*)?", rest.replace(" ", ""))
    return False
