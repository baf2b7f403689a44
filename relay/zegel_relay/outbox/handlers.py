"""The handlers of promised work, by the kind of their rows."""

from typing import Final

from zegel_relay.notify.ping import ping
from zegel_relay.notify.tell import tell
from zegel_relay.outbox.handler import Handler
from zegel_relay.outbox.promise import PING, TELL

HANDLERS: Final[dict[str, Handler]] = {PING: ping, TELL: tell}
