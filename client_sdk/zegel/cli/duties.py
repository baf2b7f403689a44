"""`zegel duties`, `told`, `untold`: whom this partner owes telling in person or by letter, and of whom no word came."""

from pathlib import Path
from typing import Any, get_args

import click

from zegel.cli.console import answer, moment
from zegel.cli.desk import at_desk
from zegel.cli.setting import FOLDER
from zegel.cli.values import DIGEST
from zegel.errors import ZegelError
from zegel.partner import Partner
from zegel.telling import Duty, How, Untold
from zegel_keys.keystore import files


class DutyUnknown(ZegelError):
    """This partner owes no telling under that name."""

    code = "duty.unknown"


@click.command("duties", short_help="Show whom you still owe telling.")
@click.option("--letters", type=FOLDER, help="Write a letter for each into this folder; none is overwritten.")
@click.option("--language", type=click.Choice(["nl", "en"]), help="Of the letters; else what each person chose.")
@at_desk
async def duties_command(partner: Partner, letters: Path | None, language: str | None) -> None:
    """Show whom this partner still owes telling in person or by letter, those first that wait longest.

    \b
    Examples:
      zegel duties
      zegel duties --letters letters
    """
    facts, lines = [], []
    for duty in await partner.duties():
        file = await _letter(partner, duty, letters, language) if letters is not None else None
        facts.append({**_facts(duty), "letter": str(file) if file is not None else None})
        lines += [*_lines(duty), *([f"  letter: {file}"] if file is not None else [])]
    if lines:
        lines.append("Once somebody is told: zegel told NOTICE")
    answer({"duties": facts}, *(lines or ["Nobody waits to be told by this partner."]))


async def _letter(partner: Partner, duty: Duty, folder: Path, language: str | None) -> Path:
    return _write(folder, duty.notice, await partner.letter(duty, language))


def _write(folder: Path, notice: str, text: str) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{notice}.txt"
    if not path.exists():
        # Whom a letter is about is nobody's business on this machine: 0600.
        files.write(path, text.encode())
    return path


@click.command("told", short_help="Say that you told somebody.")
@click.argument("notices", metavar="NOTICE...", type=DIGEST, nargs=-1, required=True)
@click.option("--how", type=click.Choice(get_args(How)), default="in-person", show_default=True)
@at_desk
async def told_command(partner: Partner, notices: tuple[str, ...], how: How) -> None:
    """Say, as the worker of this device, that you told the people of these notices. They are owed no more.

    \b
    Example:
      zegel told NOTICE --how by-letter
    """
    owed = {duty.notice: duty for duty in await partner.duties()}
    for notice in notices:
        if notice not in owed:
            raise DutyUnknown(
                f"This partner owes nobody the notice {notice}.",
                "Nothing was said.",
                "`zegel duties` shows what it owes: perhaps it was told already.",
            )
    for notice in notices:
        await partner.confirm_told(owed[notice], how)
    people = list(dict.fromkeys(owed[notice].person for notice in notices))
    answer({"told": list(notices), "people": people, "how": how}, *(f"{person} is told." for person in people))


@click.command("untold", short_help="Show of whom no word came that they were told.")
@at_desk
async def untold_command(partner: Partner) -> None:
    """Show who should have been told by now of what was sent from here, and of whom no word says so.

    \b
    Example:
      zegel untold
    """
    missing = await partner.untold()
    answer(
        {"untold": [_untold_facts(item) for item in missing]},
        *([_untold_line(item) for item in missing] or ["Nobody is missing: everyone was told, or there is time left."]),
    )


def _facts(duty: Duty) -> dict[str, Any]:
    return {
        "notice": duty.notice, "person": duty.person, "message": duty.message, "since": duty.since, "due": duty.due,
        "overdue": duty.overdue, "sender": duty.sender, "language": duty.language,
    }  # fmt: skip


def _lines(duty: Duty) -> list[str]:
    late = "OVERDUE since" if duty.overdue else "by"
    sender = duty.sender.removeprefix("partner:")
    return [f"{duty.notice}", f"  tell {duty.person} {late} {moment(duty.due)}: what {sender} shared"]


def _untold_facts(item: Untold) -> dict[str, Any]:
    return {"person": item.person, "message": item.message, "due": item.due, "why": item.why, "owing": item.owing}


def _untold_line(item: Untold) -> str:
    owing = f"; {item.owing} was to tell them" if item.owing is not None else ""
    steward = "" if item.why == "not-told" else ". Tell the steward: the relay kept it from them"
    return f"{item.person}, due {moment(item.due)}, of {item.message}: {item.why}{owing}{steward}"
