"""The options that a message is written with, and the draft that they and a JSON draft make together."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec

from zegel.cli.draft_file import MAX_BYTES, DraftIn, FileIn, NoteIn, read_draft
from zegel.cli.values import FILE_SECTION, ID, MOMENT, NOTE, PARTNER, SCOPE, TERM
from zegel.draft import party
from zegel_protocol.errors import MalformedError
from zegel_protocol.objects.manifest import Carried, FollowUp, PlanStep

F = TypeVar("F", bound=Callable[..., Any])

PlannedStep = tuple[str, tuple[str, ...], int, str]
"""Who takes a step, with whom, by when (UTC seconds), and what it is."""

_CARRIED: Final = ("by-client", "with-client", "in-consultation=DAY")
_FOLLOW_UPS: Final = ("first-contact", "report-client", "report-back")


class _Step(click.ParamType[PlannedStep]):
    """A step of a plan: `WHO[+WITH...]=DAY:WHAT`."""

    name = "step"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> PlannedStep:
        """Return who, with whom, by when and what. Raises `click.BadParameter`."""
        if isinstance(value, tuple):
            return value
        who, found, rest = str(value).partition("=")
        day, parted, what = rest.partition(":")
        if not (who and found and parted and what):
            # What it is is not repeated: it may be what a family confided.
            self.fail("a step is such as ocmw-gent+person:ID=2026-12-01:Bellen.", param, ctx)
        by, *others = who.split("+")
        return by, tuple(others), MOMENT.convert(day, param, ctx), what


STEP: Final = _Step()


def section_options(command: F) -> F:
    """Give a command the options that sections, participation and follow-up are told with."""
    for option in reversed((
        click.option("--note", "notes", type=NOTE, multiple=True, metavar="TYPE[:FORM]=TEXT",
                     help="A text section; TEXT may be @file, or @- for standard input."),
        click.option("--file", "files", type=FILE_SECTION, multiple=True, metavar="TYPE=PATH",
                     help="A file section: PDF, JPEG or PNG."),
        click.option("--agreement", help="What was agreed on follow-up, in a sentence or two (needs --ask)."),
        click.option("--ask", help="Whom the client can ask about it."),
        click.option("--with-client/--without-client", default=True, show_default=True,
                     help="Whether that was agreed with the client."),
        click.option("--carried", metavar="HOW", help=f"How the client takes part: {', '.join(_CARRIED)}."),
        click.option("--follow-up", "follow_up", multiple=True, metavar="CODE=DAY",
                     help=f"{', '.join(_FOLLOW_UPS)}, each with a day; or none-ask."),
        click.option("--client-name", "names", multiple=True, help="A name that should stand in `who` only."),
        click.option("--notice-by", type=PARTNER, help="Who tells the client in person, when no phone can."),
    )):  # fmt: skip
        command = option(command)
    return command


def message_options(command: F) -> F:
    """Give a command the options that say to whom, about whom, why, and as what."""
    for option in reversed((
        click.option("--to", type=PARTNER, help="The partner that it is for."),
        click.option("--about", type=ID, multiple=True, help="A person it is about; once for each."),
        click.option("--household", type=ID, help="Their household; else it is looked up."),
        click.option("--kind", type=TERM, help="referral (the default), information, ...", metavar="KIND"),
        click.option("--purpose", type=TERM, help="Else the kind's own: referral, or coordinate for information."),
        click.option("--thread", help="The id of the message that began the conversation."),
        click.option("--step", "steps", type=STEP, multiple=True, metavar="WHO[+WITH]=DAY:WHAT",
                     help="A step of a hand-over plan (--kind hand-over), in order; WHO is a partner or person:ID."),
        click.option("--draft", "draft_path", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
                     help="A draft in JSON; - for standard input. Other options add to it."),
    )):  # fmt: skip
        command = option(command)
    return command


def given_draft(
    draft_path: Path | None,
    *,
    to: str | None = None,
    about: tuple[str, ...] = (),
    household: str | None = None,
    kind: str | None = None,
    purpose: str | None = None,
    thread: str | None = None,
    steps: tuple[PlannedStep, ...] = (),
    **sections: Any,
) -> DraftIn:
    """Return what the options say, over what the JSON draft says. Raises `click.UsageError`, `MalformedError`."""
    if draft_path is not None:
        base = read_draft(_read(draft_path))
    elif to is None or not about:
        raise click.UsageError("To whom (--to), and about whom (--about)? Or give a draft in JSON with --draft.")
    else:
        base = DraftIn(to=to, about=about)
    head = {
        "to": to, "about": about or None, "household": household, "kind": kind, "purpose": purpose, "thread": thread,
    }  # fmt: skip
    changed = msgspec.structs.replace(base, **{name: value for name, value in head.items() if value is not None})
    return with_sections(_with_steps(changed, steps), **sections)


def _with_steps(base: DraftIn, steps: tuple[PlannedStep, ...]) -> DraftIn:
    """Return a draft with these steps as its plan: who and by when beside their words."""
    if not steps:
        return base
    plan = [
        {"n": n, "by": _facts(by), "with": [_facts(item) for item in sorted(others)], "due": due}
        for n, (by, others, due, _) in enumerate(steps, 1)
    ]
    words = [{"n": n, "what": step[3]} for n, step in enumerate(steps, 1)]
    try:
        made = msgspec.convert(plan, tuple[PlanStep, ...])
    except (msgspec.ValidationError, ValueError) as error:
        raise click.UsageError(f"--step is such as ocmw-gent+person:ID=2026-12-01:Bellen. {error}") from error
    return msgspec.structs.replace(
        base, steps=made, notes=(*base.notes, NoteIn(type="steps", content={"items": words}))
    )


def _facts(named: str) -> Any:
    return msgspec.to_builtins(party(named))


def require_whom_to_ask(agreement: str | None, ask: str | None) -> None:
    """Raise `click.UsageError` unless an agreement names whom the client can ask about it."""
    if (agreement is None) != (ask is None):
        raise click.UsageError("An agreement (--agreement) names whom the client can ask (--ask), and the other way.")


def with_sections(
    base: DraftIn,
    *,
    notes: tuple[tuple[str, str], ...],
    files: tuple[tuple[str, str], ...],
    agreement: str | None,
    ask: str | None,
    with_client: bool,
    carried: str | None,
    follow_up: tuple[str, ...],
    names: tuple[str, ...],
    notice_by: str | None,
) -> DraftIn:
    """Return a draft with what these options add. Raises `click.UsageError` or `MalformedError`."""
    require_whom_to_ask(agreement, ask)
    added = [note_from(kind, text) for kind, text in notes]
    if agreement is not None:
        content = {"text": agreement, "ask": ask, "with_client": with_client, "steps": ()}
        added.append(NoteIn(type="agreement", content=content))
    return msgspec.structs.replace(
        base,
        notes=(*base.notes, *added),
        files=(*base.files, *(FileIn(type=kind, path=path) for kind, path in files)),
        carried=how_carried(carried) if carried is not None else base.carried,
        follow_up=(*base.follow_up, *map(_follow_up, follow_up)),
        names=(*base.names, *names),
        notice_by=notice_by or base.notice_by,
    )


def note_from(named: str, text: str) -> NoteIn:
    """Return a text section as it was named (`TYPE[:FORM]`); its text may be @file. Raises `click.UsageError`, ..."""
    kind, form = SCOPE.convert(named, None, None)
    if text.startswith("@"):
        try:
            text = _read(Path(text[1:])).decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise click.UsageError(f"{text[1:]} is not a text (UTF-8): a PDF or an image goes with --file.") from error
    return NoteIn(type=kind, form=form, text=text)


def _read(path: Path) -> bytes:
    """Return a file, or standard input for `-`. Raises `OSError` or `MalformedError` (`draft.malformed`)."""
    with click.open_file(str(path), "rb") as file:
        data: bytes = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise MalformedError("draft.malformed", f"{path} is larger than {MAX_BYTES} bytes: files go with --file")
    return data


def how_carried(text: str) -> Carried:
    """Return what `--carried` says. Raises `click.UsageError`."""
    how, _, day = text.partition("=")
    try:
        return msgspec.convert({"how": how, "on": day or None}, Carried)
    except (msgspec.ValidationError, ValueError) as error:
        raise click.UsageError(f"--carried is one of {', '.join(_CARRIED)}; DAY is such as 2026-11-20.") from error


def _follow_up(text: str) -> FollowUp:
    code, _, day = text.partition("=")
    try:
        due = MOMENT.convert(day, None, None) if day else None
        return msgspec.convert({"code": code, "due": due}, FollowUp)
    except click.BadParameter as error:
        error.param_hint = "'--follow-up'"
        raise
    except (msgspec.ValidationError, ValueError) as error:
        wanted = ", ".join(f"{item}=DAY" for item in _FOLLOW_UPS)
        raise click.UsageError(f"--follow-up is one of {wanted}, none-ask; DAY is such as 2026-12-01.") from error
