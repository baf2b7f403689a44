"""`zegel person`: whom messages can be about. The relay learns an id, a household and months; a name, never."""

from pathlib import Path
from typing import Any, Final

import click

from zegel.cli.console import answer, moment, now, short_option
from zegel.cli.desk import at_desk, known
from zegel.cli.paper import Paper
from zegel.cli.setting import FILE
from zegel.cli.values import ID, MOMENT, MONTH
from zegel.contacts import DAYTIME, Choice
from zegel.families import new_id
from zegel.partner import Partner
from zegel_protocol.decision.age import month_of
from zegel_protocol.evidence import Client
from zegel_protocol.objects import Person
from zegel_protocol.objects.contact import Hours, Wording
from zegel_protocol.objects.person import Capability


@click.group("person", short_help="Make people known, and who decides for them.")
def person() -> None:
    """Make people known, and who decides for them. Their names stay in your own files."""


@person.command("add", short_help="Make a person known.")
@click.option("--household", type=ID, help="Their household; else a new one.")
@click.option("--born", type=MONTH, help="Month of birth of a minor, such as 2019-05. It is not sent: two months are.")
@click.option("--authority", type=ID, multiple=True, help="Who holds parental authority; once for each.")
@click.option("--conflict", is_flag=True, help="There is known conflict between those who hold authority.")
@click.option("--silenced", type=ID, multiple=True, help="A holder who may not be told, for safety or by a court.")
@short_option
@at_desk
async def add_command(
    partner: Partner,
    household: str | None,
    born: str | None,
    authority: tuple[str, ...],
    conflict: bool,
    silenced: tuple[str, ...],
) -> None:
    """Make a person known, so that messages can be about them.

    \b
    Examples:
      zegel person add
      zegel person add --household 5f0c... --born 2019-05 --authority 91aa...
    """
    chosen = household or new_id()
    turns12, turns18 = _birthdays(born)
    made = await partner.families.add_person(
        chosen, turns12=turns12, turns18=turns18, authority=authority, conflict=conflict, silenced=silenced
    )
    answer(
        {"person": made, "household": chosen},
        f"Person     {made}",
        f"Household  {chosen}",
        "Keep both with the name in your own files: no name goes to the relay.",
        short=made,
    )


def _birthdays(born: str | None) -> tuple[str | None, str | None]:
    """Return the months of the 12th and the 18th birthday; none for an adult."""
    if born is None:
        return None, None
    year, month = born.split("-")
    twelve, eighteen = (f"{int(year) + years:04}-{month}" for years in (12, 18))
    return (twelve, eighteen) if month_of(now()) < eighteen else (None, None)


@person.command("show", short_help="Show what is known of people.")
@click.argument("people", metavar="PERSON...", type=ID, nargs=-1, required=True)
@at_desk
async def show_command(partner: Partner, people: tuple[str, ...]) -> None:
    """Show what is known of people: household, ages, who holds authority, and whether they have a phone.

    \b
    Example:
      zegel person show 91aa...
    """
    clients = await known(partner, people)
    answer(
        {"people": [_facts(clients[item]) for item in people]},
        *(line for item in people for line in _lines(clients[item])),
    )


def _facts(client: Client) -> dict[str, Any]:
    current = client.current
    return {
        "person": current.person, "household": current.household, "version": current.version,
        "turns12": current.turns12, "turns18": current.turns18, "authority": list(current.authority),
        "conflict": current.conflict, "silenced": list(current.silenced), "phones": len(client.keys[-1:]),
        "vouches": len(client.vouches),
    }  # fmt: skip


def _lines(client: Client) -> list[str]:
    current = client.current
    lines = [f"Person {current.person}, household {current.household}"]
    if current.turns18 is not None:
        lines.append(f"- a minor: turns 12 in {current.turns12 or 'the past'}, 18 in {current.turns18}")
    lines += [f"- authority: {holder}{' (silenced)' * (holder in current.silenced)}" for holder in current.authority]
    if current.conflict:
        lines.append("- known conflict between those who hold authority")
    lines.append("- has a phone" if client.keys else "- has no phone: a yes is witnessed, and they are told in person")
    return lines


