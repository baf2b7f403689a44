"""Conferences and objections, held against `property.oracle_people` over every combination."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from property import oracle_people
from property.acts import Yes, ids, person_id
from property.huis import DAY, ENDS, HEADER, MONTHS, NOW, Age, Someone, d, device_signer, hex_id
from property.oracle import Situation
from property.oracle_people import Home, Objected, Table
from property.worlds import FIRST, Draft, Section
from zegel_protocol.decision import decide
from zegel_protocol.decision.case import Case
from zegel_protocol.evidence import Evidence
from zegel_protocol.objects.conference import Conference
from zegel_protocol.objects.manifest import Basis, OnClientUnable
from zegel_protocol.objects.objection import Objection
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.records import Records
from zegel_protocol.refusal import Code
from zegel_protocol.signed import Place, Signed, Signer

SENDER, RECIPIENT, CHAIR = "caw-b", "health-a", "clb-a"
ACCEPTED = 600
"""The message's index in the log."""


def codes(evidence: Evidence) -> set[Code]:
    return {refusal.code for refusal in decide(evidence, NOW)}


def version(number: int, index: int, **changes: Any) -> Signed[Conference]:
    """Return a version of the conference, which stands in the log at `index`."""
    fields: dict[str, Any] = {
        "id": FIRST, "household": hex_id("home"), "chair": CHAIR, "version": number, "about": ids(("mother",)),
        "with_client": True, "ended": False, "at": NOW - DAY,
        "prev": None if number == 1 else d(f"conference {number - 1}"), **changes,
    }  # fmt: skip
    seats = {*fields.pop("seats"), fields["chair"]}
    parties = [Party(person=person_id(name)) if name in ("kim", "mother") else Party(partner=name) for name in seats]
    invitees = tuple(sorted(parties, key=lambda item: item.key))
    payload = Conference(**{**HEADER, **fields}, invitees=invitees)
    return Signed(d(f"conference {number}"), payload, frozenset({device_signer(fields["chair"])}), Place(index, NOW))


def seated(at: Table) -> tuple[Signed[Conference], ...]:
    """Return the conference's versions: as it is when the message is accepted, and with who left it since."""
    chair = SENDER if at.by_chair else CHAIR
    seats = {CHAIR, "mental-b"}
    seats |= {SENDER} if at.sender_sits else set()
    seats |= {RECIPIENT} if at.to_sits else set()
    subject = "mother" if at.about_within else "kim"
    seats |= {subject} if at.seat else set()
    fields: dict[str, Any] = {
        "chair": chair, "with_client": at.client, "discussed": "2026-11-20" if at.discussed else None,
        "about": ids((subject,)),
    }  # fmt: skip
    first = version(1, 20, seats=seats, **fields)
    then = version(2, 30, seats=seats, ended=at.ended, **fields)
    now = version(3, 700, seats=seats if at.to_sits_now else seats - {RECIPIENT}, ended=True, **fields)
    return (first, then, now) if at.known else (then, now)


def at_table(kind: str, at: Table) -> Draft:
    """Return a message at a conference, with what its kind asks, accepted between its second and third version."""
    yes = Yes("one", (("plan", "whole"),), purpose="consult")
    sections: tuple[Section, ...] = (Section("plan"),)
    if at.motivated:
        readers = (RECIPIENT, "mother") if at.motivation_read else (RECIPIENT,)
        withheld = () if at.motivation_read else (("mother", "safety"),)
        sections += (Section("motivation", readers=readers, withheld=withheld),)
    return Draft(sections, (yes,), kind=kind, purpose="consult", place=ACCEPTED, table=seated(at))


def plausible(at: Table) -> bool:
    """Whether a conference can be so: the chair always has a seat, and nobody reads a motivation that is not there."""
    return (
        (at.sender_sits or not at.by_chair) and (at.motivated or at.motivation_read) and (at.to_sits or at.to_sits_now)
    )


@pytest.mark.parametrize("kind", [*oracle_people.AT_A_TABLE, "report-back"])
def test_who_speaks_and_reads_at_a_table(kind):
    wrong = {}
    tables = (Table(*values) for values in product((True, False), repeat=12))
    # One odd thing and all that can go with it; whether it is with the client changes only what opens a conference.
    for at in tables:
        odd = [at.known, at.sender_sits, at.to_sits, at.to_sits_now, at.by_chair, at.about_within, not at.ended]
        if not plausible(at) or odd.count(False) > 2:
            continue
        draft = at_table(kind, at)
        if kind == "report-back":
            draft = replace(draft, thread=True)
        found, wanted = codes(draft.evidence()), oracle_people.table(kind, at)
        if found != wanted:
            wrong[at] = wanted, found
    assert wrong == {}


