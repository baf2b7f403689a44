"""The part of a notice page that says what happens now: who does what by when, whether it is late, who is at the table.

A line about the future stands only where somebody owes it: an agreement, a step, an answer, an erasure, a second look.
"""

from collections.abc import Iterator
from typing import Protocol

from zegel_protocol.api import DeadlineItem
from zegel_protocol.objects.manifest import FollowUp, Manifest, PlanStep
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.rulebook.working_days import end_of_working_day
from zegel_protocol.texts.catalogue import enumeration, has, phrase
from zegel_protocol.texts.dates import date_in_words, day_in_words
from zegel_protocol.texts.notice_facts import NoticeFacts
from zegel_protocol.texts.owed_text import owed_in_words
from zegel_protocol.words import SECOND_SIGNATURE

_ORDER = ("first-contact", "report-client", "report-back", "none-ask")


class Page(Protocol):
    """What these lines need of the page that they stand on."""

    manifest: Manifest
    facts: NoticeFacts
    rulebook: Rulebook
    language: str
    types: frozenset[str]

    def say(self, key: str, **params: str) -> str:
        """A phrase of the section `notice`."""

    def name(self, party: Party) -> str:
        """A party as this reader knows it."""

    def moment(self, seconds: int, *, first: bool = False) -> str:
        """A moment in words."""


class Next:
    """Makes the lines of one page."""

    def __init__(self, page: Page) -> None:
        self.page, self.manifest, self.facts = page, page.manifest, page.facts
        self.you = Party(person=page.facts.person)
        said = (item for item in page.facts.said if item.event == "done")
        self.done = frozenset(page.facts.done) | {code for item in said for code in item.codes}

    @property
    def asked(self) -> bool:
        """Whether this reader is asked something, and may still answer."""
        kind = self.page.rulebook.kind_rule(self.manifest.kind)
        to_you = self.manifest.to == self.you and self.manifest.sender.partner is not None
        return to_you and kind is not None and not kind.answers and self.settled is None

    @property
    def settled(self) -> str | None:
        """How a question to this reader was settled: `answered`, `declined` or `lapsed`; None while it is open."""
        if any(item.event == "declined" and item.who == self.you for item in self.facts.said):
            return "declined"
        held = self.deadline("answer")
        words = {"done": "answered", "lapsed": "lapsed"}
        return words.get(held.state) if held is not None else None

    def deadline(self, kind: str, number: int = 0) -> DeadlineItem | None:
        """The deadline of this kind and number that the reader is shown, or None."""
        return next((item for item in self.facts.deadlines if (item.kind, item.number) == (kind, number)), None)

    def lines(self) -> Iterator[str]:
        """All lines, the heading apart."""
        yield from self.table()
        yield from self.question()
        for item in sorted(self.manifest.follow_up, key=lambda item: _ORDER.index(item.code)):
            yield from self.follow_up(item)
        for step in self.manifest.steps:
            yield from self.step(step)
        if self.manifest.steps and "steps" in self.page.types:
            yield self.page.say("steps")
        yield from self.owed("reply")
        yield from self.second_look()
        yield from self.owed("erasure")

    def table(self) -> Iterator[str]:
        """Who sits at the table, whether the reader does, when it is held."""
        held, say = self.facts.conference, self.page.say
        if held is None:
            return
        if held.ended:
            yield say("table-ended")
            return
        others = [item for item in held.invitees if item != self.you]
        names = dict.fromkeys(self.page.name(item) for item in others)
        yield say("table", names=enumeration(self.page.language, list(names)))
        if self.you in held.invitees:
            yield say("table-you")
        elif not held.with_client:
            yield say("table-without")
        if held.discussed is not None:
            yield say("table-discussed", day=date_in_words(self.page.language, held.discussed))
        if held.planned is not None:
            yield say("table-when", when=self.page.moment(held.planned, first=True))

    def question(self) -> Iterator[str]:
        """What a reader who is asked may do, and until when."""
        if self.asked:
            yield self.page.say("question")
            yield from self.owed("answer")
        elif self.manifest.to == self.you and self.settled is not None:
            yield self.page.say(self.settled)

    def follow_up(self, item: FollowUp) -> Iterator[str]:
        """An agreement: who keeps it, by when, and whether it was kept."""
        sides = (self.manifest.to, self.manifest.sender.party)
        owner, other = sides if item.by == "recipient" else reversed(sides)
        if item.code == "none-ask":
            owner = self.manifest.sender.party
        text = owed_in_words(
            self.page.language, item.code, item.due, owner=self.page.name(owner), other=self.page.name(other)
        )
        yield from self.standing(text, item.code, item.due, self.deadline(item.code))
        if item.code == "none-ask" and "agreement" in self.page.types:
            yield self.page.say("ask-agreement")

    def step(self, step: PlanStep) -> Iterator[str]:
        """A step of the plan: who takes it with whom, by when."""
        language, who = self.page.language, self.page.name(step.by)
        if step.others:
            due = day_in_words(language, step.due)
            others = enumeration(language, [self.page.name(item) for item in step.others])
            text = self.page.say("step-with", number=str(step.n), who=who, others=others, due=due)
        else:
            text = owed_in_words(language, "step", step.due, owner=who, number=step.n)
        yield from self.standing(text, f"step-{step.n}", step.due, self.deadline("step", step.n))

    def standing(self, text: str, code: str, due: int | None, held: DeadlineItem | None) -> Iterator[str]:
        """What was agreed, as done where it is, and late where it is."""
        if code in self.done or (held is not None and held.state == "done"):
            yield self.page.say("done", what=text)
            return
        yield text
        if due is None:
            return
        rules = self.page.rulebook
        visible = end_of_working_day(due, rules.follow_up.overdue_days, rules.holidays)
        if self.facts.now > visible or (held is not None and held.state == "overdue"):
            yield self.page.say("late")

    def owed(self, kind: str) -> Iterator[str]:
        """What else is owed about this message, as long as it is; of a reply also that it came."""
        for item in self.facts.deadlines:
            if item.kind != kind:
                continue
            owner = self.page.name(item.owner)
            if item.running:
                yield owed_in_words(self.page.language, kind, item.due, owner=owner, number=item.number)
                if item.state == "overdue":
                    yield self.page.say("late")
            elif kind == "reply" and item.state == "done":
                yield self.page.say("replied", partner=owner)

    def second_look(self) -> Iterator[str]:
        """What a second worker said of an alarm, or of letting the notice wait; or by when one is to."""
        yield from self.owed(SECOND_SIGNATURE)
        for item in self.facts.looked:
            if item.what == "second":
                yield self.page.say("second-agrees" if item.agrees else "second-disagrees")
            elif item.agrees:
                yield self.page.say("delay-reviewed")


def said_in_words(page: Page) -> Iterator[str]:
    """What partners and the reader said of the message, by time; what was done stands with what was agreed."""
    language = page.language
    for item in sorted(page.facts.said, key=lambda item: (item.at, item.event)):
        you = item.who == Party(person=page.facts.person)
        key = f"{'said-you' if you else 'said'}.{item.event}"
        reason = ""
        if item.event == "kept" and item.codes:
            reason = phrase(language, f"kept-reason.{item.codes[0]}")
        if has(language, key):
            yield phrase(language, key, partner=page.name(item.who), when=page.moment(item.at), reason=reason)
