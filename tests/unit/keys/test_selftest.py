"""The self-test passes here, and fails when any known answer does not come out."""

import pytest

from unit.keys.sealing_cases import code_of
from unit.keys.secretstream_by_hand import Stream
from zegel_keys import selftest, signing_selftest
from zegel_protocol import b64


def test_passes():
    selftest.run()
    signing_selftest.run_signing()


def test_the_pinned_stream_opens_by_the_specification():
    stream = Stream(selftest.STREAM_KEY, b64.decode(selftest.STREAM_HEADER))
    for chunk, plaintext, tag in selftest.STREAM_CHUNKS:
        assert stream.open(selftest.STREAM_DATA, b64.decode(chunk)) == (tag, plaintext)


def test_it_holds_every_check():
    assert set(signing_selftest.CHECKS) < set(selftest.CHECKS)
    assert len(selftest.CHECKS) == 8


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (signing_selftest, "ED25519_PUBLIC", b64.encode(b"\2" + bytes(31))),
        (signing_selftest, "ED25519_SIGNATURE", bytes(64)),
        (signing_selftest, "ED25519_SEED", bytes(32)),
        (selftest, "XWING_SEED", bytes(32)),
        (selftest, "XWING_PUBLIC_DIGEST", b64.encode(bytes(32))),
        (selftest, "HPKE_BOX", "A" * len(selftest.HPKE_BOX)),
        (selftest, "HPKE_KEY", bytes(32)),
        (selftest, "HPKE_INFO", b"other"),
        (selftest, "STREAM_KEY", bytes(32)),
        (selftest, "STREAM_HEADER", b64.encode(bytes(24))),
        (selftest, "STREAM_CHUNKS", selftest.STREAM_CHUNKS[::-1]),
    ],
)
def test_a_wrong_answer_is_noticed(monkeypatch, module, name, value):
    monkeypatch.setattr(module, name, value)
    assert code_of(selftest.run) == "selftest.failed"


def test_a_library_that_accepts_anything_is_noticed(monkeypatch):
    monkeypatch.setattr(signing_selftest, "check", lambda *_: None)
    assert code_of(signing_selftest.run_signing) == "selftest.failed"


def test_a_library_that_breaks_in_its_own_way_is_noticed(monkeypatch):
    def broken(*_: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(selftest, "SealPrivateKey", broken)
    assert code_of(selftest.run) == "selftest.failed"
