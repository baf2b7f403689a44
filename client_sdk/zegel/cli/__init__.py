"""The `zegel` command: the SDK for people, for scripts, and for software in another language.

Each group of commands has a module; `console` says how they answer and fail.
"""

import click

from zegel.cli.console import Commands, json_option
from zegel.cli.partner import partner
from zegel.cli.steward import steward


@click.group(cls=Commands)
@click.version_option(package_name="zegel")
@json_option
def main() -> None:
    """Zegel: sealed messages between partners, with the family's consent and its own copy."""


main.add_command(partner)
main.add_command(steward)
