"""The opening proof of one section, with all that somebody else needs to read it: for a reader and for the steward.

It shows what the sender put in that section, and opens nothing else. Rules: `docs/spec/sealing.md`, Opening proof. The
file holds what a family confided, readable by whoever has it: it goes to the steward directly, never to the relay.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from zegel.errors import RelayProblem
from zegel.large_section import is_large
from zegel.receive import Receiver, read_section, section_context, sender_key
from zegel.relay_client import RelayClient
from zegel.section import Section
from zegel_keys import signing
from zegel_keys.casefile import Reader, read_entries
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.exhibit import Exhibit
from zegel_keys.keystore.identity import Identity
from zegel_keys.opening_proof import OpeningProof, reveal, verify_opening
from zegel_keys.receipts import check_receipt
from zegel_keys.trust import Trust, establish
from zegel_keys.verification import read_payload, verify
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.api import Delivery
from zegel_protocol.errors import ChainError, MalformedError, SignatureError
from zegel_protocol.objects import Manifest

MAX_PROOF_BYTES = 128 * 2**20
"""Of a proof's file: a ciphertext in it is larger by a third."""


class ProofFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file: the signed proof, manifest and receipt as envelopes, the entry as it was signed, and the ciphertext."""

    proof: bytes
    manifest: bytes
    receipt: bytes
    entry: str
    ciphertext: bytes


@dataclass(frozen=True)
class Proven:
    """What a proof shows: who sent (`sender`) to whom (`reader`), when the relay accepted it, and section `n`."""

    manifest: str
    n: int
    sender: str
    reader: str
    accepted_at: int
    section: Section


async def prove(
    identity: Identity,
    client: RelayClient,
    receiver: Receiver,
    delivery: Delivery,
    manifest: str,
    n: int,
    now: int,
) -> ProofFile:
    """Return the proof of section `n` of a message that was handed to this device, signed by it.

    Raises as `Receiver.section_key`, and `RelayProblem` (`proof.too-large`: such a file is shown in person).
    """
    held, key = await receiver.section_key(delivery, manifest, n, now)
    if is_large(held.payload):
        raise RelayProblem(413, "proof.too-large", "This section is too large for a proof that is sent: show the file.")
    payload = OpeningProof(
        v=1, huis=identity.huis, nonce=new_nonce(), manifest=manifest, entry=held.d, n=n, key=reveal(key)
    )
    return ProofFile(
        proof=sign_payload(payload, identity.signing_key),
        manifest=bytes(delivery.manifest),
        receipt=bytes(delivery.receipt),
        entry=next(text for text in delivery.entries if _entry_d(text) == held.d),
        ciphertext=await client.download(held.payload.ct),
    )


def read_proof(path: Path) -> ProofFile:
    """Return the proof in a file. Raises `OSError` or `MalformedError` (`proof.malformed`)."""
    with path.open("rb") as file:
        data = file.read(MAX_PROOF_BYTES + 1)
    try:
        if len(data) > MAX_PROOF_BYTES:
            raise ValueError("too large")
        return msgspec.json.decode(data, type=ProofFile)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedError("proof.malformed", f"{path} holds no opening proof") from error


def check_proof(huis: str, shown: Iterable[Exhibit], given: ProofFile) -> Proven:
    """Return what a proof shows, verified from nothing but the id of the Huis and what its relay shows of it.

    Raises `SignatureError` (`proof.signer`: no device of the reader signed it), `ChainError` (`proof.foreign`: of
    another message or section than those beside it), `SealError` (as `verify_opening`: the proof is void, or the sender
    sealed what nobody could open), `ContentError`, and what verification raises.
    """
    trust = establish(huis, shown, Reader().place)
    directory = trust.directory
    _, d = read_payload(given.manifest, Manifest)
    if directory is None:
        raise ChainError("directory.missing", "no directory is in force")
    _, place, _ = check_receipt(given.receipt, d, trust, directory.payload.log_key)
    manifest = verify(given.manifest, Manifest, trust, place)
    reader = manifest.payload.to.partner or ""
    proof = _signed_by_reader(trust, reader, given.proof)
    (held,) = read_entries(manifest.payload, [given.entry], whole=False)
    if (proof.manifest, proof.entry, proof.n) != (d, held.d, held.payload.n):
        raise ChainError("proof.foreign", "the proof is of another section than the one beside it")
    context = section_context(manifest.payload, held.payload, sender_key(manifest))
    content = verify_opening(context, held.payload, proof.key, given.ciphertext)
    sender = manifest.payload.sender.partner or manifest.payload.sender.person or ""
    return Proven(d, proof.n, sender, reader, place.at, read_section(held.payload, content))


def _signed_by_reader(trust: Trust, reader: str, envelope: bytes) -> OpeningProof:
    media_type, body, signatures = dsse.open_envelope(envelope)
    if media_type != dsse.payload_type(OpeningProof.KIND):
        raise MalformedError("proof.malformed", "another object stands in the place of the proof")
    proof = encoding.decode(body, OpeningProof)
    if proof.huis != trust.huis:
        raise ChainError("huis.foreign", "a proof of another Huis")
    for device in trust.devices(reader, None):
        for signature in signatures:
            try:
                signing.check(device.sign_key, dsse.pae(media_type, body), dsse.decode_standard(signature.sig))
            except SignatureError:
                continue
            return proof
    raise SignatureError("proof.signer", "no device of the message's reader signed this proof")


def _entry_d(text: str) -> str:
    return dsse.digest(dsse.payload_type("entry"), b64.decode(text))
