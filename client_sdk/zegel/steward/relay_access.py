"""Asking a relay for what it has of a Huis, and giving it what was signed. Neither needs a key of one's own.

Whatever writes is a signed object and needs no other authentication; the setting is open to all, and believed only as
far as it verifies (`known`).
"""

import time
from collections.abc import Callable, Iterable

from zegel.relay_client import RelayClient
from zegel_keys.exhibit import Exhibit, read_bundle
from zegel_keys.signing import SigningKey


def visitor(relay: str, clock: Callable[[], int] = lambda: int(time.time())) -> RelayClient:
    """Return a client for the relay at this origin that signs no request; its key is thrown away, and names nobody.

    `clock` gives UTC seconds.
    """
    return RelayClient(relay, "visitor", SigningKey.generate(), clock)


async def fetch(client: RelayClient) -> tuple[Exhibit, ...]:
    """Return what the relay has of the Huis, not believed yet: also before the first directory.

    Raises `RelayUnreachable`, `RelayProblem`, `ClockWrong` (what is signed at a wrong time does harm later) or
    `MalformedError`.
    """
    await client.check_clock()
    return read_bundle(await client.setting())


async def submit(client: RelayClient, envelopes: Iterable[bytes]) -> None:
    """Give the relay these objects, one by one, in this order: each is durable before the next leaves.

    The same again changes nothing. Raises `RelayUnreachable`, `RelayProblem` or `Refused`.
    """
    for envelope in envelopes:
        await client.submit_object(envelope)
