"""What readers said of a message, verified: each word by the key that counted at its place, and against the log."""

from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_keys.exhibit import read_bundle
from zegel_keys.receipts import check_receipt
from zegel_keys.verification import verify
from zegel_protocol.api import Bundle
from zegel_protocol.decision.parties import ALARM_DAYS
from zegel_protocol.durations import DAY
from zegel_protocol.errors import ChainError, LogError
from zegel_protocol.objects import Acknowledgement
from zegel_protocol.signed import Signed
from zegel_protocol.words import WORDS


async def read_events(client: RelayClient, view: View, manifest: str, now: int) -> list[Signed[Acknowledgement]]:
    """Return what readers said of the message `manifest`, and workers of persons whom they told, in the relay's order.

    Raises `ProtocolError`: `event.foreign` (of another message, or in somebody else's name), `log.split` (a reader was
    shown another log than this device), and what verification raises.
    """
    said, setting = await client.events(manifest), await client.setting()
    # Whether an alarm was opened is seen for as long as an alarm may go (`decide.md`); of the rest nothing follows.
    case = await view.believe_now(Bundle(items=(*setting.items, *said.items)), now, grace=ALARM_DAYS * DAY)
    log_key = case.setting.directory.payload.log_key
    events = []
    for item in read_bundle(said):
        if item.kind != Acknowledgement.KIND:
            continue
        if item.receipt is None:
            raise LogError("log.receipt", "an event that no receipt shows to be accepted")
        _, place, seen = check_receipt(item.receipt, item.d, case.trust, log_key)
        held = verify(item.envelope, Acknowledgement, case.trust, place)
        event = held.payload
        if event.manifest != manifest or not speaks(event):
            raise ChainError("event.foreign", "an event of another message, or in another reader's name")
        # Their receipt, and what they saw themselves: whoever is shown another log than we are is found out here.
        await view.compare_log(seen, case)
        await view.compare_seen(event.seen, event.at, case)
        events.append(held)
    return events


def speaks(event: Acknowledgement) -> bool:
    """Whether who signs may say this: a reader of themselves; a worker also of a person whom they told or wrote for."""
    by_worker = event.by.partner is not None and event.reader.person is not None
    return (by_worker and (event.event == "told" or WORDS[event.event].recorded)) or event.by.party == event.reader
