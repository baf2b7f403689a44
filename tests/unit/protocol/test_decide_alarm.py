"""An alarm (article 10): by whom, about whom, how much, to a desk where somebody is; and a notice that waits."""

from dataclasses import replace

import msgspec
import pytest

from property.huis import DAY, ENDS, NOW, rota, the_setting
from property.worlds import Draft, Section
from unit.protocol.duties_world import ALARM, DANGER, codes, joined, only, under, without
from zegel_protocol.objects import Rota
from zegel_protocol.objects.manifest import Delay, OnNecessity
from zegel_protocol.records import Records
from zegel_protocol.refusal import Code

HOUR = 3600


def told(*types: str, about: str = "boy") -> Draft:
    """The alarm with more sections."""
    return replace(ALARM, sections=(*ALARM.sections, *(Section(kind, about=(about,)) for kind in types)))


def on_call(*shifts: tuple[int, int]) -> Draft:
    """The alarm to a desk with these shifts."""
    records = without(Rota, subject="safetydesk-a")
    return replace(ALARM, records=Records.of_all((*records.items, rota("safetydesk-a", *shifts))))


def test_a_teacher_tells_the_safety_desk_on_one_signature_and_a_motivation():
    assert codes(ALARM) == []


@pytest.mark.parametrize("sector", ["safetydesk", "clb", "health", "mental", "youthcare"])
def test_whoever_takes_alarms_gets_what_danger_is_told_with_and_two_others(sector):
    draft = replace(told("contact", "home", "mind", "school"), to=f"{sector}-a")
    assert codes(draft) == []
    assert codes(replace(draft, sections=(*draft.sections, Section("housing", about=("boy",))))) == ["alarm.too-many"]


def test_each_category_beyond_two_is_named():
    path, step, params = only(told("mind", "school", "housing"), Code.ALARM_TOO_MANY)
    assert (path, step, params) == ("$.entries[5].type", "leave-out", {"type": "housing", "most": "2"})
    assert codes(told("mind", "mind", "school")) == []


def test_what_is_no_category_is_none_of_the_two():
    assert codes(told("religion")) == ["category.unknown"]


def test_siblings_and_the_mothers_history_stay_out():
    for about in ("mother", "sister"):
        path, step, params = only(told("mind", about=about), Code.ALARM_ABOUT)
        assert (path, step) == ("$.entries[3].about", "leave-out")
        assert set(params) == {"person"}


def test_who_is_in_danger_stands_in_the_motivation():
    both = ("boy", "sister")
    sections = (Section("violence", about=("sister",)), Section("motivation", about=both))
    assert codes(replace(ALARM, sections=sections)) == []
    assert codes(replace(ALARM, sections=ALARM.sections[:2])) == ["part.missing"]


def test_a_service_sends_no_alarm():
    path, step, _ = only(replace(ALARM, device="service"), Code.ALARM_SERVICE)
    assert (path, step) == ("$.from.device", "by-worker")


def test_other_sectors_take_no_alarm():
    assert set(codes(replace(ALARM, to="ocmw-a"))) == {"recipient.closed"}
    assert set(codes(replace(ALARM, to="childcare-a"))) == {"recipient.closed", "basis.recipient"}


def test_a_directory_that_has_expired_still_carries_an_alarm():
    expires = the_setting().directory.payload.expires
    late = replace(ALARM, created=expires)
    assert "directory.expired" in codes(replace(late, kind="referral"), expires)
    stretched = replace(late, created=expires + 90 * DAY - 1, records=on_call((NOW, ENDS)).records)
    assert codes(stretched, expires + 90 * DAY - 1) == []
    over = replace(stretched, created=expires + 90 * DAY)
    assert codes(over, expires + 90 * DAY) == ["directory.expired"]


def test_a_desk_where_nobody_is_on_call_is_not_chosen_silently():
    later = NOW + 10 * HOUR
    path, step, params = only(on_call((NOW - 2 * HOUR, NOW), (later, later + HOUR)), Code.DESK_OFF_CALL)
    assert (path, step) == ("$.to.partner", "phone")
    assert params == {"partner": "safetydesk-a", "phone": "09 000 00 00", "next": str(later)}
    _, _, params = only(on_call(), Code.DESK_OFF_CALL)
    assert params["next"] == ""


