"""Challenges can't stand for one another, and an assertion has one encoding in an envelope."""

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zegel_protocol import b64, dsse, encoding
from zegel_protocol.assertion import (
    MAX_ASSERTION_BYTES,
    MAX_BATCH,
    Assertion,
    batch_challenge,
    challenge_for,
    from_signature,
    login_challenge,
    to_signature,
)
from zegel_protocol.errors import MalformedError, ProtocolError, SignatureError

ASSERTION = Assertion(
    credential=b64.encode(bytes(range(32))),
    authenticator_data=b64.encode(bytes(37)),
    client_data_json=b64.encode(b"{}"),
    signature=b64.encode(bytes(70)),
    batch=(),
)
RP_ID = "portaal.huis.example"


def digests(count: int) -> list[str]:
    return [b64.encode(hashlib.sha256(bytes([n])).digest()) for n in range(count)]


def carrying(body: bytes, credential: str = ASSERTION.credential) -> dsse.Signature:
    return dsse.Signature(keyid="passkey:" + credential, sig=dsse.encode_standard(body))


def code_of(signature: dsse.Signature) -> str:
    with pytest.raises(MalformedError) as caught:
        from_signature(signature)
    return caught.value.code


def test_the_encoding_is_the_documented_one() -> None:
    head = b'{"is":"passkey","credential":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","authenticatorData":"'
    body = encoding.encode(ASSERTION)
    assert body.startswith(head)
    assert b'"clientDataJSON":"e30","signature":"' in body
    assert body.endswith(b'","batch":[]}')


@pytest.mark.parametrize("batch", [(), tuple(digests(3))])
def test_an_envelope_signature_carries_the_assertion(batch: tuple[str, ...]) -> None:
    assertion = msgspec.structs.replace(ASSERTION, batch=batch)
    assert from_signature(to_signature(assertion)) == assertion


@pytest.mark.parametrize("keyid", [None, "", ASSERTION.credential, "Passkey:" + ASSERTION.credential])
def test_only_the_keyid_tells_an_assertion_from_an_ed25519_signature(keyid: str | None) -> None:
    carried = to_signature(ASSERTION)
    assert from_signature(dsse.Signature(keyid=keyid, sig=carried.sig)) is None


def test_sixty_four_bytes_under_a_passkey_keyid_are_not_taken_for_ed25519() -> None:
    assert code_of(carrying(bytes(64))) == "assertion.malformed"


def test_the_keyid_must_name_the_credential_of_the_assertion() -> None:
    assert code_of(carrying(encoding.encode(ASSERTION), b64.encode(bytes(32)))) == "assertion.malformed"


@pytest.mark.parametrize(
    "body",
    [
        encoding.encode(ASSERTION) + b" ",
        encoding.encode(ASSERTION).replace(b'"batch":[]', b'"batch":[],"batch":[]'),
        encoding.encode(ASSERTION).replace(b',"batch":[]', b""),
        encoding.encode(ASSERTION).replace(b'"batch":[]', b'"batch":null'),
        encoding.encode(ASSERTION).replace(b'"batch":[]', b'"batch":["short"]'),
        encoding.encode(ASSERTION).replace(b'"is":"passkey",', b""),
        encoding.encode(ASSERTION).replace(b'"passkey"', b'"password"'),
        encoding.encode(ASSERTION).replace(b"clientDataJSON", b"clientDataJson"),
        encoding.encode(ASSERTION).replace(b'"batch":[]', b'"batch":[],"userHandle":""'),
        encoding.encode(ASSERTION).replace(b'"e30"', b'"e31"'),  # stray bits: another text for the same bytes
        encoding.encode(ASSERTION).replace(b'"e30"', b'"e30="'),
        encoding.encode(ASSERTION).replace(b'"e30"', b'""'),
        encoding.encode(ASSERTION).replace(b'"e30"', b'"' + b"A" * 4100 + b'"'),
        b"\xff\xfe",
        b"[" * 5000,
        b"",
    ],
)
def test_every_other_encoding_is_refused(body: bytes) -> None:
    assert code_of(carrying(body)) == "assertion.malformed"


def test_a_credential_id_has_at_most_1023_bytes() -> None:
    longest = msgspec.structs.replace(ASSERTION, credential=b64.encode(bytes(1023)))
    assert from_signature(to_signature(longest)) == longest
    assert code_of(to_signature(msgspec.structs.replace(ASSERTION, credential=b64.encode(bytes(1024))))) == (
        "assertion.malformed"
    )


