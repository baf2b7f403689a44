"""`zegel ask`: a question to a client, who answers, or lets a partner answer (article 6); or to that partner."""

from typing import Any

import click

from zegel.cli.console import aside
from zegel.cli.desk import at_desk, household_of
from zegel.cli.draft_options import how_carried
from zegel.cli.send import send_draft, sending_options
from zegel.cli.values import ID, PARTNER, SCOPE, TERM
from zegel.draft import Draft
from zegel.partner import Partner


@click.command("ask", short_help="Ask a client something, or a partner on the client's consent.")
@click.option("--person", type=ID, help="The client who is asked.")
@click.option("--to", type=PARTNER, help="The partner that is asked, where the client let them answer.")
@click.option("--about", type=ID, multiple=True, help="Whom it is about; else the client who is asked.")
@click.option("--question", required=True, help="The question, in daily words.")
@click.option("--purpose", type=TERM, default="coordinate", show_default=True)
@click.option("--household", type=ID, help="Their household; else it is looked up.")
@click.option("--let", "let", type=PARTNER, help="Ask the client too whether this partner may answer instead.")
@click.option("--type", "types", type=SCOPE, multiple=True, help="With --let: what that partner would tell.")
@click.option("--language", default="nl", show_default=True, help="With --let: in which the client reads it.")
@click.option("--carried", metavar="HOW", help="With --to: by-client, with-client, or in-consultation=DAY.")
@sending_options
@at_desk
async def ask_command(
    partner: Partner,
    person: str | None,
    to: str | None,
    about: tuple[str, ...],
    question: str,
    let: str | None,
    types: tuple[tuple[str, str], ...],
    language: str,
    check: bool,
    yes: bool,
    **more: Any,
) -> None:
    """Ask a client a question; they answer on their phone, let a partner answer, or say no. Silence is no.

    \b
    Examples:
      zegel ask --person 91aa... --question "Wie helpt u al met uw papieren?"
      zegel ask --person 91aa... --question "..." --let ocmw-gent --type money
      zegel ask --to ocmw-gent --about 91aa... --question "Loopt er een afbetaling?" --carried with-client
    """
    if (person is None) == (to is None) or (to is not None and not about):
        raise click.UsageError("Either a client (--person), or a partner (--to) and about whom (--about).")
    if (let is None) != (not types) or (let is not None and person is None):
        raise click.UsageError("--let names a partner that may answer a client's question, --type what it would tell.")
    draft = await _draft(partner, person, to, about or (person or "",), question, **more)
    if let is not None and not check:
        request = await partner.talks.let_answer(draft, let, types, language=language)
        aside(f"Asked too whether {let} may answer: {request}")
    await send_draft(partner, draft, check=check, yes=yes)


async def _draft(
    partner: Partner,
    person: str | None,
    to: str | None,
    about: tuple[str, ...],
    question: str,
    *,
    purpose: str,
    household: str | None,
    carried: str | None,
) -> Draft:
    home = await household_of(partner, about, household)
    if person is not None:
        return partner.talks.ask(person, home, about, question, purpose=purpose)
    how = how_carried(carried) if carried is not None else None
    return partner.talks.request(to or "", home, about, question, purpose=purpose, carried=how)
