"""Every parser, on bytes that nobody meant well: a `ProtocolError` or one meaning; no other error, and no guess."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from property import instances
from property.broken_json import broken, damaged, spaced
from zegel_protocol import assertion, b64, dsse, encoding, tlog
from zegel_protocol.errors import MalformedError, ProtocolError
from zegel_protocol.objects import KINDS
from zegel_protocol.objects.header import Payload

STRUCTS: dict[str, type[Any]] = {**KINDS, "assertion": assertion.Assertion, "envelope": dsse.Envelope}
EVERY_STRUCT = pytest.mark.parametrize("kind", STRUCTS)
# Instances of the largest struct take tens of milliseconds to draw; that is no sign of a slow test.
few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def read(data: bytes, kind: type[Any]) -> None:
    """Parse, and hold whatever is accepted against the one promise: these bytes are its only encoding."""
    try:
        value = encoding.decode(data, kind)
    except ProtocolError:
        return
    assert encoding.encode(value) == data


@EVERY_STRUCT
@few
@given(data=st.data())
def test_valid_instances_are_read_back(kind, data):
    value = data.draw(instances.struct(STRUCTS[kind]))
    assert encoding.decode(encoding.encode(value), STRUCTS[kind]) == value


@EVERY_STRUCT
@few
@given(data=st.binary(max_size=200) | json_values.map(lambda value: encoding.encode(value)))
def test_any_bytes_are_read_or_refused(kind, data):
    read(data, STRUCTS[kind])


@EVERY_STRUCT
@few
@given(data=st.data())
def test_damaged_bytes_are_refused_or_are_the_one_encoding_of_what_they_say(kind, data):
    whole = encoding.encode(data.draw(instances.struct(STRUCTS[kind])))
    for _ in range(8):
        read(data.draw(damaged(whole)), STRUCTS[kind])


@EVERY_STRUCT
@few
@given(data=st.data())
def test_what_says_the_same_in_other_bytes_is_refused(kind, data):
    whole = encoding.encode(data.draw(instances.struct(STRUCTS[kind])))
    for other in (data.draw(broken(whole)), data.draw(broken(whole)), data.draw(spaced(whole))):
        with pytest.raises(MalformedError):
            encoding.decode(other, STRUCTS[kind])


@EVERY_STRUCT
@few
@given(data=st.data())
def test_no_beginning_of_an_object_is_an_object(kind, data):
    whole = encoding.encode(data.draw(instances.struct(STRUCTS[kind])))
    for cut in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=4, max_size=8)):
        with pytest.raises(MalformedError):
            encoding.decode(whole[:cut], STRUCTS[kind])


@pytest.mark.parametrize("opening", [b"[", b'{"v":', b'{"":[', b'"', b"[{", b"-", b'{"v":1,"huis":{'])
@pytest.mark.parametrize("kind", ["manifest", "rulebook", "envelope"])
def test_a_tower_of_brackets_is_refused_at_once(kind, opening):
    for many in (11, 12, 13, 1_000, 60_000):
        with pytest.raises(MalformedError):
            encoding.decode(opening * many, STRUCTS[kind])


@few
@given(data=st.data())
def test_an_object_is_never_read_as_another_kind(data):
    name = data.draw(st.sampled_from(sorted(set(KINDS) - {"rulebook"})))
    whole = encoding.encode(data.draw(instances.struct(KINDS[name])))
    for other, kind in KINDS.items():
        if other != name and _fields(kind) != _fields(KINDS[name]):
            try:
                encoding.decode(whole, kind)
            except MalformedError:
                continue
            # Only a kind whose extra fields are optional reads these bytes; the media type inside D tells them apart.
            assert _fields(KINDS[name]) <= _fields(kind)


def _fields(kind: type[Payload]) -> set[str]:
    return set(kind.__struct_encode_fields__)


signatures = st.builds(
    dsse.Signature,
    keyid=st.none() | st.text(max_size=30) | st.text(instances.B64, min_size=22, max_size=30).map("passkey:".__add__),
    sig=st.text(max_size=40) | st.binary(max_size=60).map(dsse.encode_standard),
)
envelopes = st.builds(
    dsse.seal_envelope,
    st.text(max_size=60),
    st.binary(max_size=300),
    st.lists(signatures, min_size=1, max_size=3).map(tuple),
)


@given(envelopes, st.data())
def test_an_envelope_is_opened_from_its_one_encoding_only(whole, data):
    for other in (data.draw(broken(whole)), data.draw(spaced(whole))):
        with pytest.raises(MalformedError):
            dsse.open_envelope(other)
    for other in (whole, data.draw(damaged(whole))):
        try:
            media_type, payload, found = dsse.open_envelope(other)
        except ProtocolError:
            continue
        assert dsse.seal_envelope(media_type, payload, found) == other


@given(st.binary(max_size=300) | json_values.map(lambda value: encoding.encode(value)))
def test_any_bytes_are_an_envelope_or_refused(data):
    try:
        media_type, payload, found = dsse.open_envelope(data)
    except ProtocolError:
        return
    assert dsse.seal_envelope(media_type, payload, found) == data


loose_text = st.text(st.characters(), max_size=60) | st.text(instances.B64 + "=+/ \n.", max_size=60)


@pytest.mark.parametrize(("decode", "encode"), [(b64.decode, b64.encode), (dsse.decode_standard, dsse.encode_standard)])
@given(text=loose_text, size=st.none() | st.integers(0, 40))
def test_binary_text_has_one_value_and_one_text(decode: Callable[..., bytes], encode, text, size):
    try:
        value = decode(text) if decode is dsse.decode_standard else decode(text, size)
    except ProtocolError:
        return
    assert encode(value) == text
    assert decode is dsse.decode_standard or size is None or len(value) == size


@given(st.binary(max_size=80), st.data())
def test_changed_binary_text_is_refused_or_another_value(value, data):
    for decode, text in ((b64.decode, b64.encode(value)), (dsse.decode_standard, dsse.encode_standard(value))):
        assert decode(text) == value
        at = data.draw(st.integers(0, len(text)))
        changed = text[:at] + data.draw(st.text(max_size=2)) + text[at + data.draw(st.integers(0, 1)) :]
        try:
            other = decode(changed)
        except ProtocolError:
            continue
        assert (other == value) == (changed == text)


@given(signatures | st.builds(dsse.Signature, keyid=st.just("passkey:"), sig=loose_text))
def test_any_signature_carries_an_assertion_or_is_refused(signature):
    try:
        found = assertion.from_signature(signature)
    except ProtocolError:
        return
    assert found is None or assertion.to_signature(found) == signature


@given(instances.struct(assertion.Assertion), st.data())
def test_a_changed_assertion_is_refused_or_another(value, data):
    signature = assertion.to_signature(value)
    whole = encoding.encode(value)
    for other in (data.draw(broken(whole)), data.draw(spaced(whole))):
        with pytest.raises(MalformedError):
            assertion.from_signature(dsse.Signature(keyid=signature.keyid, sig=dsse.encode_standard(other)))
    for other in (whole, data.draw(damaged(whole))):
        changed = dsse.Signature(keyid=signature.keyid, sig=dsse.encode_standard(other))
        try:
            found = assertion.from_signature(changed)
        except ProtocolError:
            continue
        assert found is not None
        assert assertion.to_signature(found) == changed


names = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="+"), min_size=1, max_size=20)
note_signatures = st.builds(
    tlog.NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=70)
)
checkpoints = st.builds(
    tlog.Checkpoint, names, st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32),
    st.lists(note_signatures, min_size=1, max_size=3).map(tuple),
).map(tlog.format_checkpoint)  # fmt: skip
proofs = st.builds(
    tlog.format_proof, st.integers(0, 2**53 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=4), checkpoints
)
line_breaks = st.sampled_from(["\n", "\r\n", " ", "\N{LINE SEPARATOR}", "\x0b", "\x85", "+1", "0", "=", "\ud800"])


def checkpoint_text(value: tlog.Checkpoint | tlog.Proof) -> str:
    return tlog.format_checkpoint(value if isinstance(value, tlog.Checkpoint) else value.checkpoint)


def again(value: tlog.Checkpoint | tlog.Proof) -> str:
    text = checkpoint_text(value)
    return text if isinstance(value, tlog.Checkpoint) else tlog.format_proof(value.index, value.hashes, text)


@pytest.mark.parametrize(("parse", "texts"), [(tlog.parse_checkpoint, checkpoints), (tlog.parse_proof, proofs)])
@given(data=st.data())
def test_a_log_text_has_one_text(parse: Callable[[str], tlog.Checkpoint | tlog.Proof], texts, data):
    text = data.draw(texts)
    assert again(parse(text)) == text
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, min(len(text), at + 3)))
    other = text[:at] + data.draw(line_breaks | st.text(st.characters(), max_size=2)) + text[end:]
    for changed in (other, text[:at], text + other, text.replace("\n", "\r\n"), unicodedata.normalize("NFKD", other)):
        try:
            value = parse(changed)
        except ProtocolError:
            continue
        assert again(value) == changed


@pytest.mark.parametrize("parse", [tlog.parse_checkpoint, tlog.parse_proof])
@given(text=st.text(st.characters(), max_size=200) | st.text("0123456789AQ=\n— ci2sp.org/tlog-proof@v1", max_size=200))
def test_any_text_is_a_log_text_or_refused(parse, text):
    try:
        value = parse(text)
    except ProtocolError:
        return
    assert again(value) == text
