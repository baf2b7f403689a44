"""A finding: where matter stands that does not belong, and how bad that is. Never what it says.

Findings are passed around, counted and logged; so they hold positions, and whoever has the text can show the place to
the worker who wrote it, masked.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

Severity = Literal["refuse", "warn"]


class Matter(StrEnum):
    """What a detector looks for. Closed list; `docs/spec/content.md` documents each."""

    NATIONAL_NUMBER = "matter.national-number"
    IBAN = "matter.iban"
    EMAIL = "matter.email"
    PHONE = "matter.phone"
    ADDRESS = "matter.address"
    KNOWN_NAME = "matter.known-name"
    BIRTH_DATE = "matter.birth-date"
    NO_REASON = "matter.no-reason"


MASK: Final = "•"
_WORDLIKE = re.compile(r"\w")
# What an excerpt hides beside the finding itself: any digit, and any word that looks like a mail address.
_AROUND = re.compile(r"\d|\S*@\S*")


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in one field of a section.

    `start` and `end` count code points in the text of `field` as it was given; in the bytes of a file (`field` is
    `data`) they count bytes. `section` is the section's type. `refuse` stops the message; `warn` asks the worker
    whether it is meant. For anonymous kinds a caller treats both as a refusal.
    """

    code: Matter
    severity: Severity
    start: int
    end: int
    section: str
    field: str

    def excerpt(self, text: str, around: int = 16) -> str:
        """Return the place in `text` (the field's) with the found letters and digits masked, for the worker's screen.

        `around` characters on either side help to find it back; digits and mail addresses in those are masked too,
        because a second number often stands next to the first.
        """
        before = text[max(0, self.start - around) : self.start]
        after = text[self.end : self.end + around]
        found = _WORDLIKE.sub(MASK, text[self.start : self.end])
        return f"{_mask(before)}{found}{_mask(after)}"


def _mask(text: str) -> str:
    return _AROUND.sub(lambda match: MASK * len(match.group()), text)
