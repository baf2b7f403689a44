"""What happens in the tables for people without a phone: a yes that two workers see, a letter, a reminder."""

import re

import msgspec

from e2e.scenarios.play import Player, act, outcome_of
from e2e.scenarios.tables import Row, names_in
from e2e.scenarios.wording import scopes
from zegel import Partner
from zegel.telling import Duty
from zegel_protocol import encoding
from zegel_protocol.objects import Consent
from zegel_protocol.objects.consent import Heard
from zegel_protocol.objects.parties import Party

_MEANS = {"on paper": "paper", "spoken": "spoken"}
_LANGUAGES = {"Turkish": "tr"}
_INTERPRETERS = {"a telephone interpreter": "telephone", "her own child": "child"}
_HEARD = r"(?:, understood in (?P<language>\w+)(?:, through (?P<through>[\w ]+))?)?"


@act(rf"records the yes of (?P<people>[\w, ]+), (?P<means>on paper|spoken), (?:with (?P<by>[\w ]+)|alone){_HEARD}")
async def record(player: Player, row: Row, found: re.Match[str]) -> str:
    """Have two workers see a yes to the newest request, and both their devices sign the one record of each flow."""
    worker = player.worker(row["who"])
    seeing = [worker, *(player.worker(name) for name in names_in(found["by"] or ""))]
    heard = _heard(found)
    own = await outcome_of(_record(player, row, found, seeing, heard))
    if heard is None or own == "done":
        return own
    # Software that does not ask first writes down what it likes: the relay says the same.
    relay = await outcome_of(_record(player, row, found, seeing, heard, checked=False))
    return own if own == relay else f"{own} by the worker's software, and {relay} by the relay"


def _heard(found: re.Match[str]) -> Heard | None:
    if found["language"] is None:
        return None
    return Heard(language=_LANGUAGES[found["language"]], interpreter=_INTERPRETERS.get(found["through"]))


async def _record(
    player: Player, row: Row, found: re.Match[str], seeing: list[Partner], heard: Heard | None, checked: bool = True
) -> str:
    worker = seeing[0]
    there, _, back = row["what"].partition("; back: ")
    for flow, wanted in enumerate((there, back)):
        if not wanted:
            continue
        types = {kind for kind, _ in scopes(wanted)}
        payload = await worker.families.prepare_witnessed(
            str(player.kept["request"]), flow, persons=[player.people[name] for name in names_in(found["people"])],
            witnesses=[(item.identity.partner, item.identity.device) for item in seeing],
            means=_MEANS[found["means"]], types=types, heard=heard if checked else None,  # type: ignore[arg-type]
        )  # fmt: skip
        if not checked:
            payload = encoding.encode(msgspec.structs.replace(encoding.decode(payload, Consent), heard=heard))
        texts = {await item.families.witnessed_text(payload) for item in seeing}
        assert len(texts) == 1, "the witnesses read different texts"
        player.read_aloud(found["people"], texts.pop())
        await worker.families.submit_witnessed(payload, [item.families.witness(payload) for item in seeing])
    return "done"


@act(r"looks whom (?:it|the partner) still owes telling")
async def owed(player: Player, row: Row, found: re.Match[str]) -> str:
    """Name everyone of this family whom the partner owes telling, with whether it is late."""
    return ", ".join(sorted(_words(player, duty) for duty in await _duties(player, row["who"]))) or "nobody"


@act(r"reads the letter aloud to (?P<people>[\w, ]+)")
async def letter(player: Player, row: Row, found: re.Match[str]) -> str:
    """Read the letter that the software wrote to people, and say that they were told."""
    worker, done = player.worker(row["who"]), 0
    for duty in await _duties(player, row["who"]):
        if player.name_of(duty.person) in names_in(found["people"]):
            player.read_aloud(player.name_of(duty.person), await worker.letter(duty))
            await worker.confirm_told(duty, "in-person")
            done += 1
    return "done" if done else "there was nothing to tell"


@act(r"prints a letter with a stop code for (?P<person>\w+)")
async def print_letter(player: Player, row: Row, found: re.Match[str]) -> str:
    """Have the software write a letter; its code is kept where the person keeps the letter, and nowhere else."""
    worker = player.worker(row["who"])
    (duty,) = [item for item in await _duties(player, row["who"]) if item.person == player.people[found["person"]]]
    letter = await worker.letters.write(duty)
    assert letter.stop is not None
    player.kept[f"letter of {found['person']}"] = letter.stop.code
    player.read_aloud(found["person"], letter.text)
    return "done"


@act(r"hears (?P<person>\w+) read the code of the letter on the telephone, with (?P<by>[\w ]+)")
async def hear_code(player: Player, row: Row, found: re.Match[str]) -> str:
    """Look the code up, as workers of whichever partner; stop what stands, if anything does."""
    seeing = [player.worker(row["who"]), *(player.worker(name) for name in names_in(found["by"]))]
    first = seeing[0]
    case = await first.letters.look_up(str(player.kept[f"letter of {found['person']}"]))
    if not case.stops:
        return "stopped already" if case.used is not None else "nothing stands"
    for stop in case.stops:
        witnesses = [(item.identity.partner, item.identity.device) for item in seeing]
        payload = first.letters.prepare_stop(case, stop, witnesses=witnesses)
        signatures = [item.families.witness_revocation(payload) for item in seeing]
        await first.families.submit_witnessed_revocation(payload, signatures)
    return "stopped"


async def _duties(player: Player, who: str) -> list[Duty]:
    ours = set(player.people.values())
    return [duty for duty in await player.worker(who).duties() if duty.person in ours]


def _words(player: Player, duty: Duty) -> str:
    return player.name_of(duty.person) + (" late" if duty.overdue else "")


@act(r"looks how (?P<person>\w+)'s yes to (?P<to>[\w' ]+) was understood")
async def understood(player: Player, row: Row, found: re.Match[str]) -> str:
    """Say in what language, and through whom, the newest yes was taken in: it stands in the signed record."""
    person, own = player.people[found["person"]], Party(partner=player.worker(row["who"]).identity.partner)
    to = Party(partner=player.town.partners[found["to"]])
    case = await player.worker(row["who"]).families.look_up([person], own, to)
    newest = case.chains[person, own.key, to.key][-1].payload
    assert isinstance(newest, Consent)
    if newest.heard is None:
        return "by reading it"
    words = {code: name for name, code in _INTERPRETERS.items()}
    language = next(name for name, code in _LANGUAGES.items() if code == newest.heard.language)
    return f"in {language}, through {words[newest.heard.interpreter or '']}"
