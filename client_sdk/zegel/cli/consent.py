"""`zegel consent`: asking for it, and what stands. A yes that two workers see is in `witness`; one by passkey is the
client's own to give.
"""

from collections.abc import Iterable
from typing import Any

import click

from zegel.cli.askable import require_askable
from zegel.cli.console import answer, moment, now, short_option
from zegel.cli.desk import at_desk, household_of
from zegel.cli.values import ID, PARTNER, SCOPE, TERM
from zegel.cli.witness import revoke_command, witness
from zegel.draft import Draft
from zegel.partner import Partner
from zegel_protocol.evidence import ChainObject
from zegel_protocol.objects import Consent, Revocation
from zegel_protocol.objects.consent import Witnessed
from zegel_protocol.objects.parties import Party


@click.group("consent", short_help="Ask for consent, witness it, see what stands, take it back.")
def consent() -> None:
    """Ask for consent, witness a yes, see what stands, take it back."""


@consent.command("ask", short_help="Ask people for the consent that a message needs.")
@click.option("--to", type=PARTNER, required=True, help="The partner that would receive.")
@click.option("--about", type=ID, multiple=True, required=True, help="A person; once for each.")
@click.option(
    "--type", "types", type=SCOPE, multiple=True, required=True, help="What would be shared: money, who:short."
)
@click.option("--purpose", type=TERM, default="referral", show_default=True)
@click.option("--household", type=ID, help="Their household; else it is looked up.")
@click.option("--days", type=click.IntRange(1, 3_650), help="For how long; at most, and else, what the rules allow.")
@click.option("--back", type=SCOPE, multiple=True, help="What they may report back; else follow and plan.")
@click.option("--no-back", is_flag=True, help="Do not ask for the way back.")
@click.option("--language", default="nl", show_default=True, help="In which the people read it.")
@short_option
@at_desk
async def ask_command(
    partner: Partner,
    to: str,
    about: tuple[str, ...],
    types: tuple[tuple[str, str], ...],
    purpose: str,
    household: str | None,
    days: int | None,
    back: tuple[tuple[str, str], ...],
    no_back: bool,
    language: str,
) -> None:
    """Ask people for consent: these types, for this purpose, from this partner to that one.

    Whoever has a phone sees it there. For whoever has none: `zegel consent witness prepare`.

    \b
    Example:
      zegel consent ask --to ocmw-gent --about 91aa... --type money --type who
    """
    if back and no_back:
        raise click.UsageError("Either --back, or --no-back.")
    require_askable((await partner.setting()).setting, to, purpose, types)
    draft = Draft("referral", purpose, to, await household_of(partner, about, household), tuple(sorted(set(about))))
    made = await partner.families.ask_consent(
        draft, days=days, back={} if no_back else dict(back) or None, language=language, types=types
    )
    answer(
        {"request": made, "to": to, "about": list(draft.about), "household": draft.household, "purpose": purpose},
        f"Asked: {made}",
        "Whoever has a phone finds it there. For whoever has none, two workers can witness the yes:",
        f"zegel consent witness prepare {made} --about {draft.about[0]} --witness ... --means spoken --out yes.json",
        short=made,
    )


@consent.command("list", short_help="Show which consents stand, between this partner and another.")
@click.option("--about", type=ID, multiple=True, required=True, help="A person; once for each.")
@click.option("--partner", "--to", "other", type=PARTNER, required=True, help="The other partner.")
@at_desk
async def list_command(partner: Partner, about: tuple[str, ...], other: str) -> None:
    """Show people's consents between this partner and another, both ways, and what became of each.

    \b
    Example:
      zegel consent list --about 91aa... --partner ocmw-gent
    """
    own, taker = Party(partner=partner.identity.partner), Party(partner=other)
    shown: list[dict[str, Any]] = []
    for sender, to in ((own, taker), (taker, own)):
        case = await partner.families.look_up(about, sender, to)
        for person in dict.fromkeys(about):
            chain = case.chains.get((person, sender.key, to.key), ())
            shown += [
                _facts(held.d, held.payload, chain, person) for held in chain if isinstance(held.payload, Consent)
            ]
    answer({"consents": shown}, *([_line(item) for item in shown] or ["No consent was ever given, either way."]))


def _facts(d: str, given: Consent, chain: Iterable[ChainObject], person: str) -> dict[str, Any]:
    return {
        "consent": d, "state": _state(d, given, chain), "person": person, "from": given.sender.partner,
        "to": given.to.partner, "purpose": given.purpose, "not_before": given.not_before, "not_after": given.not_after,
        "types": [f"{scope.type}:{scope.form}" for scope in given.types], "request": given.request,
        "by": "witnessed" if isinstance(given.evidence, Witnessed) else "passkey",
    }  # fmt: skip


def _state(d: str, given: Consent, chain: Iterable[ChainObject]) -> str:
    """Return what the chain and the clock say of a consent; whether it covers a message is for a preflight to say."""
    for held in chain:
        if isinstance(held.payload, Revocation) and d in held.payload.revokes:
            return "revoked"
        if isinstance(held.payload, Consent) and d in held.payload.replaces:
            return "replaced"
    if now() >= given.not_after:
        return "expired"
    return "stands" if now() >= given.not_before else "not yet"


def _line(facts: dict[str, Any]) -> str:
    types = ", ".join(scope.removesuffix(":whole") for scope in facts["types"])
    return (
        f"{facts['consent']}\n  {facts['state']} until {moment(facts['not_after'])}: {facts['from']} to {facts['to']}, "
        f"{facts['purpose']}: {types}\n  person {facts['person']}, {facts['by']}"
    )


consent.add_command(witness)
consent.add_command(revoke_command)
