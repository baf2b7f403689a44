"""What the sides took upon themselves: the code of ethics (1), a pledge (0), and a partner's own rules (3)."""

from dataclasses import replace
from typing import Any, Literal

import msgspec
import pytest

from property.huis import BEGAN, DAY, HEADER, NOW, d, declared, device_list, hex_id, the_records, the_setting
from property.worlds import Draft, Section
from unit.protocol.duties_world import (
    ALARM,
    SHARED,
    YES,
    book,
    codes,
    joined,
    listed,
    only,
    under,
    with_record,
    without,
)
from zegel_protocol.objects import Declaration, PartnerRules
from zegel_protocol.objects.partner_rules import Closed
from zegel_protocol.records import Records
from zegel_protocol.refusal import Code
from zegel_protocol.signed import Place, Signed

SENDER, TO = SHARED.sender, SHARED.to
GRACE = 30 * DAY


def silent(partner: str, worker: str | None = "anna") -> Records:
    """Return the records without the acceptance of one worker (None: of the services)."""
    return without(Declaration, subject=f"{partner}/{hex_id(f'{partner} worker {worker}') if worker else ''}")


def new_code(since: int) -> Any:
    """Return the Huis with a version of the code in force since a time."""
    return under(code_version="code-2", code_digest=d("code 2"), code_from=since)


def test_who_accepted_the_code_sends():
    assert codes(SHARED) == []
    assert codes(replace(SHARED, device="anna-tablet")) == []


def test_who_did_not_accept_it_in_time_sends_nothing():
    path, step, params = only(replace(SHARED, records=silent(SENDER)), Code.CODE_NOT_ACCEPTED)
    assert (path, step, params) == ("$.from.device", "accept-code", {"version": "code-1"})
    assert codes(replace(SHARED, records=silent(SENDER), device="bert")) == []


def test_services_are_accepted_for_by_their_partner():
    assert codes(replace(SHARED, device="service")) == []
    assert codes(replace(SHARED, device="service", records=silent(SENDER, None))) == ["code.not-accepted"]
    assert codes(replace(SHARED, records=silent(SENDER, None))) == []


@pytest.mark.parametrize(("age", "expected"), [(GRACE - 1, []), (GRACE, ["code.not-accepted"])])
def test_a_new_version_gives_its_days(age, expected):
    assert codes(replace(SHARED, setting=new_code(NOW - age))) == expected


def test_a_new_version_is_accepted_by_its_digest_too():
    held = declared(SENDER, "anna")
    setting = new_code(BEGAN)
    for digest, expected in ((d("code 2"), []), (d("another text"), ["code.not-accepted"])):
        payload = msgspec.structs.replace(held.payload, code_version="code-2", code_digest=digest)
        records = with_record(the_records(), payload, signers=held.signers)
        assert codes(replace(SHARED, setting=setting, records=records)) == expected


def test_a_colleague_accepts_it_for_nobody():
    payload, by = declared(SENDER, "anna").payload, declared(SENDER, "bert").signers
    records = with_record(silent(SENDER), payload, signers=by)
    assert codes(replace(SHARED, records=records)) == ["code.not-accepted"]


@pytest.mark.parametrize(("age", "expected"), [(GRACE - 1, []), (GRACE, ["code.not-accepted"])])
def test_a_new_worker_has_days_of_their_own(age, expected):
    first = device_list(SENDER)
    bare = tuple(item for item in first.payload.devices if item.worker != hex_id(f"{SENDER} worker anna"))
    older = replace(first, payload=msgspec.structs.replace(first.payload, devices=bare))
    newer = replace(first, d=d("newer list"), place=Place(20, NOW - age))
    setting = replace(the_setting(), devices={**the_setting().devices, SENDER: (older, newer)})
    assert codes(replace(SHARED, setting=setting, records=silent(SENDER))) == expected


def test_what_was_accepted_in_time_stays_so_and_a_later_acceptance_mends_nothing():
    setting = new_code(NOW - GRACE)
    old = replace(SHARED, setting=setting, created=NOW - 60, place=100)
    assert codes(old) == []
    late = msgspec.structs.replace(declared(SENDER, "anna").payload, code_version="code-2", code_digest=d("code 2"))
    after = replace(SHARED, setting=setting, created=NOW, place=100, records=with_record(the_records(), late, 101, NOW))
    assert codes(after) == ["code.not-accepted"]


def test_nothing_holds_up_an_alarm():
    bare = without(Declaration)
    assert codes(replace(ALARM, records=bare)) == []


def test_a_rulebook_without_the_rule_asks_no_acceptance():
    assert codes(replace(SHARED, records=without(Declaration), setting=under(code=None, code_from=None))) == []


def volunteer(**changes: Any) -> Draft:
    """A volunteer tells health care something on the mother's own yes."""
    acts = (replace(YES, sender="volunteer-a"),)
    return replace(SHARED, sender="volunteer-a", notice_by="volunteer-a", acts=acts, **changes)


def to_volunteer(**changes: Any) -> Draft:
    """The mother's worker tells a volunteer something on her own yes."""
    acts = (replace(YES, to="volunteer-a", purpose="referral"),)
    return replace(SHARED, kind="referral", purpose="referral", to="volunteer-a", acts=acts, **changes)


def test_who_is_under_no_secrecy_of_law_pledges_first():
    bare = without(Declaration, subject="volunteer-a")
    assert codes(volunteer()) == codes(to_volunteer()) == []
    path, step, params = only(volunteer(records=bare), Code.PLEDGE_MISSING)
    assert (path, step, params) == ("$.from.partner", "pledge", {"partner": "volunteer-a"})
    path, step, params = only(to_volunteer(records=bare), Code.PLEDGE_MISSING)
    assert (path, step, params) == ("$.to.partner", "other-recipient", {"partner": "volunteer-a"})


