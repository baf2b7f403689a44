"""The notice page of one message for one person, line by line, in the order that the rulebook gives it.

Made per person: only what the caller hands over as theirs is named, and of other people nobody is. Words come from
codes and organisations' names; what was written stands in sealed sections and is opened elsewhere, in the browser.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from zegel_protocol.objects.consent import Consent, Witnessed
from zegel_protocol.objects.entry import Entry
from zegel_protocol.objects.manifest import FollowUp, Manifest, OnClientUnable, OnConsent, OnLegalDuty, OnNecessity
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.rulebook.working_days import end_of_working_day
from zegel_protocol.texts.catalogue import enumeration, phrase
from zegel_protocol.texts.civil_time import belgian
from zegel_protocol.texts.dates import date_in_words, day_in_words, moment_in_words
from zegel_protocol.texts.labels import Voice, partner_name, reading_order, scope_in_words, type_in_words

Section = Literal["leave", "who", "why", "what", "not-shared", "yes", "next", "opened", "act", "complain"]
"""The parts of the page, in the order in which they come."""
Action = Literal["leave", "read-all", "ask", "not-right", "stop"]
"""What a line can be pressed for."""

WORRIES = ("health", "growth", "parenting", "mind", "money", "relation")
"""What families most fear to see passed on: their health, their child, their money, how they feel. Never more shameful
ones (violence, addiction, justice, residence): to read `not shared: violence` on a phone in a kitchen does harm."""
MOST_WORRIES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the section it belongs to, its words, and what it does when it is a button."""

    section: Section
    text: str
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening: the organisation's name, the function of who opened (`devices.Function`), when (UTC seconds)."""

    organisation: str
    function: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """What a notice page tells of, besides manifest and entries.

    `person` reads; `children` are those over whom they hold authority and are told about. `accepted_at` is the
    receipt's time, `now` the reader's, both in UTC seconds. `names` are organisations' names by partner id, `functions`
    devices' functions by device id. `sector` is the recipient's. `consents` are those that the message names, where the
    reader may see them. `done` are codes of follow-ups that were met.
    """

    person: str
    children: frozenset[str] = frozenset()
    accepted_at: int
    now: int
    names: Mapping[str, str]
    functions: Mapping[str, str]
    sector: str | None = None
    consents: Sequence[Consent] = ()
    opened: Sequence[Opened] = ()
    done: Collection[str] = ()


def render_notice(
    manifest: Manifest, entries: Sequence[Entry], facts: NoticeFacts, rulebook: Rulebook, language: str
) -> list[Line]:
    """Return the notice page of a message.

    `entries` are the sections that this person is told of, also those withheld from them with a reason that may be
    shown; an entry that must stay unseen is not handed over. `rulebook` is the one in force at acceptance. Raises
    `ProtocolError`: `text.language`, `text.missing` (no words for a term), `text.param` (a name that is not plain
    text), `time.range`.
    """
    return _Page(manifest, entries, facts, rulebook, language).lines()


