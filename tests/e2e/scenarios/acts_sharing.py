"""What workers do in the tables: ask for a yes, share on it, report back; each refusal is had twice.

Once from the worker's own software, before anything is sealed, and once from the relay, which cannot read what it is
sent by software that does not check.
"""

import asyncio
import re
from urllib.parse import urlsplit

from e2e.scenarios.play import Player, act, outcome_of
from e2e.scenarios.tables import Row, names_in, without_gloss
from e2e.scenarios.wording import scopes, write
from e2e.town import notices_of
from servers.databases import rows
from zegel import Agreement, Carried, Draft, FollowUp, RelayUnreachable, Sent
from zegel_demo import rash
from zegel_demo.huis import DAY
from zegel_keys.verification import read_payload
from zegel_protocol.objects import Consent, Manifest
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.objects.parties import Party

_FOR = r"(?:, for (?P<purpose>[a-z]+))?"
_SHARE = rf"(?P<kind>referral|information) (?:of|about) (?P<about>[\w, ]+?) to (?P<to>[\w' ]+?){_FOR}(?P<how>, .*)?"
_PURPOSES = {"referral": "referral", "information": "coordinate"}


def draft_of(player: Player, row: Row, found: re.Match[str]) -> Draft:
    """Return the draft that a row describes, complete in everything that the row does not leave out."""
    about = [player.people[name] for name in names_in(found["about"])]
    purpose = found["purpose"] or _PURPOSES[found["kind"]]
    draft = Draft(found["kind"], purpose, player.party(found["to"]), player.household, tuple(sorted(about)))
    write(draft, row["what"], player.people, player.town.folder)
    how = found["how"] or ""
    if "nothing agreed" not in how:
        draft.follow_up = (FollowUp(code="first-contact", due=player.town.clock() + 2 * DAY),)
        draft.note("agreement", Agreement(text="They call on Thursday.", ask="Sara", with_client=True, steps=()))
    if "not said how" not in how:
        draft.carried = Carried(how="with-client")
    return draft


@act(rf"asks (?P<asked>[\w, ]+?) about an? {_SHARE}")
async def ask(player: Player, row: Row, found: re.Match[str]) -> str:
    """Ask for a yes to types of information: there, and `; back: ...` for what may come back."""
    there, _, back = row["what"].partition("; back: ")
    about = tuple(sorted(player.people[name] for name in names_in(found["about"])))
    purpose = found["purpose"] or _PURPOSES[found["kind"]]
    blank = Draft(found["kind"], purpose, player.party(found["to"]), player.household, about)
    asked = names_in(found["asked"])
    persons = {player.people[name] for name in asked} & set(blank.about) or None
    player.kept["request"] = request = await player.worker(row["who"]).families.ask_consent(
        blank, types=scopes(there), back=dict(scopes(back)), persons=persons
    )
    for name in asked:
        if name in player.phones:
            shown = [item.request.d for item in await player.phones[name].requests()]
            assert request in shown, f"{name} was not asked"
    return "asked"


@act(_SHARE)
async def share(player: Player, row: Row, found: re.Match[str]) -> str:
    """Share something; where it is accepted, it is opened at the other end and everyone is told."""
    return await deliver(player, row, found["to"], draft_of(player, row, found), found["how"] or "")


@act(r"report-back to (?P<to>[\w' ]+)(?P<how>)")
async def report(player: Player, row: Row, found: re.Match[str]) -> str:
    """Report back on the newest message that came from there."""
    to = player.town.partners[found["to"]]
    began = next(item for item in reversed(player.opened[row["who"]]) if item.sender == to)
    draft = player.worker(row["who"]).report_back(began)
    draft.carried = Carried(how="with-client")
    write(draft, row["what"], player.people, player.town.folder)
    return await deliver(player, row, found["to"], draft, "")


async def deliver(player: Player, row: Row, to: str, draft: Draft, how: str) -> str:
    """Send a draft and open it; return the outcome with everyone who is told, or the refusals of both."""
    worker, now = player.worker(row["who"]), player.town.clock()
    before = _stored(player)
    sent: list[Sent] = []

    async def checked() -> str:
        sent.append(await worker.send(draft))
        return "allowed"

    try:
        own = await outcome_of(checked())
    except RelayUnreachable:
        await worker.keep(draft)
        return "not sent yet"
    if not sent:
        # Of content the relay knows nothing: what stops on the device needs no second opinion.
        relay = own if own.startswith("stopped") else await outcome_of(_rash(player, row["who"], draft, now))
        assert _stored(player) == before, f"\n{row}\nit was refused, and something was stored"
        return own if own == relay else f"{own} by the worker's software, and {relay} by the relay"
    return await accepted(player, row, to, sent[0], how)


