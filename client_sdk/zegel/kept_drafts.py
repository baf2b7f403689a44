"""The drafts that a device keeps while they can't be sent: offline, or until what the rules refuse is mended.

Content is copied at once, encrypted, so nothing is lost with a stick that is pulled out; it comes back into the clear
only while the draft is worked on.
"""

import os
from collections.abc import Callable, Iterator

import msgspec
import uuid_utils

from zegel.compose import INLINE_BYTES, Sealed, discard
from zegel.content import framing, schemas
from zegel.content.disk_file import DiskFile, opened_file
from zegel.content.framing import NOTE_MEDIA
from zegel.draft import Draft
from zegel.errors import DraftUnknown
from zegel.kept_draft import TABLE, Kept, KeptDraft, KeptSection, SealedFile, kept_draft, read_row
from zegel.section import Section, close
from zegel_keys import opening
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.spool import sync
from zegel_keys.keystore.state import State, Transaction
from zegel_keys.sections import SectionSeal, seal_pieces
from zegel_protocol import b64
from zegel_protocol.refusal import Refusal
from zegel_protocol.sealing import SectionContext


class KeptDrafts:
    """The kept drafts of one keystore. Blocking: for a thread, where files are large."""

    def __init__(self, keystore: Keystore) -> None:
        self._identity, self._state, self._spool = keystore.identity, keystore.state, keystore.spool

    def keep(self, draft: Draft, now: int, count: Callable[[int], None]) -> str:
        """Copy a draft into the keystore, durably and encrypted; return its id. `count` is told bytes as they go.

        Raises `ContentError`, `KeystoreError` (a full disk), `OSError` (a file can't be read).
        """
        identifier, message = os.urandom(16).hex(), str(uuid_utils.uuid7(nanoseconds=now * 1_000_000_000))
        sealed: list[Sealed] = []
        try:
            for number, section in enumerate(draft.sections):
                sealed.append(self._copied(section, self._context(draft, section, message, number), count))
            kept = kept_draft(draft, sealed, identifier, now)
            self._state.put(TABLE, identifier, msgspec.json.encode(kept))
        except BaseException:
            discard(sealed, self._spool)
            raise
        for item in sealed:
            if item.held is not None:
                item.held.close()
        return identifier

    def all(self) -> list[KeptDraft]:
        """Return all kept drafts, oldest first."""
        rows = [_read(self._state, value) for _, value in self._state.items(TABLE)]
        return sorted(rows, key=lambda row: (row.created, row.id))

    def shown(self) -> list[Kept]:
        """Return what a worker sees of them, oldest first."""
        return [Kept(row.id, row.to, row.purpose, row.created, row.problem, row.refusals) for row in self.all()]

    def get(self, identifier: str) -> KeptDraft:
        """Return one. Raises `DraftUnknown`."""
        value = self._state.get(TABLE, identifier)
        if value is None:
            raise DraftUnknown(
                "No such draft is kept here.", "Nothing was sent.", "It was sent or thrown away; `drafts` lists them."
            )
        return _read(self._state, value)

    def note(self, identifier: str, problem: str, refusals: tuple[Refusal, ...]) -> None:
        """Keep what the last try said, if the draft is still there."""
        with self._state.transaction() as transaction:
            value = transaction.get(TABLE, identifier)
            if value is not None:
                changed = msgspec.structs.replace(_read(transaction, value), problem=problem, refusals=refusals)
                transaction.put(TABLE, identifier, msgspec.json.encode(changed))

    def discard(self, identifier: str) -> None:
        """Throw a draft away, with the only keys to its files. Raises `DraftUnknown`."""
        kept = self.get(identifier)
        self._state.delete(TABLE, identifier)
        self._spool.discard(*(file.name for file in kept.files()))

    def restored(self, kept: KeptDraft) -> Draft:
        """Return a kept draft as one to work on; its files are in the clear in the spool until they are closed.

        Raises `SealError` or `ContentError` for a copy that was damaged, `KeystoreError`.
        """
        sections: list[Section] = []
        try:
            for section in kept.sections:
                sections.append(self._section(section))
        except BaseException:
            close(sections)
            raise
        return Draft(
            kept.kind, kept.purpose, kept.to, kept.household, kept.about, names=kept.names, carried=kept.carried,
            follow_up=kept.follow_up, notice_by=kept.notice_by, thread=kept.thread, sections=sections,
            answers=kept.answers, basis=kept.basis, steps=kept.steps, delay=kept.delay,
        )  # fmt: skip

    def _copied(self, section: Section, context: SectionContext, count: Callable[[int], None]) -> Sealed:
        size = section.content_size()
        if size <= INLINE_BYTES:
            # Its content goes into the row, so no seal is needed to find it again.
            return Sealed(context, SectionSeal(ct="", kc="", padded=0, key=b""))
        name, file = self._spool.create()
        try:
            seal = seal_pieces(context, _counting(section, count), size, file)
            sync(file)
        except BaseException:
            file.close()
            self._spool.discard(name)
            raise
        return Sealed(context, seal, name=name, held=file)

    def _context(self, draft: Draft, section: Section, message: str, number: int) -> SectionContext:
        return SectionContext(
            huis=self._identity.huis, message=message, sender=self._identity.signing_key.public,
            household=draft.household, n=number, type=section.type, form=section.form, about=section.about,
            media=section.media,
        )  # fmt: skip

    def _section(self, kept: KeptSection) -> Section:
        withheld = {item.person: item.reason for item in kept.withheld}
        if kept.file is not None:
            name, file = self._opened(kept.file, kept.media)
            return Section(kept.type, kept.form, kept.about, name=name, file=file, media=kept.media, withheld=withheld)
        content = kept.content or b""
        if kept.media == NOTE_MEDIA:
            note = framing.unpack_note(schemas.schema_of(kept.type, kept.form), content)
            return Section(kept.type, kept.form, kept.about, note=note, withheld=withheld)
        name, data = framing.unpack_file(content, kept.media)
        return Section(kept.type, kept.form, kept.about, name=name, data=data, media=kept.media, withheld=withheld)

    def _opened(self, sealed: SealedFile, media: str) -> tuple[str, DiskFile]:
        name, file = self._spool.create()
        sink = framing.FileSink(file, media)
        try:
            with self._spool.path(sealed.name).open("rb") as source:
                opening.open_file(
                    sealed.context, b64.decode(sealed.key, 32), source, sealed.ct, sealed.kc, sealed.padded, sink
                )  # fmt: skip
            file.flush()
            prefix = sink.prefix
        except BaseException:
            file.close()
            self._spool.discard(name)
            raise
        return prefix.name, opened_file(self._spool.path(name), file)


def _counting(section: Section, count: Callable[[int], None]) -> Iterator[bytes]:
    for piece in section.pieces():
        yield piece
        count(len(piece))


def _read(records: State | Transaction, value: bytes) -> KeptDraft:
    return read_row(records, value, KeptDraft)
