"""Giving the relay what it is to accept: signed objects and messages. The signatures are inside; no other is asked."""

from msgspec import Raw

from zegel_protocol.api import Accepted
from zegel_relay.api.route import Call
from zegel_relay.services.accept_message import accept_message
from zegel_relay.services.accept_object import accept_object


async def submit_object(call: Call) -> Accepted:
    """Accept one signed object; the body is its envelope, byte for byte."""
    return Accepted(receipt=Raw(await accept_object(call.relay.office, call.raw)))


async def submit_message(call: Call) -> Accepted:
    """Accept one message with its sections and wrapped keys."""
    return Accepted(receipt=Raw(await accept_message(call.relay.office, call.body, call.now)))
