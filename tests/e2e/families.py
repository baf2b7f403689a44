"""Families in a running Huis, for tests: each has a household of its own, so that many share one relay."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from zegel import Agreement, Carried, Draft, FollowUp, Partner, Sent
from zegel.relay_client import RelayClient
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import DAY, Huis


def months_from(now: int, months: int) -> str:
    """Return the month that lies so many months after `now` (before it, if negative), as a person object has it."""
    day = datetime.fromtimestamp(now, UTC)
    count = day.year * 12 + day.month - 1 + months
    return f"{count // 12:04}-{count % 12 + 1:02}"


@dataclass
class Household:
    """A household whose members one partner makes known and enrols."""

    huis: Huis
    worker: Partner
    id: str

    @classmethod
    def new(cls, huis: Huis, worker: Partner) -> "Household":
        """Return a household of nobody yet."""
        return cls(huis, worker, os.urandom(16).hex())

    async def adult(self) -> str:
        """Make an adult known; return their id."""
        return await self.worker.families.add_person(self.id)

    async def child(
        self, years: int, holders: Iterable[str], *, conflict: bool = False, silenced: Iterable[str] = ()
    ) -> str:
        """Make a minor of an age known, over whom `holders` have authority; return their id."""
        now = self.huis.clock()
        return await self.worker.families.add_person(
            self.id,
            turns12=months_from(now, (12 - years) * 12 - 6),
            turns18=months_from(now, (18 - years) * 12 - 6),
            authority=holders,
            conflict=conflict,
            silenced=silenced,
        )

    async def phone(self, person: str) -> ClientAgent:
        """Enrol a new phone for a person."""
        phone = self.huis.phone(self.id, person)
        await self.huis.enrol(self.worker, phone)
        return phone

    async def ask(self, draft: Draft, **options: object) -> str:
        """Have the sender of a draft ask for what it needs; return the request's `D`."""
        return await self.worker.families.ask_consent(draft, **options)  # type: ignore[arg-type]


def complete(draft: Draft, now: int, text: str = "Wij bellen u donderdag.") -> Draft:
    """Add how it is carried, an agreement, and a follow-up."""
    draft.carried = Carried(how="with-client")
    draft.follow_up = (FollowUp(code="first-contact", due=now + 2 * DAY),)
    draft.note("agreement", Agreement(text=text, ask="Sara", with_client=True, steps=()))
    return draft


async def say_yes(phone: ClientAgent, request: str) -> None:
    """Have a person say yes, alone, to all of a request."""
    asked = next(item for item in await phone.requests() if item.request.d == request)
    await phone.accept(asked)


async def send_and_open(sender: Partner, recipient: Partner, draft: Draft) -> tuple[Sent, dict[str, str]]:
    """Send a draft, open it at the other end and acknowledge it; return the receipt and the notes by type."""
    sent = await sender.send(draft)
    waiting = next(item for item in await recipient.inbox() if item.manifest == sent.manifest)
    message = await recipient.open(waiting)
    await recipient.acknowledge(message)
    return sent, {section.type: getattr(section.note, "text", "") for section in message.sections}


class Overheard:
    """All that the relay answered to one phone, byte for byte: what a curious family member could look into."""

    def __init__(self, phone: ClientAgent) -> None:
        self.answers: list[bytes] = []
        self._listen(phone._phone.relay)

    @classmethod
    def of(cls, relay: RelayClient) -> "Overheard":
        """Listen to what the relay answers to anyone's connection."""
        found = cls.__new__(cls)
        found.answers = []
        found._listen(relay)
        return found

    def _listen(self, relay: RelayClient) -> None:
        ask: Callable[..., object] = relay._send

        async def listen(*arguments: object, **options: object) -> bytes:
            answer: bytes = await ask(*arguments, **options)  # type: ignore[misc]
            self.answers.append(answer)
            return answer

        relay._send = listen  # type: ignore[method-assign]

    def forget(self) -> list[bytes]:
        """Return what was overheard since the last time."""
        heard, self.answers[:] = list(self.answers), []
        return heard
