"""The `zegel-relay` command, a module for each group. Answers are JSON on standard output; logs go to stderr.

Exit codes: 0 done, 1 it could not be done (the line on standard error says what to do), 2 wrong usage.
"""

import click

from zegel_relay.cli.dead_letters import dead_letters
from zegel_relay.cli.export_case import export_case
from zegel_relay.cli.keys import init
from zegel_relay.cli.refusals import refusals
from zegel_relay.cli.retention import retention
from zegel_relay.cli.serving import serve
from zegel_relay.cli.tables import backup_command, migrate, restored
from zegel_relay.cli.working import beat, worker


@click.group()
@click.version_option(package_name="zegel")
def main() -> None:
    """Run a Zegel relay: it carries sealed messages, and cannot read them."""


for command in (
    init, migrate, backup_command, restored, serve, worker, beat, refusals, dead_letters, retention, export_case,
):  # fmt: skip
    main.add_command(command)
