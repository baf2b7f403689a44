"""Decisions under a rulebook that knows the duties: declarations, own rules, plans, bases beside consent, alarms."""

from collections.abc import Iterator
from typing import Any

from vectors.making.case import Case, raw, ref
from vectors.making.duties import (
    DESK,
    ENDS_LATE,
    Duties,
    declaration,
    declared,
    duties,
    make_rota,
    own_rules,
    weaker,
    with_rules,
)
from vectors.making.huis import (
    BABY,
    HUIS,
    MOTHER,
    RECIPIENT,
    SENDER,
    device_id,
    device_key,
    make_person,
    root_key,
    world,
)
from vectors.making.ledger import d_of
from vectors.making.messages import CLIENT, CONTENTS, PARTNER, Draft, Message
from vectors.making.seeds import DAY, NOW, hex_id, uuid7
from vectors.vector_file import REFUSED
from zegel_protocol import encoding
from zegel_protocol.objects.manifest import Delay, OnClientUnable, OnNecessity, PlanStep
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.partner_rules import Closed

BASE = "decide/duties-allowed.json"
HOUR = 3600
TO_DESK = Party(partner=DESK)
DANGER = OnNecessity(code="serious-danger")


def made(name: str, description: str, message: Message, *codes: str, case: Duties | None = None, at: int = NOW) -> Case:
    """Return a case of this folder: allowed without codes, else refused for just these."""
    shown = {
        "manifest": raw(message.envelope), "entries": [raw(encoding.encode(entry)) for entry in message.entries],
    }  # fmt: skip
    put = {"huis": HUIS, "objects": objects(case), "message": shown, "at": at, "judged": "now"}
    return Case(f"decide/{name}.json", description, "decide", put, REFUSED if codes else "ok", codes)


def objects(case: Duties | None) -> dict[str, Any]:
    """Return the objects of a case as what it has other than the first of these vectors."""
    base = duties().items
    if case is None:
        return {"base": ref(BASE, "objects")}
    gone = [name for name in base if name not in case.items]
    put = {name: item.as_json() for name, item in case.items.items() if item != base.get(name)}
    return {"base": ref(BASE, "objects"), "without": gone, "with": put}


def message(label: str = "message", contents: dict[str, str] | None = None, **changes: Any) -> Message:
    """Return a message under the second directory."""
    return Message(
        Draft(label=label, contents=contents or dict(CONTENTS), changes={"directory": duties().directory, **changes})
    )


def cases() -> Iterator[Case]:
    """Yield the vectors of decisions about duties."""
    first = made("duties-allowed", "A referral by a worker who accepted the code", message())
    first.input["objects"] = {name: item.as_json() for name, item in duties().items.items()}
    yield first
    yield from _declared()
    yield from _own_rules()
    yield from _plans()
    yield from _bases()
    yield from _alarms()
    yield from _waiting()
    yield from _silenced()


def _declared() -> Iterator[Case]:
    bare = {"rota": declared()["rota"]}
    yield made("code-not-accepted", "A worker who did not accept the code in its ten days (article 1)", message(),
               "code.not-accepted", case=Duties(records=bare))  # fmt: skip
    yield made("code-in-grace", "A worker who has days left to accept it", message(),
               case=Duties(records=bare, code_from=NOW - 9 * DAY))  # fmt: skip
    to = weaker(RECIPIENT)
    yield made("pledge-missing", "To a partner under a pledge that it has not made (article 0)", message(),
               "pledge.missing", case=Duties((to,)))  # fmt: skip
    pledge = declared() | {"pledge": (declaration("pledge", RECIPIENT), root_key(RECIPIENT))}
    yield made("pledge", "To the same, after it pledged", message(), case=Duties((to,), records=pledge))


def _own_rules() -> Iterator[Case]:
    rules = own_rules(SENDER, Closed(way="send", type="money", sector="ocmw"))
    lists = (with_rules(SENDER, d_of(rules)),)
    shown = declared() | {"own-rules": (rules, root_key(SENDER))}
    yield made("partner-closed", "The sender tells such a partner nothing of money (article 3)", message(),
               "partner.closed", case=Duties(lists=lists, records=shown))  # fmt: skip
    yield made("partner-rules-missing", "The sender has rules of its own, and nobody shows them", message(),
               "partner.rules-missing", case=Duties(lists=lists))  # fmt: skip