class _Page:
    """Renders one page: keeps what every line needs."""

    def __init__(
        self, manifest: Manifest, entries: Sequence[Entry], facts: NoticeFacts, rulebook: Rulebook, language: str
    ) -> None:
        self.manifest = manifest
        self.entries = entries
        self.facts = facts
        self.rulebook = rulebook
        self.language = language
        about = {person for entry in entries for person in entry.about}
        self.own = facts.person in about
        self.children = about & facts.children
        self.sender = self.party(manifest.sender.partner, manifest.sender.person)
        self.to = self.party(manifest.to.partner, manifest.to.person)

    def lines(self) -> list[Line]:
        """All lines, in the order of the sections."""
        lines = [Line("leave", self.say("leave"), "leave"), self.who()]
        lines.append(Line("who", self.say("when", when=self.moment(self.facts.accepted_at, first=True))))
        lines.append(Line("why", self.say("why", why=phrase(self.language, f"purpose-why.{self.manifest.purpose}"))))
        lines += [*self.what(), *self.not_shared(), *self.yes(), *self.next(), *self.openings()]
        lines += [Line("act", self.say("ask"), "ask"), Line("act", self.say("not-right"), "not-right")]
        if isinstance(self.manifest.basis, OnConsent):
            lines += [Line("act", self.say("stop"), "stop"), Line("act", self.say("stop-means", to=self.to))]
        return [*lines, Line("complain", self.say("complain", huis=self.rulebook.name))]

    def say(self, key: str, **params: str) -> str:
        return phrase(self.language, f"notice.{key}", **params)

    def party(self, partner: str | None, person: str | None) -> str:
        if partner is not None:
            return partner_name(self.language, partner, self.facts.names)
        return phrase(self.language, "party.you" if person == self.facts.person else "party.family")

    def moment(self, seconds: int, *, first: bool = False) -> str:
        """A moment in words; the year is said when it is not the present one."""
        year = belgian(seconds).year != belgian(self.facts.now).year
        return moment_in_words(self.language, seconds, year=year, first=first)

    def about(self) -> str | None:
        """Whom it is about, to this reader: themselves, their children, or nobody that may be named."""
        child = {0: "", 1: "child"}.get(len(self.children), "children")
        if not self.own:
            return phrase(self.language, f"about.{child}") if child else None
        return phrase(self.language, f"about.you-and-{child}" if child else "about.you")

    def voice(self, entry: Entry) -> Voice:
        own = self.facts.person in entry.about
        children = self.children.intersection(entry.about)
        if own and not children:
            return "yours"
        return "child" if not own and len(children) == len(self.children) == 1 else "plain"

    def who(self) -> Line:
        sender, to, about = self.manifest.sender, self.manifest.to, self.about()
        if sender.person == self.facts.person:
            return Line("who", self.say("who-from-you", to=self.to))
        if to.person == self.facts.person:
            return Line("who", self.say("who-to-you", **{"from": self.sender}))
        function = self.facts.functions.get(sender.device or "")
        key = ("who-function" if function else "who") + ("" if about else "-plain")
        words = phrase(self.language, f"function.{function}") if function else ""
        return Line(
            "who", self.say(key, **{"from": self.sender, "to": self.to, "function": words, "about": about or ""})
        )

    def what(self) -> list[Line]:
        lines = []
        items: dict[str, None] = {}
        for kind in reading_order({entry.type for entry in self.entries}):
            for entry in (entry for entry in self.entries if entry.type == kind):
                item = scope_in_words(self.language, kind, entry.form, self.voice(entry))
                reason = next((held.reason for held in entry.withheld if held.person == self.facts.person), None)
                if reason is None:
                    items[item] = None
                else:
                    why = phrase(self.language, f"withheld-reason.{reason}")
                    lines.append(Line("what", self.say("withheld", item=item, reason=why)))
        if items:
            lines.insert(0, Line("what", self.say("what", items=enumeration(self.language, list(items)))))
            lines.append(Line("what", self.say("read-all"), "read-all"))
        return lines

    def not_shared(self) -> list[Line]:
        """Say of at most three of `WORRIES` that they did not go.

        Said only where it is true whatever this reader may not see: the rulebook closes the category to the recipient
        for this purpose, so the relay would have refused it; or the reader is told of every section, and it is in none.
        An alarm may carry two categories beyond its rule, so only the second holds for it.
        """
        told = {entry.type for entry in self.entries}
        complete = len(self.entries) == len(self.manifest.entries)
        open_types = self.open_types()
        absent = [
            kind
            for kind in WORRIES
            if (kind != "growth" or self.children)
            and any(category.id == kind for category in self.rulebook.categories)
            and kind not in told
            and (complete or (open_types is not None and kind not in open_types))
        ]
        voice: Voice = "yours" if self.own and not self.children else "plain"
        if not self.own and len(self.children) == 1:
            voice = "child"
        words = [type_in_words(self.language, kind, voice) for kind in absent[:MOST_WORRIES]]
        return [Line("not-shared", self.say("not-shared", items=enumeration(self.language, words)))] if words else []

    def open_types(self) -> frozenset[str] | None:
        """Return the categories that the relay can have let through to this recipient; None: any."""
        purpose = next((item for item in self.rulebook.purposes if item.id == self.manifest.purpose), None)
        if purpose is None or purpose.any_category or self.facts.sector is None:
            return None
        if self.manifest.kind == "report-back":
            return frozenset(item.type for item in self.rulebook.report_back)
        if not isinstance(self.manifest.basis, OnConsent):
            return None
        rows = (row for row in self.rulebook.relevance if row.purpose == purpose.id and row.sector == self.facts.sector)
        return frozenset(item.type for row in rows for item in row.types)

    def yes(self) -> list[Line]:
        basis = self.manifest.basis
        if isinstance(basis, OnConsent):
            lines = [Line("yes", text) for text in self.yes_said()]
        elif isinstance(basis, OnNecessity):
            reason = phrase(self.language, f"necessity.{basis.code}")
            lines = [Line("yes", self.say("no-yes-necessity", reason=reason))]
        elif isinstance(basis, OnClientUnable):
            lines = [Line("yes", self.say("no-yes-client-unable"))]
        elif isinstance(basis, OnLegalDuty):
            lines = [Line("yes", self.say("no-yes-legal-duty", citation=basis.citation))]
        else:
            mine = self.manifest.sender.person == self.facts.person
            lines = [Line("yes", self.say("no-yes-own" if mine else "no-yes"))]
        carried = self.manifest.carried
        if carried is not None and self.own:
            day = date_in_words(self.language, carried.on) if carried.on is not None else ""
            lines.append(Line("yes", self.say(carried.how, day=day)))
        return lines

    def yes_said(self) -> list[str]:
        """On whose yes: the reader's own by day, and that of others without saying whose."""
        mine = [item for item in self.facts.consents if any(s.person == self.facts.person for s in item.signers)]
        said: dict[str, None] = {}
        for consent in mine:
            key = "yes-you-witnessed" if isinstance(consent.evidence, Witnessed) else "yes-you"
            said[self.say(key, day=day_in_words(self.language, consent.not_before))] = None
        if len(mine) < len(self.facts.consents):
            said[self.say("yes-other")] = None
        return list(said) or [self.say("yes-unknown")]

    def next(self) -> list[Line]:
        order = {"first-contact": 0, "report-client": 1, "report-back": 2, "none-ask": 3}
        lines = [Line("next", self.say("next"))]
        for item in sorted(self.manifest.follow_up, key=lambda item: order[item.code]):
            lines += [Line("next", text) for text in self.follow_up(item)]
        if not self.manifest.follow_up:
            lines.append(Line("next", self.say("no-follow-up")))
        if self.manifest.notice_by is not None:
            partner = partner_name(self.language, self.manifest.notice_by, self.facts.names)
            lines.append(Line("next", self.say("notice-by", partner=partner)))
        return lines

    def follow_up(self, item: FollowUp) -> list[str]:
        due = day_in_words(self.language, item.due) if item.due is not None else ""
        text = phrase(self.language, f"follow-up.{item.code}", **{"from": self.sender, "to": self.to, "due": due})
        if item.code in self.facts.done:
            return [self.say("done", what=text)]
        if item.due is None:
            return [text]
        visible = end_of_working_day(item.due, self.rulebook.follow_up.overdue_days, self.rulebook.holidays)
        return [text, self.say("late")] if self.facts.now > visible else [text]

    def openings(self) -> list[Line]:
        lines = []
        for opening in sorted(self.facts.opened, key=lambda item: (item.at, item.organisation.encode())):
            function = phrase(self.language, f"function.{opening.function}")
            when = self.moment(opening.at)
            text = self.say("opened", partner=opening.organisation, function=function, when=when)
            lines.append(Line("opened", text))
        return lines or [Line("opened", self.say("not-opened"))]
