"""Six words that two screens show, so that two people can hear that both devices hold the same keys.

Ten bits a word, from a list of 1,024 plain Dutch words of our own (`texts/six_words.txt`), told apart by their first
four letters and fit to be read aloud. They are compared, not understood, so one list serves every language. Rule:
`docs/spec/enrolment.md`.
"""

import hashlib
import hmac
from functools import cache
from importlib import resources

from zegel_protocol import b64
from zegel_protocol.enrolment import SECRET_BYTES, EnrolmentContext, read_context
from zegel_protocol.errors import MalformedError

WORDS = 6
BITS = 10
ENROLMENT_WORDS = b"zegel/words/enrol/1\0"
RECORD_WORDS = b"zegel/words/record/1\0"
RECORD_ROUNDS = 100_000
"""PBKDF2 rounds for the words of a record: 60 bits alone could be searched for in the days that a vouch may take."""


@cache
def word_list() -> tuple[str, ...]:
    """Return the 1,024 words, in their order."""
    text = resources.files("zegel_protocol").joinpath("texts/six_words.txt").read_text("utf-8")
    return tuple(text.split())


def words_of_enrolment(secret: bytes, context: EnrolmentContext) -> tuple[str, ...]:
    """Return the six words of keys that were shown under a worker's `secret` (32 bytes).

    Whoever saw the worker's screen knows the secret too and can show keys of their own under it, so it is the words
    that say whose keys arrived. Raises `MalformedError` as `enrolment_tag` does.
    """
    if len(secret) != SECRET_BYTES:
        raise MalformedError("enrolment.secret", f"{len(secret)} bytes where {SECRET_BYTES} belong")
    digest = hashlib.sha256(read_context(context)).digest()
    return _words(hmac.digest(secret, ENROLMENT_WORDS + digest, "sha256"))


def words_of_record(client_key: str) -> tuple[str, ...]:
    """Return the six words of a client-key record by its `D`: for a second partner, who was given no secret.

    PBKDF2 makes each try of a forger as dear as ours. Raises `MalformedError` (`binary.malformed`).
    """
    digest = b64.decode(client_key, 32)
    return _words(hashlib.pbkdf2_hmac("sha256", digest, RECORD_WORDS, RECORD_ROUNDS, 32))


def _words(data: bytes) -> tuple[str, ...]:
    number = int.from_bytes(data[:8], "big") >> (64 - WORDS * BITS)
    indexes = [(number >> (BITS * place)) % (1 << BITS) for place in reversed(range(WORDS))]
    return tuple(word_list()[index] for index in indexes)
