"""In which language a page without script is answered: the one that is asked for, else the browser's, else Dutch."""

from typing import Final

from zegel_protocol.texts.catalogue import LANGUAGES

SOURCE: Final = "nl"
_OWN_NAMES: Final = {
    "nl": "Nederlands", "fr": "Français", "en": "English", "tr": "Türkçe", "ar": "العربية", "pl": "Polski",
}  # fmt: skip
_RIGHT_TO_LEFT: Final = frozenset({"ar"})
_LONGEST: Final = 500


def offered() -> list[tuple[str, str, str]]:
    """Return code, own name and direction of each language that has a catalogue, in the order of the page."""
    return [(code, name, direction(code)) for code, name in _OWN_NAMES.items() if code in LANGUAGES]


def direction(language: str) -> str:
    """Return `rtl` or `ltr`."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def choose(asked: str | None, accepts: str) -> str:
    """Return a language that has a catalogue; `asked` is a code or nothing, `accepts` an Accept-Language (RFC 9110)."""
    if asked in LANGUAGES:
        return str(asked)
    weighed: list[tuple[float, int, str]] = []
    for number, part in enumerate(accepts[:_LONGEST].lower().split(",")):
        tag, _, weight = part.strip().partition(";")
        language = tag.strip().partition("-")[0]
        if language in LANGUAGES and (quality := _quality(weight)) > 0:
            weighed.append((-quality, number, language))
    return min(weighed)[2] if weighed else SOURCE


def _quality(weight: str) -> float:
    text = weight.strip().removeprefix("q=").strip()
    try:
        return min(float(text), 1.0) if text else 1.0
    except ValueError:
        return 0.0
