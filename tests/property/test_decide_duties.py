"""Bases, alarms, the code, pledges and own rules, held against `property.oracle_duties` over every combination."""

from dataclasses import replace
from functools import cache
from itertools import combinations, product
from typing import Literal

import msgspec
import pytest

from property import oracle, oracle_duties
from property.acts import Yes
from property.huis import (
    BEGAN,
    DAY,
    HEADER,
    NOW,
    SECTORS,
    Someone,
    d,
    declared,
    device_list,
    device_signer,
    hex_id,
    member,
    the_records,
    the_rulebook,
    the_setting,
)
from property.oracle_duties import Shut, Side
from property.worlds import Draft, Section
from zegel_protocol.decision import decide
from zegel_protocol.evidence import Evidence, Setting
from zegel_protocol.objects import Declaration, Payload, Rota
from zegel_protocol.objects.desk import Shift
from zegel_protocol.objects.manifest import Basis, Delay, OnClientUnable, OnLegalDuty, OnNecessity
from zegel_protocol.objects.membership import Membership
from zegel_protocol.objects.partner_rules import Closed, PartnerRules
from zegel_protocol.records import Records
from zegel_protocol.refusal import Code
from zegel_protocol.signed import Place, Signed

SENDER = "caw-b"
HOUR = 3600


def codes(evidence: Evidence) -> set[Code]:
    return {refusal.code for refusal in decide(evidence, NOW)}


def on(name: str, code: str, *, knowing: bool = True) -> Basis:
    """Return the basis; an alarm `knowing` that perhaps nobody is on call."""
    if name == "client-unable":
        return OnClientUnable(code=code)
    if name == "legal-duty":
        return OnLegalDuty(citation=code)
    return OnNecessity(code=code, off_call=knowing)


def side(partner: str, of: Side, host: str | None = None) -> tuple[Signed[Membership], ...]:
    held = member(partner, of.sector, of.secrecy)
    payload = msgspec.structs.replace(held.payload, host=host)
    return (replace(held, d=d(f"{partner} {of} {host}"), payload=payload),)


@cache
def between(sender: Side, to: Side, recipient: str, hosted: bool) -> Setting:
    """Return the Huis in which these two are so; `hosted`: the recipient stands behind the sender."""
    setting = the_setting()
    members = {**setting.memberships, SENDER: side(SENDER, sender, recipient if hosted else None)}
    return replace(setting, memberships={**members, recipient: side(recipient, to)})


PENAL = Side("caw", "penal")
PURPOSES = {
    "referral": "referral", "hand-over": "referral", "information": "coordinate", "request": "coordinate",
    "feedback": "coordinate", "consultation": "consult", "contribution": "consult", "consultation-report": "consult",
    "concern": "safety", "question": "care", "reply": "voice", "client-message": "voice",
}  # fmt: skip


def resting(kind: str, basis: Basis, to: str, setting: Setting, *sections: Section, motivated: bool = True) -> Draft:
    """Return a message on another basis than consent, with a motivation or without."""
    parts = tuple(dict.fromkeys((
        *(part for part in the_parts(kind) if part != "motivation"), *(("motivation",) if motivated else ()),
    )))  # fmt: skip
    return Draft(
        sections or (Section("who"),), (), kind=kind, purpose=PURPOSES[kind], to=to, setting=setting, basis=basis,
        carried=False, follow_up=kind != "concern", parts=parts,
    )  # fmt: skip


def the_parts(kind: str) -> tuple[str, ...]:
    return next(rule.parts for rule in the_rulebook().payload.kinds if rule.id == kind)


SIDES = (
    Side("health", "penal"), Side("health", "office"), Side("health", "pledge"), Side("school", "office"),
    Side("school", "penal"), Side("volunteer", "pledge"), Side("volunteer", "penal"), Side("safetydesk", "penal"),
    Side("safetydesk", "office"),
)  # fmt: skip
ROUTES = {"health": "care", "school": "care", "volunteer": "referral", "safetydesk": "care"}


