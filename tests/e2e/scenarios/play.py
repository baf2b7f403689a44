"""Plays a scenario: each row of its tables becomes a real act of real parties, and its outcome is held against the row.

What a row says in `expected` is the whole outcome: a refusal names every code, what was accepted names everyone who is
told. The acts that a table may name stand in `acts_*.py`; a row that is none of them fails.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from e2e.families import Household
from e2e.scenarios.tables import Moment, Row, Table, names_in, read, without_gloss
from e2e.scenarios.town import Town
from zegel import ConferenceError, ContentError, ContentFound, Message, Partner, Refused, RelayProblem, Sent
from zegel_demo.client_agent import ClientAgent
from zegel_protocol.errors import ProtocolError

PATIENCE = 200
"""Tenths of a second that the relay has for what is due; it looks around of itself."""
_PERSON = re.compile(r"(?:an adult|(?P<age>\d+) years old, of (?P<of>[\w, ]+))")


@dataclass
class Player:
    """One scenario as it goes: its household, its people, and what everyone could read so far."""

    town: Town
    household: str
    people: dict[str, str] = field(default_factory=dict)
    phones: dict[str, ClientAgent] = field(default_factory=dict)
    read_by: dict[str, list[str]] = field(default_factory=dict)
    """Texts that were opened at a partner, or read aloud to a person, by their name in the tables."""
    sent: dict[tuple[str, str], Sent] = field(default_factory=dict)
    """The newest message that was accepted, by (from, to) in the tables' names."""
    opened: dict[str, list[Message]] = field(default_factory=dict)
    """What a partner opened, oldest first."""
    kept: dict[str, object] = field(default_factory=dict)
    """What one row leaves for another, by a name of the act's own."""

    def worker(self, name: str) -> Partner:
        """Return a worker by their name in the tables. Raises `LookupError`."""
        if name not in self.town.workers:
            raise LookupError(f"nobody in the town is called {name!r}")
        return self.town.workers[name]

    def party(self, name: str) -> str:
        """Return what a draft calls a partner or a person: an id of a partner, or `person:` and theirs."""
        return self.town.partners[name] if name in self.town.partners else f"person:{self.people[name]}"

    def name_of(self, identifier: str) -> str:
        """Return how the tables call a person or a partner."""
        names = {person: name for name, person in self.people.items()} | self.town.names()
        return names[identifier]

    def home(self, worker: str) -> Household:
        """Return the household as a worker knows it."""
        return Household(self.town.huis, self.worker(worker), self.household)

    def read_aloud(self, names: str, text: str) -> None:
        """Keep what people without a phone were read."""
        for name in names_in(names):
            self.read_by.setdefault(name, []).append(text)

    def acts(self) -> "Iterable[tuple[re.Pattern[str], Act]]":
        """Return what this player can do, the first that fits first."""
        return ACTS

    async def go_to(self, moment: Moment) -> None:
        """Let time pass until this moment."""
        await self.town.go_to(moment)

    async def give_phone(self, who: str, home: Household) -> None:
        """Have a worker enrol a new phone for a person."""
        self.phones[who] = await home.phone(self.people[who])

    async def readable(self, who: str) -> str:
        """Return all that someone could read so far: a partner what was opened, a person their pages and copies."""
        lines = list(self.read_by.get(who, []))
        phone = self.phones.get(who)
        if phone is None:
            return "\n".join(lines)
        for notice in await phone.notices():
            lines += phone.render(notice)
            lines += [f"{name}: {content}" for name, content in notice.readable()]
        return "\n".join(lines)

    async def close(self) -> None:
        """Close the phones."""
        for phone in self.phones.values():
            await phone.close()


Act = Callable[[Player, Row, re.Match[str]], Awaitable[str]]
ACTS: list[tuple[re.Pattern[str], Act]] = []
"""What `does` may say, and what is then done; it returns the outcome as the tables word it."""