def test_a_shift_counts_from_its_beginning_until_its_end():
    assert codes(on_call((NOW, NOW + 1))) == []
    assert codes(on_call((NOW - 1, NOW))) == ["desk.off-call"]


def test_who_knows_that_nobody_is_there_may_send_all_the_same():
    knowing = OnNecessity(code="serious-danger", off_call=True)
    assert codes(replace(on_call(), basis=knowing)) == []
    assert codes(replace(ALARM, records=Records(), basis=knowing)) == []


def test_a_safety_desk_whose_rota_is_withheld_is_not_on_call_and_others_need_none():
    bare = replace(ALARM, records=without(Rota))
    _, step, params = only(bare, Code.DESK_OFF_CALL)
    assert (step, params) == ("phone", {"partner": "safetydesk-a", "phone": "", "next": ""})
    assert codes(replace(bare, to="clb-a")) == []
    asleep = Records.of_all((*without(Rota).items, rota("clb-a", (NOW + HOUR, NOW + 2 * HOUR))))
    assert codes(replace(bare, to="clb-a", records=asleep)) == ["desk.off-call"]


def test_the_newest_rota_before_the_message_counts():
    newer = rota("safetydesk-a", (NOW + HOUR, ENDS), version=2, placed=NOW - HOUR)
    records = Records.of_all((*ALARM.records.items, newer))
    assert codes(replace(ALARM, records=records)) == ["desk.off-call"]
    assert codes(replace(ALARM, records=records, place=8)) == []


def test_a_volunteer_alarms_the_host_with_little_or_the_safety_desk():
    hosted = joined(the_setting(), "volunteer-a", "volunteer", "pledge", host="familysupport-a")
    rik = replace(ALARM, sender="volunteer-a", notice_by="volunteer-a", setting=hosted)
    assert codes(rik) == []
    assert codes(replace(rik, to="familysupport-a")) == []
    extra = replace(rik, to="familysupport-a", sections=told("home").sections)
    assert codes(extra) == ["category.not-relevant"]
    assert set(codes(replace(rik, to="familysupport-b"))) == {"basis.recipient", "basis.sender", "recipient.closed"}
    assert only(replace(rik, to="clb-a"), Code.BASIS_SENDER) == ("$.basis", "other-recipient", {"basis": "necessity"})


def test_a_notice_waits_for_a_reason_and_not_for_long():
    def waiting(code: str, until: int) -> Draft:
        return replace(ALARM, delay=Delay(until=until, code=code))

    assert codes(waiting("danger-if-told", NOW + 72 * HOUR)) == []
    path, step, params = only(waiting("danger-if-told", NOW + 72 * HOUR + 1), Code.DELAY_TOO_LONG)
    assert (path, step, params) == ("$.delay.until", "shorten", {"hours": "72"})
    path, step, params = only(waiting("too-busy", NOW + HOUR), Code.DELAY_CODE)
    assert (path, step, params) == ("$.delay.code", "leave-out", {"stated": "too-busy"})


def test_the_wait_is_counted_from_acceptance():
    draft = replace(ALARM, delay=Delay(until=NOW + 72 * HOUR, code="danger-if-told"), place=100, created=NOW - HOUR)
    assert codes(draft) == ["delay.too-long"]


def test_only_the_notice_of_an_alarm_waits():
    feedback = replace(
        ALARM, kind="feedback", purpose="coordinate", to="clb-a", delay=Delay(until=NOW + HOUR, code="danger-if-told")
    )
    assert "delay.not-alarm" in codes(feedback)


def test_before_there_were_alarms_a_rulebook_refuses_the_basis():
    kinds = tuple(
        msgspec.structs.replace(kind, urgent=False) if kind.urgent else kind
        for kind in the_setting().rulebook.payload.kinds
    )
    old = under(kinds=kinds, bases=())
    assert codes(replace(ALARM, setting=old)) == ["basis.not-allowed"]
    assert DANGER.off_call is False
