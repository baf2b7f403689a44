"""One message with everything that speaks for or against it, drafted in a few words and turned into `Evidence`.

A `Draft` left as it is made is a message that the default rulebook allows; tests change one thing and look. A consent
is a `Yes`, a revocation a `No` (`property.acts`); all else follows, and is right unless a test says not.
"""

from dataclasses import dataclass, field, fields

from hypothesis.vendor.pretty import RepresentationPrinter

from property.acts import Act, Yes, ids, person_id, record
from property.huis import DAY, HEADER, NOW, Someone, d, device_signer, hex_id, the_records, the_setting, uuid7
from zegel_protocol.evidence import ChainObject, Evidence, Flow, Setting
from zegel_protocol.objects.conference import Conference
from zegel_protocol.objects.consent import Status
from zegel_protocol.objects.entry import Entry, Withheld
from zegel_protocol.objects.manifest import Basis, Carried, Delay, FollowUp, Manifest, OnConsent, PlanStep, Seen
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.rulebook import KindRule
from zegel_protocol.records import Records
from zegel_protocol.signed import Place, Signed, Signer

FIRST = uuid7("first message", NOW - 3 * DAY)
"""The id of the message that began the thread."""
NOTE = "application/vnd.zegel.note.v1+json"


@dataclass(frozen=True)
class Section:
    """A section. `readers` None: the recipient where the type gives it one, and all who are told and have keys.

    A reader is a partner's id, or a person's name.
    """

    type: str
    form: str = "whole"
    about: tuple[str, ...] = ("mother",)
    readers: tuple[str, ...] | None = None
    withheld: tuple[tuple[str, str], ...] = ()
    media: str = NOTE
    padded: int = 4096


