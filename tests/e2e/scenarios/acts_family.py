"""What family members do in the tables, each on a phone of their own: say yes, stop, look."""

import re
from collections.abc import Awaitable

from e2e.families import Overheard
from e2e.scenarios.acts_sharing import open_newest, told
from e2e.scenarios.play import Player, act, outcome_of, settled
from e2e.scenarios.tables import Row
from e2e.scenarios.wording import scopes, write
from e2e.town import all_answers, forge_yes
from zegel import Draft
from zegel_demo.client_agent import ClientAgent


async def newest_request(phone: ClientAgent):
    """Return the newest request that this person can answer."""
    asked = await phone.requests()
    assert asked, "nobody asked anything"
    return asked[-1]


@act(r"says yes")
async def say_yes(player: Player, row: Row, found: re.Match[str]) -> str:
    """Say yes to the newest request: to `all`, or to all `but` some types."""
    phone = player.phones[row["who"]]
    asked = await newest_request(phone)
    _, _, but = row["what"].partition("all but ")
    leave = {kind for kind, _ in scopes(but)}
    only = {
        index: {scope.type for scope in flow.types} - leave for index, flow in enumerate(asked.request.payload.flows)
    }
    await phone.accept(asked, only)
    return "done"


@act(r"stops what goes to (?P<to>[\w' ]+)")
async def stop(player: Player, row: Row, found: re.Match[str]) -> str:
    """Take back every yes to what goes to a partner."""
    phone, to = player.phones[row["who"]], player.town.partners[found["to"]]
    given = [item.consent for item in await phone.given() if item.consent.payload.to.partner == to]
    for sender in {item.payload.sender.key for item in given}:
        await phone.revoke([item.d for item in given if item.payload.sender.key == sender], "changed-mind")
    return "done"


@act(r"looks at everything on (?:her|his|their) phone(?P<again> again)?")
async def look(player: Player, row: Row, found: re.Match[str]) -> str:
    """Look at all that a phone can show; the second time every byte that the relay answered is compared."""
    name = row["who"]
    phone = player.phones[name]
    if not found["again"]:
        overheard = Overheard(phone)
        player.kept[f"overheard {name}"] = overheard
        player.kept[f"answers {name}"] = await all_answers(phone, overheard)
        return "done"
    listening = player.kept[f"overheard {name}"]
    assert isinstance(listening, Overheard)
    same = await all_answers(phone, listening) == player.kept[f"answers {name}"]
    return "the same as before, byte for byte" if same else "something else than before"


@act(r"signs (?P<child>\w+)'s yes in (?:her|his) place")
async def sign_in_place(player: Player, row: Row, found: re.Match[str]) -> str:
    """Sign, with whatever one's own phone can, a yes that is another's to give."""
    child = player.people[found["child"]]
    theirs = player.phones[found["child"]]
    asked = await newest_request(theirs)
    case = (await theirs._phone.family()).case
    await forge_yes(player.phones[row["who"]], asked.request, (child,), "authority", case)
    return "done"


@act(r"asks the relay for what went from (?P<sender>[\w' ]+) to (?P<to>[\w' ]+)")
async def ask_relay(player: Player, row: Row, found: re.Match[str]) -> str:
    """Ask for a message by its name, in every way that there is."""
    manifest, relay = player.sent[found["sender"], found["to"]].manifest, player.phones[row["who"]]._phone.relay
    outcomes = {await outcome_of(answered(attempt)) for attempt in (relay.deliver(manifest), relay.events(manifest))}
    return " and ".join(sorted(outcomes))


async def answered(attempt: Awaitable[object]) -> str:
    """Await what a relay answers, whatever it is."""
    await attempt
    return "answered"


@act(r"finds that (?:she|he) was told")
async def was_told(player: Player, row: Row, found: re.Match[str]) -> str:
    """Count the notices on a phone once the relay has let the newest through."""

    async def now() -> str:
        count = len(await player.phones[row["who"]].notices())
        return f"{count} notice{'' if count == 1 else 's'}"

    return await settled(now, row["expected"])


@act(r"writes to (?P<to>[\w' ]+?)(?: about (?P<child>\w+))?")
async def write_to(player: Player, row: Row, found: re.Match[str]) -> str:
    """Send a message of one's own, sealed on the phone, about oneself or one's child."""
    phone, about = player.phones[row["who"]], player.people[found["child"] or row["who"]]
    blank = Draft("client-message", "voice", player.party(found["to"]), player.household, (about,))
    sections = write(blank, row["what"], player.people, player.town.folder).sections
    sent = await phone.send(player.town.partners[found["to"]], sections)
    await open_newest(player, found["to"], sent.manifest)
    return "allowed; " + told(player, sent.manifest)


@act(r"objects to what goes to (?P<to>[\w' ]+) about (?P<child>\w+)")
async def object_to(player: Player, row: Row, found: re.Match[str]) -> str:
    """Object to sharing about a child with a partner."""
    phone = player.phones[row["who"]]
    player.kept["objection"] = await phone.object_to(
        [player.people[found["child"]]], to=player.town.partners[found["to"]]
    )
    return "done"


@act(r"takes (?:her|his) objection back")
async def withdraw(player: Player, row: Row, found: re.Match[str]) -> str:
    """Withdraw the objection."""
    await player.phones[row["who"]].withdraw_objection(str(player.kept["objection"]))
    return "done"
