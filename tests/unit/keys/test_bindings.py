"""What sections and wraps are bound to, computed a second time by hand from the specification."""

import hashlib
import json

import msgspec
import pytest

from unit.keys.sealing_cases import ANA, BEN, CONTEXT, KEY, OTHER, WRAP, WRAP_CHANGES, code_of
from zegel_protocol import b64
from zegel_protocol.sealing import associated_data, box_size, key_commitment, wrap_info

SECTION_CHANGES = {
    "huis": OTHER,
    "message": "0193a5f0-7c1d-7abc-8def-0123456789ac",
    "sender": OTHER,
    "household": None,
    "n": 3,
    "type": "housing",
    "form": "short",
    "about": (ANA,),
    "media": "application/pdf",
}


def test_associated_data_by_hand():
    payload = json.dumps(
        {
            "huis": CONTEXT.huis,
            "message": CONTEXT.message,
            "sender": CONTEXT.sender,
            "household": CONTEXT.household,
            "n": 2,
            "type": "money",
            "form": "whole",
            "about": [ANA, BEN],
            "media": "application/json",
        },
        separators=(",", ":"),
    ).encode()
    kind = b"application/vnd.zegel.section.v1+json"
    pae = b"DSSEv1 " + str(len(kind)).encode() + b" " + kind + b" " + str(len(payload)).encode() + b" " + payload
    assert associated_data(CONTEXT) == hashlib.sha256(pae).digest()


def test_an_anonymous_section_has_no_household_and_is_about_nobody():
    anonymous = msgspec.structs.replace(CONTEXT, household=None, about=())
    payload = msgspec.json.encode(anonymous)
    assert b"household" not in payload
    assert b'"about":[]' in payload
    assert len(associated_data(anonymous)) == 32


def test_every_field_of_a_section_is_bound():
    assert set(SECTION_CHANGES) == set(CONTEXT.__struct_fields__)
    changed = [associated_data(msgspec.structs.replace(CONTEXT, **{k: v})) for k, v in SECTION_CHANGES.items()]
    assert len({associated_data(CONTEXT), *changed}) == 1 + len(changed)


@pytest.mark.parametrize("about", [(BEN, ANA), (ANA, ANA)])
def test_persons_have_one_spelling(about):
    assert code_of(associated_data, msgspec.structs.replace(CONTEXT, about=about)) == "object.not-canonical"


@pytest.mark.parametrize(
    "change",
    [{"huis": "short"}, {"message": CONTEXT.message.upper()}, {"n": -1}, {"type": "Money"}, {"about": ("ana",)}],
)
def test_a_context_that_the_wire_does_not_allow(change):
    assert code_of(associated_data, msgspec.structs.replace(CONTEXT, **change)) == "object.malformed"


def test_key_commitment_by_hand():
    ad = associated_data(CONTEXT)
    assert key_commitment(ad, KEY) == b64.encode(hashlib.sha256(b"zegel/key/1\0" + ad + KEY).digest())


@pytest.mark.parametrize(
    ("ad", "key"), [(b"a" * 31, b"k" * 33), (b"a" * 31, b"k" * 32), (b"a" * 33, b"k" * 31), (b"a" * 32, b"")]
)
def test_key_commitment_takes_only_the_fixed_lengths(ad, key):
    assert code_of(key_commitment, ad, key) == "section.key-commitment"


def test_wrap_info_by_hand():
    payload = json.dumps(
        {
            "manifest": WRAP.manifest,
            "sealer": WRAP.sealer,
            "reader": {"partner": "ocmw-gent"},
            "keys": WRAP.keys,
            "key": WRAP.key,
            "entries": [0, 2, 10],
        },
        separators=(",", ":"),
    ).encode()
    assert wrap_info(WRAP) == b"zegel/wrap/1\0" + hashlib.sha256(payload).digest()


def test_every_field_of_a_wrap_is_bound():
    assert set(WRAP_CHANGES) == set(WRAP.__struct_fields__)
    changed = [wrap_info(msgspec.structs.replace(WRAP, **{k: v})) for k, v in WRAP_CHANGES.items()]
    assert len({wrap_info(WRAP), *changed}) == 1 + len(changed)


@pytest.mark.parametrize("entries", [(), (2, 1), (1, 1), (10, 2)])
def test_entries_of_a_wrap_have_one_order(entries):
    assert code_of(wrap_info, msgspec.structs.replace(WRAP, entries=entries)) == "object.not-canonical"


def test_a_wrap_context_that_the_wire_does_not_allow():
    assert code_of(wrap_info, msgspec.structs.replace(WRAP, key="short")) == "object.malformed"


def test_box_size():
    assert box_size(3) == 1120 + 96 + 16
