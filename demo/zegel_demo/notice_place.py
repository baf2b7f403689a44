"""From where a phone goes on reading its notices: a relay's cursor alone could jump over what waits.

A notice of something that was told at once stands where its message stands in the log, by its receipt. One that waited
stands behind that, and the phone then looks how long the log is by now, so that no cursor lies beyond what it has seen.
"""

from collections.abc import Iterable

from zegel_demo.client_notice import ClientNotice
from zegel_demo.phone import Phone
from zegel_keys import signing
from zegel_keys.casefile import CaseFile
from zegel_keys.epochs import origin_now
from zegel_protocol import b64, tlog
from zegel_protocol.api import NoticeItem
from zegel_protocol.errors import ChainError
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.objects.notice import DELAYED
from zegel_protocol.positions import first_position, is_position
from zegel_protocol.words import OVER_BROAD

LATER = frozenset({DELAYED, OVER_BROAD})
"""Codes of notices that fall due later than their message was accepted."""


async def place_of_last(phone: Phone, case: CaseFile, read: Iterable[tuple[NoticeItem, ClientNotice]]) -> int:
    """Return the position of the last of these notices. Raises `ChainError` (`notice.cursor`)."""
    last, waited = -1, False
    for item, notice in read:
        late = not LATER.isdisjoint(notice.notice.payload.codes)
        index = notice.copy.place.index
        position = first_position(index) if item.position is None else item.position
        if not is_position(position, index, late):
            raise ChainError("notice.cursor", "the relay shows a notice in another place than its own")
        last, waited = max(last, position), waited or late
    if waited:
        await _look(phone, case)
    return last


async def _look(phone: Phone, case: CaseFile) -> None:
    """Hold the log as it is now against what was seen of it, and note it."""
    text = (await phone.relay.log_state()).checkpoint
    log_key = case.setting.directory.payload.log_key
    head = tlog.verify_checkpoint(text, origin_now(case.trust), log_key, signing.check)
    await phone.view.compare_log(Seen(size=head.size, root=b64.encode(head.root)), case)