@pytest.mark.parametrize("name", ["client-unable", "necessity", "legal-duty"])
@pytest.mark.parametrize("kind", ["referral", "hand-over", "information", "request", "feedback", "concern"])
def test_what_rests_on_what_and_between_whom(kind, name):
    wrong = {}
    words = (*oracle_duties.LISTED[name], "because")
    for code, sender, to, motivated, hosted in product(words, SIDES, SIDES, (True, False), (True, False)):
        recipient = f"{to.sector}-a"
        draft = resting(kind, on(name, code), recipient, between(sender, to, recipient, hosted), motivated=motivated)
        found = codes(draft.evidence())
        wanted = oracle_duties.basis(kind, name, code, sender, to, hosted=hosted, motivated=motivated)
        if kind == "concern" and not motivated:
            # A kind that asks for its part asks for it on whatever basis.
            wanted |= {Code.PART_MISSING}
        if kind == "concern":
            wanted |= oracle_duties.alarm(to.sector, (("who", "whole"),), hosted=hosted)
        else:
            wanted |= oracle_duties.shared(PURPOSES[kind], to, "who", "whole")
        if Code.BASIS_NOT_ALLOWED in wanted and kind != "concern":
            # Nobody was left out of the conversation lawfully, so the client's part in it is told.
            wanted |= {Code.CARRIED_MISSING}
        if found != wanted:
            wrong[code, sender, to, motivated, hosted] = wanted, found
    assert wrong == {}


@pytest.mark.parametrize("kind", ["consultation", "contribution", "consultation-report", "question", "reply"])
@pytest.mark.parametrize("name", ["client-unable", "necessity", "legal-duty"])
def test_no_other_kind_rests_on_anything_but_a_yes(kind, name):
    to = "mother" if kind in ("question", "reply") else "health-a"
    draft = resting(kind, on(name, "crisis"), to, the_setting())
    wanted = oracle_duties.basis(kind, name, "crisis", PENAL, Side("health", "penal"), hosted=False, motivated=True)
    assert wanted <= codes(draft.evidence())


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("kind", ["referral", "information"])
def test_what_takes_a_signature_goes_on_nothing_else(kind, sector):
    wrong = {}
    to = Side(sector, SECTORS[sector])
    for category in oracle.LEVELS:
        for form in oracle.forms_of(category):
            draft = resting(kind, on("client-unable", "crisis"), f"{sector}-a", the_setting(), Section(category, form))
            found = codes(draft.evidence()) - {Code.BASIS_RECIPIENT}
            wanted = oracle_duties.shared(PURPOSES[kind], to, category, form)
            if found != wanted:
                wrong[category, form] = wanted, found
    assert wrong == {}


@pytest.mark.parametrize("hosted", [False, True])
@pytest.mark.parametrize("sector", SECTORS)
def test_what_an_alarm_holds(sector, hosted):
    wrong = {}
    sender = Side("volunteer", "pledge") if hosted else PENAL
    to = Side(sector, SECTORS[sector])
    setting = between(sender, to, f"{sector}-a", hosted)
    whole = [((category, "whole"),) for category in oracle.LEVELS]
    forms = [((category, form),) for category in oracle.NARROWER for form in oracle.FORMS]
    several = list(combinations((("who", "whole"), ("money", "whole"), ("health", "short"), ("home", "whole"),
                                 ("school", "whole"), ("violence", "whole")), 4))  # fmt: skip
    for categories in [*whole, *forms, *several]:
        sections = [Section(category, form) for category, form in categories]
        draft = resting("concern", on("necessity", "serious-danger"), f"{sector}-a", setting, *sections)
        found = codes(draft.evidence()) - {Code.BASIS_RECIPIENT, Code.BASIS_SENDER}
        wanted = oracle_duties.alarm(sector, categories, hosted=hosted)
        if found != wanted:
            wrong[categories] = wanted, found
    assert wrong == {}


def test_an_alarm_is_about_whom_the_motivation_is_about():
    people = (Someone("kim", "child", ("mother",)), Someone("mother"))
    for about, motive, wanted in (
        (("kim",), ("kim",), set()),
        (("kim",), ("kim", "mother"), set()),
        (("kim", "mother"), ("kim",), {Code.ALARM_ABOUT}),
        (("mother",), ("kim",), {Code.ALARM_ABOUT}),
    ):
        sections = (Section("who", about=about), Section("motivation", about=motive))
        draft = resting("concern", on("necessity", "serious-danger"), "health-a", the_setting(), *sections)
        assert codes(replace(draft, people=people, parts=()).evidence()) == wanted


def rota(partner: str, opens: int, closes: int, index: int = 30) -> Signed[Payload]:
    shift = Shift(opens=opens, closes=closes, devices=(hex_id(f"{partner} anna"),))
    payload = Rota(
        **HEADER, partner=partner, version=1, shifts=(shift,), phone="09 123 45 67", otherwise="Bel", at=NOW - DAY
    )
    return Signed(d(f"rota {opens} {index}"), payload, frozenset({device_signer(partner)}), Place(index, NOW - DAY))


def with_records(draft: Draft, *items: Signed[Payload]) -> Draft:
    return replace(draft, records=Records.of_all((*draft.records.items, *items)))


