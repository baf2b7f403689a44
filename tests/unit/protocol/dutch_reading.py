"""How easy Dutch reads, as far as counting can tell: Flesch-Douma, long sentences, words of the office.

The formula is Douma's of 1960, made for Dutch after Flesch: 206.84 - 0.93 x words a sentence - 77 x syllables a word.
Over 80 is easy, 60 to 70 is a newspaper. Its syllables are counted here by vowel groups, with the few loan words that a
Dutch rule gets wrong. What it can not see (whether the words make sense, and to whom) is in `docs/spec/texts.md`.
"""

import re

NUCLEI = re.compile(r"aai|ooi|oei|eeu|ieu|aa|ee|oo|uu|ie|oe|eu|ui|ij|ei|ey|ou|au|[aeiouyàáâäèéêëìíîïòóôöùúûü]")
"""What is said in one breath, the longest first: a vowel with a trema begins a new one, and so do two vowels that no
Dutch spelling joins (`ge-o-pend`)."""
LOANS = {"online": 2, "website": 2, "site": 1, "team": 1, "mail": 1, "tion": 1, "museum": 3, "geuit": 2}
"""Pieces of words that are not said as they would be spelt, with their syllables."""
_LOAN = re.compile("|".join(sorted(LOANS, key=len, reverse=True)))
_WORD = re.compile(r"[^\W_]+(?:['’.:-][^\W_]+)*")
_END = re.compile(r"[.?!]+(?=\s|$)|\n")

OFFICE = (
    "aangaande", "aanvang", "aanwenden", "achten", "alsmede", "alvorens", "authenticatie", "autorisatie", "bekomen",
    "behoudens", "belanghebbende", "betreffende", "betrokkene", "conform", "credential", "derden", "derhalve",
    "desbetreffend", "dient", "dienen", "doch", "encryptie", "gegevensdrager", "geschieden", "hetgeen", "hieromtrent",
    "indien", "ingevolge", "inzake", "krachtens", "metadata", "middels", "mits", "nopens", "omtrent", "onverwijld",
    "passkey", "rechtsgrond", "reeds", "rectificatie", "schriftelijk", "teneinde", "tevens", "token", "tenzij",
    "verifiëren", "verificatie", "versleuteld", "versleuteling", "verstrekken", "verstrekt", "verwerken", "verwerking",
    "verwerkt", "vigerend", "voormeld", "zulks",
)  # fmt: skip
"""Words of the office and of engineers, above B1: each has a daily word."""
_OFFICE = re.compile(rf"\b(?:{'|'.join(OFFICE)})(?:e|en|n|s)?\b", re.IGNORECASE)


def words(text: str) -> list[str]:
    """Return the words of a text; a number, a time (`9.40`) and a word with a hyphen are one each."""
    return _WORD.findall(text)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text that have a word; a line ends one too."""
    return [part.strip() for part in _END.split(text) if _WORD.search(part)]


def syllables(word: str) -> int:
    """Return the syllables of a word: an abbreviation in capitals is spelt out, a number counts for one."""
    if len(word) > 1 and word.isalpha() and word.isupper():
        return len(word)
    rest = word.lower()
    loans = sum(LOANS[found] for found in _LOAN.findall(rest))
    return max(1, loans + len(NUCLEI.findall(_LOAN.sub("-", rest))))


def ease(text: str) -> float:
    """Return the reading ease of a text by Flesch-Douma: the higher, the easier. Raises `ValueError` without a word."""
    told, counted = sentences(text), words(text)
    if not counted:
        raise ValueError("a text without words has no reading ease")
    return 206.84 - 0.93 * len(counted) / len(told) - 77 * sum(map(syllables, counted)) / len(counted)


def longest(text: str) -> tuple[int, str]:
    """Return the longest sentence of a text, in words, and the sentence."""
    return max(((len(words(sentence)), sentence) for sentence in sentences(text)), default=(0, ""))


def office_words(text: str) -> list[str]:
    """Return the words of a text that belong to an office."""
    return _OFFICE.findall(text)
