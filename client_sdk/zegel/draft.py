"""A message being written: plain content, for whom, about whom. Nothing of it leaves the device before it is sealed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zegel.content import detectors, files, schemas
from zegel.content.disk_file import DiskFile, Stamp
from zegel.content.file_names import check_file_name
from zegel.content.finding import Finding
from zegel.content.notes import Note
from zegel.section import Section
from zegel_protocol.objects.manifest import Basis, Carried, Delay, FollowUp, PlanStep
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.rulebook import Rulebook

TO_PERSON = "person:"
"""How `Draft.to` begins for a message to a person; no partner's id has a colon."""


@dataclass(repr=False)
class Draft:
    """A message to one partner, or to one person, about people of one household.

    `to`: a partner's id, or `person:<id>`. `about`: person ids, for every section that does not say otherwise.
    `names`: the client's known names, that should stand in `who` only. `carried` (article 6), `follow_up` (article 5)
    and the part `agreement` are asked for by the rulebook where the kind needs them. `answers`: the `D` of the message
    that it answers. `basis`: one that is no consent; consents are found when it is sealed. `steps`: of a joint
    hand-over plan. `delay`: until when an alarm's notice waits.
    """

    kind: str
    purpose: str
    to: str
    household: str
    about: tuple[str, ...]
    names: tuple[str, ...] = ()
    carried: Carried | None = None
    follow_up: tuple[FollowUp, ...] = ()
    notice_by: str | None = None
    thread: str | None = None
    answers: str | None = None
    basis: Basis | None = None
    steps: tuple[PlanStep, ...] = ()
    delay: Delay | None = None
    sections: list[Section] = field(default_factory=list)

    @property
    def recipient(self) -> Party:
        """To whom it goes."""
        return party(self.to)

    def __repr__(self) -> str:
        return f"<Draft {self.kind} to {self.to}: {len(self.sections)} sections>"

    def note(
        self,
        type: str,  # noqa: A002 (the wire's word)
        content: str | Note,
        *,
        form: str = "whole",
        about: Iterable[str] | None = None,
        withheld: Mapping[str, str] | None = None,
    ) -> "Draft":
        """Add a text section: `content` is text, or the struct of the form (`zegel.content.schemas`).

        `withheld`: person id to a reason of the rulebook's list, for whom this section is kept from. Raises
        `ContentError` (`content.form`, `content.schema`).
        """
        if isinstance(content, str):
            content = schemas.schema_of(type, form)(**{_text_field(form): content})
        people = tuple(sorted(about)) if about is not None else self.about
        self.sections.append(Section(type, form, people, note=content, withheld=dict(withheld or {})))
        return self

    def file(
        self,
        type: str,  # noqa: A002 (the wire's word)
        path: Path | str,
        *,
        about: Iterable[str] | None = None,
        withheld: Mapping[str, str] | None = None,
    ) -> "Draft":
        """Add a file (PDF, JPEG or PNG, as its name says); it stays where it is, and is read when the draft is sent.

        `withheld`: as for `note`. Raises `ContentError` (`content.name`), `OSError` when it can't be read.
        """
        path = Path(path).absolute()
        media = check_file_name(path.name)
        people = tuple(sorted(about)) if about is not None else self.about
        with path.open("rb"):
            file = DiskFile(path)
        self.sections.append(
            Section(type, "whole", people, name=path.name, file=file, media=media, withheld=dict(withheld or {}))
        )
        return self

    def stamps(self) -> tuple[Stamp, ...]:
        """Return what tells whether a file of it changes. Raises `ContentError` (`content.changed`)."""
        return tuple(section.file.stamp() for section in self.sections if section.file is not None)

    def without(self, *types: str) -> "Draft":
        """Return a copy that leaves out all sections of these types."""
        kept = [section for section in self.sections if section.type not in types]
        return Draft(**{**self.__dict__, "sections": kept})

    def findings(self, rulebook: Rulebook) -> tuple[Finding, ...]:
        """Return what does not belong in the content, after checking every section against its schema and limits.

        Raises `ContentError` for content that is no such form, too long, or a file that is not what it says.
        """
        found: list[Finding] = []
        for section in self.sections:
            found += check_section(rulebook, section, self.names)
        return tuple(found)


def check_section(rulebook: Rulebook, section: Section, names: Iterable[str]) -> tuple[Finding, ...]:
    """Return what does not belong in one section; the same check before sealing and after opening.

    Raises `ContentError`.
    """
    if section.note is not None:
        schemas.check_note(rulebook, section.type, section.form, section.note)
        return detectors.scan_note(section.note, section.type, names)
    named = detectors.scan_file_name(section.name or "", section.type, names)
    if section.file is None:
        files.check_file(rulebook, section.type, section.form, section.media, section.data)
        return (*named, *files.scan_file(section.media, section.data, section.type))
    files.check_path(rulebook, section.type, section.form, section.media, section.file.path)
    return (*named, *files.scan_path(section.media, section.file.path, section.type))


def party(named: str) -> Party:
    """Return the party of a partner's id, or of `person:<id>`."""
    return Party(person=named.removeprefix(TO_PERSON)) if named.startswith(TO_PERSON) else Party(partner=named)


def people(about: Iterable[str]) -> tuple[str, ...]:
    """Return person ids as a set in order. Raises `TypeError` for one text, which would be read letter by letter."""
    if isinstance(about, str):
        raise TypeError("about: a list of person ids, not one text")
    return tuple(sorted(set(about)))


def _text_field(form: str) -> str:
    return "first_name" if form == "first-name" else "text"