def test_the_longest_assertion_is_within_the_limit() -> None:
    longest = Assertion(
        credential=b64.encode(bytes(1023)),
        authenticator_data=b64.encode(bytes(2049)),
        client_data_json=b64.encode(bytes(3072)),
        signature=b64.encode(bytes(96)),
        batch=tuple(digests(MAX_BATCH)),
    )
    assert from_signature(to_signature(longest)) == longest
    assert len(encoding.encode(longest)) < MAX_ASSERTION_BYTES
    forty = (to_signature(longest),) * dsse.MAX_SIGNATURES
    assert len(dsse.open_envelope(dsse.seal_envelope("x", b"{}", forty))[2]) == dsse.MAX_SIGNATURES


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_arbitrary_bytes_raise_only_protocol_errors(body: bytes) -> None:
    assert code_of(carrying(body)) == "assertion.malformed"


@given(st.text(max_size=100))
def test_arbitrary_sig_text_raises_only_protocol_errors(sig: str) -> None:
    assert code_of(dsse.Signature(keyid="passkey:" + ASSERTION.credential, sig=sig)) == "assertion.malformed"


def test_the_challenge_of_one_object_is_its_digest() -> None:
    assert challenge_for(digests(1)[0], ()) == hashlib.sha256(b"\0").digest()


def test_the_challenge_of_a_batch_is_the_hash_of_its_pae() -> None:
    three = digests(3)
    body = b"".join(b64.decode(digest) for digest in three)
    expected = hashlib.sha256(b"DSSEv1 30 application/vnd.zegel.batch.v1 96 " + body).digest()
    assert batch_challenge(three) == expected
    assert challenge_for(three[1], three) == expected


def test_a_batch_of_one_is_not_the_object_itself() -> None:
    [one] = digests(1)
    assert challenge_for(one, (one,)) != challenge_for(one, ())


def test_order_and_extent_of_a_batch_are_signed() -> None:
    three = digests(3)
    assert len({batch_challenge(three), batch_challenge(three[::-1]), batch_challenge(three[:2])}) == 3


@pytest.mark.parametrize(
    ("digest", "batch"),
    [
        (digests(4)[3], digests(3)),  # not among them
        (digests(1)[0], [digests(1)[0]] * 2),  # twice
        (digests(1)[0], digests(MAX_BATCH + 1)),
    ],
)
def test_a_batch_that_does_not_hold_the_object_once_is_refused(digest: str, batch: list[str]) -> None:
    with pytest.raises(SignatureError) as caught:
        challenge_for(digest, batch)
    assert caught.value.code == "assertion.batch"


def test_a_full_batch_is_accepted_and_an_empty_one_has_no_challenge() -> None:
    full = digests(MAX_BATCH)
    assert challenge_for(full[-1], full) == batch_challenge(full)
    with pytest.raises(SignatureError) as caught:
        batch_challenge(())
    assert caught.value.code == "assertion.batch"


@pytest.mark.parametrize("batch", [(), ("not a digest",)])
def test_text_that_is_no_digest_is_refused(batch: tuple[str, ...]) -> None:
    with pytest.raises(MalformedError) as caught:
        challenge_for("not a digest", batch)
    assert caught.value.code == "binary.malformed"


def test_the_login_challenge_is_the_documented_one() -> None:
    nonce = bytes(range(32))
    assert login_challenge(RP_ID, nonce) == hashlib.sha256(b"zegel/login/1\0portaal.huis.example" + nonce).digest()


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_login_nonce_has_32_bytes(size: int) -> None:
    with pytest.raises(MalformedError) as caught:
        login_challenge(RP_ID, bytes(size))
    assert caught.value.code == "login.nonce"


@given(
    nonce=st.binary(min_size=32, max_size=32), payload=st.binary(max_size=64), kind=st.sampled_from(["consent", "x"])
)
def test_no_login_challenge_is_the_digest_of_an_object_or_a_batch(nonce: bytes, payload: bytes, kind: str) -> None:
    """Attack 1: the server picks the nonce, even the D that it wants signed, and still gets another challenge."""
    forged = dsse.digest(dsse.payload_type(kind), payload)
    wanted = {challenge_for(forged, ()), batch_challenge((forged,))}
    for chosen in (nonce, *wanted):
        assert login_challenge(RP_ID, chosen) not in wanted


def test_what_is_hashed_for_a_login_begins_unlike_any_object() -> None:
    objects = dsse.pae(dsse.payload_type("consent"), b"{}")
    batches = dsse.pae("application/vnd.zegel.batch.v1", bytes(32))
    heads = {objects[:7], batches[:7], b"zegel/login/1\0"[:7]}
    assert heads == {b"DSSEv1 ", b"zegel/l"}
    # An object's media type always ends in +json, so no object is a batch.
    assert dsse.payload_type("batch") != "application/vnd.zegel.batch.v1"


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_arbitrary_digests_raise_only_protocol_errors(digest: str, batch: list[str]) -> None:
    with pytest.raises(ProtocolError) as caught:
        challenge_for(digest, batch)
    assert caught.value.code in {"assertion.batch", "binary.malformed"}
