"""The enrolment tag: right for exactly one set of keys, one person, one secret and ten minutes."""

import hashlib
import hmac
import json

import msgspec
import pytest

from zegel_protocol import b64
from zegel_protocol.enrolment import LIFE_SECONDS, EnrolmentContext, check_tag, enrolment_tag
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects.client_key import Passkey

SECRET = bytes(range(32))
OPENED = 1_795_521_600


def key(size: int, fill: int) -> str:
    return b64.encode(bytes([fill]) * size)


PASSKEYS = (
    Passkey(credential=key(16, 1), alg="es256", public_key=key(65, 4)),
    Passkey(credential=key(16, 2), alg="eddsa", public_key=key(32, 5)),
)
CONTEXT = EnrolmentContext(
    huis=key(32, 9),
    household="a" * 32,
    person="b" * 32,
    opened=OPENED,
    passkeys=PASSKEYS,
    identity_key=key(32, 6),
    seal_key=key(1216, 7),
)
SWAPPED = {
    "huis": key(32, 8),
    "household": "c" * 32,
    "person": "c" * 32,
    "opened": OPENED + 1,
    "passkeys": (PASSKEYS[0],),
    "identity_key": key(32, 1),
    "seal_key": key(1216, 1),
}


def code_of(call, *arguments):
    with pytest.raises(ProtocolError) as caught:
        call(*arguments)
    return caught.value.code


def test_a_tag_holds_for_ten_minutes():
    tag = enrolment_tag(SECRET, CONTEXT)
    for now in (OPENED, OPENED + 1, OPENED + LIFE_SECONDS):
        check_tag(SECRET, CONTEXT, tag, now)


@pytest.mark.parametrize("now", [OPENED - 1, OPENED + LIFE_SECONDS + 1])
def test_a_tag_is_over_afterwards_and_does_not_hold_before(now):
    assert code_of(check_tag, SECRET, CONTEXT, enrolment_tag(SECRET, CONTEXT), now) == "enrolment.expired"


def test_the_tag_is_what_the_specification_says():
    context = {
        "huis": CONTEXT.huis,
        "household": CONTEXT.household,
        "person": CONTEXT.person,
        "opened": OPENED,
        "passkeys": [{"credential": p.credential, "alg": p.alg, "public_key": p.public_key} for p in PASSKEYS],
        "identity_key": CONTEXT.identity_key,
        "seal_key": CONTEXT.seal_key,
    }
    body = json.dumps(context, separators=(",", ":")).encode()
    message = b"zegel/enrol/1\0" + hashlib.sha256(body).digest()
    expected = hmac.new(SECRET, message, hashlib.sha256).digest()
    assert b64.decode(enrolment_tag(SECRET, CONTEXT), 32) == expected


@pytest.mark.parametrize("field", sorted(SWAPPED))
def test_nothing_can_be_swapped(field):
    swapped = msgspec.structs.replace(CONTEXT, **{field: SWAPPED[field]})
    assert code_of(check_tag, SECRET, swapped, enrolment_tag(SECRET, CONTEXT), OPENED + 1) == "enrolment.tag"


@pytest.mark.parametrize(
    "passkey",
    [
        Passkey(credential=key(16, 1), alg="eddsa", public_key=key(65, 4)),
        Passkey(credential=key(16, 1), alg="es256", public_key=key(65, 3)),
        Passkey(credential=key(16, 3), alg="es256", public_key=key(65, 4)),
    ],
)
def test_no_part_of_a_passkey_can_be_swapped(passkey):
    mine = msgspec.structs.replace(CONTEXT, passkeys=(PASSKEYS[0],))
    swapped = msgspec.structs.replace(CONTEXT, passkeys=(passkey,))
    assert code_of(check_tag, SECRET, swapped, enrolment_tag(SECRET, mine), OPENED) == "enrolment.tag"


def test_every_field_is_tried():
    assert set(SWAPPED) == set(EnrolmentContext.__struct_fields__)


def test_another_secret_does_not_check():
    tag = enrolment_tag(bytes(32), CONTEXT)
    assert code_of(check_tag, SECRET, CONTEXT, tag, OPENED) == "enrolment.tag"


@pytest.mark.parametrize("tag", ["", "é" * 43, "\ud800", "A" * 44])
def test_text_that_is_no_tag_is_a_wrong_tag(tag):
    assert code_of(check_tag, SECRET, CONTEXT, tag, OPENED) == "enrolment.tag"


def test_a_wrong_tag_is_told_even_when_it_is_too_late():
    assert code_of(check_tag, SECRET, CONTEXT, key(32, 0), OPENED + DAY) == "enrolment.tag"


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33)])
def test_a_secret_has_32_bytes(secret):
    assert code_of(enrolment_tag, secret, CONTEXT) == "enrolment.secret"


@pytest.mark.parametrize("passkeys", [PASSKEYS[::-1], PASSKEYS[:1] * 2])
def test_passkeys_are_a_set(passkeys):
    twisted = msgspec.structs.replace(CONTEXT, passkeys=passkeys)
    assert code_of(enrolment_tag, SECRET, twisted) == "object.not-canonical"


@pytest.mark.parametrize(
    ("field", "value"), [("person", "Ana"), ("identity_key", "short"), ("seal_key", key(32, 1)), ("opened", -1)]
)
def test_a_field_that_the_wire_does_not_allow_is_malformed(field, value):
    assert code_of(enrolment_tag, SECRET, msgspec.structs.replace(CONTEXT, **{field: value})) == "object.malformed"


DAY = 86_400
