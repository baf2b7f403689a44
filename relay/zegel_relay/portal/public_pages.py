"""The pages that need no script: the code, help, and whom to reach. All are everyone's; none knows who reads it.

Their words are in the catalogues (`page-public`), their facts in the directory and the rulebook. Templates escape
whatever is put into them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from zegel_keys.trust import Trust
from zegel_protocol.objects import Membership, Rulebook
from zegel_protocol.texts.alarm_text import EMERGENCY
from zegel_protocol.texts.catalogue import has, phrase
from zegel_protocol.texts.code_text import render_code
from zegel_relay.portal import languages

_ORGANISATIONS: Final = "professional"
_SELF_ORGANISED: Final = "initiative"
_ONE_PERSON: Final = frozenset({"volunteer", "network"})
"""Sectors whose members are single people: their names are nobody's business here."""

HELP: Final = (
    ("what", ("what-shared", "what-decide", "what-sealed")),
    ("stop", ("stop-phone", "stop-letter", "stop-lost", "stop-always", "stop-limit")),
    ("wrong", ("wrong-say", "wrong-help")),
    ("lost", ("lost-code", "lost-anew")),
    ("beside", ("beside-leave", "beside-trace")),
)
"""The parts of the help page, each with its lines in the order in which they are read."""
REACH: Final = (("reach", ("reach-known", "reach-new", "reach-interpreter")), ("tell", ("tell-first", "tell-other")))


@dataclass(frozen=True)
class PublicPages:
    """Renders pages. `style` and `icon` are addresses of built files, or None where there are none."""

    style: str | None
    icon: str

    def help(self, language: str, trust: Trust | None) -> str:
        """Return the help page; without a directory, with the emergency number alone."""
        return self._page("help", language, parts=HELP, danger=_danger(_rules(trust)))

    def code(self, language: str, trust: Trust | None) -> str:
        """Return the code of ethics, with the rulebook in force."""
        rules = _rules(trust)
        return self._page("code", language, lines=render_code(rules, language) if rules is not None else None)

    def contact(self, language: str, trust: Trust | None) -> str:
        """Return whom to reach: the organisations that the directory lists, by name and sector."""
        rules = _rules(trust)
        partners = [(made.name, _sector(made, language)) for made in organisations(trust)]
        huis = rules.name if rules is not None else None
        return self._page("contact", language, parts=REACH, partners=partners, huis=huis, danger=_danger(rules))

    def notice(self, language: str, what: str) -> str:
        """Return a page that says why there is no other: `missing`, `failed`, `method` or `unbuilt`."""
        return self._page("notice", language, what=what)

    def _page(self, name: str, language: str, **facts: Any) -> str:
        say: Callable[..., str] = partial(_say, language)
        return _TEMPLATES.get_template(f"{name}.html").render(
            say=say, page=name, language=language, direction=languages.direction(language),
            languages=languages.offered(), style=self.style, icon=self.icon, emergency=EMERGENCY, **facts,
        )  # fmt: skip


def organisations(trust: Trust | None) -> list[Membership]:
    """Return the listed partners that are organisations, by name: nobody who helps one family or in their own name."""
    if trust is None or trust.setting is None:
        return []
    listed = [chain[-1].payload for chain in trust.setting.memberships.values()]
    kept = [
        made
        for made in listed
        if made.host is None
        and made.sector not in _ONE_PERSON
        and (made.actor == _ORGANISATIONS or made.sector == _SELF_ORGANISED)
    ]
    return sorted(kept, key=lambda made: (made.name.casefold(), made.partner))


def _say(language: str, key: str, **params: str) -> str:
    return phrase(language, f"page-public.{key}", **params)


def _rules(trust: Trust | None) -> Rulebook | None:
    return trust.setting.rulebook.payload if trust is not None and trust.setting is not None else None


def _danger(rules: Rulebook | None) -> list[tuple[str, str, str]]:
    """Return whom to phone: name, number, and when they answer."""
    phones = sorted(rules.phones, key=lambda item: item.id) if rules is not None else []
    return [(item.name, item.number, item.hours) for item in phones if item.number != EMERGENCY]


def _sector(made: Membership, language: str) -> str | None:
    key = f"sector.{made.sector}"
    return phrase(language, key) if has(language, key) else None


def _environment() -> Environment:
    # `autoescape` for every template whatever its name; a word that is missing is an error, and not a gap.
    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


_TEMPLATES: Final = _environment()
