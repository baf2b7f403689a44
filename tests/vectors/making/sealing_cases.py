"""Sealed sections, key commitments, boxes of keys, seal keys and padded sizes."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from vectors.making.case import Case, binary, ref
from vectors.making.huis import HOME, HUIS, IDENTITY, MOTHER, RECIPIENT, SENDER, device_key
from vectors.making.seeds import NOW, Stream, digest, hex_id, seal_key, seed, uuid7
from zegel_keys.sections import TAG_FINAL, TAG_MESSAGE
from zegel_keys.selftest import XWING_SEED
from zegel_keys.wrapping import wrap
from zegel_protocol import b64
from zegel_protocol.objects.parties import Party
from zegel_protocol.padme import CHUNK, padded_size
from zegel_protocol.sealing import SectionContext, WrapContext, associated_data, key_commitment, wrap_info

TAG_PUSH, TAG_REKEY = 1, 2
KEY, OTHER_KEY, HEADER = seed("section key"), seed("another section key"), seed("section header")[:24]
CONTEXT = SectionContext(
    huis=HUIS, message=uuid7("section", NOW), sender=device_key(SENDER, "sara").public, household=HOME, n=2,
    type="money", form="whole", about=tuple(sorted((MOTHER, hex_id("baby")))),
    media="application/vnd.zegel.note.v1+json",
)  # fmt: skip
AD = associated_data(CONTEXT)
CONTENT = '{"text":"Drie deurwaarders, samen € 6.400."}'.encode()
UNOPENABLE, MALFORMED = "section.unopenable", "section.malformed"
COMMITMENT, DIGEST = "section.key-commitment", "section.digest"


def cases() -> Iterator[Case]:
    """Yield the vectors of sealing."""
    yield from _sections()
    yield from _lying_senders()
    yield from _two_chunks()
    yield from _commitments()
    yield from _wraps()
    yield from _seal_keys()
    yield from _sizes()


def plaintext(content: bytes, padded: int | None = None, length: int | None = None, fill: bytes = b"\0") -> bytes:
    """Return length, content and padding."""
    stated = len(content) if length is None else length
    return (stated.to_bytes(8, "big") + content).ljust(padded_size(len(content)) if padded is None else padded, fill)


def blob_of(chunks: Sequence[bytes], tags: Sequence[int], key: bytes = KEY, ad: bytes = AD) -> bytes:
    """Return header and chunks."""
    stream = Stream(key, HEADER)
    return HEADER + b"".join(stream.push(chunk, ad, tag) for chunk, tag in zip(chunks, tags, strict=True))


def ct_of(blob: bytes) -> str:
    """Return the digest of a blob."""
    return b64.encode(hashlib.sha256(blob).digest())


def given(blob: bytes, padded: int, context: SectionContext = CONTEXT, **changes: Any) -> dict[str, Any]:
    """Return the input of a section whose entry names this very blob and key, but for the changes."""
    return {
        "context": msgspec.to_builtins(context), "key": binary(KEY), "blob": binary(blob), "ct": ct_of(blob),
        "kc": key_commitment(associated_data(context), KEY), "padded": padded, **changes,
    }  # fmt: skip


def _made(name: str, description: str, put: dict[str, Any], expect: str = "ok") -> Case:
    return Case(f"section/{name}.json", description, "section", put, expect)


def _sections() -> Iterator[Case]:
    small = blob_of([plaintext(CONTENT)], [TAG_FINAL])
    yield _made("small", "A short text, padded to 4 KiB", given(small, 4096))
    yield _made("empty", "No content", given(blob_of([plaintext(b"")], [TAG_FINAL]), 4096))
    full = blob_of([plaintext(b"x" * 4088)], [TAG_FINAL])
    yield _made("full", "Content that leaves no padding", given(full, 4096))
    anonymous = msgspec.structs.replace(CONTEXT, household=None, about=())
    sealed = blob_of([plaintext(CONTENT)], [TAG_FINAL], ad=associated_data(anonymous))
    yield _made("anonymous", "A section about nobody, of no household", given(sealed, 4096, anonymous))
    base = "section/small.json"

    def like(name: str, description: str, expect: str, **changes: Any) -> Case:
        same = {field: ref(base, field) for field in ("context", "key", "blob", "ct", "kc", "padded")}
        return _made(name, description, {**same, **changes}, expect)

    yield like("other-key", "Another key than the entry commits to", COMMITMENT, key=binary(OTHER_KEY))
    yield like("short-key", "A key of 31 bytes", COMMITMENT, key=binary(KEY[:31]))
    yield like("other-commitment", "A commitment to another key", COMMITMENT, kc=key_commitment(AD, OTHER_KEY))
    flipped = {"join": [{"slice": ref(base, "blob"), "end": 100}, binary(bytes([small[100] ^ 1])),
                        {"slice": ref(base, "blob"), "start": 101}]}  # fmt: skip
    yield like("damaged", "One bit changed on the way", DIGEST, blob=flipped)
    yield like("cut-on-the-way", "Cut short on the way", DIGEST, blob={"slice": ref(base, "blob"), "end": 4000})
    yield like("longer-on-the-way", "A byte more than was named", DIGEST, blob={"join": [ref(base, "blob"), "x"]})
    yield like("no-blob", "No bytes at all", DIGEST, blob="")
    yield like("key-before-digest", "A wrong key and a damaged blob: the key is looked at first", COMMITMENT,
               key=binary(OTHER_KEY), blob=flipped)  # fmt: skip
    yield like("digest-before-size", "A damaged blob under a wrong size: the digest is looked at first", DIGEST,
               blob=flipped, padded=8192)  # fmt: skip
    for field, value in (
        ("huis", digest("another huis")),
        ("message", uuid7("another message", NOW)),
        ("sender", IDENTITY.public),
        ("household", hex_id("another household")),
        ("n", 3),
        ("type", "health"),
        ("form", "short"),
        ("about", (MOTHER,)),
        ("media", "application/pdf"),
    ):
        moved = msgspec.structs.replace(CONTEXT, **{field: value})
        yield like(f"moved-{field}", f"The section passed off with another {field}: the commitment covers it",
                   COMMITMENT, context=msgspec.to_builtins(moved))  # fmt: skip
        ad = associated_data(moved)
        yield like(f"resold-{field}", f"The same, by someone who made a commitment of their own for another {field}",
                   UNOPENABLE, context=msgspec.to_builtins(moved), kc=key_commitment(ad, KEY))  # fmt: skip
    backwards = msgspec.to_builtins(CONTEXT) | {"about": list(CONTEXT.about[::-1])}
    yield like("about-unsorted", "Persons out of order: two spellings would make two sections of one context",
               "object.not-canonical", context=backwards)  # fmt: skip
    yield like("type-unknown-letters", "A type that the wire does not allow", "object.malformed",
               context=msgspec.to_builtins(CONTEXT) | {"type": "Money"})  # fmt: skip


def _lying_senders() -> Iterator[Case]:
    """Entry and key fit the blob, so that only the strict reader is left."""
    good = plaintext(CONTENT)

    def lie(name: str, description: str, blob: bytes, padded: int = 4096, expect: str = MALFORMED) -> Case:
        return _made(name, description, given(blob, padded), expect)

    for name, tag in (("message", TAG_MESSAGE), ("push", TAG_PUSH), ("rekey", TAG_REKEY)):
        yield lie(f"last-tag-{name}", f"A last chunk with the tag {tag}", blob_of([good], [tag]))
    final = blob_of([good], [TAG_FINAL])
    yield lie("data-after-final", "Bytes after the last chunk", final + bytes(17))
    more = blob_of([good, b""], [TAG_FINAL, TAG_FINAL])
    yield lie("chunk-after-final", "A whole chunk after the last chunk", more)
    yield lie("truncated", "Cut short by the sender", final[:-1])
    yield lie("header-only", "A header and no chunk", final[:24])
    yield lie("header-cut", "Less than a header", final[:23])
    yield lie("nothing", "A blob of no bytes", b"")
    halves = blob_of([good[:2048], good[2048:]], [TAG_MESSAGE, TAG_FINAL])
    yield lie("two-short-chunks", "One chunk's content in two short ones", halves)
    padded_one = blob_of([good[:-1] + b"\1"], [TAG_FINAL])
    yield lie("padding-last-byte", "A last byte of padding that is not zero", padded_one)
    hidden = plaintext(CONTENT, fill=b"x")
    yield lie("padding-hides-text", "A second text hidden in the padding", blob_of([hidden], [TAG_FINAL]))
    for name, description, length in (
        ("length-too-long", "A length that reaches beyond the padding", 4089),
        ("length-largest", "A length of 2^64-1", 2**64 - 1),
        ("length-above-limit", "A length above five gigabytes", 5 * 1024**3 + 1),
    ):
        yield lie(name, description, blob_of([plaintext(b"", 4096, length)], [TAG_FINAL]))
    wide = blob_of([plaintext(CONTENT, 4352)], [TAG_FINAL])
    yield lie("not-least-padding", "Padded to more than the length asks for", wide, 4352)
    odd = blob_of([plaintext(CONTENT, 4097)], [TAG_FINAL])
    yield lie("no-padme-size", "Padded to a size that nothing pads to", odd, 4097)
    yield lie("too-small", "Padded to less than 4 KiB", blob_of([plaintext(CONTENT, 1024)], [TAG_FINAL]), 1024)
    yield lie("padded-zero", "An entry that claims no bytes", blob_of([b""], [TAG_FINAL]), 0)
    yield lie("padded-zero-header", "An entry that claims no bytes, and a header of just that size", HEADER, 0)
    yield lie("size-of-another", "An entry that claims another size", final, 4608)
    elsewhere = blob_of([good], [TAG_FINAL], ad=seed("other data"))
    yield lie("other-data", "Sealed as something else", elsewhere, expect=UNOPENABLE)
    locked = blob_of([good], [TAG_FINAL], key=OTHER_KEY)
    yield lie("locked-under-another-key", "Sealed under another key than the one given out", locked, expect=UNOPENABLE)


def _two_chunks() -> Iterator[Case]:
    content = bytes(hashlib.shake_256(b"two chunks").digest(69_000))
    whole = plaintext(content)
    assert len(whole) == 69_632
    first, rest = whole[:CHUNK], whole[CHUNK:]
    blob = blob_of([first, rest], [TAG_MESSAGE, TAG_FINAL])
    base, cut = "section/two-chunks.json", 24 + CHUNK + 17
    yield _made("two-chunks", "Content of more than one chunk", given(blob, len(whole)))
    head = {"slice": ref(base, "blob"), "end": cut}
    tail = {"slice": ref(base, "blob"), "start": cut}

    def lie(name: str, description: str, parts: list[Any], data: bytes, expect: str = MALFORMED) -> Case:
        same = {field: ref(base, field) for field in ("context", "key", "kc", "padded")}
        return _made(name, description, {**same, "blob": {"join": parts}, "ct": ct_of(data)}, expect)

    def stream(chunks: list[bytes], tags: list[int]) -> bytes:
        data = blob_of(chunks, tags)
        assert data[:cut] == blob[:cut]
        return data

    middle = stream([first, rest[:2000], rest[2000:-17]], [TAG_MESSAGE, TAG_MESSAGE, TAG_FINAL])
    assert len(middle) == len(blob)
    yield lie("short-middle-chunk", "A short chunk in the middle, and the size of two whole ones",
              [head, binary(middle[cut:])], middle)  # fmt: skip
    flipped = blob[:-1] + bytes([blob[-1] ^ 1])
    yield lie("second-chunk-changed", "A second chunk that does not authenticate: the first shows that the key fits",
              [head, binary(flipped[cut:])], flipped)  # fmt: skip
    changed = bytes([blob[0] ^ 1]) + blob[1:]
    yield lie("header-changed", "A header of another stream: the first chunk does not authenticate",
              [binary(changed[:1]), {"slice": ref(base, "blob"), "start": 1}], changed, UNOPENABLE)  # fmt: skip
    for name, description, tags in (
        ("second-tag-message", "No chunk is the last", [TAG_MESSAGE, TAG_MESSAGE]),
        ("second-tag-rekey", "A last chunk that asks for a new key", [TAG_MESSAGE, TAG_REKEY]),
    ):
        data = stream([first, rest], tags)
        yield lie(name, description, [head, binary(data[cut:])], data)
    early = blob_of([first, rest], [TAG_FINAL, TAG_FINAL])
    early_head = early[24:cut]
    # Only the tag byte and the authenticator of the first chunk differ: what is between is the same keystream's.
    assert early_head[1:-16] == blob[25 : cut - 16]
    yield lie("first-tag-final", "A first chunk that is tagged as the last",
              [{"slice": ref(base, "blob"), "end": 24}, binary(early_head[:1]),
               {"slice": ref(base, "blob"), "start": 25, "end": cut - 16}, binary(early[cut - 16 :])],
              early)  # fmt: skip
    swapped = blob[:24] + blob[cut:] + blob[24:cut]
    yield lie("chunks-swapped", "The chunks the other way round",
              [{"slice": ref(base, "blob"), "end": 24}, tail, {"slice": ref(base, "blob"), "start": 24, "end": cut}],
              swapped, UNOPENABLE)  # fmt: skip
    yield lie("second-chunk-missing", "Cut between two chunks", [head], blob[:cut])


def _commitments() -> Iterator[Case]:
    def made(name: str, description: str, context: SectionContext, key: bytes, kc: str, expect: str = "ok") -> Case:
        put = {"context": msgspec.to_builtins(context), "key": binary(key), "kc": kc}
        return Case(f"commitment/{name}.json", description, "commitment", put, expect)

    kc = key_commitment(AD, KEY)
    yield made("client", "A section about clients", CONTEXT, KEY, kc)
    anonymous = msgspec.structs.replace(CONTEXT, household=None, about=())
    yield made("anonymous", "Without household the field is left out", anonymous, KEY,
               key_commitment(associated_data(anonymous), KEY))  # fmt: skip
    yield made("other-key", "Another key", CONTEXT, OTHER_KEY, kc, COMMITMENT)
    yield made("plain-digest", "A digest of the key without label and context", CONTEXT, KEY, ct_of(KEY), COMMITMENT)
    yield made("no-label", "A digest without the label", CONTEXT, KEY, ct_of(AD + KEY), COMMITMENT)
    yield made("long-key", "A key of 33 bytes", CONTEXT, KEY + b"\0", kc, COMMITMENT)


WRAP = WrapContext(
    manifest=digest("manifest"), sealer=device_key(SENDER, "sara").public, reader=Party(partner=RECIPIENT),
    keys=digest("prekeys"), key=seal_key("prekey 0").public.digest, entries=(0, 2, 10),
)  # fmt: skip


def _wraps() -> Iterator[Case]:
    keys = [seed(f"section key {n}") for n in WRAP.entries]
    private = seal_key("prekey 0")
    base = {"context": msgspec.to_builtins(WRAP), "seed": binary(private.seed)}
    box = wrap(keys, private.public, wrap_info(WRAP))

    def made(name: str, description: str, put: dict[str, Any], expect: str = "ok") -> Case:
        return Case(f"wrap/{name}.json", description, "wrap", put, expect)

    unopenable, malformed = "wrap.unopenable", "wrap.malformed"
    yield made("three-keys", "A box of three keys, for a partner's device", {**base, "box": box})
    person = msgspec.structs.replace(
        WRAP, reader=Party(person=MOTHER), key=seal_key("mother").public.digest, entries=(1,)
    )
    yield made("client", "A box of one key, for a client", {
        "context": msgspec.to_builtins(person), "seed": binary(seal_key("mother").seed),
        "box": wrap([keys[0]], seal_key("mother").public, wrap_info(person)),
    })  # fmt: skip
    first = "wrap/three-keys.json"

    def like(name: str, description: str, expect: str, **changes: Any) -> Case:
        same = {field: ref(first, field) for field in ("context", "seed", "box")}
        return made(name, description, {**same, **changes}, expect)

    for field, value in (
        ("manifest", digest("another manifest")),
        ("sealer", IDENTITY.public),
        ("reader", Party(person=MOTHER)),
        ("keys", digest("other prekeys")),
        ("key", digest("another key")),
        ("entries", (0, 1, 2)),
    ):
        moved = msgspec.structs.replace(WRAP, **{field: value})
        yield like(f"moved-{field}", f"A box moved to another {field}: the info differs", unopenable,
                   context=msgspec.to_builtins(moved))  # fmt: skip
    yield like("other-key", "Opened with another device's key", unopenable, seed=binary(seal_key("prekey 1").seed))
    without = wrap(keys, private.public, b"")
    yield like("no-info", "A box that is bound to nothing", unopenable, box=without)
    label = wrap(keys, private.public, wrap_info(WRAP)[len(b"zegel/wrap/1\0") :])
    yield like("no-label", "A box whose info lacks the label", unopenable, box=label)
    data = bytearray(b64.decode(b64.encode(b64.decode(box))))
    yield like("fewer-entries", "A box of three keys where two are named", malformed,
               context=msgspec.to_builtins(msgspec.structs.replace(WRAP, entries=(0, 2))))  # fmt: skip
    yield like("cut", "A box without its last byte", malformed, box=b64.encode(bytes(data[:-1])))
    yield like("longer", "A box with a byte more", malformed, box=b64.encode(bytes(data) + b"\0"))
    yield like("not-base64url", "A box with padding", "binary.malformed", box=b64.encode(bytes(data) + b"\0") + "=")
    unsorted = msgspec.to_builtins(WRAP) | {"entries": [2, 0, 10]}
    yield like("entries-unsorted", "Numbers out of order", "object.not-canonical", context=unsorted)
    none = msgspec.to_builtins(WRAP) | {"entries": []}
    yield like("entries-none", "A box for no section", "object.not-canonical", context=none)


def _seal_keys() -> Iterator[Case]:
    for name, description, secret in (
        ("draft", "The first vector of draft-connolly-cfrg-xwing-kem, Appendix C", XWING_SEED),
        ("zero", "A seed of zeros", bytes(32)),
        ("mother", "A client's key", seal_key("mother").seed),
    ):
        yield Case(f"seal-key/{name}.json", description, "seal-key", {"seed": binary(secret)})
    for name, size in (("short-seed", 31), ("long-seed", 33)):
        given_seed = {"seed": binary(bytes(size))}
        yield Case(f"seal-key/{name}.json", f"A seed of {size} bytes", "seal-key", given_seed, "seal-key.malformed")


def _sizes() -> Iterator[Case]:
    for length in (0, 1, 4088, 4089, 8191, 65_528, 65_529, 69_000, 1_000_000, 104_857_600, 5 * 1024**3):
        yield Case(f"padme/{length:010d}.json", f"{length} bytes of content", "padme", {"length": length})
    for name, length in (("above-limit", 5 * 1024**3 + 1), ("negative", -1)):
        yield Case(f"padme/{name}.json", f"{length} bytes of content", "padme", {"length": length}, "section.length")
