"""The log: checkpoints, proofs, and receipts."""

from collections.abc import Iterator
from typing import Any

import msgspec

from vectors.making.asking import ask
from vectors.making.case import Case, raw
from vectors.making.huis import HUIS, STEWARD, world
from vectors.making.ledger import LOG, RELAY, Ledger, envelope
from vectors.making.seeds import NOW, digest, signing_key
from zegel_protocol import b64, dsse, encoding, merkle, tlog
from zegel_protocol.objects import Receipt

ORIGIN = tlog.log_origin(HUIS)
FOREIGN, SIGNATURE, MALFORMED, INCLUSION = "log.foreign", "log.signature", "log.malformed", "log.inclusion"
CONSISTENCY = "log.consistency"


def grown(size: int) -> Ledger:
    """Return a log of objects that are called by their number."""
    ledger = Ledger(HUIS)
    for number in range(size):
        ledger.append(digest(f"leaf {number}"))
    return ledger


def cases() -> Iterator[Case]:
    """Yield the vectors of the log."""
    yield from _checkpoints()
    yield from _proofs()
    yield from _inclusion()
    yield from _consistency()
    yield from _receipts()


def _note(text: str, key: Any = LOG, name: str = ORIGIN) -> str:
    """A checkpoint's signature line over any text."""
    line = dsse.encode_standard(tlog.key_id(name, key.public) + key.sign(text.encode()))
    return f"{text}\n\N{EM DASH} {name} {line}\n"


def _checkpoints() -> Iterator[Case]:
    good = grown(11).checkpoint()
    body, _, lines = good.partition("\n\n")
    size, root = body.split("\n")[1:]

    def made(name: str, description: str, text: str, expect: str = "ok", **changes: Any) -> Case:
        put = {"checkpoint": raw(text.encode()), "origin": ORIGIN, "log_key": LOG.public, **changes}
        return Case(f"checkpoint/{name}.json", description, "checkpoint", put, expect)

    yield made("eleven", "A log of eleven objects", good)
    yield made("empty", "A log without objects", grown(0).checkpoint())
    epoch = tlog.log_origin(HUIS, 1)
    yield made("epoch", "A log after a fork", grown(3).checkpoint(origin=epoch), origin=epoch)
    witness = signing_key("witness")
    line = dsse.encode_standard(tlog.key_id("witness.example", witness.public) + witness.sign((body + "\n").encode()))
    yield made("witness", "With a witness's line, which is read past",
               good + f"\N{EM DASH} witness.example {line}\n")  # fmt: skip
    yield made("foreign", "A checkpoint of another Huis", grown(11).checkpoint(origin=tlog.log_origin(digest("other"))),
               FOREIGN)  # fmt: skip
    yield made("old-epoch", "A checkpoint of the branch before a fork", good, FOREIGN, origin=epoch)
    yield made("other-key", "Signed by another key under the log's name", grown(11).checkpoint(RELAY), SIGNATURE)
    wrong = f"{ORIGIN}\n12\n{root}\n"
    moved = wrong + "\n" + lines
    yield made("size-changed", "A size that was not signed", moved, SIGNATURE)
    yield made("twice", "Two signatures of the log's key", good + lines, SIGNATURE)
    renamed = lines.replace(ORIGIN, "witness.example")
    yield made("no-log-line", "No line of the log's own", f"{body}\n\n{renamed}", SIGNATURE)
    short = dsse.encode_standard(tlog.key_id(ORIGIN, LOG.public) + bytes(63))
    yield made("short-signature", "A signature of 63 bytes", f"{body}\n\n\N{EM DASH} {ORIGIN} {short}\n", SIGNATURE)
    for name, description, text in (
        ("no-line-end", "Without the last line end", good[:-1]),
        ("two-line-ends", "With a line end too many", good + "\n"),
        ("carriage-return", "With other line ends", good.replace("\n", "\r\n")),
        ("unsigned", "Without a signature line", f"{body}\n\n"),
        ("leading-zero", "A size with a leading zero", _note(f"{ORIGIN}\n0{size}\n{root}\n")),
        ("negative-size", "A negative size", _note(f"{ORIGIN}\n-1\n{root}\n")),
        ("size-too-large", "A size of 2^53", _note(f"{ORIGIN}\n9007199254740992\n{root}\n")),
        ("root-short", "A root of 31 bytes", _note(f"{ORIGIN}\n{size}\n{dsse.encode_standard(bytes(31))}\n")),
        ("root-url-safe", "A root in base64url",
         _note(f"{ORIGIN}\n{size}\n{dsse.encode_standard(bytes([255]) * 32).replace('/', '_')}\n")),
        ("extension-line", "An extension line", _note(f"{ORIGIN}\n{size}\n{root}\nextra\n")),
        ("hyphen", "A hyphen where a dash belongs", good.replace("\N{EM DASH}", "-")),
        ("seventeen", "More than 16 signature lines", good + lines.replace(ORIGIN, "witness.example") * 16),
        ("signature-empty", "A signature line with a key id and no signature",
         good + f"\N{EM DASH} witness.example {dsse.encode_standard(bytes(4))}\n"),
        ("name-with-plus", "A name that the note format forbids", good.replace("zegel/", "zegel+")),
        ("nothing", "An empty text", ""),
    ):  # fmt: skip
        yield made(name, description, text, MALFORMED)


