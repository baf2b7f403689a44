"""The opening proof: a reader reveals one section key, so that the steward sees what a sender really put in a section.

It opens that one section and nothing else: section keys are random and independent. It is sound because the entry,
which the sender signed by way of the manifest, commits to the blob (`ct`) and to the key (`kc`). It proves what was
sent, not that it is true. That the entry stands in the manifest, and who signed either, is checked by the caller.
"""

from typing import ClassVar, Protocol

from zegel_keys.opening import open_section
from zegel_protocol import b64
from zegel_protocol.fields import Count, Digest, Key32
from zegel_protocol.objects.header import Payload
from zegel_protocol.sealing import SECTION_KEY, SectionContext


class OpeningProof(Payload, frozen=True, kw_only=True):
    """The key of one section, signed by the device of a reader, who answers for revealing it.

    `manifest` and `entry` are D of these objects, `n` the entry's number, `key` the section key's 32 bytes.
    """

    KIND: ClassVar[str] = "opening-proof"

    manifest: Digest
    entry: Digest
    n: Count
    key: Key32


class EntryFacts(Protocol):
    """What an entry says of its section's bytes; an `Entry` has it, and so has a `SectionSeal`."""

    @property
    def ct(self) -> str:
        """SHA-256 of the blob."""

    @property
    def kc(self) -> str:
        """The key commitment."""

    @property
    def padded(self) -> int:
        """Bytes of the padded plaintext."""


def reveal(key: bytes) -> str:
    """Return a section key of 32 bytes as it stands in a proof."""
    return b64.encode(key)


def verify_opening(context: SectionContext, entry: EntryFacts, key: str, blob: bytes) -> bytes:
    """Return the content that the sender of `entry` sealed, given the `key` of a proof and the blob.

    Raises `MalformedError` (`binary.malformed`: no key) or what `open_section` raises: `section.key-commitment` says
    that the proof is void, `section.digest` that this is another blob, any other code that the sender sealed what
    nobody could open, which the proof then shows.
    """
    return open_section(context, b64.decode(key, SECTION_KEY), blob, entry.ct, entry.kc, entry.padded)
