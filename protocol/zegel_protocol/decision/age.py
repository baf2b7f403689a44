"""Ages as the rules need them: under 12, 12 to 17, adult.

Known by month only, so a birthday counts from the first of its month: a little early, in favour of the young person's
own say. Source: RULEBOOK, Persons.
"""

from datetime import UTC, datetime
from enum import Enum

from zegel_protocol.objects.person import Person


class Age(Enum):
    """The three ages between which the rules differ."""

    CHILD = "under 12"
    YOUNG = "12 to 17"
    ADULT = "adult"


def month_of(at: int) -> str:
    """Return the UTC month of a time in seconds, as `2026-11`."""
    day = datetime.fromtimestamp(at, UTC)
    return f"{day.year:04}-{day.month:02}"


def month_start(month: str) -> int:
    """Return the first second of a month, in seconds since 1970 UTC."""
    return int(datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC).timestamp())


def age(person: Person, at: int) -> Age:
    """Return the age of a person at a time in seconds."""
    now = month_of(at)
    if person.turns12 is not None and now < person.turns12:
        return Age.CHILD
    if person.turns18 is not None and now < person.turns18:
        return Age.YOUNG
    return Age.ADULT


def told(person: Person, at: int) -> tuple[str, ...]:
    """Return who is told of what is shared about a person: themselves, or for a child who holds authority over them.

    Whom a safety flag or court order silences is left out. From 12 on parents are not told by default.
    """
    if age(person, at) is Age.CHILD:
        return tuple(holder for holder in person.authority if holder not in person.silenced)
    return (person.person,)
