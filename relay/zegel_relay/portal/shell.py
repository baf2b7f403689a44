"""The built page: every file of `files.json`, read once at the start, and none whose bytes are not what that says.

`npm run build` in `portal/` makes the folder. What the relay says of these files it says of itself: whether they are
what the steward signed is checked from outside (`zegel steward portal check`).
"""

import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import msgspec

from zegel_protocol import b64
from zegel_protocol.fields import Digest
from zegel_relay.portal.static_file import FOR_EVER, LOOK_AGAIN, StaticFile, media_type_of, static_file

INDEX: Final = "index.html"
LIST: Final = "files.json"
_NAME: Final = re.compile(r"index\.html|assets/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_ICON: Final = re.compile(r"assets/icon-[A-Za-z0-9_-]+\.svg")
_STYLE: Final = re.compile(r"assets/styles-[A-Za-z0-9_-]+\.css")
_PLAIN_ICON: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    b'<rect x="2" y="2" width="12" height="12" rx="3" fill="#52605d"/></svg>'
)

_log = logging.getLogger(__name__)


class ShellError(Exception):
    """The folder is not a built page. `code` is stable: `shell.missing`, `shell.list` or `shell.digest`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Shell:
    """The files by their path below the origin: `index.html`, `assets/...`, `files.json`. Empty: not built."""

    files: Mapping[str, StaticFile] = field(default_factory=dict)

    @property
    def icon(self) -> StaticFile:
        """The page's icon; a grey square where none is built."""
        named = next((file for path, file in self.files.items() if _ICON.fullmatch(path)), None)
        # Under an address that does not name its digest, it may change.
        return (
            replace(named, cache=LOOK_AGAIN)
            if named is not None
            else static_file("icon.svg", _PLAIN_ICON, _digest(_PLAIN_ICON), LOOK_AGAIN)
        )

    @property
    def style(self) -> str | None:
        """The path of the page's own style sheet, which pages without script use too."""
        return next((path for path in self.files if _STYLE.fullmatch(path)), None)


def load(folder: Path) -> Shell:
    """Return what is built in `folder`; an empty shell, and a line in the log, if it is not all there."""
    try:
        return read(folder)
    except ShellError as error:
        _log.warning("no page to serve", extra={"code": error.code})
        return Shell()


def read(folder: Path) -> Shell:
    """Return what is built in `folder`. Raises `ShellError`."""
    listed = _bytes(folder / LIST)
    try:
        digests = msgspec.json.decode(listed, type=dict[str, Digest])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ShellError("shell.list") from error
    if INDEX not in digests or any(not _NAME.fullmatch(path) or media_type_of(path) is None for path in digests):
        raise ShellError("shell.list")
    files: dict[str, StaticFile] = {}
    for path, digest in digests.items():
        body = _bytes(folder / path)
        if _digest(body) != digest:
            raise ShellError("shell.digest")
        files[path] = static_file(path, body, digest, LOOK_AGAIN if path == INDEX else FOR_EVER)
    files[LIST] = static_file(LIST, listed, _digest(listed), LOOK_AGAIN)
    return Shell(files)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ShellError("shell.missing") from error


def _digest(data: bytes) -> str:
    return b64.encode(hashlib.sha256(data).digest())
