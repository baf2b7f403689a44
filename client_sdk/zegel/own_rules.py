"""A partner's own rules: what it does not send or receive, narrower than the rules of the Huis (article 3).

They are signed by the partner's root, and in force as soon as a device list names them: the same way as devices, so the
root never stands on a device. Once a directory names that list, no relay can hold them back. Never below the floor:
alarms, advice, improvement feedback and the clients' own voice stay open at everyone. Rule: `docs/spec/records.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from zegel.own_case import ask_own
from zegel.partner_setup import device_list
from zegel.relay_client import RelayClient
from zegel.steward.envelope import building, sign
from zegel.steward.errors import SetupError
from zegel.steward.known import read_known
from zegel.view import View
from zegel_keys.envelopes import new_nonce
from zegel_keys.exhibit import read, read_bundle
from zegel_keys.keystore.key_file import KeyFile
from zegel_protocol.objects import PartnerRules, Rulebook
from zegel_protocol.objects.devices import Device
from zegel_protocol.objects.partner_rules import Closed
from zegel_protocol.rulebook.consistency import closes_floor
from zegel_protocol.signed import Signed


@dataclass(frozen=True)
class NextRules:
    """The envelopes to give the relay, in this order: the rules, and the device list that puts them in force."""

    rules: bytes
    devices: bytes


def next_rules(
    root: KeyFile,
    rulebook: Rulebook,
    partner: str,
    closed: Iterable[Closed],
    before: Signed[PartnerRules] | None,
    listed: tuple[bytes, Iterable[Device]],
    now: int,
) -> NextRules:
    """Return the next version of a partner's own rules, and its device list that names them.

    `closed` is all that is closed from then on. `before`: the rules that they replace. `listed`: the envelope of the
    device list in force, and the devices to list. Raises as `require_above_floor`, and as `device_list`.
    """
    everything = tuple(sorted(set(closed), key=lambda item: item.key))
    for item in everything:
        require_above_floor(rulebook, item)
    with building():
        made = PartnerRules(
            v=1, huis=rulebook.huis, nonce=new_nonce(), partner=partner,
            version=before.payload.version + 1 if before is not None else 1, closed=everything, at=now,
            prev=before.d if before is not None else None,
        )  # fmt: skip
    rules = sign(made, [root.signing_key])
    envelope, devices = listed
    named = device_list(root, rulebook.huis, partner, devices, now, before=envelope, rules=read(rules).d)
    return NextRules(rules, named)


def require_above_floor(rulebook: Rulebook, closed: Closed) -> None:
    """Return if a closing says something of the rulebook, and nothing of the floor.

    Raises `SetupError`: `rules.floor` (an alarm, or a kind that nobody may close), `rules.unknown` (a word that the
    rulebook does not have closes nothing).
    """
    if closes_floor(closed, rulebook):
        raise SetupError(
            "rules.floor",
            f"{closed.kind or closed.purpose} belongs to the floor of the code: no partner closes it for itself.",
            "Close something else: alarms, advice, feedback and the clients' own messages stay open at everyone.",
        )
    known = {
        "purpose": {rule.id for rule in rulebook.purposes},
        "kind": {rule.id for rule in rulebook.kinds},
        "type": {rule.id for rule in rulebook.categories} | {rule.id for rule in rulebook.parts},
        "sector": {rule.id for rule in rulebook.sectors},
    }
    for field, words in known.items():
        word = getattr(closed, field)
        if word is not None and word not in words:
            raise SetupError(
                "rules.unknown",
                f"The rules of the Huis know no {field} {word}: that would close nothing.",
                f"There are: {', '.join(sorted(words))}.",
            )


class OwnRules:
    """What this partner closed for itself, as one of its devices sees it; to change it takes the partner's root."""

    def __init__(self, client: RelayClient, view: View, partner: str) -> None:
        self._client, self._view, self._partner = client, view, partner

    async def show(self) -> tuple[Closed, ...]:
        """Return what is closed, as the device list in force names it. Raises as `ask_own`."""
        held = await self._in_force()
        return held.payload.closed if held is not None else ()

    async def close(self, root: KeyFile, now: int, *more: Closed) -> NextRules:
        """Sign and give the relay rules that close these too; in force at once.

        Raises `SetupError` (`rules.floor`, `rules.unknown`; nothing was signed), `RelayProblem`, `RelayUnreachable`.
        """
        return await self._replace(root, now, {*await self.show(), *more})

    async def open(self, root: KeyFile, now: int, *closed: Closed) -> NextRules:
        """Sign and give the relay rules that close these no more. Raises as `close`."""
        return await self._replace(root, now, set(await self.show()) - set(closed))

    async def _replace(self, root: KeyFile, now: int, closed: Iterable[Closed]) -> NextRules:
        case = await ask_own(self._client, self._view, self._partner)
        before = case.records.newest(PartnerRules, self._partner)
        # The newest list, also one that no directory names yet: the next one follows it.
        known = read_known(case.trust.huis, read_bundle(await self._client.setting()))
        held = known.lists[self._partner][-1]
        listed = known.envelope(held.d), held.payload.devices
        made = next_rules(root, case.setting.rulebook.payload, self._partner, closed, before, listed, now)
        await self._view.submit(made.rules)
        await self._view.submit(made.devices)
        return made

    async def _in_force(self) -> Signed[PartnerRules] | None:
        case = await ask_own(self._client, self._view, self._partner)
        lists = case.setting.devices.get(self._partner, ())
        named = lists[-1].payload.rules if lists else None
        return case.records.named(PartnerRules, named) if named is not None else None
