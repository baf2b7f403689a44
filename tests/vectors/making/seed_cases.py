"""A client's seed: what grows from it, and the two ways it is kept."""

import hashlib
import hmac
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vectors.making.case import Case, binary
from vectors.making.huis import PASSKEY, SECOND_PASSKEY
from vectors.making.seeds import seed
from zegel_keys.spoken_code import SYMBOLS as CODE_SYMBOLS
from zegel_protocol import b64

SEED, PRF = seed("client seed"), seed("prf result")
UNOPENABLE, MISTYPED = "seed.unopenable", "recovery-code.malformed"


def derive(secret: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 without salt to 32 bytes, by hand (RFC 5869)."""
    prk = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(prk, info + b"\1", "sha256")


def wrapped(key: bytes, label: str) -> bytes:
    """Return the seed under a wrapping key."""
    nonce = hashlib.sha256(label.encode()).digest()[:12]
    return nonce + AESGCM(key).encrypt(nonce, SEED, None)


def code_of(number: int) -> str:
    """Return the recovery code of a 135-bit number, in groups of four."""
    symbols = [CODE_SYMBOLS[number >> 5 * place & 31] for place in reversed(range(27))] + [CODE_SYMBOLS[number % 37]]
    return "-".join("".join(symbols[at : at + 4]) for at in range(0, 28, 4))


def number_of(label: str) -> int:
    """Return a number whose check is one of the 32 symbols."""
    number = int.from_bytes(seed(label)[:17], "big") >> 1
    return number if number % 37 < 32 else number - 6


CODE = code_of(number_of("recovery code"))


def cases() -> Iterator[Case]:
    """Yield the vectors of seeds."""
    for name, description, secret, expect in (
        ("keys", "The keys that grow from a seed", SEED, "ok"),
        ("short", "A seed of 31 bytes", SEED[:31], UNOPENABLE),
    ):
        yield Case(f"client-seed/{name}.json", description, "client-seed", {"seed": binary(secret)}, expect)
    yield from _under_prf()
    yield from _under_code()


def _under_prf() -> Iterator[Case]:
    credential = b64.decode(PASSKEY.credential)
    box = wrapped(derive(PRF, b"zegel/client-seed/prf/1\0" + credential), "prf")

    def made(name: str, description: str, data: bytes, expect: str = "ok", **changes: object) -> Case:
        put = {"wrapped": binary(data), "prf": binary(PRF), "credential": PASSKEY.credential, **changes}
        return Case(f"client-seed/prf-{name}.json", description, "seed-wrap", put, expect)

    yield made("opens", "A seed under a passkey's PRF result", box)
    yield made("other-result", "Another PRF result", box, UNOPENABLE, prf=binary(seed("another result")))
    yield made("other-credential", "Another credential", box, UNOPENABLE, credential=SECOND_PASSKEY.credential)
    yield made("credential-padded", "A credential with padding", box, "binary.malformed",
               credential=PASSKEY.credential + "=")  # fmt: skip
    yield made("damaged", "One bit changed", box[:-1] + bytes([box[-1] ^ 1]), UNOPENABLE)
    yield made("cut", "Without its last byte", box[:-1], UNOPENABLE)
    yield made("nothing", "No bytes", b"", UNOPENABLE)
    unbound = wrapped(derive(PRF, b"zegel/client-seed/prf/1\0"), "prf")
    yield made("unbound", "A key that is not bound to the credential", unbound, UNOPENABLE)


def _under_code() -> Iterator[Case]:
    secret = CODE.replace("-", "")[:27].encode("ascii")
    box = wrapped(derive(secret, b"zegel/client-seed/recovery-code/1\0"), "code")

    def made(name: str, description: str, code: str, expect: str = "ok") -> Case:
        put = {"wrapped": binary(box), "code": code}
        return Case(f"client-seed/code-{name}.json", description, "seed-wrap", put, expect)

    yield made("as-printed", "A recovery code as it is printed", CODE)
    yield made("lower-case", "In lower case, without hyphens", CODE.lower().replace("-", ""))
    yield made("spaces", "With spaces where the hyphens are", CODE.replace("-", " "))
    yield made("dashes", "With the dashes that a phone makes of hyphens", CODE.replace("-", "\u2013"))
    alike = CODE.replace("0", "O").replace("1", "l")
    assert alike != CODE
    yield made("letters-alike", "O for 0 and l for 1", alike)
    yield made("of-another", "Another code", code_of(number_of("another code")), UNOPENABLE)
    first = CODE_SYMBOLS[(CODE_SYMBOLS.index(CODE[0]) + 1) % 32]
    yield made("one-wrong", "One wrong symbol", first + CODE[1:], MISTYPED)
    place = next(at for at in range(27) if CODE[at] != CODE[at + 1] and "-" not in CODE[at : at + 2])
    swapped = CODE[:place] + CODE[place + 1] + CODE[place] + CODE[place + 2 :]
    yield made("two-exchanged", "Two neighbours exchanged", swapped, MISTYPED)
    yield made("too-short", "Without its last symbol", CODE[:-1], MISTYPED)
    yield made("letter-u", "A letter that the alphabet does not have", "U" + CODE[1:], MISTYPED)
