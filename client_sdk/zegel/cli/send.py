"""`zegel send`: a message written with options or as JSON, checked, sealed, sent; kept while there is no line."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from zegel.cli.askable import require_types
from zegel.cli.bar import bar
from zegel.cli.console import Failed, answer, aside, moment, short_option, wants_json
from zegel.cli.desk import at_desk, household_of
from zegel.cli.draft_file import DraftIn, begin, fill
from zegel.cli.draft_options import given_draft, message_options, section_options
from zegel.cli.reasons import finding_facts, finding_line, refusal_facts, refusal_lines
from zegel.content.errors import ContentCode, ContentError
from zegel.dispatch import Sent
from zegel.draft import Draft
from zegel.errors import ContentFound, Refused, RelayUnreachable
from zegel.partner import Partner
from zegel.preflight import Preflight

F = TypeVar("F", bound=Callable[..., Any])


def sending_options(command: F) -> F:
    """Give a command the options `--check` and `--yes`, and `--quiet`."""
    for option in reversed((
        click.option("--check", is_flag=True, help="Only say whether it may be sent; nothing leaves this device."),
        click.option("--yes", is_flag=True, help="Do not ask about what looks as if it does not belong."),
        short_option,
    )):  # fmt: skip
        command = option(command)
    return command


@click.command("send", short_help="Send a message: notes and files, sealed.")
@message_options
@section_options
@sending_options
@at_desk
async def send_command(partner: Partner, draft_path: Path | None, check: bool, yes: bool, **options: Any) -> None:
    """Send a message to another partner. The rules are checked first, every one, before anything is sealed.

    Without a line to the relay it is kept here, encrypted; `zegel flush` sends it later.

    \b
    Examples:
      zegel send --to ocmw-gent --about 91aa... --carried with-client \\
        --note "money=Drie deurwaarders." --file money=brief.pdf \\
        --agreement "Het OCMW belt donderdag." --ask Sara --follow-up first-contact=2026-12-03
      zegel send --draft - --json < draft.json
    """
    given = given_draft(draft_path, **options)
    try:
        household = await household_of(partner, given.about, given.household)
    except RelayUnreachable as error:
        household = _household_before(partner, given.about, error)
    await send(partner, given, household, check=check, yes=yes)


def _household_before(partner: Partner, about: Sequence[str], error: RelayUnreachable) -> str:
    """Return the household of the last message about this person: no line, no look-up. It is judged when it is sent.

    Raises `RelayUnreachable` when nothing was sent about them from here.
    """
    for item in reversed(partner.sent()):
        if about[0] in item.about and item.household:
            return item.household
    do = "Name the household (--household): then it is kept until there is a line."
    raise RelayUnreachable(error.what, "Nothing was kept.", do) from error


async def send(partner: Partner, given: DraftIn, household: str, *, check: bool, yes: bool) -> None:
    """Check or send a draft and say what became of it. Raises as `Partner.send`, and `Failed` when it is kept."""
    await send_draft(partner, fill(begin(given, household), given), check=check, yes=yes)


async def send_draft(partner: Partner, draft: Draft, *, check: bool, yes: bool) -> None:
    """Check or send a draft that is filled. Raises as `send`."""
    if check:
        await _check(partner, draft)
        return
    before = set(partner.unsent())
    try:
        if sys.stdin.isatty() and not yes and not wants_json():
            _ask_about(await partner.preflight(draft))
        with bar() as report:
            sent = await partner.send(draft, report)
    except ContentError as error:
        raise await _named(partner, draft, error) from error
    except RelayUnreachable as error:
        sealed = sorted(set(partner.unsent()) - before)
        # Not even sealed: it is kept as a draft, with copies of its files, and judged again when it leaves.
        raise _kept(error, sealed[0] if sealed else await partner.keep(draft)) from error
    say_sent([sent], waiting=None)


async def _named(partner: Partner, draft: Draft, error: ContentError) -> ContentError:
    """Return the error as it is told. Raises `TypeUnknown` for a type that nobody knows, which is mostly misspelt."""
    if error.code == ContentCode.TYPE:
        rules = (await partner.setting()).setting.rulebook.payload
        require_types(rules, (section.type for section in draft.sections))
    return error


async def _check(partner: Partner, draft: Draft) -> None:
    try:
        checked = await partner.preflight(draft)
    except ContentError as wrong:
        raise await _named(partner, draft, wrong) from wrong
    names = (await partner.setting()).setting
    refused = Refused(checked.refusals, names={item: names.names(item)[0] for item in names.memberships})
    more = {"ok": checked.ok, "refusals": refusal_facts(refused), "findings": finding_facts(checked.findings)}
    if checked.ok:
        answer(more, "It may be sent.", *map(finding_line, checked.findings))
        return
    stopping = [item for item in checked.findings if item.severity == "refuse"]
    error = refused if checked.refusals else ContentFound(tuple(stopping))
    lines = [*(refusal_lines(refused) if checked.refusals else ()), *map(finding_line, checked.findings)]
    raise Failed(error.code, tuple(lines), wants_json(), more)


def _ask_about(checked: Preflight) -> None:
    """Ask the worker about what looks as if it does not belong; what is refused is told by sending."""
    if checked.ok and checked.findings:
        aside(*map(finding_line, checked.findings))
        click.confirm("Is it meant, and may it go?", abort=True, err=True)


def _kept(error: RelayUnreachable, identifier: str) -> Failed:
    """Return what is said when there is no line: that it is kept, and how it leaves."""
    parts = (
        error.what,
        "Not sent yet: it is kept on this device, encrypted, with its files.",
        "`zegel flush` sends it.",
    )
    return Failed(error.code, parts, wants_json(), {"sent": False, "kept": identifier})


def say_sent(sent: list[Sent], *, waiting: int | None) -> None:
    """Say what the relay accepted; `waiting`: how many still wait here, for a command that sent what was kept."""
    lines = [f"Sent {moment(item.accepted_at)}: {item.manifest}\n{_told(len(item.notices))}" for item in sent]
    facts = [sent_facts(item) for item in sent]
    if waiting is None:
        answer({"sent": True, **facts[0]}, *lines, short=sent[0].manifest)
    else:
        still = [f"{waiting} still wait: zegel drafts list"] * bool(waiting)
        nothing = "Nothing was sent." if waiting else "Nothing is kept here, so nothing was sent."
        answer({"sent": facts, "waiting": waiting}, *(lines or [nothing]), *still)


def sent_facts(sent: Sent) -> dict[str, Any]:
    """Return a sent message as JSON."""
    return {
        "manifest": sent.manifest, "id": sent.id, "accepted_at": sent.accepted_at, "notices": len(sent.notices),
        "expired_directory": sent.expired_directory,
    }  # fmt: skip


def _told(count: int) -> str:
    people = "1 person is told" if count == 1 else f"{count} people are told"
    return f"{people} what was shared, with whom and why; whom you owe telling yourself: zegel duties"
