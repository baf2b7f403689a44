"""`zegel completion`: the script that makes a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

NAME = "zegel"
_SHELLS = ("bash", "zsh", "fish")


@click.command("completion", short_help="Print the script that makes your shell complete.")
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete this command.

    \b
    Examples:
      eval "$(zegel completion bash)"                               # in ~/.bashrc
      zegel completion fish > ~/.config/fish/completions/zegel.fish
    """
    made = get_completion_class(shell)
    # The choice above holds no other shells than click knows.
    if made is not None:
        click.echo(made(context.find_root().command, {}, NAME, "_ZEGEL_COMPLETE").source())
