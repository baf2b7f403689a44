"""A record that several workers sign, as a file that goes from one to the next: a DSSE envelope that is not full yet.

It is what the relay will be given, so each signs the very bytes. Whoever signs reads first what it says; the file holds
ids, types and times, no word of what is shared.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

from zegel.cli.setting import read_file
from zegel_protocol import dsse, encoding
from zegel_protocol.errors import MalformedError
from zegel_protocol.objects import KINDS
from zegel_protocol.objects.header import Payload

P = TypeVar("P", bound=Payload)

_KIND_OF: Final[Mapping[str, str]] = {dsse.payload_type(kind): kind for kind in KINDS}


class Paper:
    """The record in `path`: its `kind`, its `payload` bytes, and the `signatures` that it has so far."""

    def __init__(self, path: Path, kind: str, payload: bytes, signatures: tuple[dsse.Signature, ...] = ()) -> None:
        self.path, self.kind, self.payload, self.signatures = path, kind, payload, signatures

    @classmethod
    def read(cls, path: Path, *kinds: type[Payload]) -> "Paper":
        """Read a record of one of these kinds. Raises `OSError`, `MalformedError` (`envelope.*`, an encoding code)."""
        envelope = encoding.decode(read_file(path), dsse.Envelope, dsse.MAX_ENVELOPE_BYTES)
        kind = _KIND_OF.get(envelope.payload_type, "")
        if kind not in {item.KIND for item in kinds}:
            raise MalformedError("envelope.malformed", f"{path} holds no record of the kind that is signed here")
        return cls(path, kind, dsse.decode_standard(envelope.payload), envelope.signatures)

    @property
    def d(self) -> str:
        """The record's `D`."""
        return dsse.digest(dsse.payload_type(self.kind), self.payload)

    def decode(self, kind: type[P]) -> P:
        """Return what the record says. Raises `MalformedError`."""
        return encoding.decode(self.payload, kind)

    def sign(self, signature: dsse.Signature) -> None:
        """Add a signature, unless it is there."""
        if signature not in self.signatures:
            self.signatures = (*self.signatures, signature)

    def write(self, *, new: bool = False) -> None:
        """Write it back, whole or not at all; `new`: nothing may be there yet. Raises `OSError`."""
        body = dsse.seal_envelope(dsse.payload_type(self.kind), self.payload, self.signatures) + b"\n"
        if new:
            with self.path.open("xb") as file:
                file.write(body)
            return
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.write_bytes(body)
        beside.replace(self.path)
