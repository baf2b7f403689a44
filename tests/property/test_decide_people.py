"""Persons as recipients, trusted adults and answers, held against `property.oracle_people` over every combination."""

from dataclasses import replace
from itertools import product

import msgspec
import pytest

from property import oracle_people
from property.acts import Yes, person_id
from property.huis import DAY, ENDS, HEADER, MONTHS, NOW, Age, Someone, d, device_signer, hex_id, uuid7
from property.oracle import Situation
from property.oracle_people import Answered, Home
from property.worlds import Draft, Section
from zegel_protocol.decision import decide
from zegel_protocol.evidence import Evidence
from zegel_protocol.objects.manifest import Manifest, Seen
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.refusal import Code
from zegel_protocol.signed import Place, Signed

PARENTS = ("father", "mother")
EVERYONE = ("father", "grandmother", "kim", "mother", "stranger", "uncle", "nobody")


def codes(evidence: Evidence, at: int = NOW) -> set[Code]:
    return {refusal.code for refusal in decide(evidence, at)}


def at_home(age: Age, capable: bool | None, silenced: tuple[str, ...], without: tuple[str, ...] = ()) -> Home:
    """Return Kim's family. An uncle is Kim's trusted adult; a stranger lives next door."""
    grown = dict.fromkeys(("father", "grandmother", "mother", "stranger", "uncle"))
    people = {name: Situation(name, "adult") for name in grown}
    people["kim"] = Situation("kim", age, PARENTS if age != "adult" else (), False, capable, silenced)
    return Home(people, {"kim": ("uncle",)}, without, ("stranger",))


def someones(home: Home) -> tuple[Someone, ...]:
    return tuple(
        Someone(
            name, known.age, known.holders, known.conflict, known.capable, ENDS, known.silenced,
            keys=name not in home.without_keys, trusted=home.trusted.get(name, ()),
            household="next door" if name in home.next_door else "home",
        )
        for name, known in home.people.items()
    )  # fmt: skip


def asked(home: Home, kind: str, to: str, about: tuple[str, ...]) -> Draft:
    """Return a question to somebody, who is given all of it to read."""
    draft = Draft(
        (Section("question", about=about),), (), someones(home), kind, "voice" if kind == "reply" else "care", to=to,
        parts=(), carried=False, follow_up=False,
    )  # fmt: skip
    return draft if to in home.people else replace(draft, people=(*draft.people, Someone(to)))


def without(evidence: Evidence, person: str) -> Evidence:
    """Return evidence in which nobody knows a person."""
    return replace(evidence, clients={key: held for key, held in evidence.clients.items() if key != person_id(person)})


@pytest.mark.parametrize("silenced", [(), ("father",)], ids=["", "father-silenced"])
@pytest.mark.parametrize("age", MONTHS)
def test_who_may_be_asked(age, silenced):
    wrong = {}
    for capable, about, to, keys in product(
        (None, True, False), (("kim",), ("mother",), ("kim", "mother")), EVERYONE, (True, False)
    ):
        if age == "adult" and (silenced or capable is not None):
            continue
        home = at_home(age, capable, silenced, () if keys else (to,))
        evidence = asked(home, "question", to, about).evidence()
        if to not in home.people:
            evidence = without(evidence, to)
        found, wanted = codes(evidence), oracle_people.recipient(home, "question", to, about)
        if found != wanted:
            wrong[capable, about, to, keys] = wanted, found
    assert wrong == {}


def test_who_is_silenced_for_one_is_not_asked_about_two():
    for silenced in ((), ("father",)):
        home = at_home("child", None, silenced)
        found = codes(asked(home, "question", "father", ("father", "kim")).evidence())
        assert found == oracle_people.recipient(home, "question", "father", ("father", "kim"))
        assert (Code.RECIPIENT_NOT_CONCERNED in found) == bool(silenced)


@pytest.mark.parametrize("kind", ["information", "request", "feedback", "referral", "hand-over"])
def test_what_goes_between_partners_goes_to_no_person(kind):
    draft = replace(
        asked(at_home("young", None, ()), kind, "kim", ("kim",)), acts=(Yes("first", (("plan", "whole"),)),)
    )
    assert Code.RECIPIENT_CLOSED in codes(draft.evidence())


@pytest.mark.parametrize("kind", oracle_people.TO_PERSONS)
def test_what_goes_to_persons_goes_to_no_partner(kind):
    draft = asked(at_home("young", None, ()), kind, "kim", ("kim",))
    draft = replace(draft, to="health-a", sections=(Section("question", about=("kim",)),))
    assert Code.BASIS_MISSING in codes(draft.evidence())


