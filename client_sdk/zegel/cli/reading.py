"""`zegel inbox` and `zegel open`: what waits; a message opened, its notes shown, its files saved, its sender told."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from zegel.cli.bar import bar
from zegel.cli.console import answer, aside, wants_json
from zegel.cli.desk import at_desk
from zegel.cli.language import spoken
from zegel.cli.message_view import facts_of, lines_of
from zegel.cli.setting import FOLDER
from zegel.cli.values import DIGEST
from zegel.errors import ZegelError
from zegel.inbox_desk import Assigned
from zegel.message import Message, Waiting
from zegel.partner import Partner
from zegel.section import Section
from zegel_protocol.texts.catalogue import phrase

LONGEST_WAIT = 30
"""Seconds that the relay holds one question open."""


class InboxEmpty(ZegelError):
    """No message waits."""

    code = "inbox.empty"


@click.command("inbox", short_help="Show which messages wait.")
@click.option("--wait", type=click.IntRange(0, LONGEST_WAIT), default=0, help="Seconds to wait for one, at most 30.")
@at_desk
async def inbox_command(partner: Partner, wait: int) -> None:
    """Show which messages wait for this device, alarms first. Whom they are from is known once they are opened.

    \b
    Examples:
      zegel inbox
      zegel inbox --wait 30 --json
    """
    waiting = await partner.inbox(wait)
    given = await partner.desk.assigned() if waiting else {}
    count = f"{len(waiting)} message{'s wait' if len(waiting) != 1 else ' waits'}."
    answer(
        {"waiting": [_waiting(item, given.get(item.manifest)) for item in waiting]},
        *(
            [count, *(_line(item, given.get(item.manifest)) for item in waiting), "Next: zegel open"]
            if waiting
            else ["No message waits."]
        ),
    )


def _waiting(item: Waiting, given: Assigned | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"index": item.index, "manifest": item.manifest, "urgent": item.urgent}
    return {**facts, "assigned": {"worker": given.worker, "now": given.now}} if given is not None else facts


def _line(item: Waiting, given: Assigned | None) -> str:
    alarm = "ALARM, and you are called: " if item.yours else "ALARM: "
    named = f"{alarm if item.urgent else ''}{item.manifest}"
    if given is None:
        return named
    return f"{named}  for {given.now}{f', who steps in for {given.worker}' if given.substituted else ''}"


@click.command("open", short_help="Open a message; save its files.")
@click.argument("manifest", type=DIGEST, required=False)
@click.option("--into", type=FOLDER, default=Path(), help="The folder for its files; else this one.", metavar="FOLDER")
@click.option("--no-files", is_flag=True, help="Save no files.")
@click.option("--no-ack", is_flag=True, help="Tell nobody that it was opened; it comes back after ten minutes.")
@click.option("--reminded", is_flag=True, help="You know the reminder of secrecy (`zegel code show`): it is not asked.")
@at_desk
async def open_command(
    partner: Partner, manifest: str | None, into: Path, no_files: bool, no_ack: bool, reminded: bool
) -> None:
    """Open the message MANIFEST, or else the oldest that waits: show its notes, and save its files without overwriting.

    Before, you are reminded of the secrecy that you owe; software that asks with --json shows its reader that itself.
    Then its sender and the client are told that it was opened. A message opened before can be opened again by its name.

    \b
    Examples:
      zegel open --into letters
      zegel open MANIFEST --no-ack --json
    """
    waiting = await partner.inbox() if manifest is None else []
    if manifest is None and not waiting:
        raise InboxEmpty("No message waits.", "", "`zegel inbox --wait 30` waits for one.")
    with bar() as report:
        asked = None if reminded or wants_json() else _remind
        named = waiting[0] if waiting else manifest or ""
        message = await partner.open(named, report, asked, language=spoken())
    try:
        saved = {} if no_files else await asyncio.to_thread(save_files, message, into)
        if not no_ack:
            # Only once its files are safe: what was acknowledged does not come again by itself.
            await partner.acknowledge(message)
        answer(facts_of(message, saved, not no_ack), *lines_of(message, saved))
    finally:
        message.close()
    if no_ack:
        aside("", "Nobody was told that it was opened.")


def _remind(text: str) -> bool:
    """Show the reminder of secrecy and ask; where nobody can be asked, it is not acknowledged."""
    aside(text)
    if not sys.stdin.isatty():
        aside("", "Nobody is here to be asked: who knows this reminder says so with --reminded.")
        return False
    return click.confirm(phrase(spoken(), "opening.agree"), err=True)


def save_files(message: Message, into: Path) -> dict[int, str]:
    """Save a message's files in a folder (made if absent); return their paths by the section's place.

    Nothing is ever overwritten: a name that is taken gets a number. Raises `OSError`.
    """
    saved: dict[int, str] = {}
    for place, section in enumerate(message.sections):
        if section.note is None:
            into.mkdir(mode=0o700, parents=True, exist_ok=True)
            saved[place] = str(_save(section, into))
    return saved


def _save(section: Section, into: Path) -> Path:
    # The name was checked on opening: it leads out of no folder.
    named = Path(section.name or "file")
    number = 1
    while True:
        target = into / (named if number == 1 else f"{named.stem}-{number}{named.suffix}")
        try:
            return section.save(target)
        except FileExistsError:
            number += 1