GOOD = at_table("contribution", Table(by_chair=False))
SEATS = {SENDER, RECIPIENT, CHAIR, "mother"}
BROKEN: dict[str, tuple[tuple[Signed[Conference], ...], Code]] = {
    "nobody shows it": ((), Code.CONFERENCE_MISSING),
    "of another household": ((version(1, 20, seats=SEATS, household=hex_id("next door")),), Code.CONFERENCE_MISSING),
    "of another Huis": ((version(1, 20, seats=SEATS, huis=d("elsewhere")),), Code.CONFERENCE_MISSING),
    "that begins after the message": ((version(1, 650, seats=SEATS),), Code.CONFERENCE_MISSING),
    "of another thread": (
        (version(1, 20, seats=SEATS, id="00000000-0000-7000-8000-000000000000"),), Code.CONFERENCE_MISSING,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("shown", "code"), BROKEN.values(), ids=BROKEN)
def test_a_conference_that_is_not_there(shown, code):
    assert codes(replace(GOOD, table=shown).evidence()) == {code}


@pytest.mark.parametrize(
    "taken",
    [
        {"chair": "mental-b", "seats": {"mental-b", RECIPIENT}},
        {"prev": d("a version that nobody saw"), "seats": {"mental-b", RECIPIENT}},
        {"household": hex_id("next door"), "seats": {"mental-b", RECIPIENT}},
        {"version": 3, "prev": d("conference 1"), "seats": {"mental-b", RECIPIENT}},
    ],
    ids=["another chair", "a gap", "another household", "a number skipped"],
)
def test_nobody_takes_over_a_table_by_writing_a_newer_one(taken):
    first = version(1, 20, seats=SEATS)
    number = taken.pop("version", 2)
    after = version(number, 30, **taken)
    assert codes(replace(GOOD, table=(first, after)).evidence()) == set()
    followed = version(2, 30, seats={"mental-b", RECIPIENT})
    assert codes(replace(GOOD, table=(first, followed)).evidence()) == {Code.CONFERENCE_NOT_INVITED}


def test_a_message_that_has_the_name_of_a_table_began_no_conversation():
    """Else whom it goes to would be taken for the one who asked: by a yes that it witnessed, and with more to read."""
    named = replace(GOOD, thread=True).evidence()
    assert named.thread is not None
    assert not Case(named, NOW, None).answers_own_thread
    asked = replace(GOOD, kind="report-back", purpose="consult", thread=True).evidence()
    assert Case(asked, NOW, None).answers_own_thread


def test_a_motivation_is_about_everyone_of_whom_it_is_spoken():
    both = ids(("kim", "mother"))
    shown = (version(1, 20, seats=SEATS, chair=SENDER, with_client=False, discussed="2026-11-20", about=both),)
    yes = Yes("one", (("plan", "whole"),), ("kim", "mother"), (("kim", "self"), ("mother", "self")), purpose="consult")
    people = (Someone("kim", "young"), Someone("mother"))
    for about, wanted in ((("kim", "mother"), set()), (("mother",), {Code.PART_MISSING})):
        sections = (Section("plan", about=("kim", "mother")), Section("motivation", about=about))
        draft = Draft(sections, (yes,), people, "consultation", "consult", place=ACCEPTED, table=shown)
        assert codes(draft.evidence()) == wanted


def test_each_participant_reads_what_their_own_sector_may():
    """Two messages of one table: health care may have `health`, the school at the same table not."""
    for to, wanted in (("health-a", set()), ("school-a", {Code.NOT_RELEVANT})):
        yes = Yes("one", (("helpers", "whole"), ("plan", "whole")), purpose="consult", to=to)
        shown = (version(1, 20, seats={SENDER, to, CHAIR, "health-a", "school-a", "mother"}),)
        draft = Draft((Section("plan"), Section("helpers")), (yes,), kind="contribution", purpose="consult", to=to)
        assert codes(replace(draft, table=shown).evidence()) == wanted
        # And nobody reads the part of another, though all of them sit there.
        for other in {"health-a", "school-a", CHAIR} - {to}:
            along = (Section("plan", readers=tuple(sorted((to, other, "mother")))),)
            assert codes(replace(draft, sections=along, table=shown).evidence()) == {Code.READER}


PARENTS = ("father", "mother")
OBJECTORS = ("father", "grandmother", "kim", "mother", "uncle")


def at_home(age: Age, capable: bool | None, silenced: tuple[str, ...], without: tuple[str, ...]) -> Home:
    people = {name: Situation(name, "adult") for name in ("father", "grandmother", "mother", "uncle")}
    people["kim"] = Situation("kim", age, PARENTS if age != "adult" else (), False, capable, silenced)
    return Home(people, {"kim": ("uncle",)}, without)


def someones(home: Home) -> tuple[Someone, ...]:
    return tuple(
        Someone(
            name, known.age, known.holders, known.conflict, known.capable, ENDS, known.silenced,
            keys=name not in home.without_keys, trusted=home.trusted.get(name, ()),
        )
        for name, known in home.people.items()
    )  # fmt: skip


def objections(made: Objected) -> Records:
    """Return the objection, and how it was taken back."""
    flow = {True: SENDER, False: "mental-b"}, {True: RECIPIENT, False: "mental-a"}
    sides = [None if same is None else Party(partner=names[same]) for names, same in
             zip(flow, (made.same_sender, made.same_to), strict=True)]  # fmt: skip
    fields: dict[str, Any] = {"household": hex_id("home"), "about": ids(made.about), "at": NOW - 5 * DAY}
    own = Signer("identity", d(f"identity {made.by}"), person=person_id(made.by))
    worker = device_signer("mental-b")
    payload = Objection(
        **HEADER,
        **fields,
        person=person_id(made.by),
        sender=sides[0],
        to=sides[1],
        by=Sender(person=person_id(made.by)),
    )
    held = [Signed(d("objection"), payload, frozenset({own}), Place(100 if made.before else 650, NOW))]
    if made.back is not None:
        by = made.by if made.back != "other" else "grandmother" if made.by != "grandmother" else "mother"
        speaks = (
            Sender(partner="mental-b", device=worker.device) if made.back == "worker" else Sender(person=person_id(by))
        )
        ends = Objection(**HEADER, **fields, person=person_id(by), by=speaks, withdraws=d("objection"))
        signer = worker if made.back == "worker" else Signer("identity", d(f"identity {by}"), person=person_id(by))
        held.append(Signed(d("withdrawal"), ends, frozenset({signer}), Place(110 if made.before else 660, NOW)))
    return Records.of_all(held)


BASES: dict[str, Basis | None] = {"consent": None, "client-unable": OnClientUnable(code="unconscious")}


def shared(home: Home, made: Objected, about: tuple[str, ...], basis: str) -> Draft:
    """Return information about these people, right but for the objection; on consent or another basis."""
    signers: dict[str, str] = {}
    for name in about:
        signers |= {who: "self" if who == name else "authority" for who in home.says_yes(name)}
    yes = Yes("one", (("plan", "whole"),), about, tuple(sorted(signers.items())))
    sections: tuple[Section, ...] = (Section("plan", about=about),)
    if basis != "consent":
        sections += (Section("motivation", about=about),)
    draft = Draft(sections, (yes,) if basis == "consent" else (), someones(home), place=ACCEPTED)
    records = Records.of_all((*draft.records.items, *objections(made).items))
    return replace(draft, records=records, basis=BASES[basis])


@pytest.mark.parametrize("silenced", [(), ("father",)], ids=["", "father-silenced"])
@pytest.mark.parametrize("age", MONTHS)
def test_whose_objection_stops_what(age, silenced):
    wrong = {}
    for capable, by, of, about in product(
        (None, True, False), OBJECTORS, (("kim",), ("mother",), ("kim", "mother")), (("kim",), ("mother",))
    ):
        if age == "adult" and (silenced or capable is not None):
            continue
        home = at_home(age, capable, silenced, ())
        made = Objected(by, of)
        found = codes(shared(home, made, about, "consent").evidence())
        wanted = {Code.OBJECTION_STANDS} if oracle_people.objection(home, made, about, "consent") else set()
        if found != wanted:
            wrong[capable, by, of, about] = wanted, found
    assert wrong == {}


@pytest.mark.parametrize("basis", BASES)
def test_how_far_an_objection_goes_and_what_ends_it(basis):
    wrong = {}
    for without, same_sender, same_to, before, back in product(
        ((), ("mother",)), (None, True, False), (None, True, False), (True, False), (None, "own", "worker", "other")
    ):
        home = at_home("young", None, (), without)
        made = Objected("mother", ("mother",), same_sender, same_to, before, back)
        draft = shared(home, made, ("mother",), basis)
        if without and basis == "consent":
            witnesses = ((SENDER, "anna"), (SENDER, "bert"))
            yes = next(act for act in draft.acts if isinstance(act, Yes))
            draft = replace(draft, acts=(replace(yes, witnesses=witnesses),))
        found = codes(draft.evidence())
        wanted = {Code.OBJECTION_STANDS} if oracle_people.objection(home, made, ("mother",), basis) else set()
        if found != wanted:
            wrong[without, same_sender, same_to, before, back] = wanted, found
    assert wrong == {}


def test_what_the_objector_says_and_hears_is_never_stopped():
    home = at_home("young", None, (), ())
    stands = objections(Objected("mother", ("mother",)))
    said = Draft((Section("ask"),), (), someones(home), "client-message", "voice", "mother", to=RECIPIENT)
    asked = Draft(
        (Section("question"),), (), someones(home), "question", to="mother", parts=(), carried=False, follow_up=False
    )
    for draft in (said, asked):
        assert codes(replace(draft, records=Records.of_all((*draft.records.items, *stands.items))).evidence()) == set()


def test_an_objection_comes_before_asking_for_a_yes():
    """Without a consent, whoever sends is told of the objection too: asking again is not the first step."""
    home = at_home("young", None, (), ())
    draft = replace(shared(home, Objected("mother", ("mother",)), ("mother",), "consent"), acts=())
    assert codes(draft.evidence()) == {Code.OBJECTION_STANDS, Code.CONSENT_MISSING}