def act(pattern: str) -> Callable[[Act], Act]:
    """Make a function what is done for rows whose `does` has this form."""

    def register(doing: Act) -> Act:
        ACTS.append((re.compile(pattern), doing))
        return doing

    return register


async def play(town: Town, scenario: str) -> None:
    """Play a scenario from its first line to its last. Raises `AssertionError` that names the row."""
    await play_as(Player(town, Household.new(town.huis, next(iter(town.workers.values()))).id), scenario)


async def play_as(player: Player, scenario: str) -> None:
    """Play a scenario as `play`, with this player, who is closed at its end."""
    try:
        for part in read(scenario):
            if isinstance(part, Moment):
                await player.go_to(part)
            else:
                await _table(player, part)
    finally:
        await player.close()


async def _table(player: Player, table: Table) -> None:
    for row in table.rows:
        match table.titles:
            case ("who", "is", "phone", "known to"):
                await _introduce(player, row)
            case ("who", "does", "what", "on whose yes", "expected") | ("who", "does", "what", "expected"):
                outcome, expected = await _do(player, row), without_gloss(row["expected"])
                assert outcome == expected, f"\n{row}\nexpected {expected!r}, and it was {outcome!r}"
            case ("who", "sees", "does not see"):
                await check_seen(player, row)
            case other:
                raise AssertionError(f"no such table: {' | '.join(other)}")


async def _introduce(player: Player, row: Row) -> None:
    """Make a person known, and enrol their phone if they have one."""
    found = _PERSON.fullmatch(without_gloss(row["is"]))
    assert found is not None, row
    home = player.home(row["known to"])
    holders = [player.people[name] for name in names_in(found["of"] or "")]
    child = found["age"] is not None
    player.people[row["who"]] = await home.child(int(found["age"]), holders) if child else await home.adult()
    if row["phone"] == "yes":
        await player.give_phone(row["who"], home)


async def _do(player: Player, row: Row) -> str:
    for pattern, doing in player.acts():
        if found := pattern.fullmatch(row["does"]):
            try:
                return await outcome_of(doing(player, row, found))
            except Exception as error:
                error.add_note(f"while this was played: {row}")
                raise
    raise AssertionError(f"\n{row}\nnobody knows how to do this")


async def outcome_of(doing: Awaitable[str]) -> str:
    """Return what an act came to, as a table words it: what it says itself, or why it was refused."""
    try:
        return await doing
    except Refused as refused:
        return refusal(*refused.codes)
    except ContentFound as found:
        return "stopped on the device: " + ", ".join(sorted({item.code.value for item in found.findings}))
    except ContentError as wrong:
        return f"stopped on the device: {wrong.code}"
    except (RelayProblem, ConferenceError, ProtocolError) as wrong:
        return refusal(wrong.code)


def refusal(*codes: str) -> str:
    """Return how a table words a refusal with these codes."""
    return "refused: " + ", ".join(sorted(set(codes)))


async def check_seen(player: Player, row: Row) -> None:
    """Hold what someone could read so far against what the row says that they see, and do not see."""
    text = await player.readable(row["who"])
    if row["sees"] == "nothing":
        assert not text, f"\n{row}\nthere is something to be read:\n{text}"
    else:
        missing = [words for words in fragments(row["sees"]) if words not in text]
        assert not missing, f"\n{row}\nnot there: {missing}. What can be read:\n{text}"
    seen = [words for words in fragments(row["does not see"]) if words.lower() in text.lower()]
    assert not seen, f"\n{row}\nthis can be read all the same: {seen}"


def fragments(cell: str) -> list[str]:
    """Return the pieces of text of a cell, which stand apart by semicolons; what is in brackets explains."""
    return [piece.strip() for piece in without_gloss(cell).split(";") if piece.strip()]


async def settled(now: Callable[[], Awaitable[str]], expected: str) -> str:
    """Return what there is now, once it is what is expected or the relay had its moment."""
    for _ in range(PATIENCE):
        if await now() == without_gloss(expected):
            break
        await asyncio.sleep(0.1)
    return await now()
