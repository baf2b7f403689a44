"""A refusal in three plain sentences: what happened, what is safe, what to do.

Only what a refusal itself says stands in them: ids of people and digests are left out, and a refusal never holds
content (`zegel_protocol.refusal`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zegel_protocol.refusal import Refusal, Step
from zegel_protocol.texts.catalogue import enumeration, has, phrase

_OPAQUE = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+")
"""Ids of people, devices and messages, and bare numbers: they say nothing to a reader."""
_PLAIN = re.compile(r"(?=.{1,64}\Z)[a-z0-9]+(?:[./+-][a-z0-9]+)*")
"""Terms, partner ids and media types, which may be shown as they stand. Digests are not: they hold capitals."""

_VOCABULARY = ("category-plain", "part", "field", "purpose", "kind", "sector", "form", "basis", "function")
"""Sections in which a term is looked up, first to last: a term may be a word in several."""

_FIRST_OF_STEP = {
    Step.OTHER_PURPOSE: "purpose",
    Step.OTHER_RECIPIENT: "sector",
    Step.NARROW: "form",
    Step.ADD: "part",
}
_FIRST_OF_PARAM = {
    "purpose": "purpose",
    "kind": "kind",
    "sector": "sector",
    "form": "form",
    "part": "part",
    "basis": "basis",
    "reason": "withheld-reason",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened, what is safe, and what to do: each one or two short sentences."""

    what: str
    safe: str
    do: str

    @property
    def text(self) -> str:
        """All three, as one text."""
        return f"{self.what} {self.safe} {self.do}"


def explain(refusal: Refusal, language: str, names: Mapping[str, str]) -> Sentence:
    """Return a refusal in plain words.

    `names` are the reader's own words by id: organisations by partner id and, at a worker's desk, people by theirs.
    Raises `ProtocolError` (`text.language`; `text.param` for a name that is not plain text).
    """
    what = phrase(language, f"refusal.{refusal.code}")
    involved = _involved(language, {item.name: item.value for item in refusal.params}, names)
    if involved:
        what = phrase(language, "refusal-about.items", what=what, items=enumeration(language, involved))
    safe_key = f"refusal-safe.{refusal.code}"
    safe = phrase(language, safe_key if has(language, safe_key) else "refusal-safe.default")
    step = refusal.mend.step
    terms = [(term, _FIRST_OF_STEP.get(step)) for term in refusal.mend.what]
    concerned = _words(language, terms, names, raw=True)
    if concerned:
        return Sentence(what, safe, phrase(language, f"step-what.{step}", what=enumeration(language, concerned)))
    return Sentence(what, safe, phrase(language, f"step.{step}"))


def _involved(language: str, params: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """Return words for what a refusal is about: the type alone, in its form, where it names one; else all it names."""
    told = {name: _words(language, [(value, _FIRST_OF_PARAM.get(name))], names) for name, value in params.items()}
    if not told.get("type"):
        return list(dict.fromkeys(word for words in told.values() for word in words))
    form = told.get("form") if params.get("form") != "whole" else None
    return [phrase(language, "item.form", item=told["type"][0], form=form[0])] if form else told["type"]


def _words(
    language: str, terms: Iterable[tuple[str, str | None]], names: Mapping[str, str], *, raw: bool = False
) -> list[str]:
    """Return words for each (term, section to look in first), each once.

    A term without words is left out, or with `raw` shown as it stands where it can mean something. A refusal may come
    from a relay that lies, so nothing but a plain term is ever shown as it stands.
    """
    words: dict[str, None] = {}
    for named, first in terms:
        # Readers are named by `Party.key`.
        term = named.removeprefix("partner:").removeprefix("person:")
        word = names.get(term) or _vocabulary(language, term, first)
        if word is None and raw and _PLAIN.fullmatch(term) and not _OPAQUE.fullmatch(term):
            word = term
        if word is not None:
            words[word] = None
    return list(words)


def _vocabulary(language: str, term: str, first: str | None) -> str | None:
    for section in (first, *_VOCABULARY) if first else _VOCABULARY:
        key = f"{section}.{term.replace('_', '-')}"
        if has(language, key):
            return phrase(language, key)
    return None
