"""`zegel sent` and `zegel events`: what left this keystore, and what its readers said became of it."""

from collections.abc import Iterable
from typing import Any

import click

from zegel.cli.console import answer, moment
from zegel.cli.desk import at_desk
from zegel.cli.values import DIGEST
from zegel.partner import Partner
from zegel.sent import SentMessage
from zegel_protocol.objects import Acknowledgement
from zegel_protocol.texts.catalogue import phrase

_LANGUAGE = "en"


@click.command("sent", short_help="Show what was sent from here.")
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, help="How many, the newest last.")
@click.option("--events/--no-events", default=False, help="Ask for each what became of it.")
@click.option("--lost", is_flag=True, help="Only what the relay lost when it was restored from a backup.")
@at_desk
async def sent_command(partner: Partner, last: int, events: bool, lost: bool) -> None:
    """Show what was sent from this keystore: when, to whom, about whom.

    \b
    Examples:
      zegel sent
      zegel sent --events --last 5
    """
    facts, lines, chosen = [], [], partner.sent()
    if lost:
        gone = set(await partner.lost())
        chosen = [item for item in chosen if item.manifest in gone]
    for item in chosen[-last:]:
        said = await partner.events(item.manifest) if events else []
        facts.append({**_facts(item), **({"events": [_event(event) for event in said]} if events else {})})
        lines += [_line(item), *(f"  {_event_line(event)}" for event in said)]
        lines += ["  nobody said anything of it yet"] * (events and not said)
    answer({"sent": facts}, *(lines or ["Nothing was lost." if lost else "Nothing was sent from here."]))


@click.command("events", short_help="Show what became of a message.")
@click.argument("manifest", type=DIGEST)
@at_desk
async def events_command(partner: Partner, manifest: str) -> None:
    """Show what the readers of a message said became of it: opened, handed over, told.

    \b
    Example:
      zegel events MANIFEST
    """
    said = await partner.events(manifest)
    answer({"manifest": manifest, "events": [_event(item) for item in said]}, *_lines(said))


def _lines(said: Iterable[Acknowledgement]) -> list[str]:
    return [_event_line(item) for item in said] or ["Nobody said anything of it yet."]


def _facts(item: SentMessage) -> dict[str, Any]:
    return {
        "manifest": item.manifest, "id": item.id, "kind": item.kind, "purpose": item.purpose, "to": item.to,
        "household": item.household, "about": list(item.about), "thread": item.thread, "at": item.at,
        "person": item.person,
    }  # fmt: skip


def _line(item: SentMessage) -> str:
    if item.at is None:
        return f"{item.manifest}\n  nothing more is known of it here"
    to = item.to or "the client"
    return f"{item.manifest}\n  {moment(item.at)}: {item.kind} to {to}, about {', '.join(item.about)}"


def _event(event: Acknowledgement) -> dict[str, Any]:
    return {
        "event": event.event, "at": event.at, "reader": event.reader.key, "by": event.by.party.key,
        "codes": list(event.codes),
    }  # fmt: skip


def _event_line(event: Acknowledgement) -> str:
    codes = f" ({', '.join(event.codes)})" if event.codes else ""
    who = event.reader.partner or "the client"
    return f"{moment(event.at)}  {who}: {phrase(_LANGUAGE, f'event.{event.event}')}{codes}"
