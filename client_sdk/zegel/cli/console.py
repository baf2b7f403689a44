"""What the `zegel` command says, and how it ends: answers on standard output, what went wrong on standard error.

Exit codes: 0 done, 1 it could not be done, 2 wrong usage. Whatever may be expected to go wrong is told in sentences:
what happened, what is safe, what to do. With `--json` both are JSON, the error with its stable code, and a refusal with
every reason (`docs/decisions/0028-what-the-command-says-to-software.md`).
"""

import errno
import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import IO, Any, Final, TypeVar

import click

from zegel.cli.hyphens import guard
from zegel.cli.reasons import explain, more_of
from zegel.errors import ZegelError
from zegel_keys.keystore.errors import KeystoreError
from zegel_protocol.errors import ProtocolError

F = TypeVar("F", bound=Callable[..., Any])

USAGE: Final = "usage.wrong"
"""The code of wrong usage, with `--json`."""

_JSON: Final = "zegel.json"
_SHORT: Final = "zegel.short"
_EXPECTED: Final = (ZegelError, ProtocolError, KeystoreError, OSError)
# A name or a relay's word could otherwise move the cursor, and show other words than were checked.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _want_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.meta[_JSON] = True


def json_option(command: F) -> F:
    """Give a command the option `--json`."""
    option = click.option(
        "--json", is_flag=True, expose_value=False, is_eager=True, callback=_want_json, help="Answer in JSON."
    )
    return option(command)


def short_option(command: F) -> F:
    """Give a command the option `--quiet`: only the id of what was made is answered, for a script to go on with."""

    def note(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        if value:
            context.meta[_SHORT] = True

    option = click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=note, help="Answer the id alone.")
    return option(command)


class Failed(click.ClickException):
    """Something that was to be expected: `code` is stable, `parts` are sentences, `more` further facts for JSON."""

    def __init__(
        self,
        code: str,
        parts: tuple[str, ...],
        as_json: bool,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(" ".join(parts))
        self.code, self.parts, self.as_json, self.more = code, parts, as_json, more or {}

    def show(self, file: IO[Any] | None = None) -> None:
        """Write it to standard error."""
        if self.as_json:
            facts = {"code": self.code, "detail": self.message, **self.more}
            click.echo(json.dumps(facts, ensure_ascii=False), file, err=True)
        else:
            click.echo(plain("\n".join(self.parts)), file, err=True)


class WrongUsage(Failed):
    """Wrong usage, told in JSON."""

    exit_code = 2


class Commands(click.Group):
    """The group that all commands stand in: it turns expected errors into `Failed`, and lets no traceback out."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the options before the first command. Raises `Failed` or `click.UsageError`."""
        # Noted before anything is read: the option may stand behind the one that is wrong.
        as_json = "--json" in args
        try:
            context = super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise _wrong(error, as_json) from error
        context.meta[f"{_JSON}.named"] = as_json
        return context

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named, and what is for it. Raises `click.UsageError`."""
        return super().resolve_command(ctx, guard(self, args))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises `Failed` or `click.UsageError`."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _wrong(error, ctx.meta[f"{_JSON}.named"]) from error
        except _EXPECTED as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                # Whoever read the output has left: click ends quietly.
                raise
            code, parts = explain(error)
            raise Failed(code, parts, bool(ctx.meta.get(_JSON)), more_of(error)) from error


def _wrong(error: click.UsageError, as_json: bool) -> click.ClickException:
    """Return wrong usage as it is told: click's own words for people."""
    # Naming no command at all asks for help, and is answered with it.
    if not as_json or isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error
    return WrongUsage(USAGE, (error.format_message(),), as_json=True)


def plain(text: str) -> str:
    """Return text without characters that would steer a terminal; line ends and tabs stay."""
    return _CONTROLS.sub("\ufffd", text)


def wants_json() -> bool:
    """Whether the running command answers in JSON."""
    return bool(click.get_current_context().meta.get(_JSON))


def answer(facts: Mapping[str, Any], *lines: str, short: str | None = None) -> None:
    """Say what was done: `facts` with `--json`, `short` with `--quiet`, else `lines`."""
    if wants_json():
        click.echo(json.dumps(facts, ensure_ascii=False))
    elif short is not None and click.get_current_context().meta.get(_SHORT):
        click.echo(short)
    else:
        click.echo(plain("\n".join(lines)))


def aside(*lines: str) -> None:
    """Say something beside the answer, on standard error; not with `--json`, whose errors are read there."""
    if not wants_json():
        click.echo(plain("\n".join(lines)), err=True)


def now() -> int:
    """Return this moment in whole UTC seconds: the one place where the commands read the clock."""
    return int(time.time())


def moment(seconds: int) -> str:
    """Return a time as people read it: `2026-11-24 09:40 UTC`."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"
