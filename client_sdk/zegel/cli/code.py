"""`zegel code`: the code of ethics in force, who of this partner accepted it, and accepting it (articles 1 and 7)."""

from pathlib import Path
from typing import Any

import click

from zegel.cli.console import answer, moment, now
from zegel.cli.desk import at_desk
from zegel.cli.language import spoken
from zegel.cli.setting import FILE
from zegel.ethics import Acceptance, CodeStatus
from zegel.partner import Partner

MAX_CODE_BYTES = 4 * 2**20


@click.group("code", short_help="Accept the code of ethics.")
def code() -> None:
    """The code of ethics: which version is in force, and who accepted it."""


@code.command("show", short_help="Show which code is in force.")
@at_desk
async def show_command(partner: Partner) -> None:
    """Show which version of the code is in force, and the reminder of secrecy. Its text is a file of the steward's.

    \b
    Example:
      zegel code show
    """
    status = await partner.ethics.status()
    reminder = await partner.ethics.reminder(spoken())
    answer(
        {"version": status.version, "digest": status.digest, "since": status.since, "asked": status.asked,
         "reminder": reminder},
        f"Code of ethics, version {status.version}, in force since {moment(status.since)}.",
        f"SHA-256 of its text: {status.digest}",
        "Reminder of secrecy, before a message is opened:",
        f"  {reminder}",
        "Next: read the steward's file, then zegel code accept FILE",
    )  # fmt: skip


@code.command("accept", short_help="Accept the code in force.")
@click.argument("text", metavar="CODE_FILE", type=FILE)
@click.option("--services", is_flag=True, help="For this partner's service devices, which accept nothing themselves.")
@at_desk
async def accept_command(partner: Partner, text: Path, services: bool) -> None:
    """Accept the code of ethics, as the worker of this device. CODE_FILE is the text that you read.

    \b
    Example:
      zegel code accept code.md
    """
    with text.open("rb") as file:
        read = file.read(MAX_CODE_BYTES)
    d = await partner.ethics.accept_code(read, services=services)
    status = await partner.ethics.status()
    whose = "the services of this partner" if services else "you"
    answer(
        {"declaration": d, "version": status.version, "services": services},
        f"Version {status.version} of the code is accepted, for {whose}.",
    )


@code.command("status", short_help="Show who accepted it.")
@at_desk
async def status_command(partner: Partner) -> None:
    """Show who of this partner accepted the code in force, and until when the others have time.

    \b
    Example:
      zegel code status --json
    """
    status = await partner.ethics.status()
    answer(_facts(status), *_lines(status), *await partner.ethics.remind(now(), spoken(), always=True))


def _facts(status: CodeStatus) -> dict[str, Any]:
    at = now()
    return {
        "version": status.version, "digest": status.digest, "asked": status.asked, "pledged": status.pledged,
        "workers": [
            {"worker": item.worker, "functions": list(item.functions), "accepted": item.accepted, "due": item.due,
             "blocked": status.asked and item.blocked(at)}
            for item in status.workers
        ],
    }  # fmt: skip


def _lines(status: CodeStatus) -> list[str]:
    lines = [f"Code of ethics, version {status.version}."]
    if not status.asked:
        lines.append("The rules of this Huis ask nobody to accept it here.")
    lines += [_line(item) for item in status.workers]
    if status.pledged is not None:
        made = "made" if status.pledged else "MISSING. Whoever holds the root key: zegel partner pledge"
        lines.append(f"- pledge of confidentiality: {made}")
    return lines


def _line(item: Acceptance) -> str:
    who = "services" if item.worker is None else f"worker {item.worker}"
    if item.accepted:
        return f"- {who} ({', '.join(item.functions)}): accepted"
    late = "TIME IS OVER since" if item.blocked(now()) else "to accept before"
    return f"- {who} ({', '.join(item.functions)}): {late} {moment(item.due)}"