@pytest.mark.parametrize("knowing", [False, True])
@pytest.mark.parametrize("sector", oracle_duties.TAKES_ALARMS)
def test_no_alarm_goes_silently_to_a_desk_where_nobody_is(sector, knowing):
    to = f"{sector}-a"
    draft = resting("concern", on("necessity", "serious-danger", knowing=knowing), to, the_setting())
    declared_only = Records.of_all(held for held in the_records().items if not isinstance(held.payload, Rota))
    draft = replace(draft, place=600, created=NOW, records=declared_only)
    for state, shown in (
        ("none", ()),
        ("open", (rota(to, NOW - HOUR, NOW + HOUR),)),
        ("open", (rota(to, NOW, NOW + 1),)),
        ("shut", (rota(to, NOW + 1, NOW + HOUR),)),
        ("shut", (rota(to, NOW - HOUR, NOW),)),
        # Judged as of acceptance: what is known later settles nothing, and of several the last one before counts.
        ("none", (rota(to, NOW - HOUR, NOW + HOUR, 700),)),
        ("shut", (rota(to, NOW - HOUR, NOW + HOUR, 30), rota(to, NOW + 1, NOW + HOUR, 31))),
        ("open", (rota(to, NOW - HOUR, NOW + HOUR, 30), rota(to, NOW + 1, NOW + HOUR, 701))),
    ):
        found, wanted = (
            codes(with_records(draft, *shown).evidence()),
            oracle_duties.on_call(sector, state, knowing=knowing),
        )
        assert found == wanted, (state, shown)


@pytest.mark.parametrize("code", [*oracle_duties.DELAYS, "inconvenient"])
@pytest.mark.parametrize("kind", ["concern", "information"])
def test_how_long_a_notice_waits(kind, code):
    name, why = ("necessity", "serious-danger") if kind == "concern" else ("client-unable", "crisis")
    most = oracle_duties.DELAY_HOURS * HOUR
    for seconds in (1, most - 1, most, most + 1, 30 * DAY):
        draft = resting(kind, on(name, why), "health-a", the_setting())
        draft = replace(draft, delay=Delay(until=NOW + seconds, code=code))
        assert codes(draft.evidence()) == oracle_duties.delay(kind, code, seconds), seconds


@pytest.mark.parametrize("device", ["anna", "bert", "service"])
def test_a_person_raises_an_alarm(device):
    draft = replace(resting("concern", on("necessity", "serious-danger"), "health-a", the_setting()), device=device)
    assert codes(draft.evidence()) == ({Code.ALARM_SERVICE} if device == "service" else set())


def since(days: float) -> Setting:
    """Return the Huis whose code has been in force for some days."""
    setting = the_setting()
    payload = msgspec.structs.replace(setting.rulebook.payload, code_from=NOW - int(days * DAY))
    return replace(setting, rulebook=replace(setting.rulebook, payload=payload))


def listed_since(setting: Setting, days: float) -> Setting:
    """Return the Huis in which the sender's workers are new."""
    held = device_list(SENDER)
    first = replace(held, d=d("first list"), payload=msgspec.structs.replace(held.payload, devices=()))
    second = replace(held, place=Place(9, NOW - int(days * DAY)))
    return replace(setting, devices={**setting.devices, SENDER: (first, second)})


def declarations(partner: str, version: str | None, what: str) -> tuple[Signed[Payload], ...]:
    if version is None:
        return ()
    held = declared(partner, "anna", "pledge" if what == "pledge" else "code")
    if version == "in force":
        return (held,)
    return (replace(held, payload=msgspec.structs.replace(held.payload, code_version="code-0", code_digest=d("old"))),)


def undeclared(without: tuple[str, ...], what: str) -> tuple[Signed[Payload], ...]:
    """Return what everybody declared, but not what these partners did."""
    return tuple(
        held
        for held in the_records().items
        if isinstance(held.payload, Declaration) and not (held.payload.what == what and held.payload.partner in without)
    )


