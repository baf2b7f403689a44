"""The records that a message's rules may look at: looked up by what the message says, and shown with its evidence."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.trust import Trust
from zegel_keys.verification import read_payload
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.objects import (
    Conference,
    Countersignature,
    Declaration,
    Manifest,
    Objection,
    PartnerRules,
    Procedure,
    Rota,
)
from zegel_protocol.objects.parties import Party
from zegel_protocol.signed import Place
from zegel_relay.services import archive, read_ahead

Subject = tuple[str, str]
"""A kind of record and what it is about."""


def subjects_of(manifest: Manifest, worker: str | None) -> list[Subject]:
    """Return what to look up for a message that the device of `worker` (None: a service, or a person) sent."""
    parties = manifest.sender.party, manifest.to
    return _subjects(*parties, worker, manifest.household, manifest.thread)


def subjects_asked(query: EvidenceQuery) -> list[Subject]:
    """Return what to look up for a message that is being written."""
    return _subjects(query.sender, query.to, query.worker, query.household, query.thread)


def own_subjects(trust: Trust, query: EvidenceQuery) -> list[Subject]:
    """Return what else to look up for a partner that asks about itself: its workers' acceptances, its procedure."""
    partner = query.sender.partner
    if partner is None or query.sender != query.to:
        return []
    workers = {device.worker or "" for device in trust.devices(partner, None)}
    return [*((Declaration.KIND, f"{partner}/{worker}") for worker in sorted(workers)), (Procedure.KIND, partner)]


def _subjects(sender: Party, to: Party, worker: str | None, household: str | None, thread: str | None) -> list[Subject]:
    found: list[Subject] = []
    for partner in (sender.partner, to.partner):
        if partner is not None:
            found += [(PartnerRules.KIND, partner), (Declaration.KIND, partner)]
    if sender.partner is not None:
        found.append((Declaration.KIND, f"{sender.partner}/{worker or ''}"))
    if to.partner is not None:
        found.append((Rota.KIND, to.partner))
    if household is not None:
        found.append((Objection.KIND, household))
    if thread is not None:
        found.append((Conference.KIND, thread))
    return found


def subjects_told(d: str, manifest: Manifest) -> list[Subject]:
    """Return the records of the message `d` for a person who is told of it: the table, and who looked at it."""
    table = [(Conference.KIND, manifest.thread)] if manifest.thread is not None else []
    return [*table, (Countersignature.KIND, d)]


def worker_of(trust: Trust, manifest: Manifest, place: Place | None) -> str | None:
    """Return the worker whose device a message names as its sender, or None."""
    sender = manifest.sender
    devices = trust.devices(sender.partner, place) if sender.partner is not None else ()
    return next((item.worker for item in devices if item.device == sender.device), None)


async def look_up(session: AsyncSession, subjects: Iterable[Subject], before: Place | None = None) -> list[Exhibit]:
    """Return the records about these subjects; of rotas the last, and the last one `before` a place.

    Whoever saw a newer rota than they are shown takes what they are shown for a lie (`zegel.view`).
    """
    wanted, ahead = list(subjects), read_ahead.of(session)
    await ahead.find_subjects(session, wanted)
    found: list[Exhibit] = []
    for kind, subject in wanted:
        shown = list(ahead.subjects[kind, subject])
        if kind == Rota.KIND:
            then = [item for item in shown if before is None or item.place is None or item.place.index < before.index]
            shown = [*then[-1:], *(item for item in shown[-1:] if item not in then)]
        found += shown
    return found


async def of_people(
    session: AsyncSession,
    found: Iterable[Exhibit],
    people: Iterable[str],
    *,
    between: tuple[Party, Party] | None = None,
    by: str | None = None,
) -> list[Exhibit]:
    """Return records without the objections that are not of this message, and with the keys of who made the others.

    What one member of a household objects to for themselves is nothing that a message about another shows, and an
    objection names partners: `between` a sender and a recipient only those count that stop what goes from one to the
    other, or all. `by`: only what this person objects to, for a person who asks: one parent does not learn of the
    other's. Who took one back is shown with it.
    """
    wanted, kept, objectors, stated = set(people), list[Exhibit](), set[str](), set[str]()
    for item in found:
        if item.kind == Objection.KIND:
            said = read_payload(item.envelope, Objection)[0]
            concerned = said.withdraws is None and not wanted.isdisjoint(said.about) and _stops(said, between)
            if not (concerned or said.withdraws in stated) or by not in (None, said.person):
                continue
            stated.add(item.d)
            objectors.add(said.person)
        kept.append(item)
    return [*kept, *await archive.clients(session, objectors)]


def _stops(said: Objection, between: tuple[Party, Party] | None) -> bool:
    return between is None or (said.sender in (None, between[0]) and said.to in (None, between[1]))


async def answered(session: AsyncSession, manifest: Manifest) -> list[Exhibit]:
    """Return the manifest that a message answers by name, if it is here."""
    named = [manifest.answers] if manifest.answers is not None else []
    return [item for item in await archive.by_digest(session, named) if item.kind == Manifest.KIND]
