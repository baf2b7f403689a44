"""`zegel reply`: the answer to a message that a client sent from their own phone (articles 6 and 9)."""

import click

from zegel.cli.desk import at_desk
from zegel.cli.send import send_draft, sending_options
from zegel.cli.values import DIGEST
from zegel.partner import Partner


@click.command("reply", short_help="Answer a client's own message.")
@click.argument("manifest", type=DIGEST)
@click.option("--text", required=True, help="The answer, in daily words.")
@sending_options
@at_desk
async def reply_command(partner: Partner, manifest: str, text: str, check: bool, yes: bool) -> None:
    """Answer the message MANIFEST that a client sent: that client reads it, and nobody else.

    \b
    Example:
      zegel reply MANIFEST --text "Het loket is dinsdag open van 9 tot 12 uur."
    """
    message = await partner.open(manifest)
    message.close()
    await send_draft(partner, partner.talks.reply(message, text), check=check, yes=yes)
