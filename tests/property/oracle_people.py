"""Who is told, asked, answered and heard: RULEBOOK "Persons" and articles 6, 8 and 9, typed apart from the code.

People are names, as in `property.oracle`. Nothing here reads the package's decision or its rulebook.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from property.oracle import Situation
from zegel_protocol.refusal import Code

YOUNG = ("young", "twelve", "twelve-past")
GROWN = ("adult", "eighteen")

TO_PERSONS = ("question", "reply")
"""Kinds that go to a person, and to no partner."""
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "client-message": ("question",),
    "reply": ("client-message",),
    "report-back": (
        "concern", "consultation", "consultation-report", "hand-over", "information", "referral", "request",
    ),
}  # fmt: skip
ALWAYS_ANSWERS = ("reply",)
"""Kinds that are nothing without what they answer; a report back may say it by its conversation alone."""
AT_A_TABLE = ("consultation", "contribution", "consultation-report")
BY_THE_CHAIR = ("consultation", "consultation-report")


@dataclass(frozen=True)
class Home:
    """A household: what is known of each, by name; `trusted` are the trusted adults of each."""

    people: Mapping[str, Situation]
    trusted: Mapping[str, tuple[str, ...]]
    without_keys: tuple[str, ...] = ()
    next_door: tuple[str, ...] = ()

    def able(self, name: str) -> set[str]:
        """Return who holds authority over somebody and is not silenced."""
        known = self.people[name]
        return set(known.holders) - set(known.silenced)

    def says_yes(self, name: str) -> set[str]:
        """Return who decides for somebody: one of these does, or with known conflict all."""
        known = self.people[name]
        own = known.age != "child"
        if known.age not in GROWN and known.capable is not None:
            own = known.capable
        return {name} if own else self.able(name)

    def told(self, name: str) -> set[str]:
        """Return who is told of what is shared about somebody."""
        if self.people[name].age == "child":
            return self.able(name)
        return {name, *self.trusted.get(name, ())} if self.people[name].age in YOUNG else {name}

    def to_be_written_apart(self, about: tuple[str, ...]) -> set[Code]:
        """Return whether nobody may be told of these together: one of them is silenced for another."""
        return {Code.ABOUT_APART} if self.silenced_for(about) & set(about) else set()

    def silenced_for(self, about: tuple[str, ...]) -> set[str]:
        """Return whom a flag or a court silences for any of these."""
        return {holder for name in about for holder in self.people[name].silenced}

    def told_of(self, about: tuple[str, ...]) -> set[str]:
        """Return who is told of one section about all of these: nobody who may not be told of one of them."""
        return {who for name in about for who in self.told(name)} - self.silenced_for(about)

    def may_object(self, name: str) -> set[str]:
        """Return whose objection counts for somebody: their own always, and of those who decide or hold authority."""
        under_12 = self.able(name) if self.people[name].age == "child" else set()
        return {name} | self.says_yes(name) | under_12

    def may_read(self, about: tuple[str, ...], to: str | None = None) -> set[str]:
        """Return the persons who may read a section. `to`: the recipient, who is asked in somebody's place."""
        readers = set()
        for name in about:
            readers |= {name} | ({to} & self.says_yes(name) if to else set())
        return (readers | self.told_of(about)) - self.silenced_for(about)


def recipient(home: Home, kind: str, to: str, about: tuple[str, ...]) -> set[Code]:
    """Return why a message of this kind may not go to this person, who is given everything in it to read."""
    if kind not in TO_PERSONS:
        return {Code.RECIPIENT_CLOSED}
    if to not in home.people:
        return {Code.PERSON_UNKNOWN, Code.READER}
    codes = set()
    if to in home.next_door:
        codes.add(Code.PERSON_HOUSEHOLD)
    else:
        concerned = any(to == name or to in home.says_yes(name) for name in about)
        silenced = any(to in home.people[name].silenced for name in about)
        if silenced or not concerned:
            codes.add(Code.RECIPIENT_NOT_CONCERNED)
    if to in home.without_keys:
        codes.add(Code.RECIPIENT_WITHOUT_KEYS)
    if to not in home.may_read(about, to):
        codes.add(Code.READER)
    return codes | home.to_be_written_apart(about)


