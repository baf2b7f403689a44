"""What happens around one table (article 8): a consultation, and a client who takes somebody out of it."""

import re

from e2e.scenarios.acts_sharing import deliver, open_newest
from e2e.scenarios.play import Player, act, refusal
from e2e.scenarios.tables import Row, names_in
from e2e.scenarios.wording import scopes, write
from zegel import Agreement, Refused
from zegel.conferences import Reached
from zegel_demo.huis import DAY
from zegel_protocol.objects import Conference

HOUR = 3_600


def table_of(player: Player) -> Conference:
    """Return the consultation of this scenario."""
    conference = player.kept["conference"]
    assert isinstance(conference, Conference)
    return conference


@act(
    r"convenes a consultation about (?P<about>\w+) with (?P<invited>[\w', ]+?)(?P<without>, without (?:her|him|them))?"
)
async def convene(player: Player, row: Row, found: re.Match[str]) -> str:
    """Convene a table as its chair; with the client, unless the row says without."""
    invited = [player.party(name) for name in names_in(found["invited"])]
    player.kept["conference"] = await player.worker(row["who"]).conferences.convene(
        player.household, [player.people[found["about"]]], invited,
        with_client=found["without"] is None, planned=player.town.clock() + HOUR,
    )  # fmt: skip
    return "done"


@act(r"asks (?P<asked>\w+) for everyone at the table")
async def ask_all(player: Player, row: Row, found: re.Match[str]) -> str:
    """Ask for each pair and direction what the reader's sector may read of these types."""
    worker = player.worker(row["who"])
    player.kept["requests"] = await worker.conferences.ask_consent(table_of(player), scopes(row["what"]))
    return "asked"


@act(r"says yes to everyone at the table")
async def accept_all(player: Player, row: Row, found: re.Match[str]) -> str:
    """Say yes to all that was asked for the table."""
    phone, wanted = player.phones[row["who"]], player.kept["requests"]
    assert isinstance(wanted, list)
    for asked in await phone.requests():
        if asked.request.d in wanted:
            await phone.accept(asked)
    return "done"


@act(r"(?P<what>invites|reports to) everyone at the table")
async def to_all(player: Player, row: Row, found: re.Match[str]) -> str:
    """Send the agenda or the report to each participant; whoever was reached opens it."""
    chair, conference = player.worker(row["who"]).conferences, table_of(player)
    agreed = Agreement(text="The chair phones her on Friday.", ask="the chair", with_client=True, steps=())
    _, _, words = row["what"].partition(": ")
    sending = chair.invite if found["what"] == "invites" else chair.report
    reached = await sending(conference, words, agreement=agreed)
    return await _reached(player, row["who"], reached)


async def _reached(player: Player, chair: str, reached: list[Reached]) -> str:
    came: list[str] = []
    refused: dict[str, list[str]] = {}
    for item in reached:
        name = player.name_of(item.to)
        if item.sent is not None:
            player.sent[chair, name] = item.sent
            await open_newest(player, name, item.sent.manifest)
            came.append(name)
        else:
            assert isinstance(item.error, Refused), item.error
            refused.setdefault(refusal(*item.error.codes), []).append(name)
    said = [f"reached: {', '.join(sorted(came))}"] if came else []
    return "; ".join(said + [f"{why} for {', '.join(sorted(names))}" for why, names in sorted(refused.items())])


@act(r"says at the table to (?P<to>[\w' ]+?)(?P<how>, .*)?")
async def contribute(player: Player, row: Row, found: re.Match[str]) -> str:
    """Say something to one participant."""
    draft = player.worker(row["who"]).conferences.draft(table_of(player), player.party(found["to"]))
    write(draft, row["what"], player.people, player.town.folder)
    return await deliver(player, row, found["to"], draft, found["how"] or "")


@act(r"takes (?P<partner>[\w' ]+) out of it")
async def take_out(player: Player, row: Row, found: re.Match[str]) -> str:
    """Take back every yes to what goes to a partner, and to what comes from it."""
    phone, partner = player.phones[row["who"]], player.town.partners[found["partner"]]
    flows: dict[tuple[str, str], list[str]] = {}
    for item in await phone.given():
        sides = item.consent.payload.sender, item.consent.payload.to
        if partner in [side.partner for side in sides]:
            flows.setdefault((sides[0].key, sides[1].key), []).append(item.consent.d)
    for digests in flows.values():
        await phone.revoke(digests)
    return "done"


@act(r"opens what (?P<sender>[\w' ]+) sent (?:it|to (?P<to>[\w' ]+))")
async def open_late(player: Player, row: Row, found: re.Match[str]) -> str:
    """Open the newest message from somebody: one's own, or another's by its name."""
    await open_newest(player, row["who"], player.sent[found["sender"], found["to"] or row["who"]].manifest)
    return "opened"


@act(r"looks who must answer about erasing")
async def who_answers(player: Player, row: Row, found: re.Match[str]) -> str:
    """Name who owes an answer about erasing, and by when, as the page of the person has it."""
    due = [item for item in await player.phones[row["who"]].deadlines() if item.item.kind == "erasure"]
    running = [item.item for item in due if item.item.state in ("open", "overdue")]
    words = {
        f"{player.name_of(item.owner.partner or '')}, within {-(-(item.due - player.town.clock()) // DAY)} days"
        for item in running
    }
    assert all(item.text for item in due)
    return "; ".join(sorted(words)) or "nobody"


@act(r"answers that it (?P<what>erased|keeps) everything(?:, for (?P<reason>[a-z-]+))?")
async def answer_erasure(player: Player, row: Row, found: re.Match[str]) -> str:
    """Answer every request to erase of this household."""
    erasures = player.worker(row["who"]).erasures
    ours = {sent.manifest for sent in player.sent.values()} | {
        message.d for messages in player.opened.values() for message in messages
    }
    owed = [item for item in await erasures.owed() if item.message in ours]
    for item in owed:
        await erasures.answer(item, "erased" if found["what"] == "erased" else "kept", found["reason"])
    return "done" if owed else "nothing is owed"