def _proofs() -> Iterator[Case]:
    ledger = grown(11)
    good = ledger.proof(3)
    lines = good.split("\n")

    def made(name: str, description: str, text: str, expect: str = "ok", **changes: Any) -> Case:
        put = {"proof": raw(text.encode()), "D": digest("leaf 3"), "origin": ORIGIN, "log_key": LOG.public, **changes}
        return Case(f"log-proof/{name}.json", description, "log-proof", put, expect)

    yield made("three-of-eleven", "Entry 3 of a log of eleven", good)
    yield made("last-of-eleven", "The last entry, whose path is shorter", ledger.proof(10), D=digest("leaf 10"))
    yield made("only-one", "The only entry: no hashes", grown(1).proof(0), D=digest("leaf 0"))
    yield made("other-object", "Another object at that place", good, INCLUSION, D=digest("leaf 4"))
    yield made("other-index", "The right hashes under another index", good.replace("index 3", "index 2"), INCLUSION)
    yield made("index-outside", "An index that the log does not have", good.replace("index 3", "index 11"), INCLUSION)
    fewer = "\n".join(lines[:2] + lines[3:])
    yield made("hash-missing", "A hash left out", fewer, INCLUSION)
    more = "\n".join([*lines[:3], lines[2], *lines[3:]])
    yield made("hash-added", "A hash too many", more, INCLUSION)
    swapped = "\n".join([*lines[:2], lines[3], lines[2], *lines[4:]])
    yield made("hashes-swapped", "Two hashes the other way round", swapped, INCLUSION)
    yield made("smaller-checkpoint", "The hashes with a checkpoint of another size",
               ledger.proof(3, grown(12).checkpoint()), INCLUSION)  # fmt: skip
    yield made("foreign", "With a checkpoint of another log",
               ledger.proof(3, ledger.checkpoint(origin=tlog.log_origin(digest("other")))), FOREIGN)  # fmt: skip
    yield made("unsigned-head", "With a checkpoint that somebody else signed",
               ledger.proof(3, ledger.checkpoint(RELAY)), SIGNATURE)  # fmt: skip
    many = "\n".join([*lines[:2], *[lines[2]] * 54, *lines[6:]])
    for name, description, text in (
        ("other-header", "Another header", good.replace("@v1", "@v2")),
        ("extra-line", "An extra line, which the profile does not have", good.replace("index", "extra AAAA\nindex")),
        ("no-index", "Without its index", good.replace("index 3\n", "")),
        ("index-word", "The index under another word", good.replace("index 3", "INDEX 3")),
        ("index-zero-led", "An index with a leading zero", good.replace("index 3", "index 03")),
        ("hash-short", "A hash of 31 bytes", good.replace(lines[2], dsse.encode_standard(bytes(31)))),
        ("fifty-four", "More hashes than any log needs", many),
        ("no-gap", "Without the empty line", good.replace("\n\nzegel", "\nzegel")),
    ):
        yield made(name, description, text, MALFORMED)


