"""Decisions about people and tables: who is asked and answered, who sits at a conference, who objected."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from vectors.making.case import Case, raw, ref
from vectors.making.duties import Duties, declared, duties, make_second_rules
from vectors.making.huis import BABY, HOME, HUIS, IDENTITY, MOTHER, RECIPIENT, SENDER, THIRD, device_key, header
from vectors.making.huis import make_person as person
from vectors.making.ledger import Item, d_of, envelope
from vectors.making.messages import CLIENT, CONTENTS, PARTNER, Draft, Message
from vectors.making.seeds import DAY, NOW, digest, hex_id, nonce, uuid7
from vectors.vector_file import REFUSED
from zegel_keys.signing import SigningKey
from zegel_protocol import encoding
from zegel_protocol.objects import Conference, Objection, Payload
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.rulebook import KindRule, PartRule, PurposeRule

BASE = "decide/question.json"
SARA, ELS = device_key(SENDER, "sara"), device_key(RECIPIENT, "els")
TABLE = uuid7("conference", NOW - 2 * DAY)
ACCEPTED = NOW - 3600
ADULT = hex_id("trusted adult")
Records = dict[str, tuple[Payload, SigningKey]]


def _kind(name: str, parts: tuple[str, ...], **fields: Any) -> KindRule:
    made = {"bases": ("consent",), "carried": False, "follow_up": False, "senders": ("partner",), **fields}
    return KindRule(id=name, article=8, client=True, parts=parts, **made)


def _id(rule: KindRule | PartRule | PurposeRule) -> bytes:
    return rule.id.encode()


@cache
def rules() -> dict[str, Any]:
    """Return what the second rulebook gains: talk with a person, and a table."""
    book = make_second_rules()
    talk = {"bases": (), "recipients": ("person",)}
    table = {"thread": "required", "conference": True}
    kinds = (
        *book.kinds,
        _kind("question", ("question",), thread="none", **talk),
        _kind("reply", ("answer",), thread="required", answers=("client-message",), **talk),
        _kind("client-message", (), thread="optional", bases=(), senders=("person",), answers=("question",)),
        _kind("consultation", ("agenda",), **table), _kind("contribution", (), **table),
        _kind("consultation-report", ("report",), **table),
    )  # fmt: skip
    talked = (
        PartRule(id=name, article=6, limit=1000, readers=("client", "recipient")) for name in ("answer", "question")
    )
    held = (
        PartRule(id=name, article=8, limit=1000, readers=("client", "participants")) for name in ("agenda", "report")
    )
    more = {"referral": ("consultation", "consultation-report", "contribution", "question")}
    purposes = [
        msgspec.structs.replace(rule, kinds=tuple(sorted((*rule.kinds, *more.get(rule.id, ())))))
        for rule in book.purposes
    ]
    purposes.append(PurposeRule(id="voice", article=9, kinds=("client-message", "reply"), days=0, any_category=True))
    return {
        "nonce": nonce("third rulebook"), "kinds": tuple(sorted(kinds, key=_id)),
        "parts": tuple(sorted((*book.parts, *talked, *held), key=_id)), "purposes": tuple(sorted(purposes, key=_id)),
    }  # fmt: skip


def case(**records: tuple[Payload, SigningKey]) -> Duties:
    """Return the case under those rules, with records, persons or messages that its relay accepted."""
    return Duties(records=declared() | records, **rules())


@cache
def base() -> Duties:
    """Return the case as it is when nothing is wrong."""
    return case()


def made(name: str, description: str, message: Message, *codes: str, shown: Duties | None = None) -> Case:
    """Return a case of this folder: allowed without codes, else refused for just these."""
    put = {
        "manifest": raw(message.envelope), "entries": [raw(encoding.encode(entry)) for entry in message.entries],
    }  # fmt: skip
    given = {"huis": HUIS, "objects": _objects(shown), "message": put, "at": NOW, "judged": "now"}
    return Case(f"decide/{name}.json", description, "decide", given, REFUSED if codes else "ok", codes)


def _objects(shown: Duties | None) -> dict[str, Any]:
    items: dict[str, Item] = shown.items if shown is not None else {}
    put = {name: item.as_json() for name, item in items.items() if item != base().items.get(name)}
    return {"base": ref(BASE, "objects"), "without": [], "with": put}


def message(
    label: str, contents: dict[str, str], entries: dict[str, Any], key: SigningKey = SARA, **changes: Any
) -> Message:
    """Return a message in which every section has these fields."""
    fields = {"directory": duties().directory, "carried": None, "follow_up": (), **changes}
    return Message(
        Draft(
            label=label, contents=contents, entry_changes=dict.fromkeys(range(len(contents)), entries),
            changes=fields, key=key,
        )
    )  # fmt: skip


def cases() -> Iterator[Case]:
    """Yield the vectors about people and tables."""
    first = made("question", "A question to the mother, which no partner reads (article 6)", question())
    first.input["objects"] = {name: item.as_json() for name, item in base().items.items()}
    yield first
    yield from _asked()
    yield from _answers()
    yield from _conferences()
    yield from _objections()
    yield from _trusted()


def question(to: Party = CLIENT, about: str = MOTHER, *readers: Party) -> Message:
    """Return a question to a person."""
    words = {"question": '{"text":"Mag het CAW weten hoe het met u gaat?"}'}
    who = {"about": (about,), "readers": readers or (to,)}
    return message("question", words, who, kind="question", to=to, basis=None)


def _asked() -> Iterator[Case]:
    baby = Party(person=BABY)
    both = tuple(sorted((baby, CLIENT), key=lambda item: item.key))
    yield made("question-for-child", "A question to the mother about her baby", question(CLIENT, BABY))
    yield made("recipient-closed", "Information for a partner, addressed to the mother",
               message("closed", {"agreement": CONTENTS["agreement"]}, {"readers": (CLIENT,)}, kind="information",
                       purpose="care", to=CLIENT, basis=None),
               "carried.missing", "consent.missing", "follow-up.missing", "recipient.closed")  # fmt: skip
    yield made("recipient-without-keys", "A question to a baby, who has no keys", question(baby, BABY, *both),
               "recipient.without-keys")  # fmt: skip
    silenced = person(BABY, version=2, prev=d_of(person(BABY)), silenced=(MOTHER,))
    yield made("recipient-not-concerned", "A question about the baby to its mother, who is silenced",
               question(CLIENT, BABY), "reader.not-allowed", "recipient.not-concerned",
               shown=case(baby_2=(silenced, SARA)))  # fmt: skip


def said(asked: Message) -> Message:
    """Return the mother's message, which answers a question."""
    words = {"ask": '{"text":"Ja, maar zeg niets over mijn broer."}'}
    return message(
        "said", words, {"readers": (Party(partner=SENDER), CLIENT)}, IDENTITY, kind="client-message", purpose="voice",
        sender=Sender(person=MOTHER), devices=None, to=Party(partner=SENDER), basis=None, notice_by=None,
        thread=asked.id, answers=asked.d,
    )  # fmt: skip


