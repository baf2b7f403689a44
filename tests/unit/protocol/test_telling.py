"""Who tells a person without a device, and by when."""

from typing import cast

import msgspec
import pytest

from vectors.making.huis import make_rules
from vectors.making.object_samples import samples
from zegel_protocol.objects import Manifest
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.telling import due_to_tell, owes_telling
from zegel_protocol.texts.civil_time import belgian_seconds

MANIFEST = cast(Manifest, samples()[Manifest.KIND])
FAMILY = {"sender": Sender(person="ab" * 16), "devices": None}


@pytest.mark.parametrize(
    ("changes", "owing"),
    [
        ({"notice_by": "school"}, "school"),
        ({"notice_by": None}, MANIFEST.sender.partner),
        ({"notice_by": None, **FAMILY}, MANIFEST.to.partner),
        ({"notice_by": None, **FAMILY, "to": Party(person="cd" * 16)}, None),
    ],
    ids=["named", "sender", "recipient", "nobody"],
)
def test_who_owes_it(changes, owing):
    assert owes_telling(msgspec.structs.replace(MANIFEST, **changes)) == owing


def test_by_when_in_working_days():
    rules = make_rules()
    assert rules.follow_up.first_contact_days == 5
    tuesday = belgian_seconds(2026, 11, 24, 9, 40, 0)
    assert due_to_tell(tuesday, rules) == belgian_seconds(2026, 12, 1, 23, 59, 59)
