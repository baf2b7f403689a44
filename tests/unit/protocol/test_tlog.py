"""Checkpoints and proofs as text: known key ids and signatures, one text a meaning, and every way to be refused."""

import base64
import hashlib
import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zegel_keys import signing
from zegel_protocol import b64, fields, merkle, tlog
from zegel_protocol.errors import LogError, ProtocolError

HUIS = b64.encode(hashlib.sha256(b"a huis").digest())
ORIGIN = tlog.log_origin(HUIS)
LOG = signing.SigningKey(bytes(range(32)))
OTHER = signing.SigningKey(bytes(range(1, 33)))
LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(11)]
DASH = "—"


def log_of(leaves):
    frontier, nodes = merkle.Frontier(), dict[merkle.Place, bytes]()
    for leaf in leaves:
        nodes |= {(level, index): value for level, index, value in frontier.append(merkle.leaf_hash(leaf))}
    return frontier, lambda level, index: nodes[level, index]


FRONTIER, NODES = log_of(LEAVES)


def signed(body, name=ORIGIN, key=LOG):
    return tlog.attach_signature(body, name, key.public, key.sign(body))


CHECKPOINT = signed(tlog.checkpoint_body(ORIGIN, FRONTIER.size, FRONTIER.root()))


def proof_of(index, checkpoint=CHECKPOINT):
    return tlog.format_proof(index, merkle.inclusion_proof(index, len(LEAVES), NODES), checkpoint)


def code_of(function, *arguments):
    with pytest.raises(LogError) as caught:
        function(*arguments)
    return caught.value.code


def verify_checkpoint(text, origin=ORIGIN, key=LOG):
    return tlog.verify_checkpoint(text, origin, key.public, signing.check)


def verify_proof(text, leaf, origin=ORIGIN, key=LOG):
    return tlog.verify_proof(text, leaf, origin, key.public, signing.check)


def public_of(verifier_key):
    """Return name, key id (hex) and base64url public key of a signed-note verifier key `name+id+base64(type ‖ key)`."""
    name, id_hex, data = verifier_key.split("+", 2)
    raw = base64.b64decode(data)
    assert raw[0] == 1
    return name, id_hex, b64.encode(raw[1:])


# The public key of the Go checksum database, and the key in the documentation of Go's note package.
GO_SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


@pytest.mark.parametrize("verifier_key", [GO_SUMDB, GO_NOTE])
def test_the_key_id_is_the_one_of_known_keys(verifier_key):
    name, id_hex, public = public_of(verifier_key)
    assert tlog.key_id(name, public).hex() == id_hex


def test_a_known_note_signature_has_the_layout_written_here():
    name, _, public = public_of(GO_NOTE)
    text = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    data = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    assert data[:4] == tlog.key_id(name, public)
    signing.check(public, text, data[4:])


def test_a_checkpoint_is_exactly_this_text():
    body = tlog.checkpoint_body("zegel/example", 8, bytes.fromhex("5d" * 32))
    assert body == b"zegel/example\n8\n" + base64.b64encode(b"\x5d" * 32) + b"\n"
    signature = LOG.sign(body)
    raw_key = b64.decode(LOG.public, 32)
    expected_id = hashlib.sha256(b"zegel/example\n\x01" + raw_key).digest()[:4]
    line = f"{DASH} zegel/example {base64.b64encode(expected_id + signature).decode()}\n"
    assert tlog.attach_signature(body, "zegel/example", LOG.public, signature) == body.decode() + "\n" + line


def test_a_proof_is_exactly_this_text():
    hashes = [b"\x01" * 32, b"\x02" * 32]
    lines = [base64.b64encode(value).decode() for value in hashes]
    expected = f"c2sp.org/tlog-proof@v1\nindex 2\n{lines[0]}\n{lines[1]}\n\n{CHECKPOINT}"
    assert tlog.format_proof(2, hashes, CHECKPOINT) == expected
    assert tlog.format_proof(0, [], CHECKPOINT) == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{CHECKPOINT}"


def test_the_proof_in_the_specification_holds():
    document = (Path(__file__).parents[3] / "docs/spec/log.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```\n(c2sp.*?)```", document, re.DOTALL)
    ((leaf, key),) = re.findall(r"proves that `(\S{43})` is entry 3 of the log whose key is\n`(\S{43})`", document)
    found = tlog.verify_proof(text, b64.decode(leaf, 32), ORIGIN, key, signing.check)
    assert (found.index, text) == (3, PROOF)


def test_the_origin_names_the_huis_and_from_the_first_fork_the_epoch():
    assert ORIGIN == "zegel/" + HUIS
    assert len(ORIGIN) == 49
    assert tlog.log_origin(HUIS, 3) == f"zegel/{HUIS}/3"


