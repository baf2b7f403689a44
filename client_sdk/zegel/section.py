"""One section in the clear: a note, or a file in memory or on the disk. What is sealed of it, and how it is saved."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zegel.content import disk_file
from zegel.content.disk_file import DiskFile
from zegel.content.framing import NOTE_MEDIA, file_prefix, pack_file, pack_note
from zegel.content.notes import Note
from zegel.errors import TooLargeForMemory

MOST_IN_MEMORY: Final = 64 * 1024 * 1024
"""Bytes of a file that `Section.data` gives at most; a larger one is saved."""


@dataclass(frozen=True, repr=False, init=False)
class Section:
    """One section in the clear: a note, or a file (`name`, and `data` or `file`). `repr` never shows content."""

    type: str
    form: str
    about: tuple[str, ...]
    note: Note | None
    name: str | None
    media: str
    withheld: Mapping[str, str]
    file: DiskFile | None
    _bytes: bytes

    def __init__(
        self,
        type: str,  # noqa: A002 (the wire's word)
        form: str,
        about: tuple[str, ...],
        note: Note | None = None,
        name: str | None = None,
        data: bytes = b"",
        media: str = NOTE_MEDIA,
        withheld: Mapping[str, str] | None = None,
        file: DiskFile | None = None,
    ) -> None:
        """A file's bytes are `data`, or those of `file`, which is not loaded."""
        given = {
            "type": type, "form": form, "about": about, "note": note, "name": name, "media": media,
            "withheld": dict(withheld or {}), "file": file, "_bytes": data,
        }  # fmt: skip
        for field, value in given.items():
            object.__setattr__(self, field, value)

    def __repr__(self) -> str:
        return f"<Section {self.type} ({self.form}, {self.media})>"

    @property
    def size(self) -> int:
        """Bytes of the file, or of the note as it is sealed. Raises `ContentError`, `OSError`."""
        if self.note is not None:
            return len(pack_note(self.note))
        return self.file.size if self.file is not None else len(self._bytes)

    @property
    def data(self) -> bytes:
        """The bytes of a file, empty for a note. Raises `TooLargeForMemory`, `OSError`."""
        if self.file is None:
            return self._bytes
        if self.file.size > MOST_IN_MEMORY:
            raise TooLargeForMemory(
                f"This file has {self.file.size} bytes, too many to be held in memory.",
                "It is whole and checked.",
                "Save it with `save(path)`.",
            )
        return b"".join(self.file.pieces())

    def save(self, path: Path | str, *, overwrite: bool = False) -> Path:
        """Put the file (or the note's JSON) at `path`, whole or not at all, for its owner only; return the path.

        Raises `FileExistsError` unless `overwrite`, and `OSError`.
        """
        content = pack_note(self.note) if self.note is not None else self.file or self._bytes
        disk_file.save(content, Path(path), overwrite=overwrite)
        return Path(path)

    def close(self) -> None:
        """Let go of a file on the disk; one that was opened from a message is removed."""
        if self.file is not None:
            self.file.close()

    def content(self) -> bytes:
        """Return the bytes that are sealed, in memory. Raises `ContentError`, `TooLargeForMemory`."""
        if self.note is not None:
            return pack_note(self.note)
        return pack_file(self.name or "", self.data)

    def content_size(self) -> int:
        """Return how many bytes are sealed. Raises `ContentError`, `OSError`."""
        if self.note is not None:
            return self.size
        return len(file_prefix(self.name or "", self.media)) + self.size

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes that are sealed. Raises `ContentError`, `OSError`."""
        if self.note is not None or self.file is None:
            yield self.content()
            return
        yield file_prefix(self.name or "", self.media)
        yield from self.file.pieces()


def close(sections: Iterable[Section]) -> None:
    """Let go of the files of these sections."""
    for section in sections:
        section.close()