@dataclass(frozen=True, repr=False)
class Draft:
    """A message. `sender` is a partner's id or a person's name; `named` None: the basis names every consent.

    `parts` None: those that the rulebook asks of the kind are added, about everyone in the sections.
    """

    sections: tuple[Section, ...] = (Section("plan"),)
    acts: tuple[Act, ...] = (Yes("first", (("plan", "whole"),)),)
    people: tuple[Someone, ...] = (Someone("mother"),)
    kind: str = "information"
    purpose: str = "care"
    sender: str = "caw-b"
    device: str = "anna"
    to: str = "health-a"
    named: tuple[str, ...] | None = None
    parts: tuple[str, ...] | None = None
    carried: bool = True
    follow_up: bool = True
    notice_by: str | None = "caw-b"
    household: str | None = "home"
    thread: bool = False
    created: int = NOW - 60
    place: int | None = None
    status_age: int = 60
    status_behind: bool = False
    stated: bool = True
    setting: Setting = field(default_factory=the_setting)
    basis: Basis | None = None
    steps: tuple[PlanStep, ...] | None = None
    delay: Delay | None = None
    records: Records = field(default_factory=the_records)
    answered: Signed[Manifest] | None = None
    table: tuple[Signed[Conference], ...] | None = None

    def __repr__(self) -> str:
        # What differs from an allowed message, without the Huis and its records, which are too large to print.
        given = {
            item.name: getattr(self, item.name) for item in fields(self) if item.name not in ("setting", "records")
        }
        changed = [f"{name}={value!r}" for name, value in given.items() if value != getattr(Draft, name)]
        return f"Draft({', '.join(changed)})"

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        printer.text(repr(self))

    def person(self, name: str) -> Someone | None:
        """Return who is called so, or None."""
        return next((one for one in self.people if one.name == name), None)

    def evidence(self) -> Evidence:
        """Return the evidence of this draft."""
        entries = tuple(self._entry(n, section) for n, section in enumerate((*self.sections, *self._part_sections())))
        chains, requests = record(self.acts)
        return Evidence(
            setting=self.setting,
            manifest=self._manifest(entries),
            entries=entries,
            clients={one.id: one.client for one in self.people},
            chains=chains,
            requests=requests,
            statuses={key: self._status(key, chain) for key, chain in chains.items()} if self.stated else {},
            thread=self._thread() if self.thread else None,
            answered=self.answered,
            records=Records.of_all((*self.records.items, *(self._conference() if self.table is None else self.table))),
        )

    @property
    def rule(self) -> KindRule | None:
        """The rulebook's rule of the kind, or None."""
        return next((item for item in self.setting.rulebook.payload.kinds if item.id == self.kind), None)

    def _conference(self) -> tuple[Signed[Conference], ...]:
        """The table that the message belongs to, where its kind has one: both sides, and the first it is about."""
        about = tuple(dict.fromkeys(name for section in self.sections for name in section.about))
        if self.rule is None or not self.rule.conference or not about or self.household is None:
            return ()
        parties = {self._party(self.sender), self._party(self.to), Party(person=person_id(about[0]))}
        payload = Conference(
            **HEADER,
            id=FIRST,
            household=hex_id(self.household),
            chair=self.sender,
            version=1,
            about=ids(about),
            invitees=tuple(sorted(parties, key=lambda item: item.key)),
            with_client=True,
            ended=False,
            at=NOW - 3 * DAY,
        )
        signer = device_signer(self.sender)
        return (Signed(d("conference"), payload, frozenset({signer}), Place(6, NOW - 3 * DAY)),)

    def _steps(self) -> tuple[PlanStep, ...]:
        if self.steps is not None:
            return self.steps
        if self.rule is None or "steps" not in self.rule.parts:
            return ()
        return (PlanStep(n=1, by=Party(partner=self.sender), others=(self._party(self.to),), due=NOW + 5 * DAY),)

    def _part_sections(self) -> tuple[Section, ...]:
        parts = self.parts
        if parts is None:
            parts = self.rule.parts if self.rule is not None else ()
        about = tuple(dict.fromkeys(name for section in self.sections for name in section.about))
        return tuple(Section(part, about=about) for part in parts)

    def _told(self, name: str) -> tuple[str, ...]:
        """Return who is told of a person: themselves; of a child also its holders, of the young trusted adults."""
        one = self.person(name)
        if one is None:
            return ()
        holders = [other for other in one.authority if other not in one.silenced] if one.age == "child" else []
        holders += one.trusted if one.age in ("young", "twelve", "twelve-past") else []
        return tuple(
            other for other in (name, *holders) if (someone := self.person(other)) is not None and someone.keys
        )

    def _entry(self, n: int, section: Section) -> Signed[Entry]:
        readers = section.readers
        if readers is None:
            part = next((item for item in self.setting.rulebook.payload.parts if item.id == section.type), None)
            known = [one for name in section.about if (one := self.person(name)) is not None]
            silenced = {holder for one in known for holder in one.silenced}
            told = [other for name in section.about for other in self._told(name) if other not in silenced]
            given = part is None or {"recipient", "participants"} & set(part.readers)
            reading = told if part is None or "client" in part.readers else []
            readers = tuple(dict.fromkeys([*([self.to] if given else []), *reading]))
        payload = Entry(
            **HEADER,
            n=n,
            type=section.type,
            form=section.form,
            about=ids(section.about),
            media=section.media,
            padded=section.padded,
            ct=d(f"ct {n}"),
            kc=d(f"kc {n}"),
            readers=tuple(sorted((self._party(name) for name in readers), key=lambda item: item.key)),
            withheld=tuple(
                sorted(
                    (Withheld(person=person_id(name), reason=reason) for name, reason in section.withheld),
                    key=lambda item: item.person,
                )
            ),
        )
        return Signed(d(f"entry {n}"), payload, frozenset())

    def _party(self, name: str) -> Party:
        return Party(person=person_id(name)) if self.person(name) is not None else Party(partner=name)

    def _manifest(self, entries: tuple[Signed[Entry], ...]) -> Signed[Manifest]:
        sender, signer = self._sender()
        named = self.named if self.named is not None else tuple(act.label for act in self.acts if isinstance(act, Yes))
        on_consent = OnConsent(consents=tuple(sorted(d(f"consent {label}") for label in named))) if named else None
        payload = Manifest(
            **HEADER,
            id=uuid7("message", self.created),
            kind=self.kind,
            sender=sender,
            devices=d(f"devices {self.sender}") if sender.partner is not None else None,
            directory=self.setting.directory.d,
            to=self._party(self.to),
            household=None if self.household is None else hex_id(self.household),
            purpose=self.purpose,
            basis=self.basis or on_consent,
            carried=Carried(how="with-client") if self.carried else None,
            thread=self._thread_id(),
            entries=tuple(entry.d for entry in entries),
            follow_up=(FollowUp(code="report-client", due=NOW + 20 * DAY),) if self.follow_up else (),
            notice_by=self.notice_by,
            seen=Seen(size=1, root=d("root")),
            created=self.created,
            steps=self._steps(),
            delay=self.delay,
            answers=self.answered.d if self.answered is not None else None,
        )
        place = None if self.place is None else Place(self.place, self.created)
        return Signed(d("manifest"), payload, frozenset({signer}), place)

    def _thread_id(self) -> str | None:
        if self.answered is not None:
            return self.answered.payload.thread or self.answered.payload.id
        return FIRST if self.thread or (self.rule is not None and self.rule.conference) else None

    def _sender(self) -> tuple[Sender, Signer]:
        one = self.person(self.sender)
        if one is not None:
            return Sender(person=one.id), one.identity()
        signer = device_signer(self.sender, self.device)
        return Sender(partner=self.sender, device=signer.device), signer

    def _thread(self) -> Signed[Manifest]:
        """The message that began it: from the recipient to the sender, of this household and purpose."""
        signer = device_signer(self.to)
        first = Manifest(
            **HEADER,
            id=FIRST,
            kind="request",
            sender=Sender(partner=self.to, device=signer.device),
            devices=d(f"devices {self.to}"),
            directory=self.setting.directory.d,
            to=self._party(self.sender),
            household=None if self.household is None else hex_id(self.household),
            purpose=self.purpose,
            entries=(d("first entry"),),
            follow_up=(),
            seen=Seen(size=1, root=d("root")),
            created=NOW - 3 * DAY,
        )
        return Signed(d("first manifest"), first, frozenset({signer}), Place(50, NOW - 3 * DAY))

    def _status(self, key: Flow, chain: tuple[ChainObject, ...]) -> Signed[Status]:
        person, sender, to = key
        head = chain[-2] if self.status_behind and len(chain) > 1 else chain[-1]
        payload = Status(
            **HEADER,
            person=person,
            sender=_from_key(sender),
            to=_from_key(to),
            head_seq=next(link.seq for link in head.payload.chains if link.person == person),
            head=head.d if not (self.status_behind and len(chain) == 1) else d("another head"),
            as_of=NOW - self.status_age,
        )
        return Signed(d(f"status {key}"), payload, frozenset({Signer("relay", d("relay"))}))


def _byperson_id(item: tuple[str, str]) -> str:
    return person_id(item[0])


def _from_key(key: str) -> Party:
    sort, _, name = key.partition(":")
    return Party(partner=name) if sort == "partner" else Party(person=name)
