"""The one encoding: duplicate keys, white space, escapes, order, null, text, numbers, depth and size."""

import json
from collections.abc import Iterator
from typing import Any

from vectors.making.case import Case, binary, raw
from vectors.making.huis import MOTHER, SENDER, header, make_membership, make_person
from zegel_protocol import encoding
from zegel_protocol.objects import Epoch
from zegel_protocol.objects.manifest import Seen

MALFORMED, NOT_CANONICAL = "object.malformed", "object.not-canonical"


def _named(text: str) -> bytes:
    """A membership whose name is written as `text` between its quotes."""
    data = encoding.encode(make_membership(SENDER))
    name = json.dumps("Kind en Gezin Meerdijk").encode()
    assert name in data
    return data.replace(name, b'"' + text.encode("utf-8") + b'"')


def _sized(number: str) -> bytes:
    """An epoch whose log has a size that is written as `number`."""
    last = Seen(size=7_000_001, root="A" * 43)
    epoch = Epoch(**header("epoch"), number=1, last=last, reason="restored-backup", at=1)
    return encoding.encode(epoch).replace(b"7000001", number.encode())


def _case(name: str, description: str, kind: str, payload: Any, expect: str = "ok") -> Case:
    given = raw(payload) if isinstance(payload, bytes) else payload
    return Case(f"encoding/{name}.json", description, "object", {"kind": kind, "payload": given}, expect)


def cases() -> Iterator[Case]:
    """Yield the vectors of the encoding."""
    yield from _whole()
    yield from _text()
    yield from _numbers()
    yield from _fields()
    yield from _bounds()
    yield from _binary()


def _whole() -> Iterator[Case]:
    good = encoding.encode(make_membership(SENDER))
    yield _case("canonical", "An object in its one encoding", "membership", good)
    yield _case("space-before", "White space before the object", "membership", b" " + good, NOT_CANONICAL)
    yield _case("newline-after", "A line end after the object", "membership", good + b"\n", NOT_CANONICAL)
    spaced = good.replace(b'":', b'": ', 1)
    yield _case("space-inside", "White space between a key and its value", "membership", spaced, NOT_CANONICAL)
    yield _case("byte-order-mark", "A byte order mark before the object", "membership",
                binary(b"\xef\xbb\xbf" + good), MALFORMED)  # fmt: skip
    yield _case("two-values", "A second value after the object", "membership", good + b"{}", MALFORMED)
    yield _case("cut-short", "The object without its last byte", "membership", good[:-1], MALFORMED)
    yield _case("empty", "No bytes at all", "membership", b"", MALFORMED)
    yield _case("array", "An array where an object belongs", "membership", b"[]", MALFORMED)
    yield _case("null", "null where an object belongs", "membership", b"null", MALFORMED)
    yield _case("trailing-comma", "A comma after the last field", "membership", good[:-1] + b",}", MALFORMED)
    yield _case("comment", "A comment", "membership", b"/**/" + good, MALFORMED)


def _text() -> Iterator[Case]:
    for name, description, text in (
        ("text-latin", "Letters beyond ASCII stand as they are, composed (NFC)", "Café Zoë"),
        ("text-astral", "A name of 120 letters outside the basic plane: length counts code points", "\U0001f600" * 120),
        ("text-line-separator", "U+2028 and U+007F stand as they are", "a\u2028b\x7f"),
        ("text-control", "A control character that has no letter is a lower-case \\u escape", "a\\u001fb"),
        ("text-tab", "A tab is \\t", "a\\tb"),
        ("text-quote", "A quote and a backslash, each behind a backslash", 'a\\"b\\\\u0000'),
    ):
        yield _case(name, description, "membership", _named(text))
    for name, description, text, expect in (
        ("escape-letter", "A letter as an escape", "\\u0041", NOT_CANONICAL),
        ("escape-slash", "A slash behind a backslash", "a\\/b", NOT_CANONICAL),
        ("escape-upper-case", "An escape in upper-case hexadecimal", "a\\u001F", NOT_CANONICAL),
        ("escape-tab", "A tab as \\u0009", "a\\u0009", NOT_CANONICAL),
        ("escape-pair", "A letter outside the basic plane as two escapes", "\\ud83d\\ude00", NOT_CANONICAL),
        ("lone-surrogate", "Half of such a pair", "\\ud83d", MALFORMED),
        ("control-bare", "A control character that is not escaped", "a\x01", MALFORMED),
        ("nul", "U+0000, which a database may refuse", "a\\u0000", NOT_CANONICAL),
        ("not-nfc", "A letter and a combining accent, where one composed letter exists", "Zoe\u0308", NOT_CANONICAL),
        ("text-too-long", "A name of 121 letters", "a" * 121, MALFORMED),
        ("text-empty", "A name without a letter", "", MALFORMED),
    ):
        yield _case(name, description, "membership", _named(text), expect)
    surrogate = _named("a").replace(b'"a"', b'"\xed\xa0\xbd"')
    yield _case("utf8-surrogate", "A surrogate as UTF-8 bytes", "membership", surrogate, MALFORMED)
    overlong = _named("a").replace(b'"a"', b'"\xc1\x81"')
    yield _case("utf8-overlong", "A letter in two UTF-8 bytes where one does", "membership", overlong, MALFORMED)


