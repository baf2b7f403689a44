"""Names of files: what they may look like, so that they are shown as they are and can be saved anywhere.

A name comes from another organisation's computer and is shown to a worker and a client, then used to save a file. So
it may not lead out of a folder, may not hide its ending (right-to-left override), may not be a device of an operating
system, and ends as its media type says. Rule: `docs/spec/content.md`.
"""

import re
import unicodedata
from typing import Final

from zegel.content.errors import ContentCode, ContentError

EXTENSIONS: Final[dict[str, tuple[str, ...]]] = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
}
"""The media types of file sections, and how their names end, in either case."""

MAX_CHARACTERS: Final = 120
MAX_NAME_BYTES: Final = 240
"""In UTF-8. File systems take 255, and a copy gets a few characters more."""

# Separators of paths on any system, and what Windows does not take in a name.
_FOREIGN = re.compile(r'[/\\:*?"<>|]')
# Control (Cc), invisible format characters, which include all bidirectional controls (Cf), surrogates, private use,
# and the line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_LEADING = re.compile(r"\A[\s.-]+")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


def media_of(name: str) -> str | None:
    """Return the media type that a name's ending stands for, or None."""
    ending = name.lower()
    return next((media for media, ends in EXTENSIONS.items() if ending.endswith(ends)), None)


def check_file_name(name: str, media: str | None = None) -> str:
    """Return the media type of a file name; `media` is the one that was declared, where there is one.

    Raises `ContentError`: `content.name` for a name that may not travel, `content.media` for a media type that no file
    has. The detail says what is wrong without quoting the name.
    """
    if media is not None and media not in EXTENSIONS:
        raise ContentError(ContentCode.MEDIA, "files are PDF, JPEG or PNG; save it as one of these", "$.name")
    if problem := _problem(name):
        raise ContentError(ContentCode.NAME, f"the file name {problem}; rename the file", "$.name")
    found = media_of(name)
    if found is None or media not in (None, found):
        ends = EXTENSIONS[media] if media else [end for ends in EXTENSIONS.values() for end in ends]
        raise ContentError(
            ContentCode.NAME, f"the file name does not end as its type does ({', '.join(ends)}); rename it", "$.name"
        )
    return found


def suggest_file_name(name: str, media: str) -> str:
    """Return a name near to `name` that passes `check_file_name`, for the worker to accept.

    Raises `ContentError` (`content.media`) for a media type that no file has.
    """
    if media not in EXTENSIONS:
        raise ContentError(ContentCode.MEDIA, "files are PDF, JPEG or PNG; save it as one of these", "$.name")
    text = "".join(char for char in name if unicodedata.category(char) not in _HIDDEN)
    text = unicodedata.normalize("NFC", text)
    ending = next((end for end in EXTENSIONS[media] if text.lower().endswith(end)), "")
    text, ending = text[: len(text) - len(ending)], ending or EXTENSIONS[media][0]
    text = _LEADING.sub("", _FOREIGN.sub("_", text))[: MAX_CHARACTERS - len(ending)]
    while len(text.encode("utf-8")) > MAX_NAME_BYTES - len(ending):
        text = text[:-1]
    if _DEVICE.fullmatch(text.partition(".")[0].strip()):
        text = f"_{text}"
    return f"{text or 'file'}{ending}"


def _problem(name: str) -> str | None:
    """Return what is wrong with a name, its ending apart, or None."""
    if not name or len(name) > MAX_CHARACTERS:
        return f"has {len(name)} characters where 1 to {MAX_CHARACTERS} may stand"
    if any(unicodedata.category(char) in _HIDDEN for char in name):
        return "holds a control character, or one that turns the direction of reading"
    if _FOREIGN.search(name):
        return 'holds a path separator or one of : * ? " < > |'
    if len(name.encode("utf-8")) > MAX_NAME_BYTES:
        return f"is longer than {MAX_NAME_BYTES} bytes"
    if not unicodedata.is_normalized("NFC", name):
        return "is not in the one spelling of its letters (NFC)"
    if _LEADING.match(name):
        return "begins with a space, a dot or a dash"
    if _DEVICE.fullmatch(name.partition(".")[0].strip()):
        return "is that of a device on Windows"
    return None
