"""What every use-case works with: the database, the writer, the relay's own keys, and the trust in force."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from zegel_keys.casefile import CaseFile, Reader, open_case
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.signing import SigningKey
from zegel_keys.trust import Trust, establish
from zegel_protocol.evidence import Flow
from zegel_protocol.objects import Directory, Entry, Manifest, Payload, Status
from zegel_protocol.objects.parties import Party
from zegel_protocol.signed import Signed, Signer
from zegel_relay.services import archive
from zegel_relay.services.errors import Conflict
from zegel_relay.services.mentions import authority_of, requests_of, signers_of
from zegel_relay.services.questions import Question
from zegel_relay.storage.blobs import BlobStore
from zegel_relay.storage.writer import Writer

_About = tuple[tuple[Exhibit, ...], tuple[Flow, ...]]

CASES: Final = 512
"""Case files that are kept: the people that were spoken of last."""


@dataclass
class Office:
    """The relay's side of every use-case. `log_public` is the key that signs checkpoints.

    `contact_public` is the key that contact addresses are sealed to; `expected` are the questions of messages that wait
    for the writer.
    """

    huis: str
    relay_key: SigningKey
    log_public: str
    sessions: async_sessionmaker[AsyncSession]
    writer: Writer
    blobs: BlobStore
    contact_public: str | None = None
    expected: dict[str, Question] = field(default_factory=dict)
    _mark: int = -1
    _trust: Trust | None = field(default=None, repr=False)
    _shown: tuple[Exhibit, ...] = field(default=(), repr=False)
    _cases: dict[_About, tuple[Trust, CaseFile]] = field(default_factory=dict, repr=False)

    async def trust(self, session: AsyncSession) -> Trust:
        """Return the trust in force, as the transaction sees it.

        Rebuilt only when something of the setting was accepted since; the mark is read in the same transaction, so no
        process ever judges by a setting older than what it reads. Raises `Conflict` (`huis.not-founded`).
        """
        mark = await archive.setting_mark(session)
        if self._trust is None or mark != self._mark:
            with archive.own_rows():
                shown = tuple(await archive.setting(session))
            if not any(exhibit.kind == Directory.KIND for exhibit in shown):
                raise Conflict("huis.not-founded", "This Huis has no directory yet: its steward publishes one first.")
            with archive.own_rows():
                trust = establish(self.huis, shown, Reader().place)
            self._mark, self._trust, self._shown = mark, trust, shown
            self._cases.clear()
        return self._trust

    async def setting(self, session: AsyncSession) -> tuple[Exhibit, ...]:
        """Return what the trust in force was established from, to be shown to others. Raises as `trust`."""
        await self.trust(session)
        return self._shown

    @property
    def last_trust(self) -> Trust | None:
        """The trust that was last in force, perhaps no more; None before the first use."""
        return self._trust

    async def case(
        self,
        session: AsyncSession,
        persons: Iterable[str],
        flows: Iterable[Flow],
        more: Iterable[Exhibit] = (),
        now: int = 0,
    ) -> CaseFile:
        """Return the case file about persons and consent chains, with the relay's own statuses as of `now`."""
        wanted = tuple(sorted(set(flows)))
        return await self.case_of(session, [*await self.exhibits(session, persons, wanted), *more], wanted, now)

    async def case_of(
        self, session: AsyncSession, exhibits: Iterable[Exhibit], flows: Iterable[Flow], now: int
    ) -> CaseFile:
        """Return the case file of exhibits that were looked up already, with the relay's own statuses as of `now`."""
        wanted = tuple(sorted(set(flows)))
        once = {exhibit.d: exhibit for exhibit in exhibits}
        case = self._open(await self.trust(session), tuple(once.values()), wanted)
        relay = frozenset({Signer("relay", self.relay_key.public)})
        # Its own statuses need no signature on their way to itself.
        statuses = {flow: Signed("", await self.status(session, flow, now), relay) for flow in wanted}
        return replace(case, statuses=statuses)

    def _open(self, trust: Trust, exhibits: tuple[Exhibit, ...], flows: tuple[Flow, ...]) -> CaseFile:
        """Return the case file of these very exhibits, which is the same each time while the setting is.

        What is looked up for it is looked up each time: only that it holds is remembered.
        """
        # By this very trust: who still sees an older setting must not leave its word to those who see it changed.
        before, found = self._cases.pop((exhibits, flows), (None, None))
        case = found if found is not None and before is trust else open_case(self.huis, exhibits, trust, flows)
        # Put back at the end: the one that was unused for longest is dropped.
        self._cases[exhibits, flows] = trust, case
        if len(self._cases) > CASES:
            self._cases.pop(next(iter(self._cases)))
        return case

    async def exhibits(
        self, session: AsyncSession, persons: Iterable[str], flows: Iterable[Flow], *, whole: bool = True
    ) -> list[Exhibit]:
        """Return clients, the chains, who signed in them, and the requests that consents name.

        `whole`: with everyone who holds authority over the clients, as whoever sends or judges needs it. A person is
        shown nobody's keys but those of who signed what they see.
        """
        wanted = set(persons)
        shown = await archive.clients(session, wanted)
        holders = authority_of(shown) - wanted if whole else set()
        shown += await archive.clients(session, holders)
        chained = await archive.chains(session, flows)
        signing = signers_of(chained) - wanted - holders
        shown += await archive.clients(session, signing)
        return [*shown, *chained, *await archive.by_digest(session, requests_of(chained))]

    async def status(self, session: AsyncSession, flow: Flow, now: int) -> Status:
        """Return the relay's statement of a chain's head as of `now`, unsigned."""
        person, sender, to = flow
        head_seq, head = await archive.chain_head(session, flow)
        return Status(
            v=1, huis=self.huis, nonce=new_nonce(), person=person, sender=party_of(sender), to=party_of(to),
            head_seq=head_seq, head=head, as_of=now,
        )  # fmt: skip

    async def signed_statuses(self, session: AsyncSession, flows: Iterable[Flow], now: int) -> list[Exhibit]:
        """Return the relay's statements about chains, for others: signed."""
        return [read(self.sign(await self.status(session, flow, now))) for flow in sorted(set(flows))]

    def sign(self, payload: Payload) -> bytes:
        """Return the envelope of an object of the relay's own, signed with its key."""
        return sign_payload(payload, self.relay_key)


def people_of(manifest: Manifest, entries: Iterable[Signed[Entry]]) -> set[str]:
    """Return everyone whom a message is about, and the person who sends it."""
    about = {person for held in entries for person in held.payload.about}
    return about | ({manifest.sender.person} if manifest.sender.person is not None else set())


def flows_of(manifest: Manifest, people: Iterable[str]) -> tuple[Flow, ...]:
    """Return the keys of these people's consent chains from the message's sender to its recipient."""
    return tuple((person, manifest.sender.party.key, manifest.to.key) for person in sorted(people))


def party_of(key: str) -> Party:
    """Return the party that a `Party.key` text names."""
    kind, _, name = key.partition(":")
    return Party(partner=name) if kind == "partner" else Party(person=name)
