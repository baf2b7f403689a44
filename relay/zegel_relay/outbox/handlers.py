"""The handlers of promised work, by the kind of their rows."""

from typing import Final

from zegel_relay.notify.escalate import escalate
from zegel_relay.notify.ping import ping
from zegel_relay.notify.release import release
from zegel_relay.notify.remind import remind
from zegel_relay.notify.tell import tell
from zegel_relay.outbox.handler import Handler
from zegel_relay.outbox.promise import ALARM, KEYRING, PING, RELEASE, REMIND, TELL
from zegel_relay.retention.keyrings import end_replaced

HANDLERS: Final[dict[str, Handler]] = {
    ALARM: escalate,
    KEYRING: end_replaced,
    PING: ping,
    RELEASE: release,
    REMIND: remind,
    TELL: tell,
}
