"""Whether a file may go into a section: what the rulebook allows, and that it is what it says and nothing besides.

The sender runs this before sealing and the recipient after opening. It is no virus scanner and shows nothing; it keeps
three formats to their structure (attack 25). Sizes and types: rulebook, *Categories*. Rule: `docs/spec/content.md`.
"""

import mmap
from collections.abc import Callable
from pathlib import Path
from typing import Final

from zegel.content.errors import ContentCode, ContentError
from zegel.content.file_bytes import FileBytes, require_end, require_one_format
from zegel.content.finding import Finding, Matter
from zegel.content.images import JPEG_MAGIC, PNG_MAGIC, jpeg_length, png_length
from zegel.content.pdf import PDF_MAGIC, check_pdf, find_in_pdf
from zegel.content.schemas import WHOLE
from zegel_protocol.objects.rulebook import CategoryRule, Rulebook

MAGIC: Final[dict[str, bytes]] = {
    "application/pdf": PDF_MAGIC,
    "image/jpeg": JPEG_MAGIC,
    "image/png": PNG_MAGIC,
}
"""What a file of each media type begins with, at its first byte."""

_PICTURES: Final[dict[str, Callable[[FileBytes], int]]] = {"image/jpeg": jpeg_length, "image/png": png_length}


def check_file(rulebook: Rulebook, type: str, form: str, media: str, data: FileBytes) -> None:  # noqa: A002
    """Raise `ContentError` unless this file may be a section of this type.

    `content.type`, `content.form` (files are whole), `content.media`: the category takes no such file; `content.too-
    large` with `found` and `limit` in bytes; and what `check_format` raises.
    """
    _check_allowed(_category(rulebook, type, form), media, len(data))
    check_format(media, data)


def check_path(rulebook: Rulebook, type: str, form: str, media: str, path: Path) -> None:  # noqa: A002
    """Check the file at `path` as `check_file` does, mapped into memory, so that its size does not matter.

    Raises `ContentError` as `check_file`, and `OSError` when the file can't be read.
    """
    _check_allowed(_category(rulebook, type, form), media, path.stat().st_size)
    check_format_of(media, path)


def check_format_of(media: str, path: Path) -> None:
    """Check the file at `path`, which is not empty, as `check_format` does. Raises `OSError` too."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        check_format(media, data)


def check_format(media: str, data: FileBytes) -> None:
    """Raise `ContentError` unless `data` is one file of the declared media type.

    `content.media`: no type that files have. `content.magic`: another type than declared. `content.malformed`: cut or
    broken. `content.trailing`: goes on behind its end. `content.polyglot`: two formats in one. `content.active`,
    `content.opaque`: a PDF that acts, or that can't be looked into.
    """
    if media not in MAGIC:
        raise ContentError(ContentCode.MEDIA, "files are PDF, JPEG or PNG; save it as one of these")
    magic = MAGIC[media]
    if data[: len(magic)] != magic:
        raise ContentError(ContentCode.MAGIC, f"the file is not {media}, whatever its name says; save it as one")
    if media in _PICTURES:
        require_end(data, _PICTURES[media](data))
    else:
        check_pdf(data)
    require_one_format(data, magic)


def picture_length(media: str, data: FileBytes) -> int:
    """Return how many bytes of a JPEG or PNG are the picture: after `content.trailing`, where to cut.

    Raises `ContentError`: `content.media` for a file that is no picture, `content.magic`, `content.malformed`.
    """
    if media not in _PICTURES:
        raise ContentError(ContentCode.MEDIA, "only a JPEG or PNG can be cut at its end")
    if data[: len(MAGIC[media])] != MAGIC[media]:
        raise ContentError(ContentCode.MAGIC, f"the file is not {media}, whatever its name says")
    return _PICTURES[media](data)


def scan_file(media: str, data: FileBytes, section: str) -> tuple[Finding, ...]:
    """Return the national numbers that stand plainly in a file that passed `check_format`; positions count bytes.

    Best effort, PDF only: an empty answer does not say that there is none. See `zegel.content.pdf`.
    """
    if media != "application/pdf":
        return ()
    return tuple(
        Finding(Matter.NATIONAL_NUMBER, "refuse", start, end, section, "data") for start, end in find_in_pdf(data)
    )


def scan_path(media: str, path: Path, section: str) -> tuple[Finding, ...]:
    """Return what `scan_file` finds in the file at `path`, mapped into memory. Raises `OSError`."""
    if media != "application/pdf":
        return ()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return scan_file(media, data, section)


def _category(rulebook: Rulebook, type: str, form: str) -> CategoryRule:  # noqa: A002
    rule = next((item for item in rulebook.categories if item.id == type), None)
    if rule is None and any(item.id == type for item in rulebook.parts):
        raise ContentError(ContentCode.MEDIA, "this part of a message takes text only; send the file in a category")
    if rule is None:
        raise ContentError(ContentCode.TYPE, "the rulebook knows no such category; leave it out", "$.type")
    if form != WHOLE:
        raise ContentError(ContentCode.FORM, "a file is always the whole of a category, never a shorter form", "$.form")
    return rule


def _check_allowed(rule: CategoryRule, media: str, size: int) -> None:
    if media not in rule.files:
        allowed = ", ".join(rule.files) or "none"
        raise ContentError(ContentCode.MEDIA, f"files that may go with this category: {allowed}", "$.media")
    if size > rule.file_bytes:
        raise ContentError(
            ContentCode.TOO_LARGE,
            f"{_in_mb(size)} where {_in_mb(rule.file_bytes)} may go; send fewer pages or a smaller scan",
            found=size, limit=rule.file_bytes,
        )  # fmt: skip
    if size == 0:
        raise ContentError(ContentCode.MAGIC, "the file is empty; save or scan it again")


def _in_mb(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
