"""`zegel enrol`: a person's keys, in person. A code on this screen, six words on two, and new keys for lost ones.

The secret in the code is shown and never written anywhere; it is worth nothing after ten minutes.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import click

from zegel import qr
from zegel.cli.console import answer, aside, moment, now, short_option, wants_json
from zegel.cli.desk import at_desk, household_of
from zegel.cli.values import DIGEST, ID, ORIGIN
from zegel.enrolments import Enrolled, EnrolmentError, OpenEnrolment, WaitingKeys
from zegel.partner import Partner
from zegel_keys.keystore import files
from zegel_protocol.objects.client_key import Means
from zegel_protocol.six_words import words_of_record

F = TypeVar("F", bound=Callable[..., Any])

MEANS: Final = click.Choice(get_args(Means))
FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.group("enrol", short_help="Enrol a person's phone, vouch for their keys, replace lost ones.")
def enrol() -> None:
    """Enrol a person's phone, vouch for their keys, replace lost ones. With the person at the table."""


def _at_table(command: F) -> F:
    """Give a command the options of an enrolment at the table."""
    for option in (
        click.option("--person", type=ID, required=True, help="The person's id (`zegel person add` gives it)."),
        click.option("--means", type=MEANS, required=True, help="How you know who sits there."),
        click.option("--svg", type=FILE, help="Write the code as a picture too; it is erased when you are done."),
        click.option("--address-only", is_flag=True, help="Print the code's address alone, for another screen."),
        click.option("--portal", type=ORIGIN, help="The portal's origin; else the first of the directory."),
        click.option("--yes-words-match", is_flag=True, help="For scripts that compared the words themselves."),
        short_option,
    ):
        command = option(command)
    return command


@enrol.command("show", short_help="Show a code for a person's phone, and vouch.")
@_at_table
@at_desk
async def show_command(partner: Partner, person: str, **options: Any) -> None:
    """Show a code for a person's phone, compare six words, and vouch for its keys.

    \b
    Example:
      zegel enrol show --person 91aa... --means id-card
    """
    await _enrol(partner, person, replaces=False, **options)


@enrol.command("replace", short_help="Begin new keys for a person who lost theirs.")
@_at_table
@at_desk
async def replace_command(partner: Partner, person: str, **options: Any) -> None:
    """Begin new keys for a person who lost theirs: they count after days, once a second partner vouched.

    \b
    Example:
      zegel enrol replace --person 91aa... --means known
    """
    await _enrol(partner, person, replaces=True, **options)


@enrol.command("vouch", short_help="Vouch for a person's keys, as a second partner.")
@click.option("--person", type=ID, required=True, help="The person at the table, with their phone.")
@click.option("--means", type=MEANS, required=True, help="How you know who sits there.")
@click.option("--key", "client_key", type=DIGEST, help="Which record, if no replacement waits: the phone shows it.")
@click.option("--yes-words-match", is_flag=True, help="For scripts that compared the words themselves.")
@at_desk
async def vouch_command(
    partner: Partner, person: str, means: Means, client_key: str | None, yes_words_match: bool
) -> None:
    """Vouch, as a second partner, for a person's keys: those that wait, or a record (`--key`) that is in force.

    \b
    Example:
      zegel enrol vouch --person 91aa... --means id-card
    """
    waiting = await partner.families.waiting(person)
    if client_key is None and waiting is None:
        raise click.UsageError("No replacement waits for this person. Say with --key which record you vouch for.")
    record = client_key or (waiting.client_key if waiting is not None else "")
    _require_match(words_of_record(record), yes_words_match)
    await partner.families.vouch(record, means)
    begins = waiting.effective_at if waiting is not None and waiting.client_key == record else None
    counts = f"They count from {moment(begins)}, unless the old keys' holder objects." if begins else "They count."
    answer({"client_key": record, "effective_at": begins}, f"You vouched for the keys {record}.", counts)


