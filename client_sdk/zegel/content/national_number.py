"""Belgian national numbers and bis numbers in text, however they are spaced. Rulebook: no category, refused everywhere.

Eleven digits: a date of birth (a bis number adds 20 or 40 to the month), a counter, and two check digits over the nine
before them, with a 2 put before those for people born since 2000. The check digits alone pass one number in fifty, and
phone numbers, opening hours and amounts have digits too; so what counts depends on the layout:

- groups that end where parts of the number end (2, 4, 6 or 9 digits in): check digits, also inside a longer row;
- groups of one size (a number typed in threes, or digit by digit): check digits, and no other digits beside it;
- the printed layout `00.00.00-000.00`, or any layout after a word such as *rijksregisternummer*: whatever the check
  digits say, because a mistyped number is still somebody's. (*RR* alone says nothing: it is a blood pressure too.)

Not found: a number written in words, or spread over fields. Detectors guard against mistakes, not against intent.
"""

import re
from collections.abc import Iterator
from itertools import accumulate

from stdnum.be import bis, nn

from zegel.content.folding import Folded

_DIGITS = 11
_RUN = re.compile(r"[0-9]+(?:(?:[ \n]{0,3}[./\\_|:'-][ \n]{0,2}|,|[ \n]{1,3})[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_PARTS = frozenset({2, 4, 6, 9, 11})
_PRINTED = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2} ?- ?[0-9]{3}[.-][0-9]{2}")
_WORD = re.compile(
    r"(?:rijksregister|registre national|numero national|national number|nationaal nummer"
    r"|(?<![a-z])(?:rrn|niss|insz|inss|bis-?(?:nummer|nr|number)|numero bis)(?![a-z]))[^\n0-9]{0,30}\Z"
)
_DATE = re.compile(r"[0-9]{1,2} ?[./-] ?[0-9]{1,2} ?[./-] ?(?:19|20)[0-9]{2}(?![0-9])")
_BEFORE = 60
"""Characters looked back for such a word."""


def find_national_numbers(folded: Folded) -> Iterator[tuple[int, int]]:
    """Yield (start, end) in the folded text of each national or bis number."""
    text = folded.text
    for run in _RUN.finditer(text):
        groups = [(run.start() + m.start(), run.start() + m.end()) for m in _GROUP.finditer(run.group())]
        first = 0
        while first < len(groups):
            last = _window(groups, first)
            if last is not None and _counts(text, groups, first, last):
                yield groups[first][0], groups[last][1]
                first = last
            first += 1


def is_national_number(digits: str) -> bool:
    """Return whether eleven ASCII digits are a national or bis number by their month and check digits.

    The library compares the year with this machine's clock before it tries the form for births since 2000; a clock
    that is behind would let a newborn's number through, so that form is tried here in any case.
    """
    if nn.is_valid(digits) or bis.is_valid(digits):
        return True
    return _plausible(digits) and 97 - int(f"2{digits[:9]}") % 97 == int(digits[9:])


def _window(groups: list[tuple[int, int]], first: int) -> int | None:
    """Return the index of the group that completes eleven digits counted from group `first`, or None."""
    count = 0
    for index in range(first, len(groups)):
        count += groups[index][1] - groups[index][0]
        if count >= _DIGITS:
            return index if count == _DIGITS else None
    return None


def _counts(text: str, groups: list[tuple[int, int]], first: int, last: int) -> bool:
    chosen = groups[first : last + 1]
    start, end = chosen[0][0], chosen[-1][1]
    digits = "".join(text[a:b] for a, b in chosen)
    if _WORD.search(text, max(0, start - _BEFORE), start) and not _DATE.search(text, start, end):
        return True
    if _PRINTED.fullmatch(text, start, end):
        return _plausible(digits)
    # A plus makes it a phone number: +32 and nine digits are eleven.
    if text[max(0, start - 1) : start] == "+":
        return False
    sizes = [b - a for a, b in chosen]
    by_parts = set(accumulate(sizes)) <= _PARTS
    alone = first == 0 and last == len(groups) - 1
    by_size = alone and max(sizes) <= 5 and len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0]
    return (by_parts or by_size) and is_national_number(digits)


def _plausible(digits: str) -> bool:
    """Return whether the month can be one: 0 when unknown, with 20 or 40 added in a bis number."""
    month = int(digits[2:4])
    return month % 20 <= 12 and month <= 52
