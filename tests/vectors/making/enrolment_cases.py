"""What passes at an enrolment's table: the code on a screen, six words on two, and whose keys count meanwhile."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import msgspec

from vectors.making.case import Case, binary
from vectors.making.huis import HOME, HUIS, IDENTITY, MOTHER, make_client_key
from vectors.making.seeds import NOW, digest, seed
from zegel_protocol import b64, encoding
from zegel_protocol.enrolment import EnrolmentContext

ORIGIN = "https://portal.example"
DAY = 86_400


def cases() -> Iterator[Case]:
    """Yield the vectors of codes, words, and keys in force."""
    yield from _codes()
    yield from _words()
    yield from _in_force()


def _codes() -> Iterator[Case]:
    # By hand, from docs/spec/enrolment.md.
    packed = (
        b"\x01" + b64.decode(HUIS, 32) + bytes.fromhex(HOME) + bytes.fromhex(MOTHER) + NOW.to_bytes(8, "big")
        + seed("enrolment")
    )  # fmt: skip
    fragment = b64.encode(packed)

    def made(name: str, description: str, address: str, expect: str = "ok") -> Case:
        return Case(f"enrolment/code-{name}.json", description, "enrolment-code", {"address": address}, expect)

    unread = "enrolment.code"
    yield made("valid", "The address that a QR code holds", f"{ORIGIN}/enrol#{fragment}")
    yield made("port", "An origin with a port", f"http://localhost:8470/enrol#{fragment}")
    yield made("bare", "The fragment alone", fragment, unread)
    yield made("query", "The code in the query, where a server would see it", f"{ORIGIN}/enrol?{fragment}", unread)
    yield made("user", "A user before the host", f"https://portal.example@evil.example/enrol#{fragment}", unread)
    yield made("short", "A character too few", f"{ORIGIN}/enrol#{fragment[:-1]}", unread)
    yield made("line-end", "A line end after it", f"{ORIGIN}/enrol#{fragment}\n", unread)
    later = b64.encode(b"\x02" + packed[1:])
    yield made("version", "Of another version", f"{ORIGIN}/enrol#{later}", unread)
    never = b64.encode(packed[:65] + b"\xff" * 8 + packed[73:])
    yield made("never", "Opened at no moment", f"{ORIGIN}/enrol#{never}", unread)


def _words() -> Iterator[Case]:
    key = make_client_key()
    context = EnrolmentContext(
        huis=HUIS, household=HOME, person=MOTHER, opened=NOW, passkeys=key.passkeys, identity_key=IDENTITY.public,
        seal_key=key.seal_key,
    )  # fmt: skip
    fields, secret = msgspec.to_builtins(context), seed("enrolment")
    mac = hmac.digest(secret, b"zegel/words/enrol/1\0" + hashlib.sha256(encoding.encode(context)).digest(), "sha256")
    record = digest("a record")
    slow = hashlib.pbkdf2_hmac("sha256", b64.decode(record, 32), b"zegel/words/record/1\0", 100_000, 32)

    def made(name: str, description: str, expect: str = "ok", **put: Any) -> Case:
        return Case(f"enrolment/words-{name}.json", description, "six-words", put, expect)

    yield made("enrolment", "The words of the mother's enrolment", secret=binary(secret), context=fields,
               bits=_bits(mac))  # fmt: skip
    yield made("record", "The words of a record", client_key=record, bits=_bits(slow))
    yield made("short-secret", "A secret of 31 bytes", "enrolment.secret", secret=binary(secret[:31]), context=fields,
               bits=_bits(mac))  # fmt: skip
    yield made("short-record", "A digest that is none", "binary.malformed", client_key=record[:-1], bits=_bits(slow))


def _bits(data: bytes) -> list[int]:
    """Return the numbers of six words, by hand: ten bits each."""
    text = "".join(f"{byte:08b}" for byte in data)
    return [int(text[at : at + 10], 2) for at in range(0, 60, 10)]


def _in_force() -> Iterator[Case]:
    nurse, sara, tom = ("kind-en-gezin", "1" * 32), ("ocmw-gent", "2" * 32), ("school", "1" * 32)
    old, new, stop = digest("old keys"), digest("new keys"), digest("old keys, stated again")

    def key(d: str, version: int, at: int, waits: int | None = None) -> dict[str, Any]:
        put = {"D": d, "version": version, "partner": nurse[0], "worker": nurse[1], "index": version * 10, "at": at}
        return put if waits is None else {**put, "effective_at": at + waits}

    def vouch(by: tuple[str, str], at: int, d: str = new) -> dict[str, Any]:
        return {"client_key": d, "partner": by[0], "worker": by[1], "index": 25, "at": at}

    def made(
        name: str, description: str, vouches: list[Any], at: int, *more: Any, expect: str = "ok", **place: int
    ) -> Case:
        put = {"keys": [*base, *more], "vouches": vouches, "place": {"index": 99, "at": at, **place}}
        return Case(f"client-keys/{name}.json", description, "keys-in-force", put, expect)

    base, week = [key(old, 1, NOW - DAY), key(new, 2, NOW, 8 * DAY)], NOW + 8 * DAY
    second = [vouch(sara, NOW + DAY)]
    yield made("waits", "A second before the day", second, week - 1)
    yield made("counts", "On the day", second, week)
    yield made("place", "An object that stands before it in the log", second, week, index=19)
    yield made("one-partner", "On the day, without a second partner", [], week)
    yield made("same-partner", "On the day, with a second vouch of the same partner",
               [vouch((nurse[0], "9" * 32), NOW + DAY)], week)  # fmt: skip
    yield made("same-worker", "On the day, with the vouch of the same worker at another partner",
               [vouch(tom, NOW + DAY)], week)  # fmt: skip
    yield made("late-vouch", "With a vouch on the day itself", [vouch(sara, week)], week + DAY)
    yield made("last-vouch", "With a vouch a second before the day", [vouch(sara, week - 1)], week)
    yield made("stopped", "Stopped by a record of the old keys", second, week, key(stop, 3, NOW + 2 * DAY))
    yield made("followed", "Followed by a record on the day, which the new keys signed", second, week,
               key(stop, 3, week))  # fmt: skip
    yield made("begun-again", "Followed by another replacement", second, week, key(stop, 3, NOW + 2 * DAY, 8 * DAY))
    month, too_near = NOW + 30 * DAY, "client-key.delay"
    base = [key(old, 1, NOW - DAY), key(new, 2, NOW, 7 * DAY)]
    yield made("shortest", "A replacement that counts after just seven days", second, NOW + 7 * DAY)
    base = [key(old, 1, NOW - DAY), key(new, 2, NOW, 7 * DAY - 1)]
    yield made("too-soon", "A replacement that counts a second before seven days are over", second, week,
               expect=too_near)  # fmt: skip
    base = [key(old, 1, NOW - DAY), key(new, 2, NOW, 30 * DAY)]
    yield made("longest", "A replacement that counts after just thirty days", second, month)
    base = [key(old, 1, NOW - DAY), key(new, 2, NOW, 30 * DAY + 1)]
    yield made("too-late", "A replacement that sleeps for longer than thirty days", second, month, expect=too_near)
    base = [key(old, 1, NOW - DAY), key(new, 2, NOW, 0)]
    yield made("at-once", "A replacement that counts as it is accepted", second, week, expect=too_near)
