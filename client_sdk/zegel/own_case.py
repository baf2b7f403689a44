"""What the relay has of a partner itself: its workers' declarations, its rota, its procedure, its own rules.

Asked for as the evidence of a message from the partner to itself, so that it is shown and verified as all evidence is.
"""

from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_keys.casefile import CaseFile
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.objects.parties import Party


async def ask_own(client: RelayClient, view: View, partner: str) -> CaseFile:
    """Return the case file of a partner's own records. Raises `RelayProblem`, `RelayUnreachable`, `ProtocolError`."""
    return await ask_desk(client, view, partner, partner)


async def ask_desk(client: RelayClient, view: View, partner: str, to: str) -> CaseFile:
    """Return the case file of what a message to partner `to` would be judged by, whoever it is about."""
    query = EvidenceQuery(persons=(), sender=Party(partner=partner), to=Party(partner=to))
    case = await view.believe(await client.evidence(query))
    view.check_rota(case, to)
    return case