@enrol.command("pending", short_help="Say which new keys of a person wait.")
@click.option("--person", type=ID, required=True)
@at_desk
async def pending_command(partner: Partner, person: str) -> None:
    """Say which replacement of a person's keys waits, and for what.

    \b
    Example:
      zegel enrol pending --person 91aa...
    """
    waiting = await partner.families.waiting(person)
    facts = None if waiting is None else _facts(waiting)
    answer({"person": person, "waiting": facts}, *_lines(waiting))


async def _enrol(
    partner: Partner,
    person: str,
    *,
    replaces: bool,
    means: Means,
    svg: Path | None,
    address_only: bool,
    portal: str | None,
    yes_words_match: bool,
) -> None:
    household = await household_of(partner, (person,), None)
    opened = await partner.families.open_enrolment(household, person, replaces=replaces, origin=portal)
    try:
        _show(opened, svg, address_only)
        words = await opened.words()
        _require_match(words, yes_words_match)
        enrolled = await opened.finish(means)
    finally:
        if svg is not None:
            _erase(svg)
    answer(_enrolled_facts(enrolled, person), *_enrolled_lines(enrolled), short=enrolled.client_key)


def _show(opened: OpenEnrolment, svg: Path | None, address_only: bool) -> None:
    """Show the code. It goes to standard error, so that an answer in JSON or in a script's variable never holds it."""
    if svg is not None:
        files.write(svg, qr.svg(opened.address))
    code = opened.address if address_only or wants_json() else qr.terminal(opened.address)
    click.echo(code, err=True)
    aside(f"Let the person's phone read this code, before {moment(opened.expires)}. Show it to nobody else.")


def _erase(path: Path) -> None:
    path.unlink(missing_ok=True)


def _require_match(words: tuple[str, ...], match: bool) -> None:
    """Return if a person says that the phone shows the same words. Raises `EnrolmentError` (`enrolment.words`)."""
    aside("", "The phone must show these six words, in this order:", "", f"    {' '.join(words)}", "")
    if not match and not click.confirm("Does the phone show just these words?", err=True):
        raise EnrolmentError(
            "enrolment.words",
            "The phone shows other words, so the keys that arrived are not of that phone.",
            "Nothing was vouched for.",
            "Begin again with a new code; if it happens twice, tell the steward: somebody stands in between.",
        )


def _enrolled_facts(enrolled: Enrolled, person: str) -> dict[str, Any]:
    return {
        "person": person, "client_key": enrolled.client_key, "words": list(enrolled.words),
        "effective_at": enrolled.effective_at,
    }  # fmt: skip


def _enrolled_lines(enrolled: Enrolled) -> list[str]:
    if enrolled.effective_at is None:
        return [f"Enrolled. The record of these keys: {enrolled.client_key}"]
    return [
        f"The new keys wait. Their record: {enrolled.client_key}",
        f"A worker of a second partner vouches for them before {moment(enrolled.effective_at)} (`zegel enrol vouch`).",
        f"The phone shows them these words: {' '.join(enrolled.words)}",
        "Until then the old keys count; their holder is told, and can stop it.",
    ]


def _facts(waiting: WaitingKeys) -> dict[str, Any]:
    return {
        "client_key": waiting.client_key, "words": list(waiting.words), "effective_at": waiting.effective_at,
        "partner": waiting.partner, "vouched": list(waiting.vouched), "seconds_left": waiting.effective_at - now(),
    }  # fmt: skip


def _lines(waiting: WaitingKeys | None) -> list[str]:
    if waiting is None:
        return ["No replacement of this person's keys waits."]
    by = ", ".join(waiting.vouched) or "nobody yet: without a second partner it comes to nothing"
    return [
        f"A replacement waits, begun by {waiting.partner}: {waiting.client_key}",
        f"It counts from {moment(waiting.effective_at)}. Vouched by a second partner: {by}.",
        f"Its words: {' '.join(waiting.words)}",
    ]