MADE = {
    "information": Draft(),
    "reply": Draft(
        (Section("answer"),), (), kind="reply", purpose="voice", to="mother", parts=(), carried=False, follow_up=False,
        thread=True,
    ),
    "concern": replace(
        resting("concern", on("necessity", "serious-danger"), "health-a", the_setting()), place=None
    ),
    "question": Draft(
        (Section("question"),), (), kind="question", to="mother", parts=(), carried=False, follow_up=False
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", MADE)
def test_who_accepted_the_code_may_send(kind):
    """By version, by how long the code is in force, and by how long the worker is there."""
    wrong = {}
    for version, code_days, worker_days in product(
        (None, "before", "in force"), (0, 29.9, 30, 300), (0, 29.9, 30, 300)
    ):
        draft = replace(MADE[kind], setting=listed_since(since(code_days), worker_days))
        records = Records.of_all((*undeclared((SENDER,), "code"), *declarations(SENDER, version, "code")))
        found = codes(replace(draft, records=records).evidence()) - {Code.ANSWERS_MISSING}
        wanted = oracle_duties.accepted(kind, version=version, days_since=min(code_days, worker_days))
        if found != wanted:
            wrong[version, code_days, worker_days] = wanted, found
    assert wrong == {}


@pytest.mark.parametrize("recipient", ["health-a", "volunteer-a"])
@pytest.mark.parametrize("sender", [PENAL, Side("caw", "pledge"), Side("volunteer", "penal"), Side("school", "office")])
def test_who_is_under_a_pledge_has_pledged(sender, recipient):
    wrong = {}
    to = Side(recipient.rpartition("-")[0], SECTORS[recipient.rpartition("-")[0]])
    for mine, theirs, days in product((None, "before", "in force"), (None, "before", "in force"), (0, 29.9, 30, 300)):
        setting = replace(since(days), memberships=between(sender, to, recipient, False).memberships)
        yes = Yes("first", (("plan", "whole"),), purpose="referral", to=recipient)
        draft = Draft(acts=(yes,), kind="referral", purpose="referral", to=recipient, setting=setting)
        records = (
            *undeclared((SENDER, recipient), "pledge"),
            *declarations(SENDER, mine, "pledge"),
            *declarations(recipient, theirs, "pledge"),
        )
        found = codes(replace(draft, records=Records.of_all(records)).evidence())
        wanted = oracle_duties.pledged("referral", sender, version=mine, days_since=days)
        wanted |= oracle_duties.pledged("referral", to, version=theirs, days_since=days)
        if found != wanted:
            wrong[mine, theirs, days] = wanted, found
    assert wrong == {}


def own_rules(partner: str, *shut: Shut) -> tuple[Signed[PartnerRules], Setting]:
    """Return a partner's own rules, and the Huis in which its device list names them."""
    closed = tuple(
        sorted(
            (
                Closed(way=item.way, purpose=item.purpose, kind=item.kind, type=item.type, sector=item.sector)
                for item in shut
            ),
            key=lambda item: item.key,
        )
    )
    payload = PartnerRules(**HEADER, partner=partner, version=1, closed=closed, at=BEGAN)
    rules = Signed(d(f"rules {closed}"), payload, frozenset({device_signer(partner)}), Place(8, BEGAN))
    setting, held = the_setting(), device_list(partner)
    named = replace(held, payload=msgspec.structs.replace(held.payload, rules=rules.d))
    return rules, replace(setting, devices={**setting.devices, partner: (named,)})


WAYS: tuple[Literal["send", "receive"], ...] = ("send", "receive")


@pytest.mark.parametrize("who", WAYS)
@pytest.mark.parametrize("kind", MADE)
def test_what_a_partner_closes_for_itself(kind, who):
    wrong = {}
    draft = MADE[kind]
    partner = SENDER if who == "send" else "health-a"
    other = {"send": "health" if draft.to != "mother" else "", "receive": "caw"}[who]
    types = tuple(
        section.type
        for section in (*draft.sections, *(Section(part) for part in draft.parts or the_parts(kind)))
        if section.type != "alternatives"
    )
    for way, purpose, closed_kind, category, sector in product(
        WAYS, (None, draft.purpose, "access"), (None, kind, "request"), (None, types[0], "money"),
        (None, "health", "caw"),
    ):  # fmt: skip
        if (purpose, closed_kind, category, sector) == (None, None, None, None):
            continue
        shut = Shut(way, purpose, closed_kind, category, sector)
        rules, setting = own_rules(partner, shut)
        found = codes(with_records(replace(draft, setting=setting), rules).evidence()) - {Code.ANSWERS_MISSING}
        receives = who == "send" or draft.to == partner
        wanted = (
            oracle_duties.closed(shut, side=who, purpose=draft.purpose, kind=kind, types=types, other=other)
            if receives
            else set()
        )
        if found != wanted:
            wrong[shut] = wanted, found
    assert wrong == {}


def test_own_rules_that_nobody_shows_or_of_another_partner_stop_the_message():
    rules, setting = own_rules(SENDER, Shut("send", type="money"))
    draft = replace(Draft(), setting=setting)
    assert codes(with_records(draft, rules).evidence()) == set()
    assert codes(draft.evidence()) == {Code.PARTNER_RULES_MISSING}
    foreign = replace(rules, payload=msgspec.structs.replace(rules.payload, partner="clb-b"))
    assert codes(with_records(draft, foreign).evidence()) == {Code.PARTNER_RULES_MISSING}
