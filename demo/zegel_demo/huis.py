"""A Huis van het Kind made for real in a folder: relay process, steward, partners with keystores, families' phones.

The demo tells a story in it and the end-to-end tests lie in it; both go through the same public ways that a steward, a
partner and a family have, and nothing here reaches behind them.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

from zegel import Partner, RelayProblem, partner_setup
from zegel.declaring import sign_acceptance, sign_pledge
from zegel.steward.directory import RelayFacts, publish
from zegel.steward.folder import StewardFolder
from zegel.steward.founding import Founding, found
from zegel.steward.joining import join_request, read_join_request
from zegel.steward.known import Known, read_known
from zegel.steward.membership import admit
from zegel.steward.relay_access import fetch, submit, visitor
from zegel.steward.rules import digest_of_code, sign_rulebook
from zegel_demo.client_agent import ClientAgent
from zegel_demo.passkey import SoftwarePasskey
from zegel_demo.relay_process import RelayProcess
from zegel_keys.client_seed import ClientSeed
from zegel_keys.exhibit import Exhibit
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.verification import read_payload
from zegel_protocol.durations import DAY as DAY
from zegel_protocol.objects import DeviceList, Rulebook
from zegel_protocol.objects.devices import Function
from zegel_protocol.objects.membership import Actor, Secrecy

RP_ID = "localhost"
ORIGIN = "http://localhost"
CODE = b"The partners' own code of ethics stands in a file of theirs; this is the demo's.\n"
PASSPHRASE = "a passphrase for a demo, and for nothing else"  # noqa: S105 (it protects nothing)
Clock = Callable[[], int]


def system_clock() -> int:
    """Return the time in whole seconds since 1970 UTC."""
    return int(time.time())


@dataclass
class Member:
    """One partner: its root key, and the keystore folders of its devices by worker."""

    id: str
    name: str
    root: KeyFile
    folder: Path
    devices: dict[str, Path] = field(default_factory=dict)
    lists: list[bytes] = field(default_factory=list)
    speaker: Identity | None = None
    """The first worker's device: it accepts the code for the partner's services too."""


@dataclass
class Huis:
    """A Huis that runs. Close it with `stop`.

    `declares`: each worker accepts the code, and who is under a pledge makes it, once a directory lists them, as on a
    first day of work. A test of who does not sets it to false.
    """

    folder: Path
    founding: Founding
    relay: RelayProcess
    keys: list[KeyFile]
    clock: Clock = system_clock
    members: dict[str, Member] = field(default_factory=dict)
    rulebook: bytes = b""
    declares: bool = True
    owed: list[Callable[[Rulebook], bytes]] = field(default_factory=list)
    origin: str = ORIGIN
    """Where families' passkeys are used: the portal's origin, as the directory names it."""

    @classmethod
    async def open(
        cls,
        folder: Path,
        name: str,
        clock: Clock = system_clock,
        settings: Mapping[str, str] = MappingProxyType({}),
        portal_port: int | None = None,
    ) -> "Huis":
        """Found a Huis and start its relay, with these settings by their name in the environment.

        `portal_port`: a free port, at which browsers find the relay and its portal under `localhost`.
        """
        founding = found(folder / "steward", PASSPHRASE, name, cost="interactive")
        relay = RelayProcess(folder / "relay", founding.huis, settings=dict(settings))
        relay.init()
        if portal_port is None:
            relay.start()
        else:
            relay.start_at_localhost(portal_port)
        paths = StewardFolder(folder / "steward").root_paths()
        huis = cls(folder, founding, relay, [KeyFile.open(path, PASSPHRASE) for path in paths], clock)
        huis.origin = ORIGIN if portal_port is None else relay.address
        await huis.give(founding.root_envelope)
        known = await huis.known()
        huis.rulebook = sign_rulebook(
            known, huis.keys, clock(), name=name, code_version="code-1", code_digest=digest_of_code(CODE)
        )
        await huis.give(huis.rulebook)
        return huis

    @property
    def id(self) -> str:
        """The id of the Huis."""
        return self.founding.huis

    def stop(self) -> None:
        """Stop the relay."""
        self.relay.stop()

    async def give(self, *envelopes: bytes) -> None:
        """Give the relay signed objects."""
        async with visitor(self.relay.address, self.clock) as client:
            await submit(client, envelopes)

    async def shown(self) -> tuple[Exhibit, ...]:
        """Return what the relay shows of the setting."""
        async with visitor(self.relay.address, self.clock) as client:
            return await fetch(client)

    async def known(self) -> Known:
        """Return the same, verified."""
        return read_known(self.id, await self.shown())

    async def admit(
        self,
        partner: str,
        name: str,
        sector: str,
        secrecy: Secrecy,
        function: Function,
        actor: Actor = "professional",
        host: str | None = None,
    ) -> Member:
        """Take a partner in: its root, its request to join, its membership, and the first device of a first worker.

        `host`: the partner that stands behind a volunteer.
        """
        folder = self.folder / partner
        root = partner_setup.make_root(folder, PASSPHRASE, name, cost="interactive")
        request = join_request(
            root, self.id, partner=partner, name=name, actor=actor, secrecy=secrecy, sector=sector, now=self.clock(),
            host=host,
        )  # fmt: skip
        membership = admit(await self.known(), read_join_request(request, self.id), self.keys, self.clock())
        await self.give(membership)
        member = Member(partner, name, root, folder)
        self.members[partner] = member
        if secrecy == "pledge" and self.declares:
            self.owed.append(partial(sign_pledge, root, self.id, partner))
        await self.add_device(member, "first", function)
        return member

    async def renew_root(self, member: Member) -> None:
        """Give a partner another root key: a new membership, and its device list again under that key."""
        root = partner_setup.make_root(member.folder / "new-root", PASSPHRASE, member.name, cost="interactive")
        held = (await self.known()).members[member.id][-1].payload
        request = join_request(
            root, self.id, partner=member.id, name=member.name, actor=held.actor, secrecy=held.secrecy,
            sector=held.sector, now=self.clock(), host=held.host,
        )  # fmt: skip
        await self.give(admit(await self.known(), read_join_request(request, self.id), self.keys, self.clock()))
        devices = read_payload(member.lists[-1], DeviceList)[0].devices
        member.root = root
        member.lists.append(
            partner_setup.device_list(root, self.id, member.id, devices, self.clock(), before=member.lists[-1])
        )
        await self.give(member.lists[-1])

    async def add_device(self, member: Member, worker: str, function: Function, *, service: bool = False) -> Path:
        """Give a worker (or a service) of a partner a device of their own; return its keystore folder."""
        folder = member.folder / worker
        made = partner_setup.make_device(
            folder, PASSPHRASE, member.root, self.founding.file, self.clock(), partner=member.id, name=member.name,
            relay=self.relay.address, function=function, worker=None if service else os.urandom(16).hex(),
            before=member.lists[-1] if member.lists else None, cost="interactive",
        )  # fmt: skip
        identity = made.keystore.identity
        made.keystore.close()
        self._owe(member, identity)
        member.devices[worker] = folder
        member.lists.append(made.list_envelope)
        await self.give(made.list_envelope)
        return folder

    async def publish(self, **changes: object) -> bytes:
        """Publish the next directory, with everything the relay has; return its envelope."""
        facts = RelayFacts(self.relay.facts["relay_key"], self.relay.facts["log_key"], RP_ID, (self.origin,))
        known = await self.known()
        memberships = [known.envelope(chain[-1].d) for chain in known.members.values()]
        envelope = publish(
            known, self.keys, self.clock(), memberships=memberships, rulebook=self.rulebook, relay=facts,
            freshness_key=self.founding.file.freshness_key, **changes,  # type: ignore[arg-type]
        )  # fmt: skip
        await self.give(envelope)
        await self.declare()
        return envelope

    def _owe(self, member: Member, identity: Identity) -> None:
        if not self.declares:
            return
        if identity.worker is not None:
            member.speaker = member.speaker or identity
            self.owed.append(partial(sign_acceptance, identity))
        elif member.speaker is not None:
            self.owed.append(partial(sign_acceptance, member.speaker, services=True))

    async def declare(self) -> None:
        """Accept the code and pledge, for everyone who came since: a device counts once a directory lists it."""
        rulebook, _ = read_payload(self.rulebook, Rulebook)
        owed, self.owed = self.owed if rulebook.code is not None else [], []
        for sign in owed:
            try:
                await self.give(sign(rulebook))
            except RelayProblem as problem:
                if problem.code != "signature.unknown":
                    raise
                # Whom no list in force has waits until one does.
                self.owed.append(sign)

    async def connect(self, partner: str, worker: str = "first", relay: str | None = None) -> Partner:
        """Open a worker's keystore, as a partner's software does."""
        folder = self.members[partner].devices[worker]
        return await Partner.connect(folder, PASSPHRASE, relay=relay or self.relay.address, clock=self.clock)

    def phone(self, household: str, person: str, relay: str | None = None) -> ClientAgent:
        """Return a new phone for a person, with a passkey and a seed of its own."""
        passkey = SoftwarePasskey(RP_ID, self.origin)
        seed = ClientSeed.generate()
        return ClientAgent(self.id, household, person, relay or self.relay.address, passkey, seed, self.clock)

    async def enrol(self, worker: Partner, phone: ClientAgent, *, replaces: bool = False) -> str:
        """Enrol a phone in person: the worker shows a code, the phone answers, the words match, both sign."""
        opened = await worker.families.open_enrolment(phone.household, phone.person, replaces=replaces)
        shown = await phone.answer_enrolment(opened.address)
        if await opened.words() != shown:
            raise ValueError("the two screens show other words")
        enrolled, _ = await asyncio.gather(opened.finish("id-card"), phone.finish_enrolment())
        return enrolled.client_key
