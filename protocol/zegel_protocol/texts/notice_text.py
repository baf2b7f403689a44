"""The notice page of one message for one person, line by line, in the order that the rulebook gives it.

Made per person: only what the caller hands over as theirs is named, and of other people nobody is. Words come from
codes and organisations' names; what was written stands in sealed sections and is opened elsewhere, in the browser.
"""

from collections.abc import Sequence
from dataclasses import replace

from zegel_protocol.objects.consent import Witnessed
from zegel_protocol.objects.entry import Entry
from zegel_protocol.objects.manifest import Manifest, OnClientUnable, OnConsent, OnLegalDuty, OnNecessity
from zegel_protocol.objects.notice import ALARM, CODE_FIRST, DELAYED, EXPIRED_DIRECTORY, WITHOUT_DEVICE
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.texts.catalogue import enumeration, has, phrase
from zegel_protocol.texts.civil_time import belgian
from zegel_protocol.texts.dates import date_in_words, day_in_words, moment_in_words
from zegel_protocol.texts.labels import Voice, partner_name, reading_order, scope_in_words, type_in_words
from zegel_protocol.texts.notice_facts import Action, Line, NoticeFacts, Opened, Said, Section
from zegel_protocol.texts.notice_next import Next, said_in_words
from zegel_protocol.words import OVER_BROAD

