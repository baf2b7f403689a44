"""The address in the QR code: one spelling, every part of it, and nothing else is read."""

import hashlib

import pytest

from zegel_protocol import b64
from zegel_protocol.enrolment_code import EnrolmentCode, read_address, read_fragment
from zegel_protocol.errors import MalformedError

CODE = EnrolmentCode(
    huis=b64.encode(b"\x09" * 32),
    household="a" * 32,
    person="b" * 32,
    opened=1_795_521_600,
    secret=bytes(range(32)),
)
PACKED = b"\x01" + b"\x09" * 32 + b"\xaa" * 16 + b"\xbb" * 16 + (1_795_521_600).to_bytes(8, "big") + bytes(range(32))
OTHER_VERSION = b64.encode(b"\x02" + PACKED[1:])
AT_NO_MOMENT = b64.encode(PACKED[:65] + b"\xff" * 8 + PACKED[73:])
ORIGIN = "https://portal.example"


def test_the_fragment_is_its_parts_one_after_the_other():
    assert CODE.fragment() == b64.encode(PACKED)
    assert len(CODE.fragment()) == 140


def test_the_address_is_the_page_with_the_code_as_its_fragment():
    assert CODE.address(ORIGIN) == f"{ORIGIN}/enrol#{CODE.fragment()}"


def test_what_was_shown_is_read():
    assert read_address(CODE.address(ORIGIN)) == (ORIGIN, CODE)
    assert read_fragment(CODE.fragment()) == CODE


def test_the_mailbox_says_nothing_of_the_secret():
    assert CODE.mailbox == b64.encode(hashlib.sha256(b"zegel/mailbox/1\0" + CODE.secret).digest())
    assert CODE.secret.hex() not in repr(CODE)
    assert repr(CODE.secret) not in repr(CODE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        CODE.fragment(),
        f"{ORIGIN}/#{CODE.fragment()}",
        f"{ORIGIN}/enrol?{CODE.fragment()}",
        f"{ORIGIN}/enrol/#{CODE.fragment()}",
        f"{ORIGIN}/enrol#{CODE.fragment()}A",
        f"{ORIGIN}/enrol#{CODE.fragment()[:-1]}",
        f"{ORIGIN}/enrol#{CODE.fragment()}\n",
        f" {ORIGIN}/enrol#{CODE.fragment()}",
        f"HTTPS://PORTAL.EXAMPLE/enrol#{CODE.fragment()}",
        f"ftp://portal.example/enrol#{CODE.fragment()}",
        f"https://portal.example@evil.example/enrol#{CODE.fragment()}",
        f"{ORIGIN}/enrol#{CODE.fragment()[:-1]}=",
        f"{ORIGIN}/enrol#{OTHER_VERSION}",
        f"{ORIGIN}/enrol#{AT_NO_MOMENT}",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(MalformedError) as refused:
        read_address(text)
    assert refused.value.code == "enrolment.code"


@pytest.mark.parametrize("text", ["", "é" * 140, "A" * 139, CODE.fragment() + "\n", "*" * 140])
def test_a_fragment_has_one_spelling(text):
    with pytest.raises(MalformedError) as refused:
        read_fragment(text)
    assert refused.value.code == "enrolment.code"
