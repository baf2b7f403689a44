"""The sealed parts of a message: that every reader gets a key for every section, and that every ciphertext is there.

Only sizes, digests and names are looked at: a relay that wanted to open a box would lack the key.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.casefile import CaseFile
from zegel_keys.verification import verify
from zegel_protocol import b64, encoding
from zegel_protocol.api import InlineSection
from zegel_protocol.errors import MalformedError
from zegel_protocol.objects import Entry, Manifest, Prekeys, Wraps
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.wraps import Wrap
from zegel_protocol.padme import ciphertext_size, is_padded_size
from zegel_protocol.sealing import SEAL_KEY, box_size
from zegel_protocol.signed import Signed
from zegel_relay.services import archive, read_ahead
from zegel_relay.services.blobs import join_readers
from zegel_relay.services.errors import Conflict
from zegel_relay.storage.models import Blob, MessageEntry
from zegel_relay.storage.new_row import NewRow

INLINE_BYTES = 65_536
"""Largest ciphertext that travels inside a submission; larger ones are uploaded first."""


GRACE = 86_400
"""Seconds after its period in which a sealing key is still taken: what was sealed offline arrives a little later. Safe,
because a private half is erased 90 days after its period, not at its end."""


def read_sections(sections: Sequence[InlineSection]) -> dict[str, bytes]:
    """Return inline ciphertexts by their `ct`. Raises `MalformedError` (`section.digest`, `section.too-large`)."""
    found: dict[str, bytes] = {}
    for section in sections:
        body = b64.decode(section.body)
        if len(body) > INLINE_BYTES:
            raise MalformedError("section.too-large", f"sections above {INLINE_BYTES} bytes are uploaded first")
        if b64.encode(hashlib.sha256(body).digest()) != section.ct:
            raise MalformedError("section.digest", "a ciphertext is not the one that its name says")
        found[section.ct] = body
    return found


def entry_row(message: str, held: Signed[Entry]) -> NewRow:
    """Return the row of an entry."""
    entry = held.payload
    readers = join_readers(reader.key for reader in entry.readers)
    payload = encoding.encode(entry)
    return NewRow(MessageEntry, d=held.d, message_d=message, n=entry.n, ct=entry.ct, payload=payload, readers=readers)


async def check_sections(
    session: AsyncSession,
    manifest: Signed[Manifest],
    entries: Sequence[Signed[Entry]],
    inline: dict[str, bytes],
    now: int,
) -> dict[str, NewRow]:
    """Return the rows of inline ciphertexts by `ct`, if every entry's ciphertext is there, whole, and the sender's.

    Raises `MalformedError` (`section.size`, `section.foreign`) or `Conflict` (`section.missing`: upload it, then send
    the same message again).
    """
    uploader = manifest.payload.sender.party.key
    wanted = {held.payload.ct: held.payload for held in entries}
    if len(wanted) != len(entries) or not set(inline) <= set(wanted):
        raise MalformedError("section.foreign", "each entry has one ciphertext of its own, and there are no others")
    ahead = read_ahead.of(session)
    await ahead.find_blobs(session, wanted)
    stored = {ct: facts for ct in wanted if (facts := ahead.blobs[ct]) is not None}
    rows: dict[str, NewRow] = {}
    for ct, entry in wanted.items():
        size = len(inline[ct]) if ct in inline else (stored[ct].size if ct in stored else -1)
        if size >= 0 and (not is_padded_size(entry.padded) or size != ciphertext_size(entry.padded)):
            raise MalformedError("section.size", "a ciphertext is not of the size that its entry says")
        if ct in stored:
            if stored[ct].uploader != uploader or stored[ct].message_d is not None:
                raise MalformedError("section.foreign", "a ciphertext belongs to another sender or message")
        elif ct in inline:
            rows[ct] = NewRow(
                Blob, ct=ct, size=size, uploader=uploader, created_at=now, message_d=manifest.d, body=inline[ct]
            )
        else:
            raise Conflict("section.missing", f"The ciphertext {ct} is not here yet. Upload it, then send this again.")
    return rows


async def check_wraps(
    session: AsyncSession,
    case: CaseFile,
    manifest: Signed[Manifest],
    entries: Sequence[Signed[Entry]],
    wraps: Sequence[Signed[Wraps]],
    now: int,
) -> None:
    """Return if each reader has one wraps object of the sender's, with every section they read and no other.

    Raises `MalformedError` (`wraps.foreign`, `wraps.missing`, `wraps.entries`, `wraps.size`) or `Conflict`
    (`wraps.key`: sealed to a key that is not in force any more: fetch keys, seal anew).
    """
    due: dict[str, set[int]] = {}
    for held in entries:
        for reader in held.payload.readers:
            due.setdefault(reader.key, set()).add(held.payload.n)
    given = [held.payload for held in wraps]
    if sorted(item.reader.key for item in given) != sorted(due):
        raise MalformedError("wraps.missing", "there is one wraps object for each reader")
    for item in given:
        if item.manifest != manifest.d or item.sealer != manifest.payload.sender:
            raise MalformedError("wraps.foreign", "wraps belong to another manifest or sealer")
        keys = await _keys_of(session, case, item.reader, now)
        for wrap in item.wraps:
            check_wrap(wrap, due[item.reader.key])
            if (wrap.source, wrap.key) not in keys:
                raise Conflict("wraps.key", "A key was sealed to that is not in force. Fetch the keys and seal anew.")


def check_wrap(wrap: Wrap, due: set[int]) -> None:
    """Return if a wrap holds the keys of just these sections, in a box of their size. Raises `MalformedError`."""
    if set(wrap.entries) != due:
        raise MalformedError("wraps.entries", "a wrap holds the keys of just the sections that its reader reads")
    if len(b64.decode(wrap.box)) != box_size(len(wrap.entries)):
        raise MalformedError("wraps.size", "a box is not of the size that its entries give")


async def _keys_of(session: AsyncSession, case: CaseFile, reader: Party, now: int) -> set[tuple[str, str]]:
    """Return (`D` of the publishing object, digest of the key) of every key in force for a reader."""
    if reader.partner is None:
        client = case.clients.get(reader.person or "")
        held = client.key_now(now) if client is not None else None
        return {(held.d, key_digest(held.payload.seal_key))} if held is not None else set()
    devices = [device.device for device in case.trust.devices(reader.partner, None) if device.inbox]
    found: set[tuple[str, str]] = set()
    for exhibit in await archive.prekeys(session, reader.partner, devices):
        prekeys = verify(exhibit.envelope, Prekeys, case.trust, exhibit.place)
        periods = (key for key in prekeys.payload.keys if key.not_before <= now < key.not_after + GRACE)
        found |= {(prekeys.d, key_digest(key.seal_key)) for key in periods}
    return found


@lru_cache(maxsize=2048)
def key_digest(seal_key: str) -> str:
    """Return SHA-256 of a public seal key's bytes, as wraps name it."""
    return b64.encode(hashlib.sha256(b64.decode(seal_key, SEAL_KEY)).digest())