WORRIES = ("health", "growth", "parenting", "mind", "money", "relation")
"""What families most fear to see passed on: their health, their child, their money, how they feel. Never more shameful
ones (violence, addiction, justice, residence): to read `not shared: violence` on a phone in a kitchen does harm."""
MOST_WORRIES = 3


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
        self.types = frozenset(entry.type for entry in entries)
        about = {person for entry in entries for person in entry.about}
        self.own = facts.person in about
        self.children = about & facts.children
        self.sender = self.name(manifest.sender.party)
        self.to = self.name(manifest.to)
        self.to_you = manifest.to.person == facts.person
        self.from_you = manifest.sender.person == facts.person

    def lines(self) -> list[Line]:
        """All lines, in the order of the sections, each beginning with a capital."""
        following = Next(self)
        lines = [Line("leave", self.say("leave"), "leave"), *self.who(), *self.why()]
        lines += [*self.what(), *self.not_shared(), *self.yes(), *self.next(following), *self.openings()]
        lines += [*self.code(), *self.act(following)]
        lines.append(Line("complain", self.say("complain", huis=self.rulebook.name)))
        return [replace(line, text=capital(line.text)) for line in lines]

    def say(self, key: str, **params: str) -> str:
        return phrase(self.language, f"notice.{key}", **params)

    def name(self, party: Party) -> str:
        if party.partner is not None:
            return partner_name(self.language, party.partner, self.facts.names)
        return phrase(self.language, "party.you" if party.person == self.facts.person else "party.family")

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

    def who(self) -> list[Line]:
        """Who to whom, in the words of the kind where it has some; when; and whether it was an alarm."""
        about, sender = self.about(), self.sender
        function = self.facts.functions.get(self.manifest.sender.device or "")
        if function is not None:
            words = phrase(self.language, f"function.{function}")
            sender = self.say("by", **{"from": sender, "function": words})
        own = f"notice-who.{self.manifest.kind}{'-to-you' if self.to_you else ''}"
        if self.from_you:
            key = "notice.who-from-you"
        elif about is not None and has(self.language, own):
            key = own
        elif self.to_you:
            key = "notice.who-to-you"
        else:
            key = "notice.who" if about is not None else "notice.who-plain"
        text = phrase(self.language, key, **{"from": sender, "to": self.to, "about": about or ""})
        lines = [Line("who", text)]
        lines.append(Line("who", self.say("when", when=self.moment(self.facts.accepted_at, first=True))))
        if ALARM in self.facts.codes:
            lines.append(Line("who", self.say("alarm")))
        if EXPIRED_DIRECTORY in self.facts.codes:
            lines.append(Line("who", self.say("expired-directory")))
        return lines

    def why(self) -> list[Line]:
        own = f"notice-why.{self.manifest.kind}"
        why = phrase(self.language, own if has(self.language, own) else f"purpose-why.{self.manifest.purpose}")
        return [Line("why", self.say("why", why=why))]

    def what(self) -> list[Line]:
        lines = []
        items: dict[str, None] = {}
        for kind in reading_order(self.types):
            for entry in (entry for entry in self.entries if entry.type == kind):
                item = scope_in_words(self.language, kind, entry.form, self.voice(entry))
                reason = next((held.reason for held in entry.withheld if held.person == self.facts.person), None)
                if reason is None:
                    items[item] = None
                else:
                    why = phrase(self.language, f"withheld-reason.{reason}")
                    lines.append(Line("what", self.say("withheld", item=item, reason=why)))
        if items:
            words = capital(enumeration(self.language, list(items)))
            lines.insert(0, Line("what", self.say("what", items=words)))
            lines.append(Line("what", self.say("read-all"), "read-all"))
        if OVER_BROAD in self.facts.codes:
            lines.append(Line("what", self.say("over-broad", to=self.to)))
        return lines

    def not_shared(self) -> list[Line]:
        """Say of at most three of `WORRIES` that they did not go.

        Said only where it is true whatever this reader may not see: the rulebook closes the category to the recipient
        for this purpose, so the relay would have refused it; or the reader is told of every section, and it is in none.
        An alarm may carry two categories beyond its rule, so only the second holds for it. Of what the reader wrote, or
        what came to them alone, nothing went to anybody.
        """
        if self.from_you or self.manifest.to.person is not None:
            return []
        complete = len(self.entries) == len(self.manifest.entries)
        open_types = self.open_types()
        absent = [
            kind
            for kind in WORRIES
            if (kind != "growth" or self.children)
            and any(category.id == kind for category in self.rulebook.categories)
            and kind not in self.types
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
        """On whose yes it went, or why without; how the reader took part; and why they hear of it late."""
        basis, carried = self.manifest.basis, self.manifest.carried
        lines = [Line("yes", text) for text in (self.yes_said() if isinstance(basis, OnConsent) else self.no_yes())]
        if carried is not None and self.own:
            day = date_in_words(self.language, carried.on) if carried.on is not None else ""
            lines.append(Line("yes", self.say(carried.how, day=day)))
        if DELAYED in self.facts.codes and self.manifest.delay is not None:
            reason = phrase(self.language, f"delay-reason.{self.manifest.delay.code}")
            lines.append(Line("yes", self.say("delayed", reason=reason)))
        return lines

    def no_yes(self) -> list[str]:
        """Why nobody was asked. What state somebody was in is said to nobody but them."""
        basis, means = self.manifest.basis, self.say("no-yes-means")
        if isinstance(basis, OnNecessity):
            return [self.say("no-yes-necessity", reason=phrase(self.language, f"necessity.{basis.code}")), means]
        if isinstance(basis, OnClientUnable):
            alone = self.own and not self.children
            reason = phrase(self.language, f"unable.{basis.code}") if alone else self.say("no-yes-unable")
            return [self.say("no-yes-client-unable", reason=reason), means]
        if isinstance(basis, OnLegalDuty):
            return [self.say("no-yes-legal-duty", citation=basis.citation), means]
        if self.from_you:
            return [self.say("no-yes-own")]
        return [self.say("no-yes" if self.manifest.to.partner is not None else "no-yes-asked")]

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

    def next(self, following: Next) -> list[Line]:
        lines = [Line("next", text) for text in following.lines()]
        if self.manifest.notice_by is not None and WITHOUT_DEVICE in self.facts.codes:
            partner = partner_name(self.language, self.manifest.notice_by, self.facts.names)
            lines.append(Line("next", self.say("notice-by", partner=partner)))
        if not lines and (self.from_you or self.manifest.to.person is not None):
            return []
        return [Line("next", self.say("next")), *(lines or [Line("next", self.say("no-follow-up"))])]

    def openings(self) -> list[Line]:
        """Who opened it and when, and what was said of it since."""
        lines = []
        for opening in sorted(self.facts.opened, key=lambda item: (item.at, item.organisation.encode())):
            function = phrase(self.language, f"function.{opening.function}")
            when = self.moment(opening.at)
            text = self.say("opened", partner=opening.organisation, function=function, when=when)
            lines.append(Line("opened", text))
        if self.facts.stopped:
            # Whoever was handed it owes an answer about erasing; of whom nothing is asked, it never reached.
            handed = lines or any(item.kind == "erasure" for item in self.facts.deadlines)
            lines.append(Line("opened", self.say("stopped" if handed else "withdrawn", to=self.to)))
        elif not lines and self.manifest.to.partner is not None:
            lines.append(Line("opened", self.say("not-opened")))
        return [*lines, *(Line("opened", text) for text in said_in_words(self))]

    def code(self) -> list[Line]:
        """The code of ethics, to somebody who never met it with a consent (article 2)."""
        if CODE_FIRST not in self.facts.codes:
            return []
        version = self.rulebook.code_version
        return [
            Line("code", self.say("code")),
            Line("code", self.say("code-ask", code=version)),
            Line("code", self.say("read-code"), "read-code"),
        ]

    def act(self, following: Next) -> list[Line]:
        """What the reader can do."""
        manifest = self.manifest
        actions: list[Action] = ["answer", "decline"] if following.asked else []
        actions += ["ask"] if self.from_you else ["ask", "not-right"]
        if manifest.follow_up or manifest.steps or self.facts.conference is not None:
            actions.append("stuck")
        lines = [Line("act", self.say(action), action) for action in actions]
        if isinstance(manifest.basis, OnConsent) and not self.facts.stopped:
            lines += [Line("act", self.say("stop"), "stop"), Line("act", self.say("stop-means", to=self.to))]
        return lines


def capital(text: str) -> str:
    """Return a text that begins with a capital, for an ASCII letter: `het OCMW` begins a sentence too."""
    return text[0].upper() + text[1:] if text[:1].isascii() else text


__all__ = [
    "WORRIES", "Action", "Line", "NoticeFacts", "Opened", "Said", "Section", "render_notice",
]  # fmt: skip
