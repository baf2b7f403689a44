"""What messages that wait for their acceptance are going to ask, so that one of them can ask for all.

A question decides nothing and holds nobody back: an operation looks up whatever was not asked beforehand by itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.trust import Trust
from zegel_protocol.evidence import Flow
from zegel_protocol.objects import ClientKey, Manifest, Person, Prekeys, Vouch
from zegel_relay.services import read_ahead
from zegel_relay.services.mentions import authority_of, requests_of, signers_of
from zegel_relay.services.read_ahead import ReadAhead
from zegel_relay.services.records import subjects_of, worker_of

TOGETHER: Final = 256
"""Most messages that are asked for at once."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """All that the acceptance of one message looks up: by `D`, id, person, chain, ciphertext, and size of the log.

    `manifest`: what else it looks up follows from that (`services.records`).
    """

    d: str
    directory: str
    recipient: str | None
    ids: tuple[str, ...]
    persons: tuple[str, ...]
    flows: tuple[Flow, ...]
    cts: tuple[str, ...]
    seen: int
    manifest: Manifest


async def ask_together(session: AsyncSession, trust: Trust, own: Question, waiting: Collection[Question]) -> None:
    """Look up what `own` and those who wait ask, unless that was done in this transaction."""
    ahead = read_ahead.of(session)
    if own.d in ahead.covered:
        return
    others = [question for question in waiting if question.d not in ahead.covered and question.d != own.d]
    asked = (own, *others[: TOGETHER - 1])
    ahead.covered |= {question.d for question in asked}
    flows = {flow for question in asked for flow in question.flows}
    persons = {person for question in asked for person in question.persons}
    recipients = {question.recipient for question in asked if question.recipient is not None}
    keys = {
        (Prekeys.KIND, f"{partner}/{device.device}")
        for partner in recipients
        for device in trust.devices(partner, None)
        if device.inbox
    }
    beside = {
        subject
        for question in asked
        for subject in subjects_of(question.manifest, worker_of(trust, question.manifest, None))
    }
    await ahead.find_subjects(session, keys | beside | _about(persons))
    await ahead.find_chains(session, flows)
    await ahead.find_messages(session, (name for question in asked for name in question.ids))
    await ahead.find_blobs(session, (ct for question in asked for ct in question.cts))
    await ahead.find_roots(session, (question.seen for question in asked))
    wanted = {d for question in asked for d in (question.d, question.directory)}
    wanted |= {question.manifest.answers for question in asked if question.manifest.answers is not None}
    wanted |= {d for question in asked for name in question.ids if (d := ahead.messages[name]) is not None}
    wanted |= {d for flow in flows for _, d in ahead.chains[flow]}
    await ahead.find_objects(session, wanted)
    # What those objects lead to, round by round; mostly it was asked for already.
    chained = [exhibit for flow in flows for _, d in ahead.chains[flow] if (exhibit := ahead.objects[d]) is not None]
    await ahead.find_objects(session, requests_of(chained))
    known = (exhibit for person in persons for exhibit in ahead.subjects[Person.KIND, person])
    persons |= authority_of(known) | signers_of(chained)
    await ahead.find_subjects(session, _about(persons))
    await ahead.find_subjects(session, _vouches(ahead, persons))


def _about(persons: set[str]) -> set[tuple[str, str]]:
    return {(kind, person) for kind in (Person.KIND, ClientKey.KIND) for person in persons}


def _vouches(ahead: ReadAhead, persons: set[str]) -> set[tuple[str, str]]:
    return {(Vouch.KIND, key.d) for person in persons for key in ahead.subjects[ClientKey.KIND, person]}