def test_no_partner_reads_along_with_a_person():
    draft = asked(at_home("young", None, ()), "question", "kim", ("kim",))
    for partner in ("caw-b", "health-a"):
        both = replace(draft, sections=(Section("question", about=("kim",), readers=("kim", "uncle", partner)),))
        assert codes(both.evidence()) == {Code.READER}


@pytest.mark.parametrize("silenced", [(), ("father",)], ids=["", "father-silenced"])
@pytest.mark.parametrize("age", MONTHS)
def test_who_reads_what_is_shared_about_somebody(age, silenced):
    """Each person reads the section or not: it is refused for who may not, and for who is told and does not."""
    wrong = {}
    for reader, reads in product(EVERYONE[:-1], (True, False)):
        if age == "adult" and silenced:
            continue
        home = at_home(age, None, silenced)
        holders = tuple((name, "authority") for name in sorted(home.able("kim")))
        yes = Yes("one", (("plan", "whole"),), ("kim",), holders if age == "child" else (("kim", "self"),))
        told = sorted(home.told("kim"))
        readers = {"health-a", *told} | {reader} if reads else {"health-a", *told} - {reader}
        draft = Draft((Section("plan", about=("kim",), readers=tuple(sorted(readers))),), (yes,), someones(home))
        found = codes(draft.evidence())
        wanted = set() if not reads or reader in home.may_read(("kim",)) else {Code.READER}
        wanted |= {Code.CLIENT_COPY} if not reads and reader in told else set()
        if found != wanted:
            wrong[reader, reads] = wanted, found
    assert wrong == {}


NOBODY_NEW = ("father", "mother", "uncle")


@pytest.mark.parametrize("silenced", [(), ("father",), ("mother",), PARENTS], ids=lambda who: "-".join(who) or "nobody")
@pytest.mark.parametrize("elder", ["child", "young", "eighteen"])
def test_who_reads_what_is_shared_about_two(elder, silenced):
    """Kim's sister Lou silences nobody; about both, whoever Kim's flag silences reads nothing, and is due nothing."""
    first = at_home(elder, None, silenced)
    lou = Situation("lou", "child", PARENTS, False, None, ())
    home = replace(first, people={**first.people, "lou": lou})
    wrong, allowed = {}, 0
    for about, reader in product((("kim", "lou"), ("kim", "lou", "father"), ("lou",)), NOBODY_NEW):
        acts = tuple(
            Yes(f"for {name}", (("plan", "whole"),), (name,), signers)
            for name in about
            if (signers := tuple((who, "self" if who == name else "authority") for who in sorted(home.says_yes(name))))
        )
        told = home.told_of(about)
        for reads in (True, False):
            readers = {"health-a", *told} | {reader} if reads else {"health-a", *told} - {reader}
            section = Section("plan", about=about, readers=tuple(sorted(readers)))
            found = codes(Draft((section,), acts, someones(home), parts=()).evidence())
            wanted = {Code.READER} if reads and reader not in home.may_read(about) else set()
            wanted |= {Code.CLIENT_COPY} if not reads and reader in told else set()
            wanted |= home.to_be_written_apart(about)
            found &= {Code.READER, Code.CLIENT_COPY, Code.ABOUT_APART}
            allowed += reads and not wanted
            if found != wanted:
                wrong[about, reader, reads] = wanted, found
    assert wrong == {}
    assert allowed


def test_a_section_may_be_withheld_from_a_trusted_adult_and_they_never_say_yes():
    home = at_home("young", None, ())
    yes = Yes("one", (("plan", "whole"),), ("kim",), (("kim", "self"),))
    section = Section("plan", about=("kim",), readers=("health-a", "kim"), withheld=(("uncle", "third-party"),))
    assert codes(Draft((section,), (yes,), someones(home)).evidence()) == set()
    for capable in (None, True, False):
        signed = replace(yes, signers=(("uncle", "authority"),))
        told = at_home("young", capable, ())
        found = codes(Draft((Section("plan", about=("kim",)),), (signed,), someones(told)).evidence())
        assert found == {Code.SIGNER_NOT_ENTITLED}


KIM = hex_id("person kim")


def earlier(kind: str, *, back: bool, home: str, thread: str | None, sender: Party, to: Party) -> Signed[Manifest]:
    """Return a message that went from the recipient `to` to the sender, or the other way."""
    source, target = (to, sender) if back else (sender, to)
    by = device_signer(source.partner) if source.partner is not None else None
    first = Manifest(
        **HEADER,
        id=uuid7("earlier", NOW - 3 * DAY),
        kind=kind,
        sender=Sender(partner=source.partner, device=by.device if by else None, person=source.person),
        devices=d(f"devices {source.partner}") if by else None,
        directory=d("directory"),
        to=target,
        household=hex_id(home),
        purpose="care",
        thread=thread,
        entries=(d("an earlier entry"),),
        follow_up=(),
        seen=Seen(size=1, root=d("root")),
        created=NOW - 3 * DAY,
    )
    return Signed(d("earlier"), first, frozenset(), Place(50, NOW - 3 * DAY))


