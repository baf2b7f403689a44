"""`zegel drafts` and `zegel flush`: what is kept on this device until it can be sent, and sending it."""

from collections.abc import Iterable
from typing import Any

import click

from zegel.cli.bar import bar
from zegel.cli.console import answer, aside, moment
from zegel.cli.desk import at_desk
from zegel.cli.language import spoken
from zegel.cli.send import say_sent
from zegel.errors import ZegelError
from zegel.kept_draft import Kept
from zegel.partner import Partner
from zegel_protocol.errors import ProtocolError
from zegel_protocol.texts.refusal_text import explain


@click.group("drafts", short_help="Show and throw away what is kept here.")
def drafts() -> None:
    """What is kept on this device, encrypted, until it can be sent: drafts, and messages that are sealed already."""


@drafts.command("list", short_help="Show what is kept here.")
@at_desk
async def list_command(partner: Partner) -> None:
    """Show what is kept here until it can be sent, and what the last try said.

    \b
    Example:
      zegel drafts list
    """
    kept, sealed = partner.drafts(), partner.unsent()
    lines = [line for item in kept for line in _lines(item)]
    lines += [f"{message}\n  sealed, and on its way" for message in sealed]
    facts = {"drafts": [_facts(item) for item in kept], "sealed": sealed}
    answer(facts, *([*lines, "Next: zegel flush"] if lines else ["Nothing is kept here."]))


@drafts.command("discard", short_help="Throw something away that is kept here.")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@at_desk
async def discard_command(partner: Partner, ids: tuple[str, ...], yes: bool) -> None:
    """Throw drafts away, or sealed messages that wait, with the only keys to their files.

    \b
    Example:
      zegel drafts discard ID
    """
    if not yes:
        click.confirm(f"Throw {'it' if len(ids) == 1 else 'these'} away for good?", abort=True, err=True)
    for item in ids:
        partner.discard(item)
    answer({"discarded": list(ids)}, *(f"{item} is thrown away." for item in ids))


@click.command("flush", short_help="Send what is kept here.")
@at_desk
async def flush_command(partner: Partner) -> None:
    """Send everything that is kept on this device: what was sealed, and every draft, judged again as it leaves.

    What the rules refuse stays here, and the command fails with the first reason; `zegel drafts list` shows all.

    \b
    Example:
      zegel flush
    """
    before = len(partner.sent())
    try:
        with bar() as report:
            sent = await partner.flush(report)
    except (ZegelError, ProtocolError):
        left = len(partner.sent()) - before
        aside(f"Sent: {left}. Kept: {len(partner.unsent()) + len(partner.drafts())} (zegel drafts list).")
        raise
    say_sent(sent, waiting=len(partner.unsent()) + len(partner.drafts()))


def _facts(item: Kept) -> dict[str, Any]:
    return {
        "id": item.id, "to": item.to, "purpose": item.purpose, "created": item.created, "problem": item.problem or None,
        "refusals": [{"code": refusal.code.value, "path": refusal.path} for refusal in item.refusals],
    }  # fmt: skip


def _lines(item: Kept) -> Iterable[str]:
    yield item.id
    yield f"  to {item.to} for {item.purpose}, kept {moment(item.created)}"
    for refusal in item.refusals:
        yield f"  refused: {explain(refusal, spoken(), {}).text}"
    if item.problem and not item.refusals:
        yield f"  the last try failed: {item.problem}"
