"""Alarms overtake; those that one device heaps up wait like everything else, and keep no other alarm waiting."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from property.huis import the_setting
from unit.protocol.duties_world import ALARM, SHARED
from zegel_relay.services.accept_message import ALARMS_AT_ONCE, _is_alarm


def overtakes(office: Any, operation: Any) -> bool:
    return _is_alarm(office, operation)


def office_with(waiting):
    trust = SimpleNamespace(setting=the_setting())
    return SimpleNamespace(last_trust=trust, expected={str(number): item for number, item in enumerate(waiting)})


def test_of_one_device_only_so_many_alarms_overtake():
    heaped = SimpleNamespace(manifest=ALARM.evidence().manifest.payload)
    others = SimpleNamespace(manifest=_of_another())
    assert overtakes(office_with([heaped] * ALARMS_AT_ONCE), heaped)
    assert not overtakes(office_with([heaped] * (ALARMS_AT_ONCE + 1)), heaped)
    # Whoever else sends one is not held up by that.
    assert overtakes(office_with([heaped] * 1000 + [others]), others)


def _of_another():
    return replace(ALARM, sender="caw-b", notice_by="caw-b").evidence().manifest.payload


def test_what_is_no_alarm_overtakes_nothing():
    shared = SimpleNamespace(manifest=SHARED.evidence().manifest.payload)
    assert not overtakes(office_with([shared]), shared)
    assert not overtakes(SimpleNamespace(last_trust=None, expected={}), shared)
