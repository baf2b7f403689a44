"""A town of five partners and the families in it, for the tests of who says yes, who is told and who reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from e2e.families import Household, Overheard, complete
from servers.databases import rows
from zegel import Draft, Partner
from zegel_demo.asked import text_of
from zegel_demo.client_agent import ClientAgent
from zegel_demo.consent_answer import Yes, consents_of
from zegel_demo.consent_chains import Heads
from zegel_demo.huis import Huis
from zegel_demo.touch import Answer, sign_and_submit
from zegel_keys.casefile import CaseFile
from zegel_keys.verification import read_payload
from zegel_protocol.objects import ConsentRequest, Notice
from zegel_protocol.objects.consent import ConsentSigner
from zegel_protocol.signed import Signed
from zegel_protocol.texts.consent_text import ConsentDraft

SCHOOL, CLB, JAC, CGG, HOME = "school-de-linde", "clb-gent", "jac-gent", "cgg-gent", "thuisbegeleiding"


@dataclass
class Town:
    """A running Huis with five partners, and nobody's household yet."""

    huis: Huis
    school: Partner
    clb: Partner
    jac: Partner
    cgg: Partner
    home: Partner


@asynccontextmanager
async def open_town(folder: Path) -> AsyncIterator[Town]:
    """Yield a running town; close it afterwards."""
    huis = await Huis.open(folder, "Huis van het Kind")
    partners: list[Partner] = []
    try:
        await huis.admit(SCHOOL, "Basisschool De Linde", "school", "office", "care-coordinator")
        await huis.admit(CLB, "CLB Gent", "clb", "penal", "counsellor")
        await huis.admit(JAC, "JAC", "caw", "penal", "social-worker")
        await huis.admit(CGG, "CGG", "mental", "penal", "psychologist")
        await huis.admit(HOME, "Thuisbegeleiding", "youthcare", "penal", "educator")
        await huis.publish()
        partners += [await huis.connect(name) for name in (SCHOOL, CLB, JAC, CGG, HOME)]
        yield Town(huis, *partners)
    finally:
        for partner in partners:
            await partner.close()
        huis.stop()


def notices_of(huis: Huis, manifest: str) -> dict[str, Notice]:
    """The notices that the relay stored for a message, by person: read where they lie."""
    told = rows(huis.relay, "SELECT envelope FROM notices WHERE message_d = ?", [manifest])
    found = [read_payload(envelope, Notice)[0] for (envelope,) in told]
    return {notice.person: notice for notice in found}


async def forge_yes(
    agent: ClientAgent,
    request: Signed[ConsentRequest],
    about: tuple[str, ...],
    role: Literal["self", "authority"],
    case: CaseFile,
) -> tuple[Answer, ...]:
    """Have a phone say yes to the first flow of a request for `about`, as `role`, be it theirs to say or not."""
    phone, flow = agent._phone, request.payload.flows[0]
    now = phone.clock()
    draft = ConsentDraft(
        purpose=flow.purpose,
        sender=flow.sender,
        to=flow.to,
        types=flow.types,
        about=about,
        not_before=now,
        not_after=flow.until,
        signers=(ConsentSigner(person=phone.person, role=role),),
        language="nl",
        code_version=case.setting.rulebook.payload.code_version,
    )
    heads = Heads({(person, flow.sender.key, flow.to.key): (0, None) for person in about})
    yes = Yes(draft, text_of(draft, case.setting), request.payload.household, request.d)
    return await sign_and_submit(phone, consents_of(phone, [yes], heads, case), case)


async def all_answers(phone: ClientAgent, overheard: Overheard) -> list[bytes]:
    """Look at everything that a phone can show; return what the relay answered to that, byte for byte."""
    # Twice, for the first time it also asks for proofs that what it sees is of the log that it knew.
    for _ in range(2):
        overheard.forget()
        await phone.requests()
        await phone.given()
        await phone.notices()
        await phone._phone.relay.inbox(0)
    return overheard.forget()


@dataclass
class Noor:
    """Scenario 5: Noor, 7, whose parents are in a contested divorce; both have a phone."""

    home: Household
    mother: str
    father: str
    child: str

    def growth(self, sender: Partner) -> Draft:
        """A referral to home guidance with how Noor develops, and something practical."""
        draft = sender.referral(HOME, self.home.id, [self.child])
        draft.note("growth", "Noor praat weinig en slaapt onrustig.").note("plan", "Liefst op woensdag.")
        return complete(draft, self.home.huis.clock())


async def noor(town: Town, conflict: bool = False) -> Noor:
    """Return a new household of Noor, her mother and her father."""
    home = Household.new(town.huis, town.clb)
    mother, father = await home.adult(), await home.adult()
    child = await home.child(7, [mother, father], conflict=conflict)
    return Noor(home, mother, father, child)
