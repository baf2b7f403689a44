"""A client's phone: whose it is, its passkey and seed, the relay it asks, and what it believes of the answers.

Everything that the relay hands over is verified from the pinned id of the Huis on, held against what was seen before,
and refused when the directory has expired (attacks 4 to 8, 11, 14). Never here: what a consent or a notice says.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, cast

from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_demo.memory import MemoryState
from zegel_demo.passkey import SoftwarePasskey
from zegel_keys import webauthn
from zegel_keys.casefile import CaseFile
from zegel_keys.client_seed import ClientSeed
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.keystore.pins import Pins
from zegel_keys.keystore.state import State
from zegel_keys.receipts import check_receipt
from zegel_protocol import dsse, encoding
from zegel_protocol.api import Bundle
from zegel_protocol.decision.age import who_signs
from zegel_protocol.errors import ChainError, ProtocolError, SignatureError
from zegel_protocol.evidence import Client, Flow
from zegel_protocol.objects import Objection, Payload, Person
from zegel_protocol.objects.client_key import Passkey
from zegel_protocol.objects.parties import Party
from zegel_protocol.signed import Place


@dataclass(frozen=True)
class Family:
    """What is verified of the phone's own person, and of the children for whom they may say yes now."""

    case: CaseFile
    me: Client
    children: tuple[str, ...]


@dataclass
class Phone:
    """One person's phone. `clock` gives UTC seconds.

    `kept` holds the receipts of what it submitted, by `D`; `flows` are the consent chains that it saw;
    `objections` those of this person that stand, by `D`; `parties` the two sides of each message that was read, by `D`.
    """

    huis: str
    household: str
    person: str
    passkey: SoftwarePasskey
    seed: ClientSeed
    relay: RelayClient
    clock: Callable[[], int]
    kept: dict[str, bytes] = field(default_factory=dict)
    flows: set[Flow] = field(default_factory=set)
    objections: dict[str, Objection] = field(default_factory=dict)
    parties: dict[str, tuple[Party, Party]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Pins and view ask for no more than the rows that `MemoryState` has.
        state = cast(State, MemoryState())
        self.pins = Pins(state)
        self.view = View(self.huis, state, self.relay)
        self.seal_key = SealPrivateKey(self.seed.seal_key_seed)

    @property
    def passkeys(self) -> tuple[Passkey, ...]:
        """The passkeys as a client-key record lists them."""
        return (listed(self.passkey),)

    async def believe(self, bundle: Bundle, flows: Iterable[Flow] = ()) -> CaseFile:
        """Return a bundle's case file; `flows` are the consent chains that were asked for.

        Raises `ProtocolError`: whatever does not verify, `pin.*`, `log.split`, or `directory.expired`, because a relay
        that shows an old directory may be hiding what is in the new one.
        """
        case = await self.view.believe_now(bundle, self.clock(), flows)
        self.flows.update(case.chains)
        return case

    async def consents(self) -> CaseFile:
        """Fetch every yes and stop about this person and the children they are told for.

        Raises `ChainError` (`status.missing`) when a chain that was seen before is left out, and as `believe`.
        """
        case = await self.believe(await self.relay.consents())
        for person, sender, to in sorted(self.flows - case.statuses.keys()):
            client = case.clients.get(person)
            if person == self.person or (client is not None and self.person in client.current.authority):
                raise ChainError("status.missing", f"the relay left out what was agreed from {sender} to {to}")
        return case

    async def family(self) -> Family:
        """Fetch what is known of this person and the children in their authority.

        Raises `ProtocolError`: `person.unknown`, `client-key.missing`, `client-key.foreign` (the key in force for this
        person is not this phone's: somebody put another in its place, attack 26), and what `believe` raises.
        """
        case = await self.believe(await self.relay.requests())
        me = case.clients.get(self.person)
        if me is None or me.current.household != self.household:
            raise ProtocolError("person.unknown", "the relay knows no such person in this household")
        key = me.key_now(self.clock())
        if key is None:
            raise ProtocolError("client-key.missing", "this person has no keys yet: enrol first")
        held = key.payload
        own = (self.seed.identity_key.public, self.seal_key.public.text)
        if (held.identity_key, held.seal_key) != own or not set(self.passkeys) <= set(held.passkeys):
            raise SignatureError("client-key.foreign", "other keys than this phone's are in force: tell the steward")
        now = self.clock()
        children = (name for name, client in case.clients.items() if speaks_for_child(client.current, self.person, now))
        return Family(case, me, tuple(sorted(children)))

    async def submit(self, payload: Payload, signatures: tuple[dsse.Signature, ...], case: CaseFile) -> Place:
        """Give the relay a signed object, check the receipt and keep it; return the object's place in the log.

        Raises `Refused`, `RelayProblem`, `RelayUnreachable`; `ProtocolError` for a receipt that does not hold.
        """
        media_type, body = dsse.payload_type(payload.KIND), encoding.encode(payload)
        d = dsse.digest(media_type, body)
        envelope = dsse.seal_envelope(media_type, body, signatures)
        receipt = await self.relay.submit_object(envelope)
        _, place, seen = check_receipt(receipt, d, case.trust, case.setting.directory.payload.log_key)
        await self.view.compare_log(seen, case)
        self.kept[d] = receipt
        self.view.keep_own(envelope, place)
        return place


def listed(passkey: SoftwarePasskey) -> Passkey:
    """Return a passkey as a client-key record lists it."""
    alg: Literal["es256", "eddsa"] = "eddsa" if passkey.alg == webauthn.EDDSA else "es256"
    return Passkey(credential=passkey.credential, alg=alg, public_key=passkey.public_key)


def speaks_for_child(person: Person, holder: str, at: int) -> bool:
    """Whether `holder` may say yes for `person` at a time in seconds: a child under 12 in their authority.

    A rebuttal turns it round for a young person. `decide()` has the last word; this is what a phone offers. Source:
    `docs/spec/persons.md`.
    """
    return person.person != holder and holder in who_signs(person, at)