def _answers() -> Iterator[Case]:
    asked = question()
    heard = said(asked)
    accepted: Records = {"question": (asked.manifest, SARA), "said": (heard.manifest, IDENTITY)}
    shown = case(**accepted)
    yield made("client-message", "Her own message, which answers the question", heard, shown=case(question=(
        asked.manifest, SARA)))  # fmt: skip

    def reply(**changes: Any) -> Message:
        words = {"answer": '{"text":"Dank u. Dat doen we."}'}
        fields = {"kind": "reply", "purpose": "voice", "to": CLIENT, "basis": None, "thread": asked.id, **changes}
        return message("reply", words, {"readers": (CLIENT,)}, **fields)

    yield made("reply", "A reply to her message", reply(answers=heard.d), shown=shown)
    yield made("answers-missing", "A reply that names no message", reply(), "answers.missing", shown=shown)
    yield made("answers-unknown", "A reply to a message that nobody shows", reply(answers=digest("no message")),
               "answers.unknown", shown=shown)  # fmt: skip
    yield made("answers-own", "A reply to the partner's own question", reply(answers=asked.d), "answers.other",
               shown=shown)  # fmt: skip
    yield made("answers-other-thread", "A reply in another conversation", reply(
        answers=heard.d, thread=uuid7("another", NOW)), "answers.other", shown=shown)  # fmt: skip
    forward = Message(Draft(changes={"directory": duties().directory, "answers": asked.d}))
    yield made("answers-nothing", "A referral that names a message as answered", forward, "answers.other", shown=shown)


def conference(number: int = 1, **changes: Any) -> Conference:
    """Return a version of the conference: chair, recipient and the mother, about her."""
    seats = changes.pop("seats", (Party(partner=SENDER), PARTNER, CLIENT))
    fields: dict[str, Any] = {
        "id": TABLE, "household": HOME, "chair": SENDER, "version": number, "about": (MOTHER,), "with_client": True,
        "invitees": tuple(sorted(seats, key=lambda item: item.key)), "ended": False, "at": ACCEPTED,
        "prev": None if number == 1 else d_of(conference()), **changes,
    }  # fmt: skip
    return Conference(**header(f"conference {number}"), **fields)


