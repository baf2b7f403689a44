"""The `zegel-relay` command, a module for each group. Answers are JSON on standard output; logs go to stderr.

Exit codes: 0 done, 1 it could not be done (the line on standard error says what to do), 2 wrong usage.
"""

import click

from zegel_relay.cli.dead_letters import dead_letters
from zegel_relay.cli.export_case import export_case
from zegel_relay.cli.keys import init
from zegel_relay.cli.overdue import overdue
from zegel_relay.cli.refusals import refusals
from zegel_relay.cli.retention import retention
from zegel_relay.cli.serving import serve
from zegel_relay.cli.tables import backup_command, migrate, restored
from zegel_relay.cli.working import beat, worker


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="zegel")
def main() -> None:
    """Run a Zegel relay: it carries sealed messages, and cannot read them.

    \b
    Beginning:
      zegel-relay init --huis ID --folder relay > relay-keys.json
      zegel-relay serve --folder relay --port 8470

    Settings come from options, from ZEGEL_ and the name in capitals, or from the TOML file that ZEGEL_CONFIG names:
    docs/operations.md. Answers are JSON. Exit codes: 0 done; 1 it could not be done, and standard error says why; 2
    wrong usage.
    """


for command in (
    init, migrate, backup_command, restored, serve, worker, beat, refusals, overdue,
    dead_letters, retention, export_case,
):  # fmt: skip
    main.add_command(command)
