"""What a client is told: a notice with their copy of the message, on whose yes it went, and who opened it since.

The page that they read is made from these by `zegel_protocol.texts.notice_text`; nothing is worded here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from zegel.events import speaks
from zegel_demo.client_copy import ClientCopy, open_copy
from zegel_demo.consent_chains import counted
from zegel_demo.phone import Family, Phone
from zegel_keys.casefile import CaseFile
from zegel_keys.exhibit import Exhibit, read_bundle
from zegel_keys.receipts import check_receipt
from zegel_keys.trust import Trust
from zegel_keys.verification import verify
from zegel_protocol.api import DeadlineItem, NoticeItem
from zegel_protocol.decision.age import told
from zegel_protocol.errors import ChainError, LogError
from zegel_protocol.evidence import ChainObject, Flow
from zegel_protocol.objects import Acknowledgement, Conference, Consent, Countersignature, Notice, Revocation
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.signed import Signed
from zegel_protocol.texts.notice_facts import Line, NoticeFacts, Opened, Said
from zegel_protocol.texts.notice_text import render_notice
from zegel_protocol.words import READING

Chains = Mapping[Flow, tuple[ChainObject, ...]]


@dataclass(frozen=True)
class ClientNotice:
    """One notice, verified.

    `copy` holds the lines that concern this person, also where nothing was sealed for them: they had no keys then, or
    all of it is withheld. `consents` are those of the message that this person may see, `children` those they are told
    for. `events` are what readers said of the message, oldest first. `unconsented` are sections (`D`) that went when
    no consent that the message names counted, by this person's own chains: the relay that accepted them was lied
    to or lies (attack 7), and the steward is to hear of it. `deadlines` are what is owed about the message.
    `stopped`: a consent that it rests on was taken back since, in a chain of this person or of a child of theirs.
    """

    notice: Signed[Notice]
    copy: ClientCopy
    consents: tuple[Consent, ...]
    children: frozenset[str]
    events: tuple[Signed[Acknowledgement], ...]
    unconsented: tuple[str, ...] = ()
    deadlines: tuple[DeadlineItem, ...] = ()
    stopped: bool = False

    @property
    def opened(self) -> tuple[Opened, ...]:
        """Who opened it: organisation, function, and when they say so (UTC seconds)."""
        setting, found = self.copy.case.setting, list[Opened]()
        for held in self.events:
            partner, device = held.payload.by.partner, held.payload.by.device
            if held.payload.event != "opened" or partner is None or device is None:
                continue
            known = setting.device_at(partner, device, held.place)
            names = setting.names(partner)
            if known is not None:
                found.append(Opened(names[0] if names else partner, known.function, held.payload.at))
        return tuple(found)

    @property
    def said(self) -> tuple[Said, ...]:
        """What partners and this person said of it, who opened it apart, oldest first."""
        words = (held.payload for held in self.events if held.payload.event not in READING)
        return tuple(Said(word.reader, word.event, word.codes, word.at) for word in words)

    @property
    def conference(self) -> Conference | None:
        """The table that the message is for, or None."""
        thread = self.copy.manifest.payload.thread
        held = self.copy.case.records.newest(Conference, thread) if thread is not None else None
        return held.payload if held is not None else None

    @property
    def looked(self) -> tuple[Countersignature, ...]:
        """The second looks that workers took at the message."""
        return tuple(held.payload for held in self.copy.case.records.all(Countersignature, self.copy.manifest.d))

    def readable(self) -> list[tuple[str, str]]:
        """Return what can be read, in its order: a note's type with its text, a file's name with its type and size."""
        return self.copy.readable()


async def read_notice(
    phone: Phone,
    item: NoticeItem,
    family: Family,
    consents: Mapping[str, Signed[Consent]],
    chains: Chains,
    deadlines: Iterable[DeadlineItem] = (),
) -> ClientNotice:
    """Return one notice of a page with all that belongs to it.

    `consents` are this person's own, by `D`; so `chains`. `deadlines` are all that they are shown.

    Raises `ProtocolError`: `notice.foreign` (of another person or message), `event.foreign`, and as `open_copy`.
    """
    notice = verify(bytes(item.notice), Notice, family.case.trust)
    if notice.payload.person != phone.person or notice.payload.manifest != item.manifest:
        raise ChainError("notice.foreign", "a notice of another person or message")
    # Events first: the setting that comes with the message afterwards knows every device that can have signed one.
    beside = await phone.relay.events(item.manifest)
    copy = await open_copy(phone, notice, family, beside)
    case = copy.case
    events = [
        await _event(phone, exhibit, notice.payload.manifest, case)
        for exhibit in read_bundle(beside)
        if exhibit.kind == Acknowledgement.KIND
    ]
    at = copy.place.at
    basis = copy.manifest.payload.basis
    named = basis.consents if isinstance(basis, OnConsent) else ()
    return ClientNotice(
        notice=notice,
        copy=copy,
        consents=tuple(consents[d].payload for d in named if d in consents),
        children=_told_for(family, phone.person, at),
        events=tuple(sorted(events, key=lambda held: held.place.index if held.place is not None else 0)),
        unconsented=tuple(_unconsented(copy, frozenset(named), (phone.person, *family.children), chains)),
        deadlines=tuple(item for item in deadlines if item.message == copy.manifest.d),
        stopped=_stopped(frozenset(named), (phone.person, *family.children), chains),
    )


def _stopped(named: frozenset[str], people: Iterable[str], chains: Chains) -> bool:
    wanted = set(people)
    own = (held.payload for flow, chain in chains.items() if flow[0] in wanted for held in chain)
    return any(named & set(item.revokes) for item in own if isinstance(item, Revocation))


def _unconsented(copy: ClientCopy, named: frozenset[str], people: Iterable[str], chains: Chains) -> Iterator[str]:
    """Yield the sections about these people that rested on nothing when they were accepted."""
    manifest, wanted = copy.manifest.payload, set(people)
    sender, to = manifest.sender.party.key, manifest.to.key
    for held in (item.entry for item in copy.sections if named):
        flows = [(person, sender, to) for person in held.payload.about if person in wanted]
        if any(not named & counted(chains.get(flow, ()), copy.place) for flow in flows):
            yield held.d


def _told_for(family: Family, person: str, at: int) -> frozenset[str]:
    clients = family.case.clients.items()
    return frozenset(name for name, client in clients if name != person and person in told(client.current, at))


async def _event(phone: Phone, exhibit: Exhibit, manifest: str, case: CaseFile) -> Signed[Acknowledgement]:
    if exhibit.receipt is None:
        raise LogError("log.receipt", "an event that no receipt shows to be accepted")
    trust: Trust = case.trust
    _, place, seen = check_receipt(exhibit.receipt, exhibit.d, trust, case.setting.directory.payload.log_key)
    await phone.view.compare_log(seen, case)
    held = verify(exhibit.envelope, Acknowledgement, trust, place)
    if held.payload.manifest != manifest or not speaks(held.payload):
        raise ChainError("event.foreign", "an event of another message, or in another reader's name")
    # What the reader saw of the log: whoever is shown another one than this phone is found out here.
    await phone.view.compare_seen(held.payload.seen, held.payload.at, case)
    return held


def page_of(notice: ClientNotice, person: str, now: int, language: str, done: Iterable[str]) -> list[Line]:
    """Return the page of a notice as this person reads it at `now`; `done` are codes of follow-ups that were met.

    Raises `ProtocolError` (`text.*`).
    """
    copy = notice.copy
    setting, manifest = copy.case.setting, copy.manifest.payload
    names = {partner: setting.names(partner)[0] for partner in setting.memberships}
    recipient, functions = setting.member(manifest.to.partner), dict[str, str]()
    if manifest.sender.partner is not None and manifest.sender.device is not None:
        device = setting.device_at(manifest.sender.partner, manifest.sender.device, copy.place)
        functions = {device.device: device.function} if device is not None else {}
    facts = NoticeFacts(
        person=person,
        children=notice.children,
        accepted_at=copy.place.at,
        now=now,
        names=names,
        functions=functions,
        sector=recipient.sector if recipient is not None else None,
        consents=notice.consents,
        opened=notice.opened,
        done=tuple(done),
        codes=notice.notice.payload.codes,
        said=notice.said,
        deadlines=notice.deadlines,
        conference=notice.conference,
        looked=notice.looked,
        stopped=notice.stopped,
    )
    entries = [item.entry.payload for item in copy.sections]
    return render_notice(manifest, entries, facts, setting.rulebook.payload, language)
