"""`zegel stop-code`: somebody without a phone of their own reads the code of their letter out, to whichever partner.

It shows what the code stops; with witnesses it writes the record of the stop, which two workers sign as every other
(`witness`).
"""

from pathlib import Path
from typing import Any

import click

from zegel.cli.console import answer, moment
from zegel.cli.desk import at_desk
from zegel.cli.language import spoken
from zegel.cli.paper import Paper
from zegel.cli.setting import FILE
from zegel.cli.values import TERM, WITNESS
from zegel.cli.witness import witnesses_of
from zegel.partner import Partner
from zegel.stop_codes import Stop, StopCase
from zegel_protocol.objects import Revocation
from zegel_protocol.texts.catalogue import enumeration, has, phrase
from zegel_protocol.texts.labels import partner_name


@click.command("stop-code", short_help="Somebody reads out the code of their letter: have it stopped.")
@click.argument("code", required=False)
@click.option("--witness", "witnesses", type=WITNESS, multiple=True,
              help="The other worker's device, as `zegel keys -q` prints it there.")  # fmt: skip
@click.option("--not-me", is_flag=True, help="This device is not one of the witnesses.")
@click.option("--reason", type=TERM, default="not-say", show_default=True, help="A reason of the rulebook's list.")
@click.option("--out", type=FILE, help="Write the record of the stop here, for two workers to sign.")
@at_desk
async def stop_code_command(
    partner: Partner,
    code: str | None,
    witnesses: tuple[tuple[str, str], ...],
    not_me: bool,
    reason: str,
    out: Path | None,
) -> None:
    """Look up the stop CODE of a letter that any partner printed; asked for if it is not given.

    Looking changes nothing. With --out the record of the stop is written. Two workers who heard the person say so sign
    it, each at their device: `zegel consent witness sign`.

    \b
    Examples:
      zegel stop-code
      zegel stop-code FMZZ-MMS1-4B1M-VB9X --witness school-de-linde/77b0... --out stop.json
    """
    found = await partner.letters.look_up(code or click.prompt("The code, as it is read out", err=True))
    papers = []
    for number, stop in enumerate(found.stops if out is not None else (), start=1):
        payload = partner.letters.prepare_stop(
            found, stop, witnesses=witnesses_of(partner, witnesses, not_me), reason_code=reason
        )
        papers.append(Paper(_file(out, number), Revocation.KIND, payload))
    for paper in papers:
        paper.write(new=True)
    files = [str(paper.path) for paper in papers]
    lines = _lines(found)
    lines += [f"{file} waits for the witnesses. Next, at each one's device: zegel consent witness sign {file}"
              for file in files]  # fmt: skip
    if found.stops and not files:
        lines.append("To stop it: the same command with --witness PARTNER/DEVICE --out FILE. Two workers sign.")
    answer({**_facts(found), "files": files}, *lines)


def _file(out: Path | None, number: int) -> Path:
    path = out or Path()
    return path if number == 1 else path.with_stem(f"{path.stem}-{number}")


def _lines(found: StopCase) -> list[str]:
    """Say what a code stops; whoever reads it aloud says who shares what with whom, and no word of what it says."""
    language, names = spoken(), found.names
    sender, to = (partner_name(language, item, names) for item in (found.sender, found.to))
    lines = [f"A letter of {partner_name(language, found.writer, names)}: what {sender} may share with {to}."]
    if found.stops:
        return [*lines, *(_line(stop, language) for stop in found.stops)]
    if found.used is not None:
        return [*lines, f"It was stopped already, on {moment(found.used)}. Nothing is left to stop."]
    return [*lines, "It ended by itself. Nothing is left to stop."]


def _line(stop: Stop, language: str) -> str:
    types = [phrase(language, f"category.{kind}") if has(language, f"category.{kind}") else kind for kind in stop.types]
    return f"Stands until {moment(stop.until)}, about {len(stop.about)} of the family: {enumeration(language, types)}."


def _facts(found: StopCase) -> dict[str, Any]:
    return {
        "person": found.person, "from": found.sender, "to": found.to, "writer": found.writer, "notice": found.notice,
        "used": found.used,
        "stops": [
            {"about": list(stop.about), "consents": list(stop.consents), "types": list(stop.types), "until": stop.until}
            for stop in found.stops
        ],
    }  # fmt: skip