def _plans() -> Iterator[Case]:
    def step(by: Party, *others: Party) -> tuple[PlanStep, ...]:
        return (PlanStep(n=1, by=by, others=others, due=NOW + 7 * DAY),)

    together = step(Party(partner=SENDER), PARTNER, CLIENT)
    words = {"steps": '{"text":"1. Samen naar het eerste gesprek."}', "ask": CONTENTS["ask"]}
    plan: dict[str, Any] = {"kind": "hand-over", "contents": words}
    yield made("hand-over", "A hand-over whose step both partners and she take together (article 4)",
               message(**plan, steps=together))  # fmt: skip
    yield made("steps-missing", "A hand-over that says its steps in words alone", message(**plan), "steps.missing")
    yield made("steps-other", "A plan in a referral, which has none", message(steps=together), "steps.other")
    yield made("steps-party", "A step by somebody who does not know of it",
               message(**plan, steps=step(Party(partner="caw-meerdijk"))), "steps.party")  # fmt: skip


def _bases() -> Iterator[Case]:
    words = {**CONTENTS, "motivation": '{"text":"Zij ligt op de spoed en kan niets zeggen."}'}
    on: dict[str, Any] = {"contents": words, "basis": OnClientUnable(code="unconscious"), "carried": None}
    yield made("client-unable", "She cannot say yes, and help cannot wait (article 7)", message(**on))
    yield made("basis-code", "For a reason that is on no list",
               message(**{**on, "basis": OnClientUnable(code="on-holiday")}), "basis.code")  # fmt: skip
    yield made("unable-unmotivated", "Without a word on why", message(**{**on, "contents": dict(CONTENTS)}),
               "part.missing")  # fmt: skip

    def pledged(partner: str) -> Duties:
        records = declared() | {"pledge": (declaration("pledge", partner), root_key(partner))}
        return Duties((weaker(partner),), records=records)

    yield made("basis-recipient", "To who is under a pledge alone, without her yes (article 0)", message(**on),
               "basis.recipient", case=pledged(RECIPIENT))  # fmt: skip
    yield made("basis-sender", "By who is under a pledge alone, without her yes", message(**on), "basis.sender",
               case=pledged(SENDER))  # fmt: skip


def alarm(about: dict[int, tuple[str, ...]] | None = None, *more: str, at: int = NOW, **changes: Any) -> Message:
    """Return an alarm about the mother to the safety desk; `about`: of a section, whom else it is about."""
    words = {
        "who": '{"text":"Elif"}', "violence": '{"text":"Zij heeft slagen gekregen."}',
        "motivation": '{"text":"Zij is bang om naar huis te gaan."}', **dict.fromkeys(more, '{"text":"-"}'),
    }  # fmt: skip
    readers = {n: {"readers": (TO_DESK, CLIENT), "about": (about or {}).get(n, (MOTHER,))} for n in range(len(words))}
    fields = {
        "id": uuid7("alarm", at), "created": at - 60, "kind": "concern", "purpose": "safety", "to": TO_DESK,
        "basis": DANGER, "carried": None, "follow_up": (), "directory": duties().directory, **changes,
    }  # fmt: skip
    key = device_key(RECIPIENT, "post") if "sender" in changes else device_key(SENDER, "sara")
    return Message(Draft(label="alarm", contents=words, entry_changes=readers, changes=fields, key=key))


