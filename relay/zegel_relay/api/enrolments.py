"""An enrolment's notes over HTTP: opened by a worker's device, left and fetched by whoever knows the mailbox's name."""

from typing import Annotated

import msgspec
from msgspec import Meta

from zegel_protocol import b64
from zegel_protocol.api import EnrolmentNote
from zegel_protocol.fields import Digest
from zegel_relay.api.long_poll import MAX_WAIT, wait_for_news
from zegel_relay.api.route import Call
from zegel_relay.services import enrolment_mailbox
from zegel_relay.services.errors import NotFound

MAX_NOTE = 32 * 1024
"""Bytes of a request with a note."""

Slot = Annotated[str, Meta(pattern=r"^(?:keys|record|signature)$(?!\n)")]


class MailboxPath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mailbox."""

    mailbox: Digest


class SlotPath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mailbox, and which of its notes: the phone's keys, the record to sign, the phone's signature."""

    mailbox: Digest
    slot: Slot


class WaitQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many seconds to wait for the note."""

    wait: Annotated[int, Meta(ge=0, le=MAX_WAIT)] = 0


async def open_mailbox(call: Call) -> None:
    """Open a mailbox for the worker's device that asks."""
    path: MailboxPath = call.path
    await enrolment_mailbox.open_mailbox(call.relay.sessions, path.mailbox, call.asker.partner, call.now)


async def leave(call: Call) -> None:
    """Keep a note for the other side."""
    path: SlotPath = call.path
    note: EnrolmentNote = call.body
    body = b64.decode(note.content)
    await enrolment_mailbox.leave(call.relay.sessions, path.mailbox, path.slot, body, call.now)
    call.relay.wakeups.notify(_party(path))


async def fetch(call: Call) -> EnrolmentNote:
    """Return a note; with `wait`, as soon as it is there."""
    path: SlotPath = call.path
    query: WaitQuery = call.query

    async def look() -> bytes | None:
        async with call.relay.sessions() as session:
            return await enrolment_mailbox.fetch(session, path.mailbox, path.slot, call.relay.clock.now())

    async with call.relay.sessions() as session:
        # A stranger who asks for a name that nobody opened is answered at once, and holds nothing.
        wait = query.wait if await enrolment_mailbox.is_open(session, path.mailbox, call.now) else 0
    found = await wait_for_news(call.relay.wakeups, _party(path), look, wait)
    if found is None:
        raise NotFound("enrolment.nothing", "There is no such note yet.")
    return EnrolmentNote(content=b64.encode(found))


def _party(path: SlotPath) -> str:
    return f"enrolment:{path.mailbox}"
