"""What happens in the tables on alarm (article 10): whom to phone, one signature and a second, who is on call."""

import re

from e2e.scenarios.acts_sharing import deliver, open_newest
from e2e.scenarios.play import Player, act, settled
from e2e.scenarios.tables import Row, names_in
from e2e.scenarios.wording import write
from zegel_protocol.objects.desk import Shift
from zegel_protocol.objects.manifest import Delay

MINUTE, HOUR = 60, 3_600
_OWED = {
    "second-signature": "a second signature is owed",
    "alarm-second-device": "the desk's other devices are called",
    "alarm-phone": "the sender phones now",
    "alarm-team-lead": "the team lead is called",
    "alarm-steward": "the steward is told that it is not opened",
}


@act(r"looks whom to phone")
async def phones(player: Player, row: Row, found: re.Match[str]) -> str:
    """Name the numbers of the first screen, in their order."""
    return ", ".join(phone.number for phone in player.worker(row["who"]).alarms.phones())


@act(r"is on call until tomorrow(?:, and then (?P<others>[\w' ]+))?")
async def on_call(player: Player, row: Row, found: re.Match[str]) -> str:
    """Set the rota: this device first, then the others of the desk."""
    worker, now = player.worker(row["who"]), player.town.clock()
    devices = [
        worker.identity.device,
        *(player.worker(name).identity.device for name in names_in(found["others"] or "")),
    ]
    shift = Shift(opens=now - MINUTE, closes=now + 24 * HOUR, devices=tuple(devices))
    await worker.alarms.set_rota([shift], "09 123 45 67", "Bel ons.")
    return "done"


@act(r"says that nobody is on call until Monday")
async def off_call(player: Player, row: Row, found: re.Match[str]) -> str:
    """Set a rota whose first shift is days ahead."""
    worker, now = player.worker(row["who"]), player.town.clock()
    shift = Shift(opens=now + 60 * HOUR, closes=now + 70 * HOUR, devices=(worker.identity.device,))
    await worker.alarms.set_rota([shift], "09 765 43 21", "Maandag om negen uur zijn we er weer.")
    return "done"


@act(r"alarm about (?P<about>[\w, ]+?) to (?P<to>[\w' ]+?)(?P<how>, .*)?")
async def alarm(player: Player, row: Row, found: re.Match[str]) -> str:
    """Raise an alarm, on one signature; `, told N hours later` lets the notice wait."""
    worker, how = player.worker(row["who"]), found["how"] or ""
    later = re.search(r"told (\d+) hours later", how)
    delay = Delay(until=player.town.clock() + int(later[1]) * HOUR, code="danger-if-told") if later else None
    about = [player.people[name] for name in names_in(found["about"])]
    draft = worker.alarms.draft(
        player.party(found["to"]),
        player.household,
        about,
        off_call="knowing that nobody is on call" in how,
        delay=delay,
    )
    return await deliver(player, row, found["to"], write(draft, row["what"], player.people, player.town.folder), how)


@act(r"signs (?P<sender>[\w' ]+)'s alarm to (?P<to>[\w' ]+) as the second")
async def second(player: Player, row: Row, found: re.Match[str]) -> str:
    """Sign an alarm after the worker who sent it."""
    await player.worker(row["who"]).alarms.countersign(player.sent[found["sender"], found["to"]].manifest)
    return "done"


@act(r"looks what is owed about the alarm to (?P<to>[\w' ]+)")
async def owed(player: Player, row: Row, found: re.Match[str]) -> str:
    """Name what is owed about an alarm now, in the order in which it falls due; the relay gets a moment to see it."""
    manifest = player.sent[row["who"], found["to"]].manifest

    async def now() -> str:
        page = await player.worker(row["who"]).desk.deadlines()
        ours = sorted((item for item in page if item.object == manifest), key=lambda item: (item.due, item.kind))
        return "; ".join(_OWED[item.kind] for item in ours) or "nothing"

    return await settled(now, row["expected"])


@act(r"looks whether (?:it|this device) is called")
async def called(player: Player, row: Row, found: re.Match[str]) -> str:
    """Say whether a device of the desk is called to an alarm that nobody has opened."""

    async def now() -> str:
        waiting = await player.worker(row["who"]).inbox()
        return "yes" if any(item.urgent and item.yours for item in waiting) else "no"

    return await settled(now, row["expected"])


@act(r"goes on (?P<count>\d+) (?P<unit>minutes|hours)")
async def clock(player: Player, row: Row, found: re.Match[str]) -> str:
    """Let time pass for everyone."""
    player.town.clock.turn(int(found["count"]) * (MINUTE if found["unit"] == "minutes" else HOUR))
    return "done"


@act(r"opens the alarm from (?P<sender>[\w' ]+)")
async def open_alarm(player: Player, row: Row, found: re.Match[str]) -> str:
    """Open an alarm that was left lying."""
    await open_newest(player, row["who"], player.sent[found["sender"], row["who"]].manifest)
    return "done"
