"""In which language the Huis speaks to who types: the words of its catalogues, such as a refusal or a reminder.

Dutch, unless `zegel --language` or `ZEGEL_LANGUAGE` says otherwise. The command's own words are English in both.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from zegel_protocol.texts.catalogue import LANGUAGES

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT: Final = "nl"
_KEY: Final = "zegel.language"


def _note(context: click.Context, _parameter: click.Parameter, value: str) -> None:
    context.meta[_KEY] = value


def language_option(command: F) -> F:
    """Give the whole command the option `--language`, before the command that is named."""
    option = click.option(
        "--language", type=click.Choice(sorted(LANGUAGES)), default=DEFAULT, show_default=True,
        envvar="ZEGEL_LANGUAGE", show_envvar=True, expose_value=False, callback=_note,
        help="Of what the Huis says: refusals, reminders, whom to phone.",
    )  # fmt: skip
    return option(command)


def spoken() -> str:
    """Return the language in which the Huis speaks to who runs this command."""
    context = click.get_current_context(silent=True)
    return str(context.meta.get(_KEY, DEFAULT)) if context is not None else DEFAULT
