"""Whether a motivation says why, or only fills its field: a dash, "see file", one word four times (articles 7, 10).

The client reads it, and a colleague signs after it: so it holds words. Whether they are true is for people.
"""

import re
from typing import Final

PART: Final = "motivation"
"""The part of the rulebook that says why."""

LEAST_WORDS: Final = 4
"""Different words of two letters or more. Turkish says "the child has bruises on the body" in four."""

_WORD: Final = re.compile(r"[^\W\d_]{2,}")


def says_why(text: str) -> bool:
    """Return whether a text holds as many words as a reason takes."""
    return len({word.casefold() for word in _WORD.findall(text)}) >= LEAST_WORDS
