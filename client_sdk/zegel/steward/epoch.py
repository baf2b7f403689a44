"""Saying that the log was restored from a backup: the steward's epoch, and what the relay lost of the steward's own.

The relay signs nothing on a restored database before it has the epoch, so this is the first thing it is given. Rules:
`docs/spec/log.md`, Epoch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zegel.errors import RelayProblem
from zegel.relay_client import RelayClient
from zegel.steward.envelope import building, sign_as_steward
from zegel.steward.errors import SetupError
from zegel.steward.known import Known
from zegel_keys import signing
from zegel_keys.envelopes import new_nonce
from zegel_keys.epochs import origin_now
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.verification import read_payload
from zegel_protocol import b64, tlog
from zegel_protocol.objects import Epoch
from zegel_protocol.objects.manifest import Seen


@dataclass(frozen=True)
class GivenAgain:
    """What the relay took of what was signed here before, and what it did not, by `D`, with the code of its no."""

    accepted: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


async def restored_head(client: RelayClient, known: Known) -> Seen:
    """Return the log that the relay would go on from: its newest checkpoint, signed by the key of the directory.

    Raises `SetupError` (`directory.missing`), `LogError` (`log.foreign`, `log.signature`) or `RelayUnreachable`.
    """
    if known.trust is None or known.directory is None:
        raise SetupError(
            "directory.missing",
            "The relay shows no directory, so nothing says whose log this is.",
            "Ask its operator for a later backup; without a directory there is nothing to go on from.",
        )
    text = (await client.log_state()).checkpoint
    log_key = known.directory.payload.log_key
    head = tlog.verify_checkpoint(text, origin_now(known.trust), log_key, signing.check)
    return Seen(size=head.size, root=b64.encode(head.root))


def make_epoch(known: Known, keys: Sequence[KeyFile], last: Seen, now: int, before: Iterable[Exhibit] = ()) -> bytes:
    """Return the envelope of the next epoch, which goes on from `last`.

    `before` are epochs that were signed here: a relay that was restored twice may not have them all, and a number is
    never given again. Raises `SetupError` (`steward.key`, `steward.threshold`) or `MalformedError`.
    """
    given = [item for item in (*before, *known.exhibits) if item.kind == Epoch.KIND]
    number = 1 + max((read_payload(item.envelope, Epoch)[0].number for item in given), default=0)
    with building():
        epoch = Epoch(
            v=1, huis=known.huis, nonce=new_nonce(), number=number, last=last, reason="restored-backup", at=now
        )
    return sign_as_steward(epoch, known.root, keys)


def unanswered(kept: Iterable[Exhibit], shown: Iterable[Exhibit], last: Seen) -> bytes | None:
    """Return an epoch for just this log that was signed here and that the relay does not have: it is given again."""
    held = {item.d for item in shown}
    for item in kept:
        if item.kind == Epoch.KIND and item.d not in held and read_payload(item.envelope, Epoch)[0].last == last:
            return item.envelope
    return None


async def give_again(client: RelayClient, kept: Iterable[Exhibit], shown: Iterable[Exhibit]) -> GivenAgain:
    """Give the relay what was signed here and what it lost, in an order that it takes; a no of its stops nothing.

    Raises `RelayUnreachable`.
    """
    held = {item.d for item in shown}
    accepted: list[str] = []
    refused: list[tuple[str, str]] = []
    for item in kept:
        if item.d in held:
            continue
        try:
            await client.submit_object(item.envelope)
        except RelayProblem as problem:
            refused.append((item.d, problem.code))
        else:
            accepted.append(read(item.envelope).d)
    return GivenAgain(tuple(accepted), tuple(refused))
