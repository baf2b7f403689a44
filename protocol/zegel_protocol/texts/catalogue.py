"""The catalogues: two files of plain words a language, and filling in a sentence.

The first file has what everyone says, signed texts among it; the second, `page-...`, the words of the family's page
alone. A catalogue has sections, and each section has phrases by key; together they are addressed as `section.key`. A
phrase may hold `{name}` placeholders and nothing else: no plurals, no formats, no markup, so that every implementation
fills it in alike. What is filled in is never read as a phrase again.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from zegel_protocol.errors import ProtocolError

LANGUAGES = ("ar", "en", "fr", "nl", "pl", "tr")
"""Languages that have a catalogue (ISO 639)."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control characters, line and paragraph ends, and whatever turns or hides text: a name that holds these could make a
consent text say something else than it seems to."""


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> Mapping[str, str]:
    """Return all phrases of a language by `section.key`. Raises `ProtocolError` (`text.language`) if there is none."""
    if language not in LANGUAGES:
        raise ProtocolError("text.language", f"no catalogue of the language {language!r}")
    return MappingProxyType(
        {
            f"{section}.{key}": text
            for name in (f"{language}.json", f"page-{language}.json")
            for section, phrases in json.loads(resources.files(__package__).joinpath(name).read_text("utf-8")).items()
            for key, text in phrases.items()
        }
    )


def placeholders(text: str) -> frozenset[str]:
    """Return the names of a phrase's placeholders."""
    return frozenset(_PLACEHOLDER.findall(text))


def has(language: str, key: str) -> bool:
    """Return whether there is such a phrase. Raises `ProtocolError` (`text.language`)."""
    return key in catalogue(language)


def phrase(language: str, key: str, /, **params: str) -> str:
    """Return a phrase with its placeholders filled in; a parameter that it does not name is not used.

    Raises `ProtocolError`: `text.language`, `text.missing` (no such phrase, or a parameter is missing), or `text.param`
    (a parameter is empty, or holds control characters or characters that turn or hide text).
    """
    text = catalogue(language).get(key)
    if text is None:
        raise ProtocolError("text.missing", f"no phrase {key!r} in {language!r}")
    for name in sorted(placeholders(text)):
        if name not in params:
            raise ProtocolError("text.missing", f"{key!r} needs {name!r}")
        if not params[name] or _UNSAFE.search(params[name]):
            raise ProtocolError("text.param", f"{name!r} of {key!r} is empty or not plain text")
    return _PLACEHOLDER.sub(lambda found: params[found[1]], text)


def enumeration(language: str, items: Sequence[str]) -> str:
    """Return items as one list in words: `uw naam, uw taal en uw school`. Raises as `phrase`; an empty list is ''."""
    if len(items) < 2:
        return "".join(items)
    comma = phrase(language, "list.comma")
    return phrase(language, "list.last", items=comma.join(items[:-1]), item=items[-1])
