"""The client's own names in text, where they are not needed: who it is about is said by the section, not by its words.

The caller gives the names it knows; nothing is guessed, and no list of names is shipped. Whole names and each word of
them are looked for, in any case and without accents. A name that is also a common word (Roos, Wil) is flagged with the
word, which is why this only warns. Allowed in `who`.

Names are compared, never compiled into a pattern: the regular expression cache would keep them.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from zegel.content.folding import Folded, fold

PARTICLES: Final = frozenset({
    "al", "af", "ap", "ben", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "des", "di", "dit", "do",
    "dos", "du", "el", "et", "la", "le", "les", "ou", "san", "te", "ten", "ter", "ul", "van", "von", "y", "zu",
})  # fmt: skip
"""Words of names that are found as part of a name only."""

# The underscore is a letter to \w, but a space in file names.
_WORD = re.compile(r"[^\W_]+")
_GAP = 3
"""Characters between two words of one name, at most: a space, a hyphen, a comma and a space."""


class KnownNames:
    """The names of one client, ready to be looked for."""

    def __init__(self, names: Iterable[str]) -> None:
        found: set[tuple[str, ...]] = set()
        for name in names:
            words = tuple(_WORD.findall(fold(name).text))
            if len(words) > 1:
                found.add(words)
            found.update((word,) for word in words if len(word) > 1 and word not in PARTICLES)
        # By first word, longest first, so that a whole name is one finding.
        self._by_word: dict[str, list[tuple[str, ...]]] = {}
        for name_words in sorted(found, key=len, reverse=True):
            self._by_word.setdefault(name_words[0], []).append(name_words)

    def find(self, folded: Folded) -> Iterator[tuple[int, int]]:
        """Yield (start, end) in the folded text of each name, and of each word of a name with two letters or more."""
        words = [(match.group(), *match.span()) for match in _WORD.finditer(folded.text)]
        index = 0
        while index < len(words):
            count = self._match(words, index)
            if count:
                yield words[index][1], words[index + count - 1][2]
            index += count or 1

    def _match(self, words: list[tuple[str, int, int]], index: int) -> int:
        """Return how many words from `index` on are a known name; 0 when none are."""
        first = words[index][0]
        for start in (first, first.removesuffix("s")):
            for name in self._by_word.get(start, ()):
                part = words[index : index + len(name)]
                near = all(after[1] - before[2] <= _GAP for before, after in pairwise(part))
                if len(part) == len(name) and near and _same([word for word, _, _ in part], name):
                    return len(name)
        return 0


def _same(words: list[str], name: tuple[str, ...]) -> bool:
    """Return whether the words are the name; the last may have the s of the Dutch genitive."""
    return tuple(words[:-1]) == name[:-1] and words[-1] in (name[-1], f"{name[-1]}s")
