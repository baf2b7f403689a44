"""Text as the detectors read it: one spelling of digits, dashes, spaces and letters, with the way back to the original.

A number typed with no-break spaces, full-width or Arabic digits, or an invisible character between its digits is still
that number; a name without its accents is still that name. Folding is for looking only: what is sent stays as typed.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_LETTERS: Final = {
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th",
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'",
    "·": ".", "•": ".", "∙": ".", "−": "-", "ـ": "",
}  # fmt: skip
"""What Unicode does not decompose but people type for one another. The last is Arabic's stretching of a word."""


@dataclass(frozen=True, slots=True, repr=False)
class Folded:
    """Folded text; `origin[i]` is the index in `source` of the character that folded character `i` came from."""

    source: str
    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` (not empty) stands in the source, as start and end."""
        return self.origin[start], self.origin[end - 1] + 1

    def capital(self, index: int) -> bool:
        """Return whether the folded character at `index` was an upper-case letter."""
        return self.source[self.origin[index]].isupper()


def fold(text: str) -> Folded:
    """Return `text` in lower case, without accents and invisible characters, with ASCII digits, dashes and spaces."""
    parts: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        piece = char if char == "\n" else _fold_char(char)
        parts.append(piece)
        origin.extend([index] * len(piece))
    return Folded(text, "".join(parts), tuple(origin))


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(char)
    if category == "Pd":
        return "-"
    if category in ("Zs", "Zl", "Zp", "Cc"):
        return " "
    folded = ""
    for part in unicodedata.normalize("NFKD", _LETTERS.get(char, char)).casefold():
        # Casefolding can leave a mark of its own (the dot of İ), so marks go last.
        if unicodedata.category(part) not in ("Mn", "Me", "Cf"):
            folded += _LETTERS.get(part, part)
    return folded
