"""A draft as the keystore's state holds it: notes and small files in the row itself, large files sealed in the spool.

A sealed message on its way is kept with this too: its files are then the message's own ciphertexts, so that nothing
stands twice, and a message that can't be sent any more becomes a draft again without losing a byte. The rows are
encrypted as all of the state is, and deleting one overwrites the only key to its files.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from zegel.compose import Sealed
from zegel.draft import Draft
from zegel.section import Section
from zegel_keys.keystore.errors import DamagedError
from zegel_keys.keystore.state import State, Transaction
from zegel_protocol import b64
from zegel_protocol.objects.entry import Withheld
from zegel_protocol.objects.manifest import Basis, Carried, Delay, FollowUp, OnNecessity, PlanStep
from zegel_protocol.refusal import Refusal
from zegel_protocol.sealing import SectionContext

T = TypeVar("T", bound=msgspec.Struct)

TABLE = "drafts"


class SealedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the spool: what opens it. `key` is base64url."""

    name: str
    key: str
    ct: str
    kc: str
    padded: int
    context: SectionContext


class KeptSection(msgspec.Struct, frozen=True, kw_only=True):
    """One section: its content as it is sealed (of a note, or a small file), or the spool file that holds it."""

    type: str
    form: str
    about: tuple[str, ...]
    media: str
    withheld: tuple[Withheld, ...]
    content: bytes | None = None
    file: SealedFile | None = None


class KeptDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft; `problem` is the code of what the last try said, `refusals` what the rules say."""

    id: str
    created: int
    kind: str
    purpose: str
    to: str
    household: str
    about: tuple[str, ...]
    names: tuple[str, ...]
    carried: Carried | None
    follow_up: tuple[FollowUp, ...]
    notice_by: str | None
    thread: str | None
    sections: tuple[KeptSection, ...]
    problem: str = ""
    refusals: tuple[Refusal, ...] = ()
    answers: str | None = None
    basis: Basis | None = None
    steps: tuple[PlanStep, ...] = ()
    delay: Delay | None = None

    @property
    def urgent(self) -> bool:
        """Whether it is an alarm, which leaves before everything else (article 10): it rests on necessity."""
        return isinstance(self.basis, OnNecessity)

    def files(self) -> Iterator[SealedFile]:
        """Yield its spool files."""
        yield from (section.file for section in self.sections if section.file is not None)


@dataclass(frozen=True)
class Kept:
    """What a worker sees of a kept draft: when it was kept, and what the last try said (`problem`: a code)."""

    id: str
    to: str
    purpose: str
    created: int
    problem: str
    refusals: tuple[Refusal, ...]


def kept_draft(draft: Draft, sealed: Sequence[Sealed], identifier: str, created: int) -> KeptDraft:
    """Return a draft as it is kept; `sealed` has one for each section: the spool's files stand for their content."""
    return KeptDraft(
        id=identifier, created=created, kind=draft.kind, purpose=draft.purpose, to=draft.to, household=draft.household,
        about=draft.about, names=tuple(draft.names), carried=draft.carried, follow_up=tuple(draft.follow_up),
        notice_by=draft.notice_by, thread=draft.thread, answers=draft.answers, basis=draft.basis, steps=draft.steps,
        delay=draft.delay,
        sections=tuple(_kept(section, item) for section, item in zip(draft.sections, sealed, strict=True)),
    )  # fmt: skip


def _kept(section: Section, sealed: Sealed) -> KeptSection:
    return KeptSection(
        type=section.type, form=section.form, about=section.about, media=section.media,
        withheld=tuple(Withheld(person=person, reason=reason) for person, reason in sorted(section.withheld.items())),
        content=section.content() if sealed.name is None else None,
        file=None if sealed.name is None else SealedFile(
            name=sealed.name, key=b64.encode(sealed.seal.key), ct=sealed.seal.ct, kc=sealed.seal.kc,
            padded=sealed.seal.padded, context=sealed.context,
        ),
    )  # fmt: skip


def read_row(records: State | Transaction, value: bytes, kind: type[T]) -> T:
    """Return a row of drafts or spool. Raises `DamagedError`."""
    try:
        return msgspec.json.decode(value, type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        raise DamagedError.in_state(records.path, f"a row is no {kind.__name__}") from error


def names_of(drafts: Iterable[KeptDraft]) -> set[str]:
    """Return the names of all spool files of these drafts."""
    return {file.name for draft in drafts for file in draft.files()}