async def accepted(player: Player, row: Row, to: str, sent: Sent, how: str) -> str:
    """Open at the other end what was accepted; return the outcome with everyone who is told."""
    player.sent[row["who"], to] = sent
    _check_yes(player, row, _manifest(player, sent.manifest))
    if "not opened" not in how:
        await open_newest(player, to, sent.manifest)
    return "allowed; " + told(player, sent.manifest)


@act(r"sends what waits, to (?P<to>[\w' ]+)")
async def flush(player: Player, row: Row, found: re.Match[str]) -> str:
    """Send what was kept on the device while there was no line."""
    (sent,) = await player.worker(row["who"]).flush()
    return await accepted(player, row, found["to"], sent, "")


@act(r"goes away")
async def lose_line(player: Player, row: Row, found: re.Match[str]) -> str:
    """Stop the relay, as on a road without a signal."""
    player.kept["port"] = urlsplit(player.town.huis.relay.address).port
    await asyncio.to_thread(player.town.huis.relay.stop)
    return "done"


@act(r"comes back")
async def find_line(player: Player, row: Row, found: re.Match[str]) -> str:
    """Start the relay where it was."""
    port = player.kept["port"]
    assert isinstance(port, int)
    await asyncio.to_thread(player.town.huis.relay.start_again, port)
    return "done"


async def open_newest(player: Player, to: str, manifest: str) -> None:
    """Open a message at its partner, acknowledge it, and keep what was read."""
    partner = player.worker(to)
    message = await partner.open(manifest)
    await partner.acknowledge(message)
    player.opened.setdefault(to, []).append(message)
    for section in message.sections:
        fields = [getattr(section.note, name) for name in getattr(section.note, "__struct_fields__", ())]
        words = [section.name or "", *(value for value in fields if isinstance(value, str))]
        player.read_by.setdefault(to, []).append(f"{section.type}: {' '.join(words)}")


def told(player: Player, manifest: str) -> str:
    """Return who is told of a message, as the tables word it."""
    now, told_now, told_later = player.town.clock(), set[str](), set[str]()
    for person, notice in notices_of(player.town.huis, manifest).items():
        name = player.name_of(person) + (" in person" if "without-device" in notice.codes else "")
        (told_later if notice.not_before > now else told_now).add(name)
    return "; ".join(
        f"{when}: {', '.join(sorted(names))}"
        for when, names in (("told", told_now), ("told later", told_later))
        if names or (when == "told" and not told_later)
    )


async def _rash(player: Player, who: str, draft: Draft, now: int) -> str:
    await rash.send(player.worker(who), draft, now)
    return "allowed"


def _stored(player: Player) -> int:
    return int(rows(player.town.huis.relay, "SELECT count(*) FROM messages")[0][0])


def _manifest(player: Player, d: str) -> Manifest:
    ((envelope,),) = rows(player.town.huis.relay, "SELECT envelope FROM objects WHERE d = ?", [d])
    return read_payload(envelope, Manifest)[0]


def _check_yes(player: Player, row: Row, manifest: Manifest) -> None:
    """What the row says of whose yes it is, is what the message rests on."""
    if "on whose yes" not in row.cells:
        return
    signed: set[str] = set()
    if isinstance(manifest.basis, OnConsent):
        for d in manifest.basis.consents:
            ((envelope,),) = rows(player.town.huis.relay, "SELECT envelope FROM objects WHERE d = ?", [d])
            signed |= {player.name_of(signer.person) for signer in read_payload(envelope, Consent)[0].signers}
    assert signed == set(names_in(without_gloss(row["on whose yes"]))) - {"nobody"}, (
        f"\n{row}\nit rests on the yes of {signed}"
    )


@act(r"vouches that (?P<person>\w+)'s phone is (?:hers|his)")
async def vouch(player: Player, row: Row, found: re.Match[str]) -> str:
    """Say, as a second partner, that a person's keys are theirs."""
    families, person = player.worker(row["who"]).families, player.people[found["person"]]
    own = Party(partner=player.worker(row["who"]).identity.partner)
    case = await families.look_up([person], own, own)
    await families.vouch(case.clients[person].keys[-1].d, "known")
    return "done"
