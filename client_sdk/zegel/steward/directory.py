"""Publishing a directory: the one list of what is in force, made by the steward from what is known to verify.

Who is listed is the steward's choice alone: a membership that a relay shows, and that the last directory does not list,
is not listed again, so nobody who was removed comes back by way of the relay.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from zegel.steward.envelope import building, sign_as_steward
from zegel.steward.errors import SetupError
from zegel.steward.known import Known
from zegel.steward.membership import require_sector
from zegel_keys.casefile import Reader
from zegel_keys.envelopes import new_nonce
from zegel_keys.exhibit import read
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.trust import establish
from zegel_keys.verification import read_payload
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Directory, Membership, Rulebook
from zegel_protocol.objects.directory import MAX_LIFE, CurrentDevices
from zegel_protocol.signed import Signed

MAX_REFRESH = 90 * DAY
"""Longest time, in seconds, that a freshness key may go on refreshing one directory of the steward's."""


@dataclass(frozen=True)
class RelayFacts:
    """What a directory says of its relay and portal: public keys, relying party id, web origins, bundle digests."""

    relay_key: str
    log_key: str
    rp_id: str
    origins: tuple[str, ...]
    bundles: tuple[str, ...] = ()


def publish(
    known: Known,
    keys: Sequence[KeyFile],
    now: int,
    *,
    memberships: Iterable[bytes] = (),
    without: Collection[str] = (),
    rulebook: bytes | None = None,
    relay: RelayFacts | None = None,
    freshness_key: str | None = None,
    life: int = MAX_LIFE,
    refresh_for: int = MAX_REFRESH,
    after: int = 0,
) -> bytes:
    """Return the envelope of the next directory: as the last, with what is given changed.

    - `memberships`: envelopes of those to list from now on; a later version takes the place of the one listed.
    - `without`: partners to leave out from now on.
    - `rulebook`: envelope of the one to name; else the last directory's. `relay`, `freshness_key`: likewise.
    - `life`: seconds until it expires, at most 14 days; `refresh_for`: seconds that the freshness key may refresh it,
      at most 90 days, 0 for not at all.
    - `after`: the newest version that was ever signed, where a relay that was restored may have lost it.

    The result is held against everything known once more before it is returned, with every receipt: what this steward
    publishes, others can establish. Raises `SetupError` (`directory.life`, `rulebook.missing`, `relay.missing`,
    `partner.unknown`, `sector.*`, `steward.*`) or `ProtocolError`.
    """
    if not 0 < life <= MAX_LIFE or not 0 <= refresh_for <= MAX_REFRESH:
        raise SetupError(
            "directory.life",
            "A directory lasts at most 14 days, and is refreshed for at most 90.",
            "Give other numbers of days.",
        )
    given = tuple(memberships)
    known = known.with_more([*given, *([rulebook] if rulebook is not None else [])])
    listed = _listed(known, [read_payload(envelope, Membership)[1] for envelope in given], without)
    named = read_payload(rulebook, Rulebook)[1] if rulebook is not None else None
    rules = known.find_rulebook(named) if named is not None else known.rulebook
    if rules is None:
        raise SetupError("rulebook.missing", "No rulebook was signed yet.", "Make one with `zegel steward rulebook`.")
    for held in listed.values():
        require_sector(rules.payload, held.payload)
    facts = relay or _carried(known)
    before = known.base.payload if known.base is not None else None
    freshness = freshness_key or (before.freshness_key if before is not None else None)
    refreshed = freshness is not None and refresh_for > 0
    with building():
        directory = Directory(
            v=1, huis=known.huis, nonce=new_nonce(),
            version=1 + max(after, known.directory.payload.version if known.directory is not None else 0),
            issued=now, expires=now + life,
            memberships=tuple(sorted(held.d for held in listed.values())),
            devices=current_devices(known, listed),
            rulebook=rules.d, relay_key=facts.relay_key, log_key=facts.log_key, rp_id=facts.rp_id,
            origins=tuple(sorted(set(facts.origins))), bundles=tuple(sorted(set(facts.bundles))),
            freshness_key=freshness if refreshed else None, refresh_until=now + refresh_for if refreshed else None,
        )  # fmt: skip
    envelope = sign_as_steward(directory, known.root, keys)
    establish(known.huis, [*known.exhibits, read(envelope)], Reader().place)
    return envelope


def current_devices(known: Known, listed: Mapping[str, Signed[Membership]]) -> tuple[CurrentDevices, ...]:
    """Return the newest device list of each listed partner that has one, as a directory names it."""
    return tuple(
        CurrentDevices(partner=partner, devices=known.lists[partner][-1].d)
        for partner in sorted(listed)
        if partner in known.lists
    )


def _listed(known: Known, given: Collection[str], without: Collection[str]) -> dict[str, Signed[Membership]]:
    listed = known.listed
    for partner, chain in known.members.items():
        for held in chain:
            # Never back to an earlier version: what was given may be an old file.
            if held.d in given and (partner not in listed or held.payload.version > listed[partner].payload.version):
                listed[partner] = held
    for partner in without:
        if listed.pop(partner, None) is None:
            raise SetupError(
                "partner.unknown", f"The directory does not list {partner}.", "Look up its id: `zegel steward show`."
            )
    return listed


def _carried(known: Known) -> RelayFacts:
    if known.directory is None:
        raise SetupError(
            "relay.missing",
            "This is the first directory, and nothing says which relay and which portal it is for.",
            "Give what `zegel-relay init` printed, and the portal's origin.",
        )
    last = known.directory.payload
    return RelayFacts(last.relay_key, last.log_key, last.rp_id, last.origins, last.bundles)