def answer(kind: str) -> Draft:
    """Return a message of a kind that may answer, right but for what it names."""
    people = someones(at_home("young", None, ()))
    if kind == "client-message":
        return Draft((Section("ask", about=("kim",)),), (), people, kind, "voice", "kim", to="health-a")
    if kind == "reply":
        return Draft(
            (Section("answer", about=("kim",)),), (), people, kind, "voice", to="kim", parts=(), carried=False,
            follow_up=False, thread=True,
        )  # fmt: skip
    yes = Yes("one", (("plan", "whole"),), ("kim",), (("kim", "self"),))
    return Draft((Section("plan", about=("kim",)),), (yes,), people, kind, "care", thread=True)


def sides(draft: Draft) -> tuple[Party, Party]:
    """Return sender and recipient."""
    manifest = draft.evidence().manifest.payload
    return manifest.sender.party, manifest.to


@pytest.mark.parametrize("kind", ["client-message", "reply", "report-back", "information"])
def test_what_answers_what(kind):
    wrong = {}
    draft = answer(kind)
    sender, to = sides(draft)
    # A report back is held to its thread besides, which began with a request.
    assert codes(draft.evidence()) == oracle_people.answering(kind, None)
    for named in (
        Answered(earlier_kind, shown, back, same_home, same_thread)
        for earlier_kind in (
            "question",
            "client-message",
            "reply",
            "request",
            "referral",
            "concern",
            "feedback",
            "advice",
        )
        for shown, back, same_home, same_thread in product((True, False), repeat=4)
    ):
        held = earlier(
            named.kind, back=named.back, home="home" if named.same_home else "next door", sender=sender, to=to,
            thread=(draft.evidence().manifest.payload.thread or uuid7("a thread", NOW - 4 * DAY)),
        )  # fmt: skip
        evidence = replace(draft, answered=held).evidence()
        if not named.same_thread:
            other = msgspec.structs.replace(held.payload, thread=uuid7("another thread", NOW - 4 * DAY))
            evidence = replace(evidence, answered=replace(held, payload=other))
        if not named.shown:
            evidence = replace(evidence, answered=None)
        found, wanted = codes(evidence), oracle_people.answering(kind, named)
        if found != wanted:
            wrong[named] = wanted, found
    assert wrong == {}


@pytest.mark.parametrize("kind", ["client-message", "reply", "report-back"])
def test_an_answer_goes_between_the_very_same_two(kind):
    """Each side by itself: what went to somebody else, or came from somebody else, is not answered here."""
    draft = answer(kind)
    sender, to = sides(draft)
    other = Party(partner="clb-a")
    for source, target, wanted in (
        (to, sender, set()), (other, sender, {Code.ANSWERS_OTHER}), (to, other, {Code.ANSWERS_OTHER}),
    ):  # fmt: skip
        held = earlier(
            oracle_people.ANSWERS[kind][0], back=True, home="home", sender=target, to=source,
            thread=draft.evidence().manifest.payload.thread or uuid7("a thread", NOW - 4 * DAY),
        )  # fmt: skip
        assert codes(replace(draft, answered=held).evidence()) == wanted


def test_a_report_back_to_a_thread_of_another_kind_says_what_it_answers():
    held = answer("report-back").evidence()
    assert held.thread is not None
    began = replace(held.thread, payload=msgspec.structs.replace(held.thread.payload, kind="feedback"))
    assert codes(replace(held, thread=began)) == {Code.ANSWERS_MISSING}


def test_what_answers_the_first_message_is_in_its_thread_by_its_id():
    draft = answer("reply")
    sender, to = sides(draft)
    first = earlier("client-message", back=True, home="home", thread=None, sender=sender, to=to)
    assert codes(replace(draft, answered=first).evidence()) == set()
    shown = replace(first, d=d("another message"))
    assert codes(replace(replace(draft, answered=first).evidence(), answered=shown)) == {Code.ANSWERS_UNKNOWN}


def test_a_reply_without_a_thread_names_none():
    assert codes(replace(answer("reply"), thread=False).evidence()) == {Code.THREAD_MISSING, Code.ANSWERS_MISSING}


def test_a_birthday_after_the_message_changes_nobody_who_was_asked():
    """Who is recipient is settled when the message is accepted: Kim turned 12 since."""
    home = at_home("child", None, ())
    draft = replace(asked(home, "question", "mother", ("kim",)), place=600)
    evidence = draft.evidence()
    assert codes(evidence) == set()
    turned = {refusal.code for refusal in decide(evidence, NOW + 5 * 365 * DAY)}
    assert not turned & {Code.RECIPIENT_NOT_CONCERNED, Code.READER}
