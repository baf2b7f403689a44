"""`zegel word`: a word about a message: agreed, done, this is not running well, this does not belong here."""

from typing import Final

import click

from zegel.cli.console import answer
from zegel.cli.desk import at_desk
from zegel.cli.values import DIGEST, ID, TERM
from zegel.partner import Partner
from zegel.talks import codes_of
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.words import OVER_BROAD

WORDS: Final = ("agreed", "done", "stuck", "declined", "reported", "handed-over", "refused")


@click.command("word", short_help="Say that something is agreed, done, or stuck.")
@click.argument("manifest", type=DIGEST)
@click.argument("word", type=click.Choice(WORDS))
@click.option("--step", "steps", type=click.IntRange(1, 16), multiple=True, help="A step of the hand-over plan.")
@click.option("--code", "codes", type=TERM, multiple=True, help="A follow-up: first-contact, report-client, ...")
@click.option("--for", "person", type=ID, help="A client without a phone, whose word you write down.")
@at_desk
async def word_command(
    partner: Partner, manifest: str, word: Event, steps: tuple[int, ...], codes: tuple[str, ...], person: str | None
) -> None:
    """Say a WORD about the message MANIFEST, received or sent. Its other sides and the client see it.

    \b
    agreed       to steps and follow-ups of it: all of them, unless some are named
    done         what this partner keeps of it
    stuck        this is not running well
    declined     this partner's no to a request; with --for a client's no to a question, written down for them
    reported     it holds what does not belong there: show the steward with `zegel prove`
    handed-over  it was given to a colleague; refused: this partner does not take it up

    \b
    Examples:
      zegel word MANIFEST agreed --step 1 --step 2
      zegel word MANIFEST done --code first-contact
      zegel word MANIFEST stuck
    """
    named = [*codes_of(steps), *codes]
    if word == "reported":
        named = named or [OVER_BROAD]
    if word == "agreed" and not named:
        message = await partner.open(manifest)
        message.close()
        await partner.talks.agree(message)
    else:
        await partner.talks.say(manifest, word, named, person=person)
    answer({"manifest": manifest, "word": word, "codes": named, "for": person}, f"Said: {word}.")
