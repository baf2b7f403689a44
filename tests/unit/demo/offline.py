"""What the agent's offline tests share: error codes, what `decide()` says, consents and events in a few words."""

from collections.abc import Awaitable

import pytest

from unit.demo.conftest import phone_of
from unit.demo.hand_huis import CHILD, MOTHER, NOW, NURSE, OCMW, device_of, flow, new_nonce
from unit.demo.hand_relay import HandRelay
from zegel.errors import RelayProblem
from zegel_demo.client_agent import ClientAgent
from zegel_keys.casefile import open_case
from zegel_keys.exhibit import read_bundle
from zegel_protocol import b64
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.decision import Court, consent_record, signers
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Acknowledgement, Consent
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.refusal import Refusal


async def code_of(awaited: Awaitable[object]) -> str:
    """Return the code of the error that this must raise."""
    with pytest.raises((ProtocolError, RelayProblem)) as caught:
        await awaited
    error = caught.value
    assert isinstance(error, ProtocolError | RelayProblem)
    return error.code


async def judged(relay, *persons, sender=NURSE, to=OCMW):
    """Return what `decide()` would say against the consents of one (from, to), whatever is sent on them."""
    query = query_of(*persons, sender=sender, to=to)
    case = open_case(relay.huis.id, read_bundle(await relay.evidence(query)))
    assert any(case.chains.values())
    court = Court(case.setting, case.clients, relay.now)
    found: list[Refusal] = []
    for flow_key, chain in case.chains.items():
        for held in chain:
            if isinstance(held.payload, Consent):
                request = case.requests.get(held.payload.request)
                found += consent_record.judge(court, held, request, chain, "$", answers=True)
                found += signers.judge_entitled(court, held, flow_key[0], "O", "$")
    return [refusal.code for refusal in found]


def query_of(*persons, sender=NURSE, to=OCMW):
    """Return the question for the chains of these persons, or of mother and child."""
    return EvidenceQuery(persons=persons or (MOTHER, CHILD), sender=Party(partner=sender), to=Party(partner=to))


async def consent(huis, agent):
    """Have the mother say yes to what she is asked; return the consent's `D`."""
    huis.ask(flow("ask", "money"))
    (asked,) = await agent.requests()
    return (await agent.accept(asked))[0].d


def opened_by_ocmw(relay, manifest, **changes):
    """Have the OCMW say that it opened a message."""
    fields = {
        "manifest": manifest, "receipt": b64.encode(b"r" * 32), "reader": Party(partner=OCMW),
        "by": Sender(partner=OCMW, device=device_of(OCMW)), "event": "opened", "codes": (),
        "seen": Seen(size=0, root=b64.encode(bytes(32))), "at": NOW + 3600,
    }  # fmt: skip
    event = Acknowledgement(**relay.huis.header, nonce=new_nonce(), **{**fields, **changes})
    relay.huis.accept(event, relay.huis.devices[OCMW])


def same_phone(agent: ClientAgent, relay: HandRelay) -> ClientAgent:
    """Return the same person's phone after a restart: its keys are there, what it saw is forgotten."""
    return phone_of(relay, agent.person, agent._phone.passkey, agent._phone.seed)