@dataclass(frozen=True)
class Answered:
    """What a message names as answered. `shown`: it is in evidence; `back`: from this recipient to this sender."""

    kind: str
    shown: bool = True
    back: bool = True
    same_home: bool = True
    same_thread: bool = True


def answering(kind: str, named: Answered | None) -> set[Code]:
    """Return what is wrong with what a message of this kind names as answered (None: nothing)."""
    if named is None:
        return {Code.ANSWERS_MISSING} if kind in ALWAYS_ANSWERS else set()
    if kind not in ANSWERS:
        return {Code.ANSWERS_OTHER}
    if not named.shown:
        return {Code.ANSWERS_UNKNOWN}
    fits = named.kind in ANSWERS[kind] and named.back and named.same_home and named.same_thread
    return set() if fits else {Code.ANSWERS_OTHER}


@dataclass(frozen=True)
class Table:
    """A conference as it is told: who sits there then and now, and what is known when a message is sent.

    `known`: it is in evidence, unbroken, of this household. `motivated`: a motivation is in the message;
    `motivation_read`: everyone it is about reads it. `client`: whether it says that it is with the client; `seat`:
    whether the client has one.
    """

    known: bool = True
    sender_sits: bool = True
    to_sits: bool = True
    to_sits_now: bool = True
    by_chair: bool = True
    about_within: bool = True
    ended: bool = False
    client: bool = True
    seat: bool = True
    discussed: bool = False
    motivated: bool = False
    motivation_read: bool = True


def table(kind: str, at: Table) -> set[Code]:
    """Return why a message of this kind does not belong to the conference."""
    if kind not in AT_A_TABLE:
        return set()
    if not at.known:
        return {Code.CONFERENCE_MISSING}
    codes = set()
    if not (at.sender_sits and at.to_sits and at.to_sits_now):
        codes.add(Code.CONFERENCE_NOT_INVITED)
    if kind in BY_THE_CHAIR and not at.by_chair:
        codes.add(Code.CONFERENCE_CHAIR)
    if not at.about_within:
        codes.add(Code.CONFERENCE_ABOUT)
    if at.ended and kind != "consultation-report":
        codes.add(Code.CONFERENCE_ENDED)
    if kind == "consultation" and not (at.client and at.seat):
        if not at.discussed:
            codes.add(Code.CONFERENCE_NOT_DISCUSSED)
        if not (at.motivated and at.motivation_read):
            codes.add(Code.PART_MISSING)
    return codes


@dataclass(frozen=True)
class Objected:
    """An objection: by whom, about whom, and to which side of a flow; whether it came before, and what became of it.

    `back`: how it was taken back: by the objector's own key, by a worker, or by another person; None: not.
    """

    by: str
    about: tuple[str, ...]
    same_sender: bool | None = None
    same_to: bool | None = None
    before: bool = True
    back: str | None = None


def objection(home: Home, made: Objected, about: tuple[str, ...], basis: str) -> bool:
    """Return whether it stops a message about these people on this basis."""
    if basis != "consent" or not made.before or made.same_sender is False or made.same_to is False:
        return False
    if made.back == "own" or (made.back == "worker" and made.by in home.without_keys):
        return False
    return any(made.by in home.may_object(name) for name in set(made.about) & set(about))


MAY_INTERPRET = ("adult", "interpreter", "telephone", "video", "worker")
"""Who may carry a text over to whoever says yes; their own child never."""


def heard(text: str, understood: str | None, interpreter: str | None) -> set[Code]:
    """Return why a yes to a text in a language does not count, by how it was heard (`understood` None: not said)."""
    if understood is None:
        return set()
    if interpreter is None:
        return set() if understood == text else {Code.CONSENT_LANGUAGE}
    return set() if interpreter in MAY_INTERPRET else {Code.CONSENT_INTERPRETER}
