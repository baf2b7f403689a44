"""Refreshing a directory with the freshness key: new times and device lists, and nothing that admits anybody.

It keeps a Huis going while the steward is away. `zegel_keys.trust.check_refresh` is what holds it to that everywhere.
"""

import msgspec

from zegel.steward.directory import current_devices
from zegel.steward.envelope import building, sign
from zegel.steward.errors import SetupError
from zegel.steward.known import Known
from zegel_keys.casefile import Reader
from zegel_keys.envelopes import new_nonce
from zegel_keys.exhibit import read
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.trust import establish
from zegel_protocol.objects.directory import MAX_LIFE


def refresh(known: Known, freshness: KeyFile, now: int, life: int = MAX_LIFE) -> bytes:
    """Return the envelope of the next directory: the steward's last, with new times and the newest device lists.

    `now` is in UTC seconds. It expires after `life` seconds (at most 14 days), or when the steward's word for the
    freshness key ends. Raises `SetupError` (`directory.missing`, `directory.life`, `refresh.key`, `refresh.ended`) or
    `ProtocolError`.
    """
    if known.directory is None or known.base is None:
        raise SetupError(
            "directory.missing", "There is no directory to refresh yet.", "The steward publishes the first one."
        )
    base = known.base.payload
    if base.refresh_until is None or base.freshness_key != freshness.public:
        raise SetupError(
            "refresh.key",
            "The steward's directory does not name this freshness key.",
            "Give the key file that belongs to it, or let the steward publish a directory that names this one.",
        )
    if base.refresh_until <= now:
        raise SetupError(
            "refresh.ended", "The time for which the steward allowed refreshing is over.", "The steward must publish."
        )
    if not 0 < life <= MAX_LIFE:
        raise SetupError("directory.life", "A directory lasts at most 14 days.", "Give another number of days.")
    with building():
        directory = msgspec.structs.replace(
            base,
            nonce=new_nonce(),
            version=known.directory.payload.version + 1,
            issued=now,
            expires=min(now + life, base.refresh_until),
            devices=current_devices(known, known.listed),
            base=known.base.d,
        )
    envelope = sign(directory, [freshness.signing_key])
    establish(known.huis, [*known.exhibits, read(envelope)], Reader().place)
    return envelope
