"""What the stories have in common: a refusal that must come, a message that is opened, and what somebody then reads.

Nothing here prints what did not happen: whatever is told was given by the software of the parties.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from zegel import Agreement, Carried, ConferenceError, Draft, FollowUp, Message, Partner, Refused, RelayProblem, Section
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import DAY, Huis
from zegel_demo.telling import Teller, titled

PATIENCE = 200
"""Tenths of a second that a relay has to do what is due; it looks around of itself."""


@dataclass
class Scene:
    """A teller with the phrases that come back in every story."""

    teller: Teller

    async def refused(self, by: str, code: str, sending: Awaitable[object]) -> None:
        """Tell a refusal that has to come, with the step that would mend it. Raises `AssertionError` if it does not."""
        try:
            await sending
        except Refused as refusal:
            self.teller.refused(by, refusal)
            assert code in refusal.codes, f"{code} is not among {refusal.codes}"
        except (RelayProblem, ConferenceError) as problem:
            self.teller.fact(f"refused by {by}", f"{problem} ({problem.code})")
            assert problem.code == code, f"{code} was expected, and not {problem.code}"
        else:
            raise AssertionError(f"{by} should have refused this with {code}")

    async def reads(self, who: str, partner: Partner, manifest: str) -> Message:
        """Open a message at a partner, acknowledge it, and tell what is read there."""
        message = await partner.open(manifest)
        await partner.acknowledge(message)
        lines = [titled(section.type, words_of(section)) for section in message.sections]
        self.teller.page(f"{who} reads", lines)
        return message

    async def page(self, whose: str, phone: ClientAgent, only: Iterable[str] | None = None) -> None:
        """Tell what a person reads: the page of each notice, or of those about `only` these messages (`D`)."""
        wanted = set(only) if only is not None else None
        for notice in await phone.notices():
            if wanted is None or notice.copy.manifest.d in wanted:
                self.teller.page(f"{whose}'s phone", phone.render(notice))
                for name, content in notice.readable():
                    self.teller.fact("[Lees alles]", titled(name, content))


@asynccontextmanager
async def opened_huis(
    folder: Path, teller: Teller, title: str, scenario: str, portal_port: int | None = None
) -> AsyncIterator[Huis]:
    """Say which story is told, and yield a new Huis with a running relay for it; stop that afterwards.

    `portal_port`: a free port, at which browsers find the relay and its page under `localhost`.
    """
    teller.title(title, scenario)
    huis = await Huis.open(folder, "Huis van het Kind, demo", portal_port=portal_port)
    try:
        yield huis
    finally:
        huis.stop()


def complete(draft: Draft, now: int, text: str, ask: str) -> Draft:
    """Add to a draft how it is carried, the agreement on what follows, and when."""
    draft.carried = Carried(how="with-client")
    draft.follow_up = (FollowUp(code="first-contact", due=now + 2 * DAY),)
    return draft.note("agreement", Agreement(text=text, ask=ask, with_client=True, steps=()))


def words_of(section: Section) -> str:
    """Return what a section says: a file's name, or the texts of its note."""
    if section.name is not None:
        return f"{section.name} ({section.media})"
    fields = (getattr(section.note, name) for name in getattr(section.note, "__struct_fields__", ()))
    return " / ".join(value for value in fields if isinstance(value, str))


async def until(there: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until something is there that the relay does of itself. Raises `AssertionError` when it does not come."""
    for _ in range(PATIENCE):
        if await there():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"it did not come: {what}")
