"""Where passphrases come from: a file that is named, or the person at the keyboard. Never an argument or a variable.

Arguments and environment variables are seen by other processes, and stay in histories; the variable
`ZEGEL_PASSPHRASE_FILE` only names a file.
"""

import getpass
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from zegel_keys.keystore.key_file import KeyFile, RootKind

F = TypeVar("F", bound=Callable[..., Any])

VARIABLE: Final = "ZEGEL_PASSPHRASE_FILE"
SHORT: Final = 14
"""Characters below which a new passphrase is warned about; it is taken all the same."""
_MAX_BYTES: Final = 4096


def passphrase_option(command: F) -> F:
    """Give a command the option `--passphrase-file`, as the parameter `passphrase_file`."""
    option = click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar=VARIABLE,
        show_envvar=True,
        help="File whose first line is the passphrase (/dev/fd/3 for a descriptor); without it, you are asked.",
    )
    return option(command)


def passphrase(file: Path | None, what: str, *, new: bool = False) -> str:
    """Return the passphrase of `what`: the first line of `file`, or what the person types (a new one twice).

    Raises `OSError`, or `click.BadParameter` for a file that is none.
    """
    secret = _read(file, what, new=new)
    if new and len(secret) < SHORT:
        click.echo(
            f"This passphrase is short: whoever gets a copy of the file can try many. {SHORT} characters or more, "
            "such as four words that have nothing to do with each other, are safer.",
            err=True,
        )
    return secret


def _read(file: Path | None, what: str, *, new: bool) -> str:
    if file is None:
        return _asked(what, new=new)
    with file.open("rb") as opened:
        data = opened.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise click.BadParameter(f"{file} is too large for a passphrase.", param_hint="--passphrase-file")
    # A passphrase need not be UTF-8; the vault takes surrogates.
    return data.decode("utf-8", "surrogateescape").partition("\n")[0].removesuffix("\r")


def _asked(what: str, *, new: bool) -> str:
    try:
        with warnings.catch_warnings():
            # Said in one line by `getpass` itself, too.
            warnings.simplefilter("ignore", getpass.GetPassWarning)
            return str(click.prompt(f"Passphrase of {what}", hide_input=True, confirmation_prompt=new, err=True))
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise click.UsageError(
            f"Nobody is here to be asked for the passphrase of {what}: name a file with it (--help says how)."
        ) from None


def open_keys(paths: Iterable[Path], kind: RootKind, file: Path | None) -> list[KeyFile]:
    """Open key files: with one passphrase for all from `file`, or one asked for each. Raises as `KeyFile.open`."""
    return [KeyFile.open(path, passphrase(file, str(path)), kind) for path in paths]
