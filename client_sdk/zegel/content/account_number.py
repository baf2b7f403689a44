"""IBANs of any country in text, spaced or not. Only the right length, structure and check digits count.

Allowed in `money`, refused elsewhere: an account number is of use to who pays or collects, and to nobody else. Old
national account numbers without a country code are not looked for.
"""

import re
from collections.abc import Iterator

from stdnum import iban

from zegel.content.folding import Folded

_START = re.compile(r"(?:(?<=iban)|(?<![a-z0-9]))[a-z]{2}[ ._-]?[0-9]{2}")
_SEPARATORS = " ._-/\n"
_SHORTEST, _LONGEST = 15, 34


def find_ibans(folded: Folded) -> Iterator[tuple[int, int]]:
    """Yield (start, end) in the folded text of each IBAN."""
    position = 0
    while match := _START.search(folded.text, position):
        end = _end(folded.text, match.start())
        if end is not None:
            yield match.start(), end
        position = end or match.start() + 1


def _end(text: str, start: int) -> int | None:
    """Return where an IBAN that starts at `start` ends: the first length that is whole and valid."""
    number = ""
    gap = 0
    for index in range(start, len(text)):
        char = text[index]
        if char in _SEPARATORS and gap < 2:
            gap += 1
            continue
        if not (char.isascii() and char.isalnum()) or len(number) == _LONGEST:
            return None
        gap = 0
        number += char
        whole = index + 1 == len(text) or not (text[index + 1].isascii() and text[index + 1].isalnum())
        # Without the check of the country's own bank codes, which knows few countries and changes with mergers.
        if whole and len(number) >= _SHORTEST and iban.is_valid(number, check_country=False):
            return index + 1
    return None