def _nodes(ledger: Ledger) -> merkle.NodeGetter:
    return lambda level, index: ledger.nodes[level, index]


def _inclusion() -> Iterator[Case]:
    ledger = grown(11)
    for index in (0, 7, 8, 10):
        hashes = merkle.inclusion_proof(index, 11, _nodes(ledger))
        yield Case(
            f"inclusion/{index:02d}-of-11.json", f"Entry {index} of eleven", "inclusion",
            {
                "D": digest(f"leaf {index}"), "index": index, "size": 11, "hashes": list(map(b64.encode, hashes)),
                "root": b64.encode(ledger.frontier.root()),
            },
        )  # fmt: skip
    # RFC 9162's check alone accepts these hashes for more than one size; size and root come from one checkpoint.
    node = ledger.nodes[1, 0]
    put = {"D": b64.encode(node), "index": 0, "size": 11, "hashes": [], "root": b64.encode(node)}
    yield Case("inclusion/node-as-leaf.json", "A node offered as a leaf", "inclusion", put, INCLUSION)
    # What only one check of the RFC's algorithm refuses: with it left out, these lead to the root.
    leaf, other = merkle.leaf_hash(b64.decode(digest("leaf 0"))), b64.decode(digest("another hash"))
    for name, description, index, size, hashes, root, expect in (
        ("index-beyond", "An index beyond a log of one, whose root is the leaf", 1, 1, [], leaf, INCLUSION),
        (
            "too-long",
            "A hash too many, under a root made to fit",
            0,
            1,
            [other],
            merkle.node_hash(other, leaf),
            INCLUSION,
        ),
        ("too-short", "A hash too few, under a root made to fit", 0, 2, [], leaf, INCLUSION),
        ("hash-short", "A hash of 31 bytes", 0, 2, [other[:31]], leaf, MALFORMED),
        ("size-too-large", "A log of 2^53 entries", 0, 2**53, [], leaf, MALFORMED),
        ("size-negative", "A log of less than no entries", 0, -1, [], leaf, MALFORMED),
    ):
        put = {
            "D": digest("leaf 0"), "index": index, "size": size, "hashes": list(map(b64.encode, hashes)),
            "root": b64.encode(root),
        }  # fmt: skip
        yield Case(f"inclusion/{name}.json", description, "inclusion", put, expect)


def _consistency() -> Iterator[Case]:
    new = grown(11)
    root = b64.encode(new.frontier.root())

    def made(name: str, description: str, size: int, expect: str = "ok", **changes: Any) -> Case:
        hashes = merkle.consistency_proof(size, 11, _nodes(new))
        put = {
            "old": size, "old_root": b64.encode(grown(size).frontier.root()), "new": 11, "new_root": root,
            "hashes": list(map(b64.encode, hashes)), **changes,
        }  # fmt: skip
        return Case(f"consistency/{name}.json", description, "consistency", put, expect)

    for size in (0, 1, 6, 8, 10, 11):
        yield made(f"{size:02d}-to-11", f"From {size} to eleven objects", size)
    other = grown(5)
    other.append(digest("another sixth"))
    yield made("two-views", "Two views of one log", 6, CONSISTENCY, old_root=b64.encode(other.frontier.root()))
    yield made("shrunk", "A log that became shorter", 11, CONSISTENCY, old=12)
    yield made("same-size", "Two roots of one size", 11, CONSISTENCY, old_root=digest("another root"))
    yield made("from-empty-surplus", "From the empty log, with a hash too many", 0, CONSISTENCY,
               hashes=[digest("surplus")])  # fmt: skip
    yield made("no-hashes", "No hashes", 6, CONSISTENCY, hashes=[])
    yield made("hash-short", "A hash of 31 bytes", 6, MALFORMED, hashes=["A" * 42])
    yield made("other-new-root", "Another new root", 6, CONSISTENCY, new_root=digest("another root"))
    yield made("size-too-large", "A log of 2^53 entries", 6, MALFORMED, new=2**53)
    yield made("size-negative", "A log of less than no entries", 6, MALFORMED, old=-1)
    first, second, third, fourth = (b64.decode(digest(f"hash {n}")) for n in range(4))
    before = merkle.node_hash(third, first)
    after = merkle.node_hash(third, merkle.node_hash(first, second))
    for name, description, sizes, roots, hashes in (
        ("shrunk-same-root", "A log that became shorter, under the same root", (2, 1), (first, first), []),
        (
            "too-long",
            "A hash too many, under roots made to fit",
            (3, 4),
            (merkle.node_hash(fourth, before), merkle.node_hash(fourth, after)),
            [first, second, third, fourth],
        ),
        ("too-short", "A hash too few, under roots made to fit", (3, 4), (first, first), [first]),
    ):
        put = {
            "old": sizes[0], "old_root": b64.encode(roots[0]), "new": sizes[1], "new_root": b64.encode(roots[1]),
            "hashes": list(map(b64.encode, hashes)),
        }  # fmt: skip
        yield Case(f"consistency/{name}.json", description, "consistency", put, CONSISTENCY)