def _conferences() -> Iterator[Case]:
    def sent(kind: str, **parts: str) -> Message:
        words = {**parts, "ask": CONTENTS["ask"]}
        return message(f"{kind} {len(parts)}", words, {}, kind=kind, thread=TABLE)

    def at(*versions: Conference, key: SigningKey = SARA) -> Duties:
        return case(**{f"conference-{number}": (held, key) for number, held in enumerate(versions)})

    agenda, why, report = ('{"text":"De huur."}', '{"text":"Zij kan niet komen."}', '{"text":"Afgesproken."}')
    opening = sent("consultation", agenda=agenda)
    yield made("consultation", "The agenda of a conference at which the mother sits (article 8)", opening,
               shown=at(conference()))  # fmt: skip
    yield made("conference-missing", "Of a conference that nobody shows", opening, "conference.missing")
    among: dict[str, Any] = {"with_client": False, "seats": (Party(partner=SENDER), PARTNER)}
    discussed = conference(**among, discussed="2026-11-20")
    yield made("conference-not-discussed", "Among professionals, and not discussed with her",
               sent("consultation", agenda=agenda, motivation=why), "conference.not-discussed",
               shown=at(conference(**among)))  # fmt: skip
    yield made("conference-unmotivated", "Among professionals, without a word on why", opening, "part.missing",
               shown=at(discussed))  # fmt: skip
    yield made("conference-among-professionals", "Among professionals, discussed and motivated",
               sent("consultation", agenda=agenda, motivation=why), shown=at(discussed))  # fmt: skip
    yield made("conference-no-seat", "With her, it says, and no seat for her", opening, "conference.not-discussed",
               "part.missing", shown=at(conference(seats=(Party(partner=SENDER), PARTNER))))  # fmt: skip
    third = (Party(partner=SENDER), Party(partner=THIRD), CLIENT)
    yield made("conference-not-invited", "To a partner that has no seat", opening, "conference.not-invited",
               shown=at(conference(seats=third)))  # fmt: skip
    yield made("conference-left", "To a partner that has no seat any more", opening, "conference.not-invited",
               shown=at(conference(), conference(2, seats=third)))  # fmt: skip
    yield made("conference-about", "About her, at a conference about her baby", opening, "conference.about",
               "conference.about",
               shown=at(conference(about=(BABY,))))  # fmt: skip
    over = conference(2, ended=True)
    talk = sent("contribution")
    yield made("conference-ended", "A contribution to a conference that is over", talk, "conference.ended",
               shown=at(conference(), over))  # fmt: skip
    yield made("consultation-report", "The report of a conference that is over",
               sent("consultation-report", report=report), shown=at(conference(), over))  # fmt: skip
    led = conference(chair=RECIPIENT)
    yield made("conference-chair", "An agenda from somebody who does not lead it", opening, "conference.chair",
               shown=at(led, key=ELS))  # fmt: skip
    yield made("contribution", "A contribution to the same", talk, shown=at(led, key=ELS))
    taken = conference(2, chair=RECIPIENT, seats=(PARTNER, Party(partner=THIRD)))
    yield made("conference-taken-over", "A newer version by somebody who does not lead it counts for nothing", talk,
               shown=case(first=(conference(), SARA), second=(taken, ELS)))  # fmt: skip


def _objections() -> Iterator[Case]:
    def objection(label: str = "objection", **changes: Any) -> Objection:
        fields = {
            "household": HOME, "person": MOTHER, "about": (MOTHER,), "by": Sender(person=MOTHER), "at": ACCEPTED,
            **changes,
        }  # fmt: skip
        return Objection(**header(label), **fields)

    referral = Message(Draft(changes={"directory": duties().directory}))
    stands = objection()
    yield made("objection-stands", "She consented, and objected since (article 9)", referral, "objection.stands",
               shown=case(objection=(stands, IDENTITY)))  # fmt: skip
    narrow = objection(sender=Party(partner=SENDER), to=PARTNER)
    yield made("objection-to-this", "She objected to this sender and recipient", referral, "objection.stands",
               shown=case(objection=(narrow, IDENTITY)))  # fmt: skip
    other = objection(to=Party(partner=THIRD))
    yield made("objection-elsewhere", "She objected to another recipient", referral,
               shown=case(objection=(other, IDENTITY)))  # fmt: skip
    ended = objection("withdrawal", withdraws=d_of(stands))
    yield made("objection-withdrawn", "She took her objection back", referral,
               shown=case(objection=(stands, IDENTITY), withdrawal=(ended, IDENTITY)))  # fmt: skip
    asked = question()
    yield made("objection-question", "What she is asked is never stopped", asked,
               shown=case(objection=(stands, IDENTITY)))  # fmt: skip


def _trusted() -> Iterator[Case]:
    """A young person's trusted adult is told with them, so that two partners say who that is."""
    before = person(BABY)
    adult = person(BABY, version=2, prev=d_of(before), trusted=(ADULT,))
    begun = person(BABY, trusted=(ADULT,))
    jan = device_key(THIRD, "jan")
    for name, description, item, codes in (
        ("trusted-added", "A trusted adult added by workers of two partners", ("baby_2", adult, SARA, jan), "ok"),
        ("trusted-alone", "A trusted adult added by one partner", ("baby_2", adult, SARA), "person.two-partners"),
        ("trusted-first", "A first version with a trusted adult, by two", ("person-baby", begun, SARA, jan), "ok"),
        ("trusted-first-alone", "A first version with a trusted adult, by one partner", ("person-baby", begun, SARA),
         "person.two-partners"),
    ):  # fmt: skip
        label, payload, *signers = item
        put = {"base": ref("consent/valid.json", "objects"), "without": [],
               "with": {label: Item(d_of(payload), envelope(payload, *signers)).as_json()}}  # fmt: skip
        yield Case(f"consent/{name}.json", description, "case", {"huis": HUIS, "objects": put}, codes)
