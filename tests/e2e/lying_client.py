"""A lying client side: what a page that lies, or whoever holds a phone, can have a real passkey sign."""

from typing import Any, Unpack

import msgspec

from zegel_demo.asked import text_of
from zegel_demo.client_agent import ClientAgent
from zegel_demo.consent_answer import Yes, consents_of, evidence_for
from zegel_demo.consent_chains import Heads
from zegel_demo.passkey import Lies
from zegel_keys.envelopes import digest_of
from zegel_protocol import dsse, encoding
from zegel_protocol.assertion import to_signature
from zegel_protocol.objects import Consent, Payload
from zegel_protocol.texts.consent_text import render_consent, text_digest


async def yes_of(agent: ClientAgent, asked_by: str, flow: int = 0, /, **changes: Any) -> Consent:
    """Return the consent that answers one flow of a request (`D`), with fields changed and its text's own digest."""
    phone = agent._phone
    asked = next(item for item in await agent.requests() if item.request.d == asked_by)
    draft = next(offer.draft for offer in asked.offers if offer.flow == flow)
    family, heads = await phone.family(), Heads()
    case = await evidence_for(phone, family, draft.sender, draft.to, heads)
    yes = Yes(draft, text_of(draft, case.setting), asked.request.payload.household, asked_by)
    ((honest, _),) = consents_of(phone, [yes], heads, case)
    consent = msgspec.structs.replace(honest, **changes)
    if "text_digest" in changes:
        return consent
    names = {partner: case.setting.names(partner)[0] for partner in case.setting.memberships}
    return msgspec.structs.replace(consent, text_digest=text_digest(render_consent(consent, names)))


def touched(agent: ClientAgent, payload: Payload, **lies: Unpack[Lies]) -> bytes:
    """Return the envelope of an object that the passkey signed; `lies` are what its assertion claims."""
    assertion = agent._phone.passkey.assertion(digest_of(payload), **lies)
    return dsse.seal_envelope(dsse.payload_type(payload.KIND), encoding.encode(payload), (to_signature(assertion),))


async def give(agent: ClientAgent, envelope: bytes) -> str:
    """Give the relay an object as this person would; return its `D`. Raises what the relay answers."""
    await agent._phone.relay.submit_object(envelope)
    media_type, payload, _ = dsse.open_envelope(envelope)
    return dsse.digest(media_type, payload)