def test_others_need_no_pledge():
    assert codes(replace(SHARED, records=without(Declaration, subject=SENDER))) == []
    assert codes(replace(SHARED, records=without(Declaration, subject=TO))) == []
    weaker = joined(the_setting(), TO, "health", "pledge")
    assert codes(replace(SHARED, records=without(Declaration, subject=TO), setting=weaker)) == ["pledge.missing"]


@pytest.mark.parametrize(("age", "expected"), [(GRACE - 1, []), (GRACE, ["code.not-accepted", "pledge.missing"])])
def test_a_pledge_is_renewed_within_the_days_that_a_new_code_gives(age, expected):
    assert codes(volunteer(setting=new_code(NOW - age))) == expected


def closing(way: Literal["receive", "send"], partner: str, **fields: Any) -> Draft:
    """The message, of which this partner closed something for itself."""
    rules = PartnerRules(**HEADER, partner=partner, version=1, closed=(Closed(way=way, **fields),), at=NOW - DAY)
    held = Signed(d("own rules"), rules, frozenset(), Place(8, NOW - DAY))
    setting = listed(the_setting(), partner, rules=held.d)
    return replace(SHARED, setting=setting, records=Records.of_all((*the_records().items, held)))


@pytest.mark.parametrize(
    ("way", "partner", "fields", "expected"),
    [
        ("send", SENDER, {"type": "plan"}, ("$.entries[0].type", "leave-out")),
        ("receive", TO, {"type": "plan"}, ("$.entries[0].type", "leave-out")),
        ("send", SENDER, {"sector": "health"}, ("$.from.partner", "other-recipient")),
        ("receive", TO, {"sector": "caw"}, ("$.to.partner", "other-recipient")),
        ("receive", TO, {"purpose": "care"}, ("$.to.partner", "other-recipient")),
        ("receive", TO, {"kind": "information"}, ("$.to.partner", "other-recipient")),
        ("send", SENDER, {"purpose": "care"}, ("$.purpose", "other-purpose")),
        ("send", SENDER, {"kind": "information", "purpose": "care"}, ("$.purpose", "other-purpose")),
        ("send", SENDER, {"purpose": "care", "sector": "health", "type": "plan"}, ("$.entries[0].type", "leave-out")),
    ],
)
def test_what_a_partner_closed_for_itself_is_closed(way, partner, fields, expected):
    path, step, params = only(closing(way, partner, **fields), Code.PARTNER_CLOSED)
    assert (path, step) == expected
    assert params["partner"] == partner


@pytest.mark.parametrize(
    ("way", "partner", "fields"),
    [
        ("receive", SENDER, {"type": "plan"}),
        ("send", TO, {"type": "plan"}),
        ("send", SENDER, {"type": "money"}),
        ("send", SENDER, {"type": "plan", "sector": "ocmw"}),
        ("receive", TO, {"purpose": "school"}),
        ("receive", TO, {"kind": "request"}),
        ("send", SENDER, {"sector": "caw"}),
    ],
)
def test_a_closing_closes_what_it_states_and_nothing_else(way, partner, fields):
    assert codes(closing(way, partner, **fields)) == []


def test_what_the_recipient_does_not_read_is_not_sent():
    draft = closing("send", SENDER, type="alternatives")
    assert codes(replace(draft, sections=(*draft.sections, Section("alternatives")))) == []


@pytest.mark.parametrize("side", [SENDER, TO])
def test_rules_that_are_named_and_not_shown_refuse(side):
    setting = listed(the_setting(), side, rules=d("own rules"))
    path, step, params = only(replace(SHARED, setting=setting), Code.PARTNER_RULES_MISSING)
    assert (path, step, params) == (f"$.{'from' if side == SENDER else 'to'}.partner", "refresh", {"partner": side})


def test_the_rules_of_another_are_not_a_partners_own():
    draft = closing("send", SENDER, type="plan")
    setting = listed(the_setting(), TO, rules=d("own rules"))
    assert codes(replace(draft, setting=setting)) == ["partner.rules-missing"]


def test_a_partner_closes_no_alarm_and_nothing_of_the_floor():
    rules = listed(the_setting(), "safetydesk-a", rules=d("not shown"))
    assert codes(replace(ALARM, setting=rules)) == []
    asked = Draft(
        (Section("question", about=(), readers=("clb-a",)),), (), kind="advice", purpose="advice", sender=SENDER,
        to="clb-a", household=None, carried=False, follow_up=False, notice_by=None,
        setting=listed(the_setting(), "clb-a", rules=d("not shown")),
    )  # fmt: skip
    assert codes(asked) == []
    told = Draft(
        (Section("money"),), (), kind="client-message", purpose="voice", sender="mother", to="clb-a",
        setting=asked.setting,
    )  # fmt: skip
    assert codes(told) == []


def test_rules_in_force_are_those_of_the_list_that_counted():
    first = device_list(SENDER)
    named = msgspec.structs.replace(first.payload, version=2, prev=first.d, rules=d("own rules"))
    newer = Signed(d("newer list"), named, first.signers, Place(200, NOW - 30))
    setting = replace(the_setting(), devices={**the_setting().devices, SENDER: (first, newer)})
    assert codes(replace(SHARED, setting=setting, place=100)) == []
    assert codes(replace(SHARED, setting=setting, place=300)) == ["partner.rules-missing"]
    assert book().code is not None
