"""What the `zegel` command says, and how it ends: answers on standard output, what went wrong on standard error.

Exit codes: 0 done, 1 it could not be done, 2 wrong usage. Whatever may be expected to go wrong is told in sentences:
what happened, what is safe, what to do. With `--json` both are JSON, the error with its stable code.
"""

import errno
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import IO, Any, Final, TypeVar

import click

from zegel.errors import Refused, ZegelError
from zegel_keys.keystore.errors import KeystoreError
from zegel_protocol.errors import ProtocolError

F = TypeVar("F", bound=Callable[..., Any])

_JSON: Final = "zegel.json"
_EXPECTED: Final = (ZegelError, ProtocolError, KeystoreError, OSError)


def _want_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.meta[_JSON] = True


def json_option(command: F) -> F:
    """Give a command the option `--json`."""
    option = click.option(
        "--json", is_flag=True, expose_value=False, is_eager=True, callback=_want_json, help="Answer in JSON."
    )
    return option(command)


class Failed(click.ClickException):
    """Something that was to be expected: `code` is stable, `parts` are sentences."""

    def __init__(self, code: str, parts: tuple[str, ...], as_json: bool) -> None:
        super().__init__(" ".join(parts))
        self.code, self.parts, self.as_json = code, parts, as_json

    def show(self, file: IO[Any] | None = None) -> None:
        """Write it to standard error."""
        if self.as_json:
            click.echo(json.dumps({"code": self.code, "detail": self.message}, ensure_ascii=False), file, err=True)
        else:
            click.echo("\n".join(self.parts), file, err=True)


class Commands(click.Group):
    """The group that all commands stand in: it turns expected errors into `Failed`, and lets no traceback out."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises `Failed`."""
        try:
            return super().invoke(ctx)
        except _EXPECTED as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                # Whoever read the output has left: click ends quietly.
                raise
            code, parts = explain(error)
            raise Failed(code, parts, bool(ctx.meta.get(_JSON))) from error


def explain(error: Exception) -> tuple[str, tuple[str, ...]]:
    """Return an expected error's code and sentences."""
    if isinstance(error, Refused):
        return error.code, tuple(str(error).splitlines())
    if isinstance(error, ZegelError):
        return error.code, tuple(part for part in (error.what, error.safe, error.do) if part)
    if isinstance(error, KeystoreError):
        return error.code, (error.detail,)
    if isinstance(error, ProtocolError):
        where = f" at {error.path}" if error.path else ""
        what = f"What was given or fetched does not hold{where}: {error.detail or error.code} ({error.code})."
        return error.code, (
            what,
            "It was not used, and nothing was changed.",
            "Mend it, or get it anew from its maker.",
        )
    if isinstance(error, OSError) and error.filename is not None:
        what = f"{error.filename} cannot be used: {error.strerror or type(error).__name__}."
        return "file.unusable", (what, "Check its name, and who may read and write it.")
    return "system.failed", (f"The system could not do it: {error}.", "Mend that, and try again.")


def answer(facts: Mapping[str, Any], *lines: str) -> None:
    """Say what was done: `facts` with `--json`, else `lines`."""
    if click.get_current_context().meta.get(_JSON):
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.echo("\n".join(lines))


def now() -> int:
    """Return this moment in whole UTC seconds: the one place where the commands read the clock."""
    return int(time.time())


def moment(seconds: int) -> str:
    """Return a time as people read it: `2026-11-24 09:40 UTC`."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"