def _receipts() -> Iterator[Case]:
    asking, ledger = ask()
    d, at = asking.forth.d, NOW - 3600
    directory = msgspec.to_builtins(world().directory())
    index = next(n for n in range(ledger.frontier.size) if ledger.nodes[0, n] == merkle.leaf_hash(b64.decode(d)))
    good = ledger.receipt(d, ledger.proof(index), at)

    def made(name: str, description: str, data: bytes, expect: str = "ok", **changes: Any) -> Case:
        put = {"receipt": raw(data), "D": d, "huis": HUIS, "directory": directory, **changes}
        return Case(f"receipts/{name}.json", description, "receipt", put, expect)

    def by_relay(receipt: Receipt) -> bytes:
        return envelope(receipt, RELAY)

    yield made("consent", "The receipt of a consent", by_relay(good))
    full = ledger.receipt(d, ledger.proof(index), at, wraps=(digest("wraps"),), notices=(digest("notice"),))
    yield made("message", "A receipt that names wraps and notices", by_relay(full))
    yield made("other-object", "A receipt of another object", by_relay(good), "log.receipt", D=asking.back.d)
    lied = ledger.receipt(asking.back.d, ledger.proof(index), at)
    yield made("other-leaf", "A proof that is another object's", by_relay(lied), INCLUSION, D=asking.back.d)
    wrong = ledger.receipt(d, ledger.proof(index).replace(f"index {index}", f"index {index - 1}"), at)
    yield made("wrong-index", "The wrong index", by_relay(wrong), INCLUSION)
    foreign = ledger.checkpoint(origin=tlog.log_origin(digest("other")))
    yield made("foreign-checkpoint", "A proof in another Huis's log",
               by_relay(ledger.receipt(d, ledger.proof(index, foreign), at)), FOREIGN)  # fmt: skip
    by_other = ledger.receipt(d, ledger.proof(index, ledger.checkpoint(RELAY)), at)
    yield made("log-signature", "A checkpoint that is not signed by the log's key", by_relay(by_other), SIGNATURE)
    yield made("relay-signature", "A receipt by somebody else than the relay", envelope(good, signing_key("stranger")),
               "signature.unknown")  # fmt: skip
    steward = envelope(good, STEWARD[0])
    yield made("steward-signature", "A receipt that a steward signed", steward, "signature.unknown")
    changed = dsse.open_envelope(by_relay(good))
    later = encoding.encode(msgspec.structs.replace(good, accepted_at=at + 1))
    yield made("time-changed", "A time that was not signed", dsse.seal_envelope(changed[0], later, changed[2]),
               "signature.invalid")  # fmt: skip
    elsewhere = msgspec.structs.replace(good, huis=digest("another huis"))
    yield made("foreign-huis", "A receipt of another Huis", by_relay(elsewhere), "huis.foreign")
    text = msgspec.structs.replace(good, proof=good.proof.replace("\n\n", "\n"))
    yield made("proof-malformed", "A proof that is none", by_relay(text), MALFORMED)
