"""Checkpoints and inclusion proofs as text: C2SP `tlog-checkpoint` (a `signed-note`) and `tlog-proof`, in one profile.

Formats and strict parses only. A signature is made where the log key is, and checked by a callable that is passed in,
such as `zegel_keys.signing.check`. `docs/spec/log.md` says what a checkpoint promises; `zegel_protocol.merkle` has the
tree.

The profile is narrower than C2SP's: printable ASCII names, no extension lines, no extra data, so that a meaning has one
text. Signature lines of unknown keys are read past, as the note format demands: that is where witnesses will sign.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zegel_protocol import b64, dsse, merkle
from zegel_protocol.errors import LogError, ProtocolError
from zegel_protocol.fields import MAX_INT

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MAX_SIGNATURES = 16
"""Signature lines of one checkpoint: as many as the note format says that a verifier must accept."""
MAX_CHECKPOINT_CHARS = 12 * 1024
"""Holds 16 lines of Ed25519 cosignatures; leaves room in a proof for the longest path of hashes."""
MAX_PROOF_CHARS = 16 * 1024
"""The bound of `zegel_protocol.fields.ProofText`."""
LEAF_SIZE = 32
_SIGNATURE_SIZE = 64
_KEY_ID_SIZE = 4
_DASH = "\N{EM DASH}"

# Printable ASCII without space and plus, which the note format forbids in a key name; no confusable letters either.
_NAME = re.compile(r"[!-*,-~]{1,200}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")

Check = Callable[[str, bytes, bytes], None]
"""`check(public, message, signature)` returns, or raises a `ProtocolError`; `public` is base64url."""


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: the key's name, its 4-byte id, and the signature bytes. Nothing about it is verified."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log at one size: number of leaves and 32-byte root, with the signature lines as found."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[NoteSignature, ...]

    @property
    def body(self) -> bytes:
        """The bytes that are signed."""
        return checkpoint_body(self.origin, self.size, self.root)


@dataclass(frozen=True, slots=True)
class Proof:
    """A parsed proof. Nothing about it is verified; `verify_proof` returns an `Inclusion`."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Verified: the leaf stands at `index` in the tree of `checkpoint`, which the log signed."""

    index: int
    checkpoint: Checkpoint


def log_origin(huis: str, epoch: int = 0) -> str:
    """Return the identity of a Huis's log: `zegel/<huis>`, and `zegel/<huis>/<epoch>` once there are epoch objects.

    `huis` is the 43 characters of its id. Another epoch is another log (`docs/spec/log.md`), so that a relay can't
    offer the branch that a restored backup dropped as if it were the present one.
    """
    return f"zegel/{huis}/{epoch}" if epoch else f"zegel/{huis}"


def key_id(name: str, public: str) -> bytes:
    """Return the 4-byte id of an Ed25519 key (base64url) under a name: a hint, not a hash to rely on (signed-note)."""
    return hashlib.sha256(name.encode() + b"\n\x01" + b64.decode(public, 32)).digest()[:_KEY_ID_SIZE]


def checkpoint_body(origin: str, size: int, root: bytes) -> bytes:
    """Return the bytes that the log signs: three lines. Raises `LogError` (`log.malformed`) for values out of bounds.

    They begin with the origin, so they are never the PAE of an object, which begins with `DSSEv1`.
    """
    if len(root) != merkle.HASH_SIZE or not 0 <= size <= MAX_INT:
        raise LogError("log.malformed", "a checkpoint has a size and a root of 32 bytes")
    return f"{_name(origin)}\n{size}\n{dsse.encode_standard(root)}\n".encode("ascii")


