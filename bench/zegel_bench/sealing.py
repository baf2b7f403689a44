"""Sealing a message, beside the sum of the primitive calls that it cannot do without."""

import hashlib
import os
import statistics
import time
from collections.abc import Callable

import msgspec
from nacl import bindings

from zegel.compose import Composer
from zegel_bench.town import RECIPIENT, Town, ciphertext_bytes
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.signing import SigningKey
from zegel_keys.wrapping import SUITE
from zegel_protocol import dsse
from zegel_protocol.objects import Wraps

TURNS = 100


async def measure(town: Town) -> tuple[float, float]:
    """Return the milliseconds of sealing one message of three sections for two readers, and of its primitives alone."""
    family = town.families[0]
    draft = family.draft(town.huis.clock())
    case = await family.sender._evidence(draft)
    prekeys = await family.sender._prekeys(RECIPIENT)
    composer = Composer(family.sender.identity, case, family.sender._view.seen, town.huis.clock())
    first = composer.compose(draft, prekeys).submission
    wraps = [dsse.open_envelope(bytes(item)) for item in first.wraps]
    keys = [len(wrap.entries) for _, body, _ in wraps for wrap in msgspec.json.decode(body, type=Wraps).wraps]
    signed = [dsse.pae(*dsse.open_envelope(bytes(item))[:2]) for item in (first.manifest, *first.wraps)]
    sections = len(first.sections)
    plain = bytes(ciphertext_bytes(first) // sections)
    key, public = SigningKey.generate(), SealPrivateKey.generate().public

    def primitives() -> None:
        for _ in range(sections):
            state = bindings.crypto_secretstream_xchacha20poly1305_state()
            header = bindings.crypto_secretstream_xchacha20poly1305_init_push(state, os.urandom(32))
            blob = bindings.crypto_secretstream_xchacha20poly1305_push(state, plain, bytes(32), 3)
            hashlib.sha256(header + blob).digest()
        for count in keys:
            SUITE.encrypt(bytes(32 * count), public.hpke, info=bytes(45))
        for message in signed:
            key.sign(message)

    return _side_by_side(lambda: composer.compose(draft, prekeys), primitives)


def _side_by_side(*calls: Callable[[], object]) -> tuple[float, float]:
    """Return the median milliseconds of two calls, made in turns."""
    times: tuple[list[float], ...] = tuple([] for _ in calls)
    for _ in range(TURNS):
        for call, found in zip(calls, times, strict=True):
            begin = time.perf_counter()
            call()
            found.append(time.perf_counter() - begin)
    whole, parts = (statistics.median(found) * 1000 for found in times)
    return whole, parts