def test_a_signed_checkpoint_verifies_and_comes_back():
    head = verify_checkpoint(CHECKPOINT)
    assert (head.origin, head.size, head.root) == (ORIGIN, len(LEAVES), FRONTIER.root())
    assert tlog.format_checkpoint(head) == CHECKPOINT


def test_the_empty_log_has_a_checkpoint():
    text = signed(tlog.checkpoint_body(ORIGIN, 0, merkle.EMPTY_ROOT))
    assert verify_checkpoint(text).size == 0


def test_every_leaf_is_proved_at_its_index_and_no_other_leaf_is():
    for index, leaf in enumerate(LEAVES):
        found = verify_proof(proof_of(index), leaf)
        assert (found.index, found.checkpoint.size) == (index, len(LEAVES))
        assert code_of(verify_proof, proof_of(index), LEAVES[index - 1]) == "log.inclusion"


def test_the_only_leaf_has_a_proof_without_hashes():
    frontier, _ = log_of(LEAVES[:1])
    text = tlog.format_proof(0, [], signed(tlog.checkpoint_body(ORIGIN, 1, frontier.root())))
    assert verify_proof(text, LEAVES[0]).index == 0


def test_a_leaf_is_the_raw_digest_and_nothing_longer():
    assert code_of(verify_proof, proof_of(0), LEAVES[0] + b"\0") == "log.malformed"


def test_another_huis_or_another_epoch_is_another_log():
    for foreign in (tlog.log_origin(b64.encode(bytes(32))), tlog.log_origin(HUIS, 1)):
        body = tlog.checkpoint_body(foreign, FRONTIER.size, FRONTIER.root())
        assert code_of(verify_checkpoint, signed(body, foreign)) == "log.foreign"
        assert code_of(verify_proof, proof_of(3, signed(body, foreign)), LEAVES[3]) == "log.foreign"
        # The log's own name on the signature does not make it the log's checkpoint.
        assert code_of(verify_checkpoint, signed(body, ORIGIN)) == "log.foreign"


def test_a_signature_of_another_key_or_name_is_none():
    body = tlog.checkpoint_body(ORIGIN, FRONTIER.size, FRONTIER.root())
    assert code_of(verify_checkpoint, signed(body, key=OTHER)) == "log.signature"
    assert code_of(verify_checkpoint, signed(body, "witness.example")) == "log.signature"
    # The right name and key id over a signature of another key.
    forged = tlog.attach_signature(body, ORIGIN, LOG.public, OTHER.sign(body))
    assert code_of(verify_checkpoint, forged) == "log.signature"
    assert code_of(verify_proof, proof_of(3, forged), LEAVES[3]) == "log.signature"


def test_a_signature_over_another_size_or_root_is_none():
    body = tlog.checkpoint_body(ORIGIN, FRONTIER.size, FRONTIER.root())
    for size, root in ((FRONTIER.size + 1, FRONTIER.root()), (FRONTIER.size, bytes(32))):
        moved = tlog.attach_signature(tlog.checkpoint_body(ORIGIN, size, root), ORIGIN, LOG.public, LOG.sign(body))
        assert code_of(verify_checkpoint, moved) == "log.signature"


def test_signatures_of_unknown_keys_are_read_past():
    body = tlog.checkpoint_body(ORIGIN, FRONTIER.size, FRONTIER.root())
    ours = tlog.parse_checkpoint(CHECKPOINT).signatures
    witness = tlog.NoteSignature("witness.example/w1", b"\1\2\3\4", bytes(72))
    same_name = tlog.NoteSignature(ORIGIN, b"\1\2\3\4", bytes(64))
    same_id = tlog.NoteSignature("witness.example/w1", ours[0].key_id, bytes(64))
    for lines in ((witness, *ours), (*ours, same_name, same_id), (*[witness] * 15, *ours)):
        text = tlog.format_checkpoint(tlog.Checkpoint(ORIGIN, FRONTIER.size, FRONTIER.root(), lines))
        assert verify_checkpoint(text).body == body
    crowd = tlog.Checkpoint(ORIGIN, FRONTIER.size, FRONTIER.root(), (*[witness] * 16, *ours))
    assert code_of(verify_checkpoint, tlog.format_checkpoint(crowd)) == "log.malformed"


def test_two_signatures_of_the_log_key_or_one_of_odd_length_are_refused():
    head = tlog.parse_checkpoint(CHECKPOINT)
    (ours,) = head.signatures
    wrong = tlog.NoteSignature(ours.name, ours.key_id, bytes(64))
    longer = tlog.NoteSignature(ours.name, ours.key_id, ours.signature + b"\0")
    for lines in ((ours, ours), (ours, wrong), (wrong, ours), (longer,)):
        text = tlog.format_checkpoint(tlog.Checkpoint(head.origin, head.size, head.root, lines))
        assert code_of(verify_checkpoint, text) == "log.signature"


