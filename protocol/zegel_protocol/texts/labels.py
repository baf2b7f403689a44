"""Words for the vocabulary: categories as a client hears them, lists of scopes, organisations, and free terms.

The order in which categories are read stands here, because the wire sorts them by their ids and people read what they
know best first.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.texts.catalogue import has, phrase

Voice = Literal["yours", "child", "plain"]
"""Whose information it is to the reader: their own, their one child's, or of several people."""

READING_ORDER = (
    "who", "contact", "lang", "ask", "plan", "follow", "home", "helpers", "strength", "parenting", "growth", "school",
    "childcare", "money", "housing", "work", "rights", "stay", "health", "mind", "addiction", "disability", "relation",
    "violence", "justice", "question", "answer", "motivation", "alternatives", "agreement", "steps", "agenda", "report",
)  # fmt: skip
"""Categories, then parts; a type that is not listed comes last, by its id."""

CHOICE_OF_FORM = frozenset({"who", "ask", "housing", "rights", "health"})
"""Categories that can be shared in a narrower form: of these `whole` is said too, so that it is seen to be a choice."""

HIGHLY_SENSITIVE = frozenset({"stay", "health", "mind", "addiction", "disability", "relation", "violence", "justice"})
"""Categories that a consent's text warns of. Fixed here and not read from the rulebook, and so is `CHOICE_OF_FORM`: a
text has to come out the same years later, when another rulebook is in force."""

_SECTIONS_OF_RULES = (
    ("purposes", ("purpose", "purpose-why")),
    ("kinds", ("kind",)),
    ("sectors", ("sector",)),
    ("forms", ("form",)),
    ("categories", ("category", "category-yours", "category-child", "category-plain")),
    ("parts", ("part",)),
)
_SECTIONS_OF_CODES = (
    ("withheld_reasons", "withheld-reason"),
    ("revocation_reasons", "revocation-reason"),
    ("unable_codes", "unable"),
    ("necessity_codes", "necessity"),
    ("kept_reasons", "kept-reason"),
)


def reading_order(types: Iterable[str]) -> list[str]:
    """Return types in the order in which people read them."""
    places = {name: place for place, name in enumerate(READING_ORDER)}
    return sorted(types, key=lambda name: (places.get(name, len(places)), name.encode()))


def type_in_words(language: str, kind: str, voice: Voice) -> str:
    """Return a category (`uw gezondheid`) or a part (`de afspraak`) in daily words.

    Raises `ProtocolError` (`text.missing`) when the catalogue has no words for it.
    """
    part = f"part.{kind}"
    return phrase(language, part if has(language, part) else f"category-{voice}.{kind}")


def scope_in_words(language: str, kind: str, form: str, voice: Voice) -> str:
    """Return a type with its form, where there is a choice: `uw gezondheid (alleen de kosten)`.

    Raises as `type_in_words`.
    """
    item = type_in_words(language, kind, voice)
    if form == "whole" and kind not in CHOICE_OF_FORM:
        return item
    return phrase(language, "item.form", item=item, form=phrase(language, f"form.{form}"))


def partner_name(language: str, partner: str, names: Mapping[str, str]) -> str:
    """Return an organisation's name, or the words for `an organisation` where it is not known."""
    return names.get(partner) or phrase(language, "party.partner")


def missing_words(language: str, rulebook: Rulebook) -> tuple[str, ...]:
    """Return the keys of all phrases that a rulebook's own words need and the catalogue lacks, sorted.

    For the steward, before signing: a consent to a category without words cannot be shown, so it cannot be given.
    Raises `ProtocolError` (`text.language`).
    """
    needed = {
        f"{section}.{item.id}"
        for field, sections in _SECTIONS_OF_RULES
        for item in getattr(rulebook, field)
        for section in sections
    }
    needed |= {f"{section}.{code}" for field, section in _SECTIONS_OF_CODES for code in getattr(rulebook, field)}
    needed |= {f"delay-reason.{code}" for code in rulebook.safety.delay_codes}
    return tuple(sorted(key for key in needed if not has(language, key)))
