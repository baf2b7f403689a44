"""What a sealed section and a wrapped key are bound to: pure structs and the digests over them.

No key is made, used or kept here; that is `zegel_keys.sections`, `zegel_keys.wrapping` and `zegel_keys.opening`.

Why each binding is there (`docs/spec/sealing.md`):
- The **associated data** is given to every chunk, so a ciphertext opens only as the section that it was sealed as: of
  this Huis, message, device, household, about these people, as this type. Without it a recipient could pass a section
  off under a message of their own.
- The **key commitment** is published in the entry. The stream cipher does not commit to its key (one ciphertext can be
  made that opens under two), so without it an opening proof would prove nothing.
- The **wrap info** stands in for what single-shot HPKE lacks: it has no associated data of the caller's and does not
  authenticate the sender. A wrap opens only for this manifest, sealer, reader, key and entries, in this order; who made
  it is told by the signature on the wraps.
"""

import hashlib
from typing import Final

import msgspec

from zegel_protocol import b64, dsse, encoding
from zegel_protocol.errors import MalformedError, SealError
from zegel_protocol.fields import Count, Digest, Key32, Media, Random128, Term, Uuid7
from zegel_protocol.objects.parties import Party

SECTION_TYPE: Final = dsse.payload_type("section")
COMMITMENT_LABEL: Final = b"zegel/key/1\0"
WRAP_LABEL: Final = b"zegel/wrap/1\0"

SECTION_KEY: Final = 32
"""Bytes of a section key."""
SEAL_KEY: Final = 1216
"""Bytes of a public seal key: ML-KEM-768 encapsulation key (1,184) then X25519 (32)."""
SEAL_SEED: Final = 32
"""Bytes of the secret that a private seal key grows from."""
ENCAPSULATION: Final = 1120
"""Bytes that HPKE puts before the ciphertext: ML-KEM-768 (1,088) then X25519 (32)."""
WRAP_TAG: Final = 16
"""Bytes of the AES-256-GCM authenticator at the end of a box."""


class SectionContext(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What a section is sealed as. All of it stands in the manifest and its entry, so both sides make the same bytes.

    `message` is the manifest's id; `sender` the Ed25519 key of the sending device, or a client's identity key;
    `household` is absent for anonymous kinds; `n` is the entry's number; `about` is sorted, empty for anonymous kinds.
    """

    huis: Digest
    message: Uuid7
    sender: Key32
    household: Random128 | None = None
    n: Count
    type: Term
    form: Term
    about: tuple[Random128, ...]
    media: Media


class WrapContext(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What a box of wrapped section keys is bound to.

    `manifest` is D of the manifest; `sealer` the Ed25519 key that signs the wraps (the sender, or another holder of the
    keys); `reader` whose key it is; `keys` is D of the reader's prekeys or client-key object; `key` is SHA-256 of the
    public seal key's bytes; `entries` are the numbers of the sections whose keys the box holds, ascending, in the order
    of the keys.
    """

    manifest: Digest
    sealer: Key32
    reader: Party
    keys: Digest
    key: Digest
    entries: tuple[Count, ...]


def associated_data(context: SectionContext) -> bytes:
    """Return the 32 bytes that every chunk of the section is bound to.

    Raises `MalformedError` when a field is not what the wire allows, or `about` is not sorted without doubles: two
    spellings of one context would make two sections of it.
    """
    payload = encoding.encode(context)
    encoding.decode(payload, SectionContext)
    if list(context.about) != sorted(set(context.about)):
        raise MalformedError("object.not-canonical", "persons are sorted and stand there once", "$.about")
    return hashlib.sha256(dsse.pae(SECTION_TYPE, payload)).digest()


def key_commitment(ad: bytes, key: bytes) -> str:
    """Return `kc`: what an entry publishes of its section key. `ad` is the section's associated data, both 32 bytes.

    Safe to publish because a section key is 32 random bytes: it can't be guessed from its digest. Fixed lengths make
    the concatenation mean one thing. Raises `SealError` (`section.key-commitment`) for any other length.
    """
    if len(ad) != hashlib.sha256().digest_size or len(key) != SECTION_KEY:
        raise SealError("section.key-commitment", f"a section key has {SECTION_KEY} bytes")
    return b64.encode(hashlib.sha256(COMMITMENT_LABEL + ad + key).digest())


def wrap_info(context: WrapContext) -> bytes:
    """Return the HPKE `info` of a box.

    Raises `MalformedError` when a field is not what the wire allows, or the entries are none or not ascending.
    """
    payload = encoding.encode(context)
    encoding.decode(payload, WrapContext)
    entries = context.entries
    if not entries or list(entries) != sorted(set(entries)):
        raise MalformedError("object.not-canonical", "one entry or more, ascending", "$.entries")
    return WRAP_LABEL + hashlib.sha256(payload).digest()


def box_size(entries: int) -> int:
    """Return the bytes of a box that holds the keys of `entries` sections."""
    return ENCAPSULATION + SECTION_KEY * entries + WRAP_TAG
