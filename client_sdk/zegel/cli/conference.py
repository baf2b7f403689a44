"""`zegel conference`: convene, invite, contribute, report, close (article 8). Each reads their own part only."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from zegel.cli.console import answer, moment, short_option
from zegel.cli.desk import at_desk, household_of
from zegel.cli.draft_file import DraftIn, fill
from zegel.cli.draft_options import require_whom_to_ask, section_options, with_sections
from zegel.cli.reasons import explain
from zegel.cli.send import send_draft, sending_options, sent_facts
from zegel.cli.values import CONFERENCE, ID, MOMENT, PARTNER, SCOPE
from zegel.conferences import ConferenceError, Reached
from zegel.content.schemas import Agreement
from zegel.errors import Refused
from zegel.partner import Partner
from zegel_protocol.objects import Conference


@click.group("conference", short_help="Hold a consultation with a client's partners.")
def conference() -> None:
    """Hold a consultation: with the client by default; among professionals with a motivation that the client reads."""


@conference.command("convene", short_help="Say who sits at the table.")
@click.option("--about", type=ID, multiple=True, required=True, help="A person it is about; once for each.")
@click.option("--invite", "invitees", type=PARTNER, multiple=True, required=True, help="A partner; once for each.")
@click.option("--household", type=ID, help="Their household; else it is looked up.")
@click.option("--without-client", is_flag=True, help="Among professionals: needs --discussed, and a motivation later.")
@click.option("--discussed", metavar="DAY", help="The day on which the invitees were discussed with the client.")
@click.option("--planned", type=MOMENT, help="When it is held.")
@short_option
@at_desk
async def convene_command(
    partner: Partner,
    about: tuple[str, ...],
    invitees: tuple[str, ...],
    household: str | None,
    without_client: bool,
    discussed: str | None,
    planned: int | None,
) -> None:
    """Convene a consultation, as its chair. Nobody is invited yet: `zegel conference invite` does that.

    \b
    Example:
      zegel conference convene --about 91aa... --invite ocmw-gent --invite clb-gent --planned 2026-12-01T13:30+01:00
    """
    home = await household_of(partner, about, household)
    made = await partner.conferences.convene(
        home, about, invitees, with_client=not without_client, discussed=_day(discussed), planned=planned
    )
    answer(
        facts_of(made),
        *lines_of(made),
        "Next: ask for the consents (zegel conference consent), then invite (zegel conference invite).",
        short=made.id,
    )


@conference.command("show", short_help="Show who sits at the table.")
@click.argument("identifier", metavar="CONFERENCE", type=CONFERENCE)
@at_desk
async def show_command(partner: Partner, identifier: str) -> None:
    """Show a consultation as it is now.

    \b
    Example:
      zegel conference show CONFERENCE
    """
    found = await partner.conferences.find(identifier)
    answer(facts_of(found), *lines_of(found))


@conference.command("consent", short_help="Ask for the consents that it needs.")
@click.argument("identifier", metavar="CONFERENCE", type=CONFERENCE)
@click.option("--type", "types", type=SCOPE, multiple=True, required=True, help="What may be shared, at most.")
@click.option("--language", default="nl", show_default=True, help="In which the people read it.")
@at_desk
async def consent_command(partner: Partner, identifier: str, types: tuple[tuple[str, str], ...], language: str) -> None:
    """Ask the client for all directions at once: each participant is asked for what its sector may read.

    \b
    Example:
      zegel conference consent CONFERENCE --type follow --type plan --type school
    """
    found = await partner.conferences.find(identifier)
    asked = await partner.conferences.ask_consent(found, types, language=language)
    answer({"conference": identifier, "requests": asked}, f"Asked, in {len(asked)}:", *asked)


@conference.command("invite", short_help="Invite participants, with the agenda.")
@click.argument("identifier", metavar="CONFERENCE", type=CONFERENCE)
@click.option("--agenda", required=True, help="What is talked about, which each participant and the client read.")
@click.option("--motivation", help="Why it is held without the client, who reads this.")
@click.option("--to", type=PARTNER, multiple=True, help="Only these participants.")
@click.option("--agreement", help="What was agreed on follow-up (needs --ask).")
@click.option("--ask", help="Whom the client can ask about it.")
@at_desk
async def invite_command(
    partner: Partner,
    identifier: str,
    agenda: str,
    motivation: str | None,
    to: tuple[str, ...],
    agreement: str | None,
    ask: str | None,
) -> None:
    """Invite each participant by a message of their own; whoever could not be reached is shown, and why.

    \b
    Example:
      zegel conference invite CONFERENCE --agenda "Hoe loopt het op school?"
    """
    found = await partner.conferences.find(identifier)
    reached = await partner.conferences.invite(
        found, agenda, motivation=motivation, to=to or None, agreement=_agreement(agreement, ask)
    )
    _say(found.id, reached)


@conference.command("contribute", short_help="Tell one participant what is relevant for them.")
@click.argument("identifier", metavar="CONFERENCE", type=CONFERENCE)
@click.option("--to", type=PARTNER, required=True, help="The participant that it is for.")
@click.option("--about", type=ID, multiple=True, help="Only these persons; else all whom it is about.")
@section_options
@sending_options
@at_desk
async def contribute_command(
    partner: Partner, identifier: str, to: str, about: tuple[str, ...], check: bool, yes: bool, **sections: Any
) -> None:
    """Tell one participant what is relevant for their sector: each gets a message of their own.

    \b
    Example:
      zegel conference contribute CONFERENCE --to clb-gent --note "school=Hij komt graag naar de turnles."
    """
    found = await partner.conferences.find(identifier)
    draft = partner.conferences.draft(found, to)
    draft.about = tuple(sorted(set(about))) or draft.about
    given = with_sections(DraftIn(to=to, about=draft.about, kind=draft.kind), **sections)
    draft.names, draft.notice_by = given.names, given.notice_by
    draft.carried, draft.follow_up = given.carried or draft.carried, given.follow_up
    await send_draft(partner, fill(draft, given), check=check, yes=yes)


@conference.command("report", short_help="Send the report to each participant.")
@click.argument("identifier", metavar="CONFERENCE", type=CONFERENCE)
@click.option("--text", required=True, help="What was agreed: each participant and the client read it.")
@click.option("--to", type=PARTNER, multiple=True, help="Only these participants.")
@click.option("--agreement", help="What was agreed on follow-up (needs --ask).")
@click.option("--ask", help="Whom the client can ask about it.")
@at_desk
async def report_command(
    partner: Partner, identifier: str, text: str, to: tuple[str, ...], agreement: str | None, ask: str | None
) -> None:
    """Send the report, as the chair.

    \b
    Example:
      zegel conference report CONFERENCE --text "De school start met een buddy. Sara volgt op."
    """
    found = await partner.conferences.find(identifier)
    reached = await partner.conferences.report(found, text, to=to or None, agreement=_agreement(agreement, ask))
    _say(found.id, reached)


@conference.command("change", short_help="Change who sits at the table, or when it is held.")
@click.argument("identifier", metavar="CONFERENCE", type=CONFERENCE)
@click.option("--add", type=PARTNER, multiple=True, help="A partner that joins.")
@click.option("--remove", type=PARTNER, multiple=True, help="A partner that leaves: it reads nothing of it any more.")
@click.option("--planned", type=MOMENT, help="When it is held.")
@click.option("--discussed", metavar="DAY", help="The day on which this was discussed with the client.")
@click.option("--close", is_flag=True, help="End it: after this only its report is sent.")
@at_desk
async def change_command(
    partner: Partner,
    identifier: str,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    planned: int | None,
    discussed: str | None,
    close: bool,
) -> None:
    """Change a consultation, as its chair.

    \b
    Examples:
      zegel conference change CONFERENCE --remove ocmw-gent
      zegel conference change CONFERENCE --close
    """
    found = await partner.conferences.find(identifier)
    seated = {item.partner for item in found.invitees if item.partner is not None}
    strangers = set(remove) - seated
    if strangers:
        raise ConferenceError(
            "conference.unknown",
            f"{', '.join(sorted(strangers))} does not sit at this table.",
            "See who does: `zegel conference show`.",
        )
    if found.chair in remove:
        raise ConferenceError("conference.chair", "The chair sits at the table.", "End the consultation: --close.")
    table = sorted((seated | set(add)) - set(remove)) if add or remove else None
    after = await partner.conferences.change(
        found, invitees=table, planned=planned, discussed=_day(discussed), ended=close
    )
    answer(facts_of(after), *lines_of(after))


def facts_of(held: Conference) -> dict[str, Any]:
    """Return a conference as JSON."""
    return {
        "conference": held.id, "household": held.household, "chair": held.chair, "version": held.version,
        "about": list(held.about), "invitees": [item.key for item in held.invitees], "with_client": held.with_client,
        "discussed": held.discussed, "planned": held.planned, "ended": held.ended,
    }  # fmt: skip


def lines_of(held: Conference) -> list[str]:
    """Return a conference as people read it."""
    table = ", ".join(item.partner for item in held.invitees if item.partner is not None)
    how = "with the client" if held.with_client else f"without the client, discussed on {held.discussed}"
    return [
        f"Conference {held.id}{', ended' if held.ended else ''}",
        f"  chair {held.chair}; table: {table}; {how}",
        *([f"  held {moment(held.planned)}"] if held.planned is not None else []),
    ]


def _say(identifier: str, reached: Sequence[Reached]) -> None:
    facts, lines = [], []
    for item in reached:
        code = item.error.code if item.error is not None else None
        refused = list(item.error.codes) if isinstance(item.error, Refused) else []
        facts.append({
            "to": item.to, "code": code, "refusals": refused,
            "sent": sent_facts(item.sent) if item.sent is not None else None,
        })  # fmt: skip
        lines.append(f"{item.to}: {'sent' if item.error is None else 'NOT REACHED'}")
        if item.error is not None:
            lines += [f"  {line}" for part in explain(item.error)[1] for line in part.splitlines()]
    answer({"conference": identifier, "reached": facts}, *lines)


def _day(text: str | None) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text is not None else None
    except ValueError as error:
        raise click.UsageError("--discussed is a day such as 2026-11-24.") from error


def _agreement(text: str | None, ask: str | None) -> Agreement | None:
    require_whom_to_ask(text, ask)
    return Agreement(text=text, ask=ask or "", with_client=True, steps=()) if text is not None else None