def attach_signature(body: bytes, name: str, public: str, sig: bytes) -> str:
    """Return the checkpoint: `body` signed with Ed25519 by the key `public` (base64url) under `name`.

    For a log, `name` is its origin. Raises `LogError` (`log.malformed`) unless the result is a checkpoint that
    `parse_checkpoint` accepts; `sig` (64 bytes) is not checked here.
    """
    if len(sig) != _SIGNATURE_SIZE:
        raise LogError("log.malformed", "an Ed25519 signature has 64 bytes")
    line = _signature_line(NoteSignature(_name(name), key_id(name, public), sig))
    text = f"{body.decode('ascii', 'replace')}\n{line}"
    parse_checkpoint(text)
    return text


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """Return the text of a checkpoint with all its signature lines."""
    return checkpoint.body.decode("ascii") + "\n" + "".join(map(_signature_line, checkpoint.signatures))


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that `text` says; no signature is verified.

    Raises `LogError` (`log.malformed`) for whatever is not the one text of its meaning.
    """
    lines = text.split("\n") if len(text) <= MAX_CHECKPOINT_CHARS else []
    if not 6 <= len(lines) <= 5 + MAX_SIGNATURES or lines[3] or lines[-1]:
        raise LogError("log.malformed", "not a checkpoint: three lines, an empty one, 1 to 16 signatures")
    signatures = tuple(_parse_signature(line) for line in lines[4:-1])
    root = _decode(lines[2], merkle.HASH_SIZE)
    checkpoint = Checkpoint(_name(lines[0]), _number(lines[1]), root, signatures)
    if format_checkpoint(checkpoint) != text:
        raise LogError("log.malformed", "not the one text of this checkpoint")
    return checkpoint


def verify_checkpoint(text: str, origin: str, log_key: str, check: Check) -> Checkpoint:
    """Return the checkpoint if the log `origin` signed it with `log_key` (base64url).

    Raises `LogError` with `log.malformed`, `log.foreign` (another log) or `log.signature` (no signature of that key, a
    wrong one, or two).
    """
    return _signed(parse_checkpoint(text), origin, log_key, check)


def format_proof(index: int, hashes: Sequence[bytes], checkpoint_text: str) -> str:
    """Return the proof that entry `index` is in the checkpoint's tree; `hashes` from `merkle.inclusion_proof`."""
    path = "".join(f"{dsse.encode_standard(value)}\n" for value in hashes)
    return f"{PROOF_HEADER}\nindex {index}\n{path}\n{checkpoint_text}"


def parse_proof(text: str) -> Proof:
    """Return the proof that `text` says; nothing is verified.

    Raises `LogError` (`log.malformed`) for whatever is not the one text of its meaning.
    """
    head, gap, rest = text.partition("\n\n") if len(text) <= MAX_PROOF_CHARS else ("", "", "")
    lines = head.split("\n")
    if not gap or not 2 <= len(lines) <= 2 + merkle.MAX_PATH or lines[0] != PROOF_HEADER:
        raise LogError("log.malformed", "not a proof: header, index, hashes, an empty line, a checkpoint")
    word, _, number = lines[1].partition(" ")
    if word != "index":
        raise LogError("log.malformed", "the second line of a proof is its index")
    hashes = tuple(_decode(line, merkle.HASH_SIZE) for line in lines[2:])
    proof = Proof(_number(number), hashes, parse_checkpoint(rest))
    if format_proof(proof.index, proof.hashes, rest) != text:
        raise LogError("log.malformed", "not the one text of this proof")
    return proof


def verify_proof(text: str, leaf: bytes, origin: str, log_key: str, check: Check) -> Inclusion:
    """Return where `leaf` (the 32 raw bytes of a `D`) stands, if the log `origin` with `log_key` proves it.

    Raises `LogError` with `log.malformed`, `log.foreign`, `log.signature` or `log.inclusion`.
    """
    if len(leaf) != LEAF_SIZE:
        raise LogError("log.malformed", f"a leaf of the log has {LEAF_SIZE} bytes")
    proof = parse_proof(text)
    head = _signed(proof.checkpoint, origin, log_key, check)
    merkle.verify_inclusion(merkle.leaf_hash(leaf), proof.index, head.size, proof.hashes, head.root)
    return Inclusion(proof.index, head)


def _signed(checkpoint: Checkpoint, origin: str, log_key: str, check: Check) -> Checkpoint:
    if checkpoint.origin != origin:
        raise LogError("log.foreign", "a checkpoint of another log")
    known = (origin, key_id(origin, log_key))
    found = [line.signature for line in checkpoint.signatures if (line.name, line.key_id) == known]
    if len(found) != 1 or len(found[0]) != _SIGNATURE_SIZE:
        raise LogError("log.signature", "exactly one signature of the log's key belongs here")
    try:
        check(log_key, checkpoint.body, found[0])
    except ProtocolError as error:
        raise LogError("log.signature", "the log did not sign this checkpoint") from error
    return checkpoint


def _signature_line(line: NoteSignature) -> str:
    return f"{_DASH} {line.name} {dsse.encode_standard(line.key_id + line.signature)}\n"


def _parse_signature(line: str) -> NoteSignature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH:
        raise LogError("log.malformed", "not a signature line")
    data = _decode(parts[2])
    if len(data) <= _KEY_ID_SIZE:
        raise LogError("log.malformed", "a signature line without a signature")
    return NoteSignature(_name(parts[1]), data[:_KEY_ID_SIZE], data[_KEY_ID_SIZE:])


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise LogError("log.malformed", "a name is 1 to 200 printable ASCII characters, without space or plus")
    return text


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > MAX_INT:
        raise LogError("log.malformed", "a number is plain decimal, without leading zeroes")
    return int(text)


def _decode(text: str, size: int | None = None) -> bytes:
    try:
        data = dsse.decode_standard(text)
    except ProtocolError as error:
        raise LogError("log.malformed", "not the canonical base64 of its bytes") from error
    if size is not None and len(data) != size:
        raise LogError("log.malformed", f"{len(data)} bytes where {size} belong")
    return data