def _numbers() -> Iterator[Case]:
    yield _case("integer-zero", "The smallest integer", "epoch", _sized("0"))
    yield _case("integer-largest", "The largest integer, 2^53-1", "epoch", _sized("9007199254740991"))
    for name, description, number, expect in (
        ("integer-too-large", "2^53, which JavaScript cannot tell from 2^53+1", "9007199254740992", MALFORMED),
        ("integer-far-too-large", "2^64", "18446744073709551616", MALFORMED),
        ("integer-negative", "A negative integer", "-1", MALFORMED),
        ("integer-minus-zero", "Zero with a sign", "-0", NOT_CANONICAL),
        ("integer-leading-zero", "An integer with a leading zero", "01", MALFORMED),
        ("integer-plus", "An integer with a plus", "+1", MALFORMED),
        ("float-half", "A fraction", "0.5", MALFORMED),
        ("float-whole", "An integer written as a fraction", "1.0", MALFORMED),
        ("float-exponent", "An integer with an exponent", "1e2", MALFORMED),
        ("number-as-text", "An integer in quotes", '"1"', MALFORMED),
        ("number-as-truth", "true where an integer belongs", "true", MALFORMED),
        ("not-a-number", "NaN, which JSON does not have", "NaN", MALFORMED),
    ):
        yield _case(name, description, "epoch", _sized(number), expect)


def _fields() -> Iterator[Case]:
    good = encoding.encode(make_membership(SENDER))
    person = encoding.encode(make_person(authority=("0" * 32, "f" * 32)))
    twice = good.replace(b'"name":', b'"name":"Another","name":')
    yield _case("duplicate-key", "A field that stands twice: which was meant?", "membership", twice, NOT_CANONICAL)
    null = good[:-1] + b',"prev":null}'
    yield _case("explicit-null", "An absent optional as null", "membership", null, NOT_CANONICAL)
    swapped = good.replace(b'"v":1,', b"").replace(b"{", b'{"v":1,', 1)
    assert swapped == good
    moved = b"{" + good[1:-1].replace(b'"v":1,', b"") + b',"v":1}'
    yield _case("field-order", "The first field at the end", "membership", moved, NOT_CANONICAL)
    unknown = good[:-1] + b',"note":"x"}'
    yield _case("unknown-field", "A field that the object does not have", "membership", unknown, MALFORMED)
    yield _case("key-escaped", "A field's name with an escape", "membership",
                good.replace(b'"name"', b'"nam\\u0065"'), NOT_CANONICAL)  # fmt: skip
    missing = good.replace(b'"sector":"opgroeien",', b"")
    yield _case("missing-field", "A field that must be there is not", "membership", missing, MALFORMED)
    yield _case("sorted-set", "A set, sorted bytewise", "person", person)
    ids = b'["%s","%s"]' % (b"0" * 32, b"f" * 32)
    for name, description, given in (
        ("unsorted-set", "A set out of order", b'["%s","%s"]' % (b"f" * 32, b"0" * 32)),
        ("repeated-member", "A member that stands twice in a set", b'["%s","%s"]' % (b"0" * 32, b"0" * 32)),
        ("missing-list", "A list that is absent instead of empty", b""),
    ):
        assert ids in person
        put = person.replace(ids, given) if given else person.replace(b'"authority":%s,' % ids, b"")
        yield _case(name, description, "person", put, MALFORMED)
    assert MOTHER.encode() in person
    upper = person.replace(MOTHER.encode(), MOTHER.upper().encode())
    yield _case("id-upper-case", "An id in upper case", "person", upper, MALFORMED)


def _bounds() -> Iterator[Case]:
    deep = {"join": [{"repeat": "[", "times": 13}, {"repeat": "]", "times": 13}]}
    yield _case("depth-13", "Thirteen arrays, one in another", "membership", deep, "object.too-deep")
    level = {"join": [{"repeat": "[", "times": 12}, {"repeat": "]", "times": 12}]}
    yield _case("depth-12", "Twelve arrays: deep enough to be looked at, and no object", "membership", level, MALFORMED)
    bomb = {"repeat": "[", "times": 200_000}
    yield _case("depth-bomb", "Brackets that never close", "membership", bomb, "object.too-deep")
    quoted = _named("[" * 100)
    yield _case("depth-in-text", "Brackets inside a text are not depth", "membership", quoted)
    large = {"join": [raw(encoding.encode(make_membership(SENDER))), {"repeat": " ", "times": 524_288}]}
    yield _case("too-large", "More than 512 KiB: refused before it is read", "membership", large, "object.too-large")


def _binary() -> Iterator[Case]:
    def made(name: str, description: str, text: str, size: int | None, expect: str = "ok") -> Case:
        given = {"text": text} if size is None else {"text": text, "size": size}
        return Case(f"encoding/binary-{name}.json", description, "binary", given, expect)

    yield made("two-bytes", "Two bytes as base64url without padding", "-_8", 2)
    yield made("none", "No bytes", "", None)
    for name, description, text, size in (
        ("padded", "Padding", "-_8=", 2),
        ("standard", "The letters of standard base64", "+/8", 2),
        ("stray-bits", "Bits in the last letter that belong to no byte", "-_9", 2),
        ("one-letter", "One letter, which is no byte", "A", None),
        ("space", "White space inside", "-_ 8", None),
        ("other-size", "Three bytes where two belong", "AAAA", 2),
    ):
        yield made(name, description, text, size, "binary.malformed")