def test_only_protocol_errors_of_the_check_count_as_a_bad_signature():
    def broken(_public, _message, _signature):
        raise RuntimeError("the caller's own fault")

    with pytest.raises(RuntimeError):
        tlog.verify_checkpoint(CHECKPOINT, ORIGIN, LOG.public, broken)


LINES = CHECKPOINT.split("\n")
ROOT_TEXT = LINES[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n" * 6,
        CHECKPOINT[:-1],
        CHECKPOINT + "\n",
        "\ufeff" + CHECKPOINT,
        CHECKPOINT.replace("\n", "\r\n"),
        CHECKPOINT.replace("\n11\n", "\n011\n"),
        CHECKPOINT.replace("\n11\n", "\n+11\n"),
        CHECKPOINT.replace("\n11\n", "\n1_1\n"),
        CHECKPOINT.replace("\n11\n", "\n١١\n"),
        CHECKPOINT.replace("\n11\n", "\n11 \n"),
        CHECKPOINT.replace("\n11\n", f"\n{2**53}\n"),
        CHECKPOINT.replace(ROOT_TEXT, ROOT_TEXT.rstrip("=")),
        CHECKPOINT.replace(ROOT_TEXT, base64.b64encode(bytes(31)).decode()),
        CHECKPOINT.replace(ROOT_TEXT, base64.urlsafe_b64encode(b"\xff" * 32).decode()),
        CHECKPOINT.replace("\n\n", "\nextension\n\n"),
        CHECKPOINT.replace("\n\n", "\n\n\n"),
        CHECKPOINT.replace("\n\n", "\n"),
        CHECKPOINT.replace(DASH, "-"),
        CHECKPOINT.replace(DASH + " ", DASH),
        CHECKPOINT.replace(DASH + " ", DASH + "  "),
        CHECKPOINT.replace(ORIGIN, "zegel/a log"),
        CHECKPOINT.replace(ORIGIN, "zegel/a+log"),
        CHECKPOINT.replace(ORIGIN, "zegel/ë"),
        CHECKPOINT.replace(ORIGIN, "zegel/\ud800"),
        CHECKPOINT.replace(ORIGIN, "zegel/\x00"),
        CHECKPOINT.replace(ORIGIN, "z" * 201),
        CHECKPOINT.replace(LINES[4].split(" ")[2], "AAAA"),
        CHECKPOINT.replace(LINES[4].split(" ")[2], base64.b64encode(b"1234").decode()),
        CHECKPOINT.replace(LINES[4].split(" ")[2], "A" * tlog.MAX_CHECKPOINT_CHARS),
    ],
)
def test_any_other_text_is_no_checkpoint(text):
    assert text != CHECKPOINT
    assert code_of(tlog.parse_checkpoint, text) == "log.malformed"
    assert code_of(verify_proof, proof_of(3, text), LEAVES[3]) == "log.malformed"


PROOF = proof_of(3)
FIRST_HASH = PROOF.split("\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROOF.replace("@v1", "@v2", 1),
        PROOF.replace("index 3\n", "extra AAAA\nindex 3\n"),
        PROOF.replace("index 3", "index 03"),
        PROOF.replace("index 3", "index  3"),
        PROOF.replace("index 3", "index -3"),
        PROOF.replace("index 3", "index"),
        PROOF.replace("index 3", "Index 3"),
        PROOF.replace("index 3\n", ""),
        PROOF.replace("index 3", f"index {2**53}"),
        PROOF.replace("index 3\n", "index 3\n\n"),
        PROOF.replace(FIRST_HASH, FIRST_HASH[:-1]),
        PROOF.replace(FIRST_HASH, FIRST_HASH + " "),
        PROOF.replace(FIRST_HASH, base64.b64encode(bytes(33)).decode()),
        PROOF.replace(FIRST_HASH + "\n", (FIRST_HASH + "\n") * (merkle.MAX_PATH + 1)),
        PROOF.replace("\n\n", "\n", 1),
        PROOF.replace("\n\n", "\n\n\n", 1),
        PROOF + "\n",
        "\n" + PROOF,
        PROOF + "A" * tlog.MAX_PROOF_CHARS,
    ],
)
def test_any_other_text_is_no_proof(text):
    assert text != PROOF
    assert code_of(verify_proof, text, LEAVES[3]) == "log.malformed"


