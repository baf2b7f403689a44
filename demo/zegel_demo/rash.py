"""Software that does not check first: it seals and sends whatever it is given, so that the relay has to refuse it.

The SDK never does this. The demo and the tests need it, to show that the relay's refusal does not rest on good manners.
"""

import msgspec

from zegel import Draft, Partner
from zegel.compose import Composed, Composer
from zegel_protocol.api import Submission


async def seal(partner: Partner, draft: Draft, now: int) -> Composed:
    """Seal a draft as it is, judged by nobody."""
    case = await partner._evidence(draft)
    prekeys = await partner._prekeys(draft.to)
    return Composer(partner.identity, case, partner._view.seen, now).compose(draft, prekeys)


async def send(partner: Partner, draft: Draft, now: int) -> bytes:
    """Seal and send a draft without asking anyone; return the relay's receipt. Raises what the relay answers."""
    composed = await seal(partner, draft, now)
    for ct, body in composed.uploads.items():
        await partner._client.upload(ct, body)
    return await partner._client.submit_message(composed.submission)


def changed(submission: Submission, **fields: object) -> Submission:
    """Return a submission with some fields changed."""
    return msgspec.structs.replace(submission, **fields)
