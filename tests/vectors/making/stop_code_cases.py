"""The stop code of a printed letter, and the name that it gives in a Huis."""

from collections.abc import Iterator

from vectors.making.case import Case
from vectors.making.huis import HUIS
from vectors.making.seeds import digest, seed
from zegel_keys.spoken_code import SYMBOLS

MISTYPED = "stop-code.malformed"


def code_of(number: int) -> str:
    """Return the stop code of a 75-bit number, in groups of four."""
    number = number if number % 37 < 32 else number - 6
    symbols = [SYMBOLS[number >> 5 * place & 31] for place in reversed(range(15))] + [SYMBOLS[number % 37]]
    return "-".join("".join(symbols[at : at + 4]) for at in range(0, 16, 4))


CODE = code_of((int.from_bytes(seed("stop code")[:10], "big") >> 5) & ~0xFFFFF | 1)
"""Its last random symbols are zeros and a one, so that letters that look like them can be tried."""


def cases() -> Iterator[Case]:
    """Yield the vectors of stop codes."""

    def made(name: str, description: str, code: str, expect: str = "ok", huis: str = HUIS) -> Case:
        return Case(f"stop-code/{name}.json", description, "stop-code", {"huis": huis, "code": code}, expect)

    yield made("as-printed", "A stop code as it is printed", CODE)
    yield made("other-huis", "The same code in another Huis", CODE, huis=digest("another huis"))
    yield made("lower-case", "In lower case, without hyphens", CODE.lower().replace("-", ""))
    yield made("spaces", "With spaces where the hyphens are", CODE.replace("-", " "))
    alike = CODE.replace("0", "o").replace("1", "I")
    assert alike != CODE
    yield made("letters-alike", "o for 0 and I for 1", alike)
    first = SYMBOLS[(SYMBOLS.index(CODE[0]) + 1) % 32]
    yield made("one-wrong", "One wrong symbol", first + CODE[1:], MISTYPED)
    place = next(at for at in range(15) if CODE[at] != CODE[at + 1] and "-" not in CODE[at : at + 2])
    swapped = CODE[:place] + CODE[place + 1] + CODE[place] + CODE[place + 2 :]
    yield made("two-exchanged", "Two neighbours exchanged", swapped, MISTYPED)
    yield made("too-short", "Without its last symbol", CODE[:-1], MISTYPED)
    yield made("too-long", "With a symbol too many", CODE + "0", MISTYPED)
    yield made("letter-u", "A letter that the alphabet does not have", "U" + CODE[1:], MISTYPED)