@person.command("change", short_help="Change who decides for a person.")
@click.argument("person", type=ID)
@click.option("--authority", type=ID, multiple=True, help="All who hold authority from now on.")
@click.option("--no-authority", is_flag=True, help="Nobody holds authority.")
@click.option("--conflict/--no-conflict", default=None, help="Whether there is known conflict between them.")
@click.option("--silenced", type=ID, multiple=True, help="All holders who may not be told from now on.")
@click.option("--no-silenced", is_flag=True, help="Nobody is silenced.")
@click.option("--capable", type=MOMENT, metavar="DAY", help="They decide themselves until then, whatever their age.")
@click.option("--incapable", type=MOMENT, metavar="DAY", help="Who holds authority decides until then, from 12 on too.")
@click.option("--out", type=FILE, help="Write it for a second worker to sign, and send nothing.")
@at_desk
async def change_command(
    partner: Partner,
    person: str,
    authority: tuple[str, ...],
    no_authority: bool,
    conflict: bool | None,
    silenced: tuple[str, ...],
    no_silenced: bool,
    capable: int | None,
    incapable: int | None,
    out: Path | None,
) -> None:
    """Change who decides for a person. What protects, one partner may do; what loosens, takes workers of two.

    What the age presumes is rebutted for some months by two workers of one partner.

    \b
    Examples:
      zegel person change 91aa... --conflict
      zegel person change 91aa... --no-conflict --out change.json
      zegel person change 91aa... --capable 90d --out change.json
    """
    if (authority and no_authority) or (silenced and no_silenced):
        raise click.UsageError("Either name them, or say that there are none.")
    if capable is not None and incapable is not None:
        raise click.UsageError("Either --capable or --incapable.")
    until = capable if capable is not None else incapable
    capability = Capability(capable=capable is not None, until=until) if until is not None else None
    await known(partner, (person,))
    payload = await partner.families.prepare_change(
        person,
        conflict=conflict,
        authority=authority if authority or no_authority else None,
        silenced=silenced if silenced or no_silenced else None,
        capability=capability,
    )
    signature = partner.families.sign_change(payload)
    if out is not None:
        paper = Paper(out, Person.KIND, payload, (signature,))
        paper.write(new=True)
        answer(
            {"person": person, "file": str(out), "sent": False},
            f"{out} is signed by this device. Nothing was sent.",
            f"Next, a second worker ({_WHOSE[capability is not None]}): zegel person sign {out} --submit",
        )
        return
    await partner.families.submit_change(payload, [signature])
    answer({"person": person, "sent": True}, f"Person {person} is changed.")


@person.command("sign", short_help="Sign a change that another partner prepared.")
@click.argument("file", type=FILE)
@click.option("--submit", is_flag=True, help="Give it to the relay as well.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@at_desk
async def sign_command(partner: Partner, file: Path, submit: bool, yes: bool) -> None:
    """Show and sign a change of who decides for a person, that another partner prepared.

    \b
    Example:
      zegel person sign change.json --submit
    """
    paper = Paper.read(file, Person)
    change = paper.decode(Person)
    click.echo("\n".join(_change_lines(change)), err=True)
    if not yes:
        click.confirm("Is this as it is, as far as you know?", abort=True, err=True)
    paper.sign(partner.families.sign_change(paper.payload))
    paper.write()
    if submit:
        await partner.families.submit_change(paper.payload, paper.signatures)
    answer(
        {"person": change.person, "file": str(file), "signatures": len(paper.signatures), "sent": submit},
        f"{file} has {len(paper.signatures)} signatures" + (", and is in force." if submit else "."),
    )


_WHOSE: Final = {True: "of this partner", False: "of another partner"}


def _change_lines(change: Person) -> list[str]:
    held = change.capability
    rebutted = "nothing"
    if held is not None:
        rebutted = f"{'capable' if held.capable else 'not capable'} until {moment(held.until)}"
    return [
        f"Person {change.person}, version {change.version}:",
        f"- authority: {', '.join(change.authority) or 'nobody'}",
        f"- silenced: {', '.join(change.silenced) or 'nobody'}",
        f"- known conflict: {'yes' if change.conflict else 'no'}",
        f"- rebutted of what the age presumes: {rebutted}",
    ]


@person.command("ping", short_help="Set how a person hears that something is new.")
@click.argument("person", type=ID)
@click.option("--mail", help="Their e-mail address; it is sealed, so that only the relay's worker reads it.")
@click.option("--none", "silent", is_flag=True, help="They want no pings.")
@click.option("--wording", type=click.Choice(["plain", "short"]), default="plain", show_default=True)
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True)
@click.option("--from", "opens", type=click.IntRange(0, 23), default=DAYTIME.opens, show_default=True, help="Hour.")
@click.option("--until", "closes", type=click.IntRange(1, 24), default=DAYTIME.closes, show_default=True, help="Hour.")
@at_desk
async def ping_command(
    partner: Partner,
    person: str,
    mail: str | None,
    silent: bool,
    wording: Wording,
    language: str,
    opens: int,
    closes: int,
) -> None:
    """Set how a person without a phone, who is with you, hears that something is new. A ping says nothing of what.

    \b
    Example:
      zegel person ping 91aa... --mail elif@example.org --from 9 --until 17
    """
    if (mail is None) != silent:
        raise click.UsageError("Either --mail with an address, or --none.")
    if opens >= closes:
        raise click.UsageError("The hours end (--until) after they begin (--from).")
    await partner.set_contact(person, Choice(mail, wording, language, Hours(opens=opens, closes=closes)))
    how = "is pinged no more" if mail is None else f"is pinged between {opens} and {closes} o'clock, at most once a day"
    answer({"person": person, "pinged": mail is not None}, f"{person} {how}.")
