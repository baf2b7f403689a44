"""`zegel duties`, `letter`, `told`, `untold`: whom this partner owes telling, their letters, and who is not told."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import click

from zegel.cli.console import answer, moment
from zegel.cli.desk import at_desk
from zegel.cli.setting import FILE, FOLDER
from zegel.cli.values import DIGEST
from zegel.errors import ZegelError
from zegel.letter_pdf import require_extra, write_pdf
from zegel.partner import Partner
from zegel.telling import Duty, How, Untold
from zegel_keys.keystore import files
from zegel_protocol.texts.catalogue import LANGUAGES


class DutyUnknown(ZegelError):
    """This partner owes no telling under that name."""

    code = "duty.unknown"


@click.command("duties", short_help="Show whom you still owe telling.")
@click.option("--letters", type=FOLDER, help="Write a letter for each into this folder; none is overwritten.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the letters; else what each person chose.")
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
        lines.append("To print a letter: zegel letter NOTICE --pdf FILE. Once somebody is told: zegel told NOTICE")
    answer({"duties": facts}, *(lines or ["Nobody waits to be told by this partner."]))


async def _letter(partner: Partner, duty: Duty, folder: Path, language: str | None) -> Path:
    path = folder / f"{duty.notice}.txt"
    if not _is_there(path):
        letter = await partner.letters.write(duty, language)
        _keep(path, letter.text.encode())
    return path


def _keep(path: Path, content: bytes) -> None:
    """Write a file that only this user reads (0600): whom a letter is about is nobody else's business here."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.write(path, content)


def _is_there(path: Path | None) -> bool:
    return path is not None and path.exists()


@click.command("letter", short_help="Write the letter to somebody without a device.")
@click.argument("notice", type=DIGEST)
@click.option("--pdf", type=FILE, help="Write it as PDF, to print; needs zegel[letter].")
@click.option("--text", type=FILE, help="Write it as text; without --pdf and --text it is shown.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Else what the person chose.")
@at_desk
async def letter_command(
    partner: Partner, notice: str, pdf: Path | None, text: Path | None, language: str | None
) -> None:
    """Write the letter to the person of a NOTICE that `zegel duties` shows. Nothing is overwritten.

    It carries a stop code: whoever reads that out on the telephone, to any partner, can have it stopped. The code
    stands in this letter alone; a letter that is written once more has another one, and both work.

    \b
    Example:
      zegel letter NOTICE --pdf letter.pdf --language ar
    """
    duty = (await _owed(partner, [notice]))[notice]
    if pdf is not None:
        # Before a code is made for a letter that nobody could print.
        require_extra()
    for file in (pdf, text):
        if _is_there(file):
            raise click.UsageError(f"{file} is there already: choose another name.")
    letter = await partner.letters.write(duty, language)
    if pdf is not None:
        _keep(pdf, write_pdf(letter))
    if text is not None:
        _keep(text, letter.text.encode())
    written = [str(file) for file in (pdf, text) if file is not None]
    said = [f"{file} is written, for you alone to read (0600)." for file in written] or [letter.text]
    facts = {"notice": notice, "person": duty.person, "language": letter.language, "files": written}
    answer(
        {**facts, "stop_code": letter.stop.code if letter.stop is not None else None, "text": letter.text},
        *said,
        f"Once it was read or handed over: zegel told {notice} --how by-letter",
    )


async def _owed(partner: Partner, notices: Iterable[str]) -> dict[str, Duty]:
    """Return the duties of these notices. Raises `DutyUnknown`."""
    owed = {duty.notice: duty for duty in await partner.duties()}
    for notice in notices:
        if notice not in owed:
            raise DutyUnknown(
                f"This partner owes nobody the notice {notice}.",
                "Nothing was said.",
                "`zegel duties` shows what it owes: perhaps it was told already.",
            )
    return owed


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
    owed = await _owed(partner, notices)
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
