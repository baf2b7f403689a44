"""What is kept of envelopes follows from their bytes: no kept answer speaks for other bytes, or for another key."""

import base64
import os
from types import SimpleNamespace

import pytest

from zegel_keys import parsed, signing
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.parsed import Parsed
from zegel_keys.signing import SigningKey
from zegel_keys.verification import verify
from zegel_protocol import b64, dsse
from zegel_protocol.errors import MalformedError, SignatureError
from zegel_protocol.objects import Declaration, Status
from zegel_protocol.objects.parties import Party

HUIS = b64.encode(bytes(32))


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    """A memory of each test's own, with room for 20,000 bytes."""
    kept = parsed._Memory(20_000, 10_000)
    monkeypatch.setattr(parsed, "_memory", kept)
    return kept


@pytest.fixture
def checks(monkeypatch):
    """The keys that signatures were held against, one by one."""
    seen: list[str] = []
    real = signing.check

    def check(public, message, signature):
        seen.append(public)
        real(public, message, signature)

    monkeypatch.setattr(signing, "check", check)
    return seen


def status() -> Status:
    return Status(
        v=1, huis=HUIS, nonce=new_nonce(), person="0" * 32, sender=Party(partner="a"), to=Party(partner="b"),
        head_seq=0, as_of=1,
    )  # fmt: skip


def source(key: SigningKey) -> SimpleNamespace:
    return SimpleNamespace(huis=HUIS, relay_key=key.public)


def test_a_signature_that_held_is_not_checked_again(checks):
    key = SigningKey.generate()
    envelope = sign_payload(status(), key)
    first = verify(envelope, Status, source(key))
    assert verify(bytes(bytearray(envelope)), Status, source(key)) == first
    assert checks == [key.public]


def test_a_kept_signature_does_not_count_for_another_key(checks):
    key, other = SigningKey.generate(), SigningKey.generate()
    envelope = sign_payload(status(), key)
    verify(envelope, Status, source(key))
    with pytest.raises(SignatureError) as caught:
        verify(envelope, Status, source(other))
    assert caught.value.code == "signature.unknown"
    assert checks == [key.public, other.public]


def test_the_same_object_with_another_signature_is_checked_anew(checks):
    key = SigningKey.generate()
    envelope = sign_payload(status(), key)
    verify(envelope, Status, source(key))
    media_type, payload, (good,) = dsse.open_envelope(envelope)
    bad = dsse.Signature(keyid=good.keyid, sig=base64.b64encode(os.urandom(64)).decode())
    forged = dsse.seal_envelope(media_type, payload, (bad,))
    assert parsed.parse(forged).d == parsed.parse(envelope).d
    for _ in range(2):
        with pytest.raises(SignatureError) as caught:
            verify(forged, Status, source(key))
        assert caught.value.code == "signature.invalid"
    assert len(checks) == 3


def test_a_kept_payload_is_given_as_its_own_kind_only():
    envelope = sign_payload(status(), SigningKey.generate())
    assert parsed.parse(envelope).payload(Status) is parsed.parse(envelope).payload(Status)
    with pytest.raises(MalformedError) as caught:
        parsed.parse(envelope).payload(Declaration)
    assert caught.value.code == "envelope.type"


def test_what_was_unused_for_longest_goes_first_and_the_room_is_never_exceeded(memory):
    key = SigningKey.generate()
    first, *others = (sign_payload(status(), key) for _ in range(60))
    kept = parsed.parse(first)
    for envelope in others:
        parsed.parse(envelope)
        assert parsed.parse(first) is kept
        assert memory._used == sum(item.size for item in memory._kept.values()) <= 20_000
    assert parsed.parse(others[-1]) is parsed.parse(others[-1])
    assert others[0] not in memory._kept


def test_what_is_too_large_is_read_and_not_kept(memory):
    envelope = dsse.seal_envelope("application/vnd.zegel.status.v1+json", bytes(9_000), (dsse.Signature(sig="AA=="),))
    assert len(envelope) > 10_000
    assert isinstance(parsed.parse(envelope), Parsed)
    assert memory._kept == {}