def _alarms() -> Iterator[Case]:
    yield made("alarm", "An alarm on necessity to a desk where somebody is on call (article 10)", alarm())
    yield made("alarm-two-others", "With two other categories", alarm(None, "ask", "money"))
    yield made("alarm-too-many", "With three other categories", alarm(None, "ask", "money", "plan"), "alarm.too-many")
    yield made("alarm-about", "With a section about a child of whom the motivation says nothing",
               alarm({1: (BABY,)}), "alarm.about")  # fmt: skip
    service: dict[str, Any] = {
        "sender": Sender(partner=RECIPIENT, device=device_id(RECIPIENT, "post")),
        "devices": world().items[f"devices-{RECIPIENT}"].d, "notice_by": RECIPIENT,
    }  # fmt: skip
    yield made("alarm-service", "Sent by a computer system", alarm(**service), "alarm.service")
    yield made("alarm-code-not-accepted", "By a worker who did not accept the code: nothing holds it up", alarm(),
               case=Duties(records={"rota": declared()["rota"]}))  # fmt: skip
    off = declared() | {"rota": (make_rota((NOW + HOUR, ENDS_LATE)), device_key(DESK, "ann"))}
    yield made("desk-off-call", "To a desk where nobody is on call", alarm(), "desk.off-call", case=Duties(records=off))
    yield made("desk-off-call-known", "To the same, by a worker who knows",
               alarm(basis=OnNecessity(code="serious-danger", off_call=True)), case=Duties(records=off))  # fmt: skip
    without = {name: record for name, record in declared().items() if name != "rota"}
    yield made("rota-withheld", "To a safety desk whose rota nobody shows", alarm(), "desk.off-call",
               case=Duties(records=without))  # fmt: skip
    late = NOW + 20 * DAY
    yield made("alarm-directory-expired", "Under a directory that expired, which still carries alarms", alarm(at=late),
               at=late)  # fmt: skip
    over = NOW + 98 * DAY
    yield made("alarm-directory-over", "Under one that expired more than ninety days ago", alarm(at=over),
               "directory.expired", at=over)  # fmt: skip


def _waiting() -> Iterator[Case]:
    def waiting(hours: int, code: str = "danger-if-told") -> Message:
        return alarm(delay=Delay(until=NOW + hours * HOUR, code=code))

    yield made("delay", "Whose notice waits three days, because telling is dangerous", waiting(72))
    yield made("delay-too-long", "Whose notice waits an hour more than that", waiting(73), "delay.too-long")
    yield made("delay-code", "Whose notice waits for a reason on no list", waiting(1, "too-busy"), "delay.code")
    yield made("delay-not-alarm", "A referral whose notice waits",
               message(delay=Delay(until=NOW + HOUR, code="danger-if-told")), "delay.not-alarm")  # fmt: skip


def _silenced() -> Iterator[Case]:
    """A mother who is silenced for her baby, and for its sister not; she is told of neither in one section."""
    sister, sara = hex_id("sister"), device_key(SENDER, "sara")
    flagged = make_person(BABY, version=2, prev=d_of(make_person(BABY)), silenced=(MOTHER,))
    known = make_person(sister, turns12="2036-11", turns18="2042-11", authority=(MOTHER,))
    shown = Duties(records=declared() | {"sister": (known, sara), "baby_2": (flagged, sara)})
    words = {**CONTENTS, "motivation": '{"text":"Zij ligt op de spoed en kan niets zeggen."}'}

    def about(readers: tuple[Party, ...], *people: str) -> Message:
        changes = {n: {"about": tuple(sorted(people)), "readers": (PARTNER,) if n else readers} for n in range(4)}
        fields = {"directory": duties().directory, "basis": OnClientUnable(code="unconscious"), "carried": None}
        return Message(Draft(label="silenced", contents=words, entry_changes=changes, changes=fields))

    yield made("silenced-for-one", "Read by who is silenced for one of the two it is about",
               about((PARTNER, CLIENT), BABY, sister), "reader.not-allowed", case=shown)  # fmt: skip
    yield made("silenced-for-one-untold", "About the same two, and not read by her: nobody is due a copy",
               about((PARTNER,), BABY, sister), case=shown)  # fmt: skip
    yield made("silenced-for-oneself", "About her and her baby at once, for whom she is silenced",
               about((PARTNER,), BABY, MOTHER), *("about.apart",) * 4, case=shown)  # fmt: skip
    yield made("silenced-for-other", "About the sister alone: of that she is due every section",
               about((PARTNER, CLIENT), sister), *("client-copy.missing",) * 3, case=shown)  # fmt: skip
