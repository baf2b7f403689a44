"""A relay made by hand that answers as the real one does, and lies where a test says so.

`lies[name]` is given the answer of the method called so, and returns what is handed out instead. What it is given it
keeps as a relay would; only the place in a chain is checked.
"""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Raw

from unit.demo.hand_huis import (
    MOTHER,
    NOW,
    HandHuis,
    d_of,
    new_nonce,
    sign,
)
from zegel.errors import RelayProblem
from zegel.relay_client import RelayClient
from zegel_keys.exhibit import read
from zegel_keys.signing import SigningKey
from zegel_keys.verification import read_payload
from zegel_protocol import b64
from zegel_protocol.api import (
    Bundle,
    DeadlineItem,
    DeadlinePage,
    Delivery,
    EvidenceQuery,
    Held,
    LogConsistency,
    LogState,
    NoticeItem,
    NoticePage,
    Submission,
)
from zegel_protocol.evidence import Flow
from zegel_protocol.objects import (
    KINDS,
    Acknowledgement,
    ClientKey,
    Consent,
    ConsentRequest,
    DeviceList,
    Directory,
    Finding,
    Membership,
    Objection,
    Payload,
    Person,
    Prekeys,
    Revocation,
    Root,
    Rulebook,
    Status,
)
from zegel_relay.services.office import party_of

SETTING = (Root, Directory, Membership, DeviceList, Rulebook)


class HandRelay(RelayClient):
    """One relay for one person, over the objects of a `HandHuis`."""

    def __init__(self, huis: HandHuis) -> None:
        super().__init__("http://nowhere.invalid", f"person:{MOTHER}", SigningKey.generate())
        self.huis = huis
        self.lies: dict[str, Callable[[Any], Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.told: list[NoticeItem] = []
        self.owed: list[DeadlineItem] = []
        self.sent: list[Submission] = []
        self.people = 1
        """How many are told of a message that a phone sends."""
        self.now = NOW

    def _answer(self, name: str, answer: Any) -> Any:
        return self.lies[name](answer) if name in self.lies else answer

    def held(self, *kinds: type) -> list[Held]:
        return [held for payload, held in self.huis.accepted if isinstance(payload, kinds)]

    def chain(self, flow: Flow) -> list[Consent | Revocation]:
        return [
            payload
            for payload in self.huis.of(Payload)
            if isinstance(payload, Consent | Revocation)
            and (payload.sender.key, payload.to.key) == flow[1:]
            and flow[0] in payload.about
        ]

    def status(self, flow: Flow) -> Held:
        chain = self.chain(flow)
        sender, to = (party_of(key) for key in flow[1:])
        status = Status(
            **self.huis.header, nonce=new_nonce(), person=flow[0], sender=sender, to=to, head_seq=len(chain),
            head=d_of(chain[-1]) if chain else None, as_of=self.now,
        )  # fmt: skip
        return Held(object=Raw(sign(status, self.huis.relay_key)))

    def _bundle(self, flows: Iterable[Flow] = (), *kinds: type) -> Bundle:
        wanted = list(flows)
        chained = {d_of(payload) for flow in wanted for payload in self.chain(flow)}
        items = [
            held
            for payload, held in self.huis.accepted
            if isinstance(payload, (*SETTING, Person, ClientKey, *kinds)) or d_of(payload) in chained
        ]
        return Bundle(items=(*items, *(self.status(flow) for flow in wanted)))

    async def submit_object(self, envelope: bytes) -> bytes:
        payload, d = read_payload(envelope, KINDS[read(envelope).kind])
        if isinstance(payload, Consent | Revocation):
            for link in payload.chains:
                chain = self.chain((link.person, payload.sender.key, payload.to.key))
                if (link.seq, link.prev) != (len(chain) + 1, d_of(chain[-1]) if chain else None):
                    raise RelayProblem(409, "chain.head", "Something else was signed in between.")
        self.huis.at = self.now
        self.huis.accept_envelope(payload, envelope)
        assert d_of(self.huis.accepted[-1][0]) == d
        return bytes(self._answer("submit_object", self.huis.accepted[-1][1].receipt))

    async def prekeys(self, partner: str) -> Bundle:
        return Bundle(items=tuple(self.held(*SETTING, Prekeys)))

    async def submit_message(self, submission: Submission) -> bytes:
        """Accept a message as it is, with a notice for each of `people`."""
        self.sent.append(submission)
        d = read(bytes(submission.manifest)).d
        wraps = tuple(sorted(read(bytes(item)).d for item in submission.wraps))
        self.huis.at = self.now
        receipt = self.huis.receipt(d, self.huis.log.append(d), wraps, self._notices())
        return bytes(self._answer("submit_message", receipt))

    def _notices(self) -> tuple[str, ...]:
        return tuple(b64.encode(bytes([n]) * 32) for n in range(self.people))

    async def upload(self, ct: str, body: object, at: object = None) -> None:
        assert isinstance(body, bytes)
        self.blobs[ct] = body

    async def setting(self) -> Bundle:
        return Bundle(items=tuple(self.held(*SETTING)))

    async def requests(self) -> Bundle:
        return self._answer("requests", self._bundle((), ConsentRequest))  # type: ignore[no-any-return]

    async def evidence(self, query: EvidenceQuery) -> Bundle:
        flows = [(person, query.sender.key, query.to.key) for person in query.persons]
        return self._answer("evidence", self._bundle(flows, ConsentRequest, Objection))  # type: ignore[no-any-return]

    async def consents(self) -> Bundle:
        flows = {
            (person, payload.sender.key, payload.to.key)
            for payload in self.huis.of(Consent)
            for person in payload.about
        }
        return self._answer("consents", self._bundle(sorted(flows), ConsentRequest))  # type: ignore[no-any-return]

    async def notices(self, after: int, wait: int = 0) -> NoticePage:
        return NoticePage(items=tuple(self.told[after:]), cursor=len(self.told))

    async def deadlines(self) -> DeadlinePage:
        return DeadlinePage(items=tuple(self.owed))

    async def deliver(self, manifest: str, reminded: bytes | None = None) -> Delivery:
        if manifest not in self.deliveries:
            raise RelayProblem(404, "message.unknown", "No such message is known here for this reader.")
        return self._answer("deliver", self.deliveries[manifest])  # type: ignore[no-any-return]

    async def events(self, manifest: str) -> Bundle:
        found = [held for payload, held in self.huis.accepted if isinstance(payload, Acknowledgement | Finding)]
        return self._answer("events", Bundle(items=tuple(found)))  # type: ignore[no-any-return]

    async def download(self, ct: str) -> bytes:
        if ct not in self.blobs:
            raise RelayProblem(404, "blob.unknown", "There is no such section that you may read.")
        return self.blobs[ct]

    async def log_state(self) -> LogState:
        return LogState(checkpoint=self.huis.log.checkpoint(), now=self.now)

    async def log_consistency(self, old: int, new: int) -> LogConsistency:
        hashes = tuple(b64.encode(item) for item in self.huis.log.consistency(old, new))
        return LogConsistency(old=old, new=new, hashes=hashes, checkpoint=self.huis.log.checkpoint())
