"""`zegel assign`: whose message it is to deal with, and who steps in for who is away (article 5)."""

from typing import Any

import click

from zegel.cli.console import answer, moment
from zegel.cli.desk import at_desk
from zegel.cli.values import DIGEST, ID, MOMENT
from zegel.inbox_desk import Assigned
from zegel.partner import Partner


@click.group("assign", short_help="Give messages to colleagues; say who is away.")
def assign() -> None:
    """Give messages to colleagues, and say who steps in for whom. Only this partner's own devices see it."""


@assign.command("message", short_help="Give a message to a worker.")
@click.argument("manifest", type=DIGEST)
@click.option("--to", "worker", type=ID, help="The worker's id; else you take it yourself.")
@click.option("--device", type=ID, help="Their device, where it is no inbox device: it gets the keys of this message.")
@at_desk
async def message_command(partner: Partner, manifest: str, worker: str | None, device: str | None) -> None:
    """Give the message MANIFEST to a worker of this partner, or take it yourself.

    \b
    Examples:
      zegel assign message MANIFEST
      zegel assign message MANIFEST --to 5c1e...
    """
    await partner.desk.assign(manifest, worker)
    if device is not None:
        await partner.desk.hand_to(manifest, device)
    to = worker or partner.identity.worker
    answer({"manifest": manifest, "worker": to, "device": device}, f"{manifest} is {to}'s to deal with.")


@assign.command("list", short_help="Show whose each message is.")
@click.option("--mine", is_flag=True, help="Only what is yours to deal with now.")
@at_desk
async def list_command(partner: Partner, mine: bool) -> None:
    """Show to whom messages of this partner are assigned, and who deals with them today.

    \b
    Example:
      zegel assign list --mine
    """
    found = [
        item for item in (await partner.desk.assigned()).values() if not mine or item.now == partner.identity.worker
    ]
    lines = [line_of(item) for item in found] or ["Nothing is assigned."]
    answer({"assigned": [facts_of(item) for item in found]}, *lines)


@assign.command("away", short_help="Say that somebody is away, and who steps in.")
@click.option("--worker", type=ID, help="Who is away; else you.")
@click.option("--substitute", type=ID, required=True, help="Who deals with what is theirs.")
@click.option("--from", "begins", type=MOMENT, required=True, help="From which day.")
@click.option("--until", "ends", type=MOMENT, required=True, help="Until which day.")
@at_desk
async def away_command(partner: Partner, worker: str | None, substitute: str, begins: int, ends: int) -> None:
    """Say who is away, from when until when, and who steps in.

    \b
    Example:
      zegel assign away --substitute 5c1e... --from 2026-12-21 --until 2027-01-04
    """
    if begins >= ends:
        raise click.UsageError("An absence ends (--until) after it begins (--from).")
    away = worker or partner.identity.worker
    if away == substitute:
        raise click.UsageError("Somebody else steps in: --substitute is another worker.")
    await partner.desk.set_absence(worker, substitute, begins, ends)
    answer(
        {"worker": away, "substitute": substitute, "begins": begins, "ends": ends},
        f"{substitute} steps in for {away} until {moment(ends)}.",
    )


def facts_of(item: Assigned) -> dict[str, Any]:
    """Return an assignment as JSON."""
    return {"manifest": item.message, "worker": item.worker, "now": item.now, "at": item.at}


def line_of(item: Assigned) -> str:
    """Return an assignment as people read it."""
    return f"{item.message}  {item.worker}{f', while away {item.now}' if item.substituted else ''}"
