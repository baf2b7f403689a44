"""Codes that people copy from paper or say on the telephone: Crockford's Base32 in groups of four, with a check symbol.

Here: making and reading, for codes of any length. Never here: what a code is good for, and what is derived from it. The
rules stand in `docs/spec/persons.md` (recovery code) and `docs/spec/letter.md` (stop code). Source: Crockford's Base32.
"""

import os
from typing import Final

SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet: no I, L, O or U."""
GROUP: Final = 4

_CHECK_MODULUS: Final = 37
_BITS: Final = 5
_MEANT = {symbol: symbol for symbol in SYMBOLS} | {"I": "1", "L": "1", "O": "0"}
_TYPED: Final = _MEANT | {symbol.lower(): meant for symbol, meant in _MEANT.items()}
_SEPARATORS: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")
"""The hyphen, and what the keyboards of phones make of it."""


def new_code(random_symbols: int) -> str:
    """Return a new code of `random_symbols` random symbols (5 bits each) and a check symbol, in groups with hyphens.

    Crockford's check symbol is the number modulo 37, for which five more signs (`*~$=U`) exist. Codes that would need
    one are drawn again, so that letters and digits suffice on every keyboard; at most a quarter of a bit is lost.
    """
    bits = random_symbols * _BITS
    while True:
        number = int.from_bytes(os.urandom((bits + 7) // 8), "big") >> (-bits % 8)
        if number % _CHECK_MODULUS < len(SYMBOLS):
            break
    symbols = "".join(SYMBOLS[number >> _BITS * place & 31] for place in reversed(range(random_symbols)))
    symbols += SYMBOLS[number % _CHECK_MODULUS]
    return "-".join(symbols[at : at + GROUP] for at in range(0, len(symbols), GROUP))


def read_code(typed: str, random_symbols: int) -> str | None:
    """Return the symbols that a typed code stands for, without its check symbol; None for what is no such code.

    Lower case counts as upper, I and L as 1, O as 0; spaces and hyphens don't count. Other characters, another length
    and a wrong check symbol make it none: one wrong symbol, and two neighbours exchanged, are always found.
    """
    kept = [_TYPED.get(sign, "?") for sign in typed if not sign.isspace() and sign not in _SEPARATORS]
    symbols = "".join(kept)
    if "?" in symbols or len(symbols) != random_symbols + 1:
        return None
    number = 0
    for symbol in symbols[:-1]:
        number = number << _BITS | SYMBOLS.index(symbol)
    return symbols[:-1] if number % _CHECK_MODULUS == SYMBOLS.index(symbols[-1]) else None
