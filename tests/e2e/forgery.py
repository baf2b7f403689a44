"""A lying sender's tools: a message composed honestly, then altered, and signed anew with the sender's real keys.

Whatever is changed is signed as it then stands, so what stops it is a rule and never a broken signature. Sealing is
done here by hand, because the SDK seals nothing that is malformed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from unit.keys.sealing_cases import cut, digest_of, plaintext_of, stream
from zegel import Draft, Partner, ProtocolError, Refused, RelayProblem
from zegel.compose import INLINE_BYTES, Composer
from zegel.receive import section_context
from zegel_keys.envelopes import new_nonce
from zegel_keys.hybrid import SealPublicKey
from zegel_keys.keystore.identity import Identity
from zegel_keys.sections import seal_section
from zegel_keys.wrapping import wrap
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.api import InlineSection, Submission
from zegel_protocol.objects import Entry, Manifest, Payload, Wraps
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.wraps import Wrap
from zegel_protocol.sealing import SectionContext, WrapContext, associated_data, key_commitment, wrap_info

Keys = list[tuple[str, SealPublicKey]]
Change = Callable[[Wraps], Wraps]


def sign_bytes(identity: Identity, kind: str, payload: bytes) -> bytes:
    """Return the envelope of these very bytes as an object of this kind, signed by the device."""
    media_type = dsse.payload_type(kind)
    return dsse.seal_envelope(media_type, payload, (identity.signing_key.sign_object(media_type, payload),))


def sign(identity: Identity, payload: Payload) -> bytes:
    """Return the envelope of an object, signed by the device."""
    return sign_bytes(identity, payload.KIND, encoding.encode(payload))


def digest(payload: Payload) -> str:
    """Return the `D` of an object."""
    return dsse.digest(dsse.payload_type(payload.KIND), encoding.encode(payload))


def retyped(envelope: bytes, kind: str) -> bytes:
    """Return an envelope that says that it holds another kind; payload and signatures stay."""
    _, payload, signatures = dsse.open_envelope(envelope)
    return dsse.seal_envelope(dsse.payload_type(kind), payload, signatures)


@dataclass
class Forgery:
    """A message in parts that may be changed; `submission` signs it as it then is.

    `keys` and `blobs` are those of the sections, by number. `given` overrides the key that one reader is given for one
    section; `shuffle` changes a reader's wraps before they are signed.
    """

    identity: Identity
    manifest: Manifest
    entries: list[Entry]
    keys: list[bytes]
    blobs: list[bytes]
    seal_keys: dict[str, Keys]
    given: dict[tuple[str, int], bytes] = field(default_factory=dict)
    shuffle: dict[str, Change] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    @classmethod
    async def of(cls, partner: Partner, draft: Draft, now: int) -> "Forgery":
        """Compose a draft honestly, as `zegel.compose` does, and keep everything that it forgets."""
        case = await partner._evidence(draft)
        prekeys = await partner._prekeys(draft.to)
        composer = Composer(partner.identity, case, partner._view.seen, now)
        message = composer._new_id()
        entries, keys, blobs = [], [], []
        for number, section in enumerate(draft.sections):
            sealed = seal_section(composer._context(draft, message, section, number), section.content())
            entries.append(composer._entry(draft.recipient, section, number, sealed.padded, sealed))
            keys.append(sealed.key)
            blobs.append(sealed.blob)
        manifest = composer._manifest(draft, message, tuple(digest(entry) for entry in entries))
        readers = {reader for entry in entries for reader in entry.readers}
        seal_keys = {reader.key: composer._keys_of(reader, prekeys) for reader in readers}
        return cls(partner.identity, manifest, entries, keys, blobs, seal_keys)

    def number(self, kind: str) -> int:
        """Return the number of the first section of a type."""
        return next(entry.n for entry in self.entries if entry.type == kind)

    def state(self, **changes: Any) -> "Forgery":
        """Change fields of the manifest."""
        self.manifest = msgspec.structs.replace(self.manifest, **changes)
        return self

    def entry(self, number: int, **changes: Any) -> "Forgery":
        """Change fields of one entry."""
        self.entries[number] = msgspec.structs.replace(self.entries[number], **changes)
        return self

    def context(self, number: int) -> SectionContext:
        """Return what a section is sealed as."""
        return section_context(self.manifest, self.entries[number], self.identity.signing_key.public)

    def ad(self, number: int) -> bytes:
        """Return what every chunk of a section is bound to."""
        return associated_data(self.context(number))

    def put(self, number: int, blob: bytes, padded: int, key: bytes | None = None) -> "Forgery":
        """Put another ciphertext in the place of a section's, and name it in the entry with its key and size."""
        self.keys[number] = self.keys[number] if key is None else key
        self.blobs[number] = blob
        kc = key_commitment(self.ad(number), self.keys[number])
        return self.entry(number, ct=digest_of(blob), kc=kc, padded=padded)

    def seal(self, number: int, plaintext: bytes, *, tags: Sequence[int] | None = None) -> "Forgery":
        """Seal a padded plaintext, cut as it should be, with these tags."""
        return self.seal_chunks(number, cut(plaintext), tags=tags)

    def seal_chunks(
        self, number: int, chunks: Sequence[bytes], *, tags: Sequence[int] | None = None, padded: int | None = None
    ) -> "Forgery":
        """Seal chunks as they are given; `padded` is what the entry says of them, by default the truth."""
        blob = stream(chunks, tags, self.ad(number), self.keys[number])
        return self.put(number, blob, sum(map(len, chunks)) if padded is None else padded)

    def content(self, number: int, content: bytes, **changes: Any) -> "Forgery":
        """Seal other content as it should be, after changing fields of the entry."""
        return self.entry(number, **changes).seal(number, plaintext_of(content))

    def signed(self) -> Manifest:
        """Return the manifest that names the entries as they now are."""
        return msgspec.structs.replace(self.manifest, entries=tuple(digest(entry) for entry in self.entries))

    @property
    def d(self) -> str:
        """The `D` of the manifest as it now is."""
        return digest(self.signed())

    def wraps(self, reader: Party) -> Wraps:
        """Return one reader's wraps, changed as `shuffle` says."""
        numbers = tuple(entry.n for entry in self.entries if reader in entry.readers)
        keys = [self.given.get((reader.key, number), self.keys[number]) for number in numbers]
        boxes = []
        for source, public in self.seal_keys[reader.key]:
            context = WrapContext(
                manifest=self.d, sealer=self.identity.signing_key.public, reader=reader, keys=source, key=public.digest,
                entries=numbers,
            )  # fmt: skip
            box = wrap(keys, public, wrap_info(context))
            boxes.append(Wrap(source=source, key=public.digest, entries=numbers, box=box))
        made = Wraps(
            v=1, huis=self.identity.huis, nonce=new_nonce(), manifest=self.d, reader=reader,
            sealer=Sender(partner=self.identity.partner, device=self.identity.device), wraps=tuple(boxes),
        )  # fmt: skip
        change = self.shuffle.get(reader.key)
        return made if change is None else change(made)

    def submission(self) -> Submission:
        """Return the message as it now is, signed."""
        readers = {reader.key: reader for entry in self.entries for reader in entry.readers}
        wraps = [sign(self.identity, self.wraps(readers[key])) for key in sorted(set(readers) - self.left_out)]
        small = [blob for blob in self.blobs if len(blob) <= INLINE_BYTES]
        return Submission(
            manifest=Raw(sign(self.identity, self.signed())),
            entries=tuple(b64.encode(encoding.encode(entry)) for entry in self.entries),
            wraps=tuple(Raw(item) for item in wraps),
            sections=tuple(InlineSection(ct=digest_of(blob), body=b64.encode(blob)) for blob in small),
        )

    async def send(self, partner: Partner) -> str:
        """Upload what is large, submit it, and return the manifest's `D`. Raises what the relay answers."""
        for blob in self.blobs:
            if len(blob) > INLINE_BYTES:
                await partner._client.upload(digest_of(blob), blob)
        await partner._client.submit_message(self.submission())
        return self.d


async def relay_says(call: Awaitable[object]) -> tuple[str, ...]:
    """Return the codes with which the relay refuses a call; it has to."""
    with pytest.raises((Refused, RelayProblem)) as no:
        await call
    return no.value.codes if isinstance(no.value, Refused) else (no.value.code,)


async def reader_says(call: Awaitable[object]) -> str:
    """Return the code with which a reader's own software refuses what the relay handed out; it has to."""
    with pytest.raises(ProtocolError) as no:
        await call
    return no.value.code
