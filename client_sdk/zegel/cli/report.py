"""`zegel report`: the answer to whoever began a conversation: how it goes on, in the same thread."""

from typing import Any

import click

from zegel.cli.console import short_option
from zegel.cli.desk import at_desk
from zegel.cli.draft_file import DraftIn
from zegel.cli.draft_options import section_options, with_sections
from zegel.cli.send import send
from zegel.cli.values import DIGEST
from zegel.errors import ZegelError
from zegel.partner import Partner


class NoWayBack(ZegelError):
    """A message that nobody at a partner sent, or that is about nobody, has no report-back."""

    code = "report.no-way-back"


@click.command("report", short_help="Report back to whoever began a conversation.")
@click.argument("manifest", type=DIGEST)
@section_options
@click.option("--check", is_flag=True, help="Only say whether it may be sent; nothing leaves this device.")
@click.option("--yes", is_flag=True, help="Do not ask about what looks as if it does not belong.")
@short_option
@at_desk
async def report_command(partner: Partner, manifest: str, check: bool, yes: bool, **sections: Any) -> None:
    """Report back on the message MANIFEST to the partner that sent it: by default on everyone it was about.

    \b
    Example:
      zegel report MANIFEST --carried with-client --note "follow=Eerste gesprek gehad."
    """
    message = await partner.open(manifest)
    message.close()
    head = message.manifest
    if head.sender.partner is None or head.household is None:
        raise NoWayBack(
            "No partner sent this message about somebody.", "Nothing was sent.", "Answer it by another way."
        )
    begun = partner.report_back(message)
    given = DraftIn(
        to=begun.to, about=begun.about, kind=begun.kind, purpose=begun.purpose, thread=begun.thread,
        answers=begun.answers,
    )  # fmt: skip
    await send(partner, with_sections(given, **sections), head.household, check=check, yes=yes)
