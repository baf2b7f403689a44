"""Mail addresses and phone numbers in text: Belgian in their usual layouts, and any number with a country code.

A number counts only in a layout in which people write it, because amounts, dates and file numbers have as many digits.
Not found: a foreign number without its country code, and short public numbers, which are nobody's.
"""

import re
from collections.abc import Iterator

from zegel.content.folding import Folded

# The local part is bounded as in RFC 5321, so that a long word without an @ costs no more than its length.
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.[^\W\d_]{2,24}(?![\w@])")

_GAP = r"[ ./-]{0,3}"
# Zones of one digit have seven digits after them, others six; a mobile number has ten in all.
_REST = (
    rf"(?:4[5-9][0-9]{_GAP}(?:[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}|[0-9]{{3}}{_GAP}[0-9]{{3}})"
    rf"|[2349]\)?{_GAP}(?:[0-9]{{3}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}|[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{3}})"
    rf"|[15678][0-9]\)?{_GAP}(?:[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}|[0-9]{{3}}{_GAP}[0-9]{{3}})"
    rf"|(?:800|90[0-9]|70){_GAP}[0-9]{{2,3}}{_GAP}[0-9]{{2,3}})"
)
_EDGE = r"(?![0-9])(?![./:-][0-9])"
_BELGIAN = re.compile(rf"(?<![\w+])(?<![0-9][.,/:-])\(?(?:(?:\+|00) ?32{_GAP}(?:\(0\){_GAP})?|0){_REST}{_EDGE}")
_INTERNATIONAL = re.compile(r"(?<![\w+])(?:\+ ?|00)[1-9](?:[ ./()-]{0,3}[0-9]){7,14}+(?![0-9])")


def find_emails(folded: Folded) -> Iterator[tuple[int, int]]:
    """Yield (start, end) in the folded text of each mail address."""
    for match in _EMAIL.finditer(folded.text):
        yield match.span()


def find_phones(folded: Folded) -> Iterator[tuple[int, int]]:
    """Yield (start, end) in the folded text of each phone number, none inside another."""
    end = 0
    spans = [m.span() for pattern in (_BELGIAN, _INTERNATIONAL) for m in pattern.finditer(folded.text)]
    for span in sorted(spans, key=lambda item: (item[0], -item[1])):
        if span[0] >= end:
            yield span
            end = span[1]
