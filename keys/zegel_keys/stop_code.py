"""The stop code of a printed letter: what its holder reads out on the telephone, and the name that the relay knows.

Here: making a code, reading it, and deriving its name. Never here: the card under that name (`objects.stop_card`), and
who may register or look at one. Source: `docs/spec/letter.md`; RFC 8018, section 5.2 (PBKDF2).

The name is slow to derive, because a code that is short enough to say has 75 random bits and not 256: who copied the
relay's table pays 600,000 rounds for each code that they try, about 2^95 hashes for them all. The salt is the Huis'
own, so that no work done against one serves against another.
"""

import hashlib
from typing import Final

from zegel_keys import spoken_code
from zegel_protocol import b64
from zegel_protocol.errors import SealError

RANDOM_SYMBOLS: Final = 15
"""15 symbols of 5 bits: 75 random bits, before the check symbol. Four groups of four."""
ROUNDS: Final = 600_000
"""Rounds of PBKDF2-HMAC-SHA256: some tenths of a second on the machine of who answers the telephone."""

_LABEL: Final = b"zegel/stop-code/1\0"


def new_stop_code() -> str:
    """Return a new code for print: four groups of four symbols with hyphens, the last symbol a check symbol."""
    return spoken_code.new_code(RANDOM_SYMBOLS)


def read_stop_code(heard: str) -> str:
    """Return the 15 symbols of a code as it was heard and typed. Raises `SealError` (`stop-code.malformed`)."""
    symbols = spoken_code.read_code(heard, RANDOM_SYMBOLS)
    if symbols is None:
        detail = "the code is not as it was printed; nothing is lost: have all 16 characters read out once more"
        raise SealError("stop-code.malformed", detail)
    return symbols


def stop_code_name(huis: str, code: str) -> str:
    """Return the name of the card of a code in the Huis `huis` (its id): 32 bytes as base64url text.

    Takes some tenths of a second of one processor. Raises `SealError` (`stop-code.malformed`), or `MalformedError`
    (`binary.malformed`) for an id that is none.
    """
    symbols = read_stop_code(code).encode("ascii")
    return b64.encode(hashlib.pbkdf2_hmac("sha256", symbols, _LABEL + b64.decode(huis, 32), ROUNDS, 32))