def test_stray_bits_in_base64_are_refused():
    """A last character before the padding may carry bits that no byte uses: the same bytes, another text."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = FIRST_HASH[:-2] + alphabet[alphabet.index(FIRST_HASH[-2]) ^ 1] + "="
    assert base64.b64decode(stray) == base64.b64decode(FIRST_HASH)
    assert code_of(verify_proof, PROOF.replace(FIRST_HASH, stray), LEAVES[3]) == "log.malformed"


@settings(max_examples=300, deadline=None)
@given(data=st.data(), index=st.integers(0, len(LEAVES) - 1))
def test_a_proof_with_any_one_character_changed_fails(data, index):
    text = proof_of(index)
    place = data.draw(st.integers(0, len(text) - 1))
    kind = data.draw(st.sampled_from(["replace", "insert", "delete", "swap"]))
    new = data.draw(st.sampled_from(sorted(set(text))) | st.characters())
    changed = {
        "replace": text[:place] + new + text[place + 1 :],
        "insert": text[:place] + new + text[place:],
        "delete": text[:place] + text[place + 1 :],
        "swap": text[:place] + text[place : place + 2][::-1] + text[place + 2 :],
    }[kind]
    if changed != text:
        assert code_of(verify_proof, changed, LEAVES[index]).startswith("log.")


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters() | st.characters(categories=["Cs"])) | st.text("0123456789AZaz=/+ \n\r—indexzegel"))
@example("c2sp.org/tlog-proof@v1\nindex 0\n\n")
@example("a\n0\n\n\n— a \n")
@example("a\n" + "9" * 5000 + "\n\n\n— a \n")
def test_arbitrary_text_fails_only_as_a_protocol_error(text):
    for candidate in (text, f"c2sp.org/tlog-proof@v1\nindex 0\n{text}\n\n{text}", f"{ORIGIN}\n1\n{text}\n\n{text}\n"):
        for parse in (tlog.parse_checkpoint, tlog.parse_proof):
            with pytest.raises(ProtocolError) as caught:
                parse(candidate)
            assert caught.value.code == "log.malformed"


numbers = st.integers(0, fields.MAX_INT)
hashes = st.binary(min_size=32, max_size=32)
names = st.text([chr(code) for code in range(0x21, 0x7F) if chr(code) != "+"], min_size=1, max_size=200)
lines = st.builds(tlog.NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=100))
checkpoints = st.builds(tlog.Checkpoint, names, numbers, hashes, st.lists(lines, min_size=1, max_size=16).map(tuple))


@settings(max_examples=150, deadline=None)
@given(head=checkpoints, index=numbers, path=st.lists(hashes, max_size=merkle.MAX_PATH))
def test_whatever_is_formatted_parses_back(head, index, path):
    text = tlog.format_checkpoint(head)
    assert tlog.parse_checkpoint(text) == head
    assert tlog.parse_proof(tlog.format_proof(index, path, text)) == tlog.Proof(index, tuple(path), head)


def test_the_largest_proof_fits_the_field_that_carries_it():
    (longest,) = (meta.max_length for meta in get_args(fields.ProofText)[1:])
    assert longest == tlog.MAX_PROOF_CHARS
    path = tlog.format_proof(fields.MAX_INT - 1, [bytes(32)] * merkle.MAX_PATH, "")
    assert len(path) + tlog.MAX_CHECKPOINT_CHARS <= tlog.MAX_PROOF_CHARS


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, bytes(32)), ("a b", 1, bytes(32)), ("a\nb", 1, bytes(32)), ("a", -1, bytes(32)),
     ("a", 2**53, bytes(32)), ("a", 1, bytes(31))],
)  # fmt: skip
def test_no_checkpoint_is_formatted_that_would_not_parse(origin, size, root):
    assert code_of(tlog.checkpoint_body, origin, size, root) == "log.malformed"


@pytest.mark.parametrize(
    ("body", "name", "size"),
    [(b"zegel/x\n1\n", ORIGIN, 64), (b"\xff\n1\n\n", ORIGIN, 64), (LINES[0].encode(), ORIGIN, 64),
     (tlog.checkpoint_body(ORIGIN, 1, bytes(32)), "a name", 64),
     (tlog.checkpoint_body(ORIGIN, 1, bytes(32)), ORIGIN, 63)],
)  # fmt: skip
def test_no_signature_is_attached_to_what_would_not_parse(body, name, size):
    assert code_of(tlog.attach_signature, body, name, LOG.public, bytes(size)) == "log.malformed"


def test_a_checkpoint_is_never_the_signed_form_of_an_object():
    """What the log key signs begins with the origin; every object's signed bytes begin with the DSSE label."""
    assert not tlog.checkpoint_body(ORIGIN, 1, bytes(32)).startswith(b"DSSEv1 ")
