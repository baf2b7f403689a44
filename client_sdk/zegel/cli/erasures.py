"""`zegel erasures`: what families took back or the steward found too broad, and this partner's honest answer."""

from typing import Any

import click

from zegel.cli.console import answer, moment
from zegel.cli.desk import at_desk
from zegel.cli.values import DIGEST, TERM
from zegel.erasures import ErasureError, Owed
from zegel.partner import Partner

_WHY = {
    "revoked": "the consent was taken back",
    "narrowed": "the consent was replaced by one for less",
    "over-broad": "the steward found that it holds too much",
    "not-here": "it was opened on another device: look there what asks for it",
    "not-proven": "THE RELAY SHOWS NOTHING THAT SAYS SO: tell the steward",
}


@click.group("erasures", short_help="See and answer what is to be erased.", invoke_without_command=True)
@click.pass_context
def erasures(context: click.Context) -> None:
    """See what this partner is asked to erase, and answer it: the client reads each answer."""
    if context.invoked_subcommand is None:
        context.fail("Name what to do: list, or answer.")


@erasures.command("list", short_help="Show what waits for an answer.")
@at_desk
async def list_command(partner: Partner) -> None:
    """Show what this partner is asked to erase and has not answered, overdue first.

    \b
    Example:
      zegel erasures list
    """
    owed = await partner.erasures.owed()
    lines = [line for item in owed for line in _lines(item)]
    if lines:
        lines.append("Next: zegel erasures answer MESSAGE erased, or kept --reason ...")
    answer({"owed": [_facts(item) for item in owed]}, *(lines or ["Nothing is to be erased."]))


@erasures.command("answer", short_help="Say that it is erased, or why it is kept.")
@click.argument("message", type=DIGEST)
@click.argument("word", type=click.Choice(["erased", "kept"]))
@click.option("--reason", type=TERM, help="With kept: statutory-file, legal-duty, own-record.")
@click.option("--of", "of", type=DIGEST, help="Which of several that ask for the same message; else all of them.")
@click.option("--yes", is_flag=True, help="Do not ask whether it is gone elsewhere too.")
@at_desk
async def answer_command(
    partner: Partner, message: str, word: Any, reason: str | None, of: str | None, yes: bool
) -> None:
    """Answer for MESSAGE: `erased` removes what this keystore holds of it, and says so; `kept` says why not.

    \b
    Examples:
      zegel erasures answer MESSAGE erased
      zegel erasures answer MESSAGE kept --reason statutory-file
    """
    owed = [item for item in await partner.erasures.owed() if item.message == message and of in (None, item.of)]
    if not owed:
        raise ErasureError(
            "erasure.answered", "Nothing asks to erase this message, or it was answered.", "See `zegel erasures list`."
        )
    if word == "erased" and not yes:
        click.confirm("Is it gone from files, prints and other software too?", abort=True, err=True)
    done = [await partner.erasures.answer(item, word, reason) for item in owed]
    drafts, remains = sum(item.drafts for item in done), done[0].remains
    lines = [f"Answered: {word}{f', {reason}' if reason else ''}. The client reads it."]
    if word == "erased":
        lines += [f"{drafts} drafts were removed here.", "No program here can remove:", *(f"- {it}" for it in remains)]
    answer(
        {"message": message, "answer": word, "reason": reason, "of": [item.of for item in owed], "drafts": drafts,
         "remains": list(remains)},
        *lines,
    )  # fmt: skip


def _facts(item: Owed) -> dict[str, Any]:
    label = item.received
    return {
        "message": item.message, "of": item.of, "why": item.why, "reason": item.reason, "since": item.since,
        "due": item.due, "overdue": item.overdue, "from": label.sender.key if label is not None else None,
        "about": list(label.about) if label is not None else [], "kind": label.kind if label is not None else None,
    }  # fmt: skip


def _lines(item: Owed) -> list[str]:
    late = "OVERDUE since" if item.overdue else "by"
    label = item.received
    of = f"{label.kind} from {label.sender.key.partition(':')[2]}, " if label is not None else ""
    return [item.message, f"  answer {late} {moment(item.due)}: {of}{_WHY[item.why]}"]
