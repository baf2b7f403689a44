"""What waits for whoever asks: messages for a partner, notices for a person; and handing a message out."""

from typing import Annotated

import msgspec
from msgspec import Meta

from zegel_protocol.api import Delivery, InboxPage, NoticePage
from zegel_protocol.fields import MAX_INT, Count, Digest
from zegel_relay.api.long_poll import MAX_WAIT, wait_for_news
from zegel_relay.api.route import Call
from zegel_relay.services import deliver, reading
from zegel_relay.services.errors import Forbidden
from zegel_relay.services.reminded import accept_reminded


class PageQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which position on, and how many seconds to wait for something new."""

    after: Count = 0
    wait: Annotated[int, Meta(ge=0, le=MAX_WAIT)] = 0


class InboxQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Also the `called` of the page before: a call to an alarm since then ends the waiting; without it none does."""

    called: Count = MAX_INT


class MessagePath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `D` of a manifest."""

    d: Digest


async def inbox(call: Call) -> InboxPage:
    """Return the messages for whoever asks; with `wait`, as soon as there is one, or a call to an alarm after `called`.

    Alarms that nobody opened are on every page.
    """
    query: InboxQuery = call.query
    asker, page = call.asker, InboxPage(items=(), cursor=query.after)

    async def look() -> InboxPage | None:
        nonlocal page
        async with call.relay.sessions() as session:
            now = call.relay.clock.now()
            page = await deliver.read_inbox(session, asker.party, query.after, now, asker.device)
        return page if page.items or page.called > query.called else None

    # What nobody was called to since is shown all the same, once the waiting is over.
    return await wait_for_news(call.relay.wakeups, asker.party, look, query.wait) or page


async def hand_out(call: Call) -> Delivery:
    """Hand a message to whoever asks, if it is theirs and still allowed.

    A partner's device may send along that its user was reminded of secrecy for it.
    """
    path: MessagePath = call.path
    if call.raw:
        await accept_reminded(call.relay.office, call.raw, path.d)
    return await deliver.deliver(call.relay.office, call.asker.party, path.d, call.now, call.asker.device)


async def notices(call: Call) -> NoticePage:
    """Return the notices of the person who asks; with `wait`, as soon as there is one."""
    query: PageQuery = call.query
    asker = call.asker
    if asker.person is None:
        raise Forbidden("notices.person", "Notices are read by the person they are for.")
    person = asker.person

    async def look() -> NoticePage | None:
        async with call.relay.sessions() as session:
            page = await reading.read_notices(session, person, query.after)
        return page if page.items else None

    found = await wait_for_news(call.relay.wakeups, asker.party, look, query.wait)
    return found or NoticePage(items=(), cursor=query.after)
