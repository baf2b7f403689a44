"""Ages as the rules need them: under 12, 12 to 17, adult.

Known by month only, so a birthday counts from the first of its month: a little early, in favour of the young person's
own say. `docs/spec/persons.md`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum

from zegel_protocol.objects.person import Person

LAST = 253_402_300_799
"""The last second of the year 9999, in seconds since 1970 UTC."""


class Age(Enum):
    """The three ages between which the rules differ."""

    CHILD = "under 12"
    YOUNG = "12 to 17"
    ADULT = "adult"


def month_of(at: int) -> str:
    """Return the UTC month of a time in seconds, as `2026-11`."""
    # A time beyond the calendar is as good as its end: everyone is grown up by then.
    day = datetime.fromtimestamp(min(at, LAST), UTC)
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


def who_signs(person: Person, at: int) -> frozenset[str]:
    """Return who says yes for a person: themselves alone, or those who may in their place, at a time in seconds.

    A rebuttal that is in force turns round what the age of a minor presumes. Silenced holders neither sign nor are
    needed.
    """
    years = age(person, at)
    capable = years is not Age.CHILD
    if years is not Age.ADULT and person.capability is not None and at < person.capability.until:
        capable = person.capability.capable
    return frozenset({person.person}) if capable else frozenset(person.authority) - frozenset(person.silenced)


def told(person: Person, at: int) -> tuple[str, ...]:
    """Return who is told of what is shared about a person: themselves, or for a child who holds authority over them.

    Whom a safety flag or court order silences is left out. From 12 on parents are not told by default; trusted adults
    are told with a young person, until 18.
    """
    years = age(person, at)
    if years is Age.CHILD:
        return tuple(holder for holder in person.authority if holder not in person.silenced)
    return (person.person, *person.trusted) if years is Age.YOUNG else (person.person,)


def silenced_for(people: Iterable[Person]) -> frozenset[str]:
    """Return whom a safety flag or court order silences for any of these people."""
    return frozenset(holder for person in people for holder in person.silenced)


def told_together(people: Iterable[Person], at: int) -> frozenset[str]:
    """Return who is told of what is shared about all of these people at once, at a time in seconds.

    Whoever is told of one of them, but nobody who is silenced for another: words about two children are words about
    each, and somebody silenced for one would read of that one through the other.
    """
    subjects = tuple(people)
    return frozenset(who for person in subjects for who in told(person, at)) - silenced_for(subjects)


def may_object(person: Person, at: int) -> frozenset[str]:
    """Return who may object to what is shared about a person: they at any age, and whoever says yes in their place.

    For a child under 12 that is always who holds authority too, though a rebuttal lets the child say yes.
    """
    entitled = who_signs(person, at) | {person.person}
    if age(person, at) is Age.CHILD:
        entitled |= frozenset(person.authority) - frozenset(person.silenced)
    return entitled
