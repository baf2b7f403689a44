"""The kinds of values that options take, each refused in a sentence: ids, digests, origins, days, types of sections.

What is wrong is said here, before anything is asked or opened; what a value *means* is for the SDK to judge.
"""

import re
from datetime import UTC, date, datetime, time
from typing import Any, Final

import click

from zegel.cli.console import now

_SLUG: Final = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")
_DAYS: Final = re.compile(r"([0-9]{1,4})d")
_NOON: Final = time(12, tzinfo=UTC)


class _Matching(click.ParamType[str]):
    """Text that has one shape; `says` is the sentence for what has not."""

    def __init__(self, name: str, pattern: str, longest: int, says: str) -> None:
        self.name, self._pattern, self._longest, self._says = name, re.compile(pattern), longest, says

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text. Raises `click.BadParameter`."""
        text = str(value)
        if len(text) > self._longest or not self._pattern.fullmatch(text):
            self.fail(f"{text!r} {self._says}", param, ctx)
        return text


PARTNER: Final = _Matching(
    "partner", _SLUG.pattern, 64,
    "is no partner's id: lower-case letters, digits and single dashes or dots, such as ocmw-gent.",
)  # fmt: skip
ID: Final = _Matching(
    "id", "[0-9a-f]{32}", 32, "is no id of a person, household or device: 32 characters of 0-9 and a-f."
)
DIGEST: Final = _Matching(
    "digest", "[A-Za-z0-9_-]{43}", 43, "is no digest: 43 letters, digits, - and _, as another command printed it."
)
CONFERENCE: Final = _Matching(
    "conference", "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", 36,
    "is no id of a consultation, as `zegel conference convene` printed it.",
)  # fmt: skip
MONTH: Final = _Matching("month", "[0-9]{4}-(?:0[1-9]|1[0-2])", 7, "is no month: year and month, such as 2019-05.")
TERM: Final = _Matching("term", _SLUG.pattern, 48, "is no word of the rulebook, such as money or report-back.")


class _Origin(click.ParamType[str]):
    """A web origin; a slash at its end is taken off, for it means nothing there."""

    name = "origin"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the origin as it is signed. Raises `click.BadParameter`."""
        text = str(value).removesuffix("/")
        scheme, separator, host = text.partition("://")
        # Neither scheme nor host knows capitals; what is signed has one spelling.
        text = f"{scheme.lower()}{separator}{host.lower()}"
        if len(text) > 200 or not _ORIGIN.fullmatch(text):
            self.fail(
                f"{value!r} is no origin: https:// and a host, and a port if it has one; no path behind it. "
                "Such as https://relay.example.",
                param,
                ctx,
            )
        return text


ORIGIN: Final = _Origin()


class _Scope(click.ParamType[tuple[str, str]]):
    """A section's type, and its form behind a colon: `money`, `who:first-name`."""

    name = "type[:form]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return type and form, which is `whole` unless it is said. Raises `click.BadParameter`."""
        if isinstance(value, tuple):
            return value[0], value[1]
        kind, _, form = str(value).partition(":")
        return TERM.convert(kind, param, ctx), TERM.convert(form or "whole", param, ctx)


SCOPE: Final = _Scope()


class _Pair(click.ParamType[tuple[str, str]]):
    """`left=right`, where something stands on both sides."""

    def __init__(self, left: str, right: str, example: str) -> None:
        self.name, self._example = f"{left}={right}", example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return both sides. Raises `click.BadParameter`."""
        if isinstance(value, tuple):
            return value[0], value[1]
        left, found, right = str(value).partition("=")
        if not (left and found and right):
            # The value itself is not repeated: it may be what a family confided.
            self.fail(f"{self.name} is asked for, such as {self._example}.", param, ctx)
        return left, right


NOTE: Final = _Pair("TYPE", "TEXT", "'money=Drie deurwaarders.', or money=@file for a file's text")
FILE_SECTION: Final = _Pair("TYPE", "PATH", "school=rapport.pdf")
ROLE: Final = _Pair("PERSON", "ROLE", "0123...=authority")


class _Witness(click.ParamType[tuple[str, str]]):
    """A device that witnesses, as `zegel keys -q` prints it: partner and device."""

    name = "partner/device"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return partner and device. Raises `click.BadParameter`."""
        if isinstance(value, tuple):
            return value[0], value[1]
        partner, found, device = str(value).partition("/")
        if not found:
            self.fail(
                f"{value!r} is no device of a worker: it is what `zegel keys -q` prints on that device.", param, ctx
            )
        return PARTNER.convert(partner, param, ctx), ID.convert(device, param, ctx)


WITNESS: Final = _Witness()


class _Moment(click.ParamType[int]):
    """A day (its noon, UTC), a number of days from now, or a time with its zone."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return UTC seconds. Raises `click.BadParameter`."""
        if isinstance(value, int):
            return value
        text = str(value)
        if days := _DAYS.fullmatch(text):
            return now() + int(days[1]) * 86_400
        try:
            if len(text) == 10:
                return int(datetime.combine(date.fromisoformat(text), _NOON).timestamp())
            moment = datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail(
                f"{text!r} is no day: such as 2026-12-01, 3d for three days from now, or 2026-12-01T10:30+01:00.",
                param,
                ctx,
            )
        return int(moment.timestamp())


MOMENT: Final = _Moment()
