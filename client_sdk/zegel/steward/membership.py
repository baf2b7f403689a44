"""Admitting a partner: its membership, signed by the steward; in force once a directory lists it."""

from collections.abc import Sequence

from zegel.steward.envelope import building, sign_as_steward
from zegel.steward.errors import SetupError
from zegel.steward.joining import JoinRequest
from zegel.steward.known import Known
from zegel_keys.envelopes import new_nonce
from zegel_keys.keystore.key_file import KeyFile
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Membership, Rulebook

DEFAULT_TERM = 365 * DAY
"""Seconds that a membership holds unless the steward says otherwise."""


def admit(known: Known, request: JoinRequest, keys: Sequence[KeyFile], now: int, term: int = DEFAULT_TERM) -> bytes:
    """Return the membership's envelope: the partner's first, or the next in its chain (another name, key or term).

    `request` is what the partner proposed, with what the steward changed (`msgspec.structs.replace`). `now` is in UTC
    seconds, `term` in seconds.

    Raises `SetupError` (`membership.dates`; `membership.host`: no member, or itself under a pledge; `sector.*`: not as
    the newest rulebook has it; `steward.*`) or `MalformedError`.
    """
    if term < DAY:
        raise SetupError("membership.dates", "A membership lasts at least a day.", "Give another number of days.")
    if known.rulebooks:
        require_sector(known.rulebooks[-1].payload, request)
    _require_host(known, request)
    chain = known.members.get(request.partner, ())
    with building():
        membership = Membership(
            v=1, huis=known.huis, nonce=new_nonce(), partner=request.partner, version=len(chain) + 1, name=request.name,
            actor=request.actor, secrecy=request.secrecy, sector=request.sector, root_key=request.root_key,
            not_before=now, not_after=now + term, prev=chain[-1].d if chain else None, host=request.host,
        )  # fmt: skip
    return sign_as_steward(membership, known.root, keys)


def _require_host(known: Known, request: JoinRequest) -> None:
    """Return if whoever stands behind this partner is a member whose people are under a secrecy of law or office."""
    chain = known.members.get(request.host, ()) if request.host is not None else ()
    if request.host is not None and (not chain or chain[-1].payload.secrecy == "pledge"):
        raise SetupError(
            "membership.host",
            f"{request.host} is no member that can stand behind {request.partner}.",
            "Admit the organisation that stands behind them first; it is one of law or office, and not a volunteer.",
        )


def require_sector(rules: Rulebook, partner: JoinRequest | Membership) -> None:
    """Return if the rulebook has the partner's sector, with the secrecy that the partner is to be under.

    Raises `SetupError` (`sector.unknown`: all to and from it would be refused; `sector.secrecy`: it would be held to
    other limits than the rulebook means).
    """
    sector = next((item for item in rules.sectors if item.id == partner.sector), None)
    if sector is None:
        raise SetupError(
            "sector.unknown",
            f"{partner.partner} is of sector {partner.sector}, which the rulebook does not have.",
            "Admit it with a sector of the rulebook, or sign a rulebook that has this one.",
        )
    if sector.secrecy != partner.secrecy:
        raise SetupError(
            "sector.secrecy",
            f"{partner.partner} is of sector {sector.id}, whose secrecy is {sector.secrecy}, not {partner.secrecy}.",
            f"Admit it with secrecy {sector.secrecy}, or with another sector.",
        )
