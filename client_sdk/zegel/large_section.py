"""Sections too large for memory: fetched into the spool, gone on with after a cut, and opened into a file there.

The plaintext appears only when the whole section was checked, readable by its owner alone, and is removed when whoever
was given it lets go. What was fetched of a ciphertext stays for a day, so that a next program need not fetch it again.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import BinaryIO, Final, Self

from zegel.content.disk_file import opened_file
from zegel.content.framing import NOTE_MEDIA, FileSink
from zegel.errors import MessageTaken
from zegel.progress import OnProgress, Step
from zegel.relay_client import RelayClient
from zegel.section import Section
from zegel_keys import opening
from zegel_keys.keystore.spool import UNFINISHED, Spool
from zegel_protocol.errors import SealError
from zegel_protocol.objects import Entry
from zegel_protocol.padme import ciphertext_size
from zegel_protocol.sealing import SectionContext

IN_MEMORY: Final = 1024 * 1024
"""Padded bytes up to which a file is opened in memory. Notes always are: they have at most 64 KiB."""


def is_large(entry: Entry) -> bool:
    """Whether a section goes through the spool."""
    return entry.media != NOTE_MEDIA and entry.padded > IN_MEMORY


class Large:
    """The large sections of one message."""

    def __init__(self, spool: Spool, client: RelayClient, entries: Sequence[Entry], report: OnProgress | None) -> None:
        self._spool, self._client, self._entries, self._report = spool, client, entries, report
        self._files: dict[str, BinaryIO] = {}
        self._held = ExitStack()
        self._total = sum(ciphertext_size(entry.padded) for entry in entries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    async def fetched(self) -> Self:
        """Fetch every ciphertext; return this, to open them from, to be closed.

        Raises `MessageTaken` (another program fetches the same), and as `RelayClient.download_to`.
        """
        step, before = Step("downloading", self._total, self._report), 0
        try:
            for entry in self._entries:
                file = self._spool.take(_name(entry))
                if file is None:
                    raise MessageTaken(
                        "Another program at this keystore is fetching this message.",
                        "It is not lost.",
                        "Let the other one go on, or try again when it has ended.",
                    )
                self._held.enter_context(file)
                self._files[entry.ct] = file
                size, begin = ciphertext_size(entry.padded), before

                def at(done: int, begin: int = begin) -> None:
                    step.at(begin + done)

                await self._client.download_to(entry.ct, file, size, at)
                before += size
        except BaseException:
            self._held.close()
            raise
        self._opening = Step("opening", 2 * self._total, self._report)
        return self

    async def open(self, context: SectionContext, entry: Entry, key: bytes) -> Section:
        """Return an opened section; its ciphertext is gone then. Raises `SealError`, `ContentError`, `StorageError`."""
        return await self._opening.run(partial(self._open, context, entry, key))

    def _open(self, context: SectionContext, entry: Entry, key: bytes) -> Section:
        name, plain = self._spool.create()
        sink = FileSink(plain, entry.media)
        source = _Counted(self._files[entry.ct], self._opening)
        try:
            opening.open_file(context, key, source, entry.ct, entry.kc, entry.padded, sink)
            plain.flush()
            prefix = sink.prefix
        except BaseException as error:
            plain.close()
            self._spool.discard(name)
            if isinstance(error, SealError):
                # Fetched anew the next time: it may have been damaged on its way or on this disk.
                self._spool.discard(_name(entry))
            raise
        self._spool.discard(_name(entry))
        withheld = {item.person: item.reason for item in entry.withheld}
        file = opened_file(self._spool.path(name), plain)
        return Section(
            entry.type, entry.form, entry.about, name=prefix.name, file=file, media=entry.media, withheld=withheld
        )


class _Counted:
    """A file that says how much of it was read."""

    def __init__(self, file: BinaryIO, step: Step) -> None:
        self._file, self._step = file, step

    def read(self, size: int, /) -> bytes:
        data = self._file.read(size)
        self._step.add(len(data))
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)


def _name(entry: Entry) -> str:
    return f"in{entry.ct}{UNFINISHED}"
