"""A keyring after a replacement of lost keys: what wrapped the seed before is erased when the new keys begin to count.

Until then the person whose keys they are comes in with it, and may stop the replacement.
"""

from zegel_keys.casefile import open_case
from zegel_keys.verification import read_payload
from zegel_protocol.objects import ClientKey
from zegel_relay.outbox.handler import Done, Result
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.services import archive, keyring
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import OutboxItem
from zegel_relay.storage.postgres import hold_log


async def end_replaced(room: Workroom, item: OutboxItem, now: int) -> Result:
    """Erase of a person (`item.subject`) what the keys in force at `now` leave without use."""
    person = item.subject.removeprefix("person:")
    async with writing(room.sessions) as session:
        await hold_log(session, shared=False)
        newest = await archive.newest(session, ClientKey.KIND, person)
        if newest is None:
            return Done()
        huis = read_payload(newest.envelope, ClientKey)[0].huis
        shown = [*await archive.setting(session), *await archive.clients(session, [person])]
        with archive.own_rows():
            held = open_case(huis, shown).clients[person].key_now(now)
        if held is not None:
            _ = await session.execute(keyring.end_older(held.payload))
    return Done()
