"""The `zegel` command: the SDK for people, for scripts, and for software in another language.

Each group of commands has a module; `console` says how they answer and fail.
"""

from typing import Final

import click

from zegel.cli.alarm import alarm
from zegel.cli.ask import ask_command
from zegel.cli.assign import assign
from zegel.cli.code import code
from zegel.cli.completion import completion_command
from zegel.cli.conference import conference
from zegel.cli.consent import consent
from zegel.cli.console import Commands, json_option
from zegel.cli.deadlines import deadlines_command
from zegel.cli.drafts import drafts, flush_command
from zegel.cli.duties import duties_command, letter_command, told_command, untold_command
from zegel.cli.enrol import enrol
from zegel.cli.erasures import erasures
from zegel.cli.keys import keys
from zegel.cli.language import language_option
from zegel.cli.partner import partner
from zegel.cli.person import person
from zegel.cli.prove import prove_command
from zegel.cli.reading import inbox_command, open_command
from zegel.cli.reply import reply_command
from zegel.cli.report import report_command
from zegel.cli.send import send_command
from zegel.cli.sent import events_command, sent_command
from zegel.cli.steward import steward
from zegel.cli.stop_code import stop_code_command
from zegel.cli.word import word_command

CHAPTERS: Final[dict[str, tuple[click.Command, ...]]] = {
    "Danger": (alarm,),
    "Messages": (
        send_command,
        inbox_command,
        open_command,
        report_command,
        ask_command,
        reply_command,
        word_command,
        prove_command,
    ),
    "Working together": (conference, deadlines_command, erasures, assign),
    "What was sent": (sent_command, events_command, drafts, flush_command),
    "Families": (
        person,
        enrol,
        consent,
        duties_command,
        letter_command,
        told_command,
        untold_command,
        stop_code_command,
    ),
    "This device": (keys, code, completion_command),
    "A Huis": (steward, partner),
}
"""The commands in the order in which help shows them."""


class _Main(Commands):
    """The whole command: its help shows the commands by chapter."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands' names and short helps."""
        for title, commands in CHAPTERS.items():
            with formatter.section(title):
                formatter.write_dl([(str(item.name), item.get_short_help_str(100)) for item in commands])


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="zegel")
@language_option
@json_option
def main() -> None:
    """Zegel: sealed messages between partners, with the family's consent and its own copy.

    \b
    Exit codes: 0 done; 1 it could not be done, and standard error says why; 2 wrong usage.
    """


for chapter in CHAPTERS.values():
    for command in chapter:
        main.add_command(command)
