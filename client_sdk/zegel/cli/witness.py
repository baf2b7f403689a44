"""`zegel consent witness` and `revoke`: a yes, or a stop, without a phone, that two workers see and both sign.

Each worker signs at their own device, after the text that it renders itself was read to the person. The record goes
from one to the other as a file (`paper`).
"""

from pathlib import Path
from typing import Any, Final, get_args

import click

from zegel.cli.console import answer, aside, moment
from zegel.cli.desk import at_desk
from zegel.cli.paper import Paper
from zegel.cli.setting import FILE
from zegel.cli.values import DIGEST, ID, MOMENT, PARTNER, ROLE, TERM, WITNESS
from zegel.partner import Partner
from zegel.witnessed import Means, Role
from zegel_protocol.objects import Consent, Revocation
from zegel_protocol.objects.consent import Heard

_ROLES: Final = get_args(Role)


def _options(command: Any) -> Any:
    """Give a command what a witnessed yes and a witnessed stop have in common."""
    for option in reversed((
        click.option("--about", type=ID, multiple=True, required=True, help="A person; once for each."),
        click.option("--witness", "witnesses", type=WITNESS, multiple=True,
                     help="Another worker's device, as `zegel keys -q` prints it there."),
        click.option("--not-me", is_flag=True, help="This device is not one of the witnesses."),
        click.option("--means", type=click.Choice(get_args(Means)), required=True, help="Signed on paper, or said."),
        click.option("--signer", "signers", type=ROLE, multiple=True,
                     help="PERSON=self or PERSON=authority: who says so; else each for themselves."),
        click.option("--out", type=FILE, required=True, help="Where to write the record, for each witness to sign."),
    )):  # fmt: skip
        command = option(command)
    return command


@click.group("witness", short_help="A yes without a phone, that two workers see.")
def witness() -> None:
    """A yes without a phone: prepare the record, read it to the person, and have two workers sign it."""


@witness.command("prepare", short_help="Write the record of a yes, for two workers to sign.")
@click.argument("request", type=DIGEST)
@click.option("--flow", type=click.IntRange(0), default=0, show_default=True, help="0: the way there, 1: the way back.")
@_options
@click.option("--type", "types", type=TERM, multiple=True, help="Only these types; else all that were asked.")
@click.option("--until", type=MOMENT, help="Until when; else, and at most, what was asked and the rules allow.")
@click.option("--replaces", type=DIGEST, multiple=True, help="A consent that this one takes the place of.")
@click.option("--understands", metavar="LANGUAGE", help="The language that they understand, such as tr.")
@click.option("--interpreter", type=TERM, help="Who interpreted, such as telephone; with --understands.")
@at_desk
async def prepare_command(
    partner: Partner,
    request: str,
    flow: int,
    about: tuple[str, ...],
    witnesses: tuple[tuple[str, str], ...],
    not_me: bool,
    means: Means,
    signers: tuple[tuple[str, str], ...],
    out: Path,
    types: tuple[str, ...],
    until: int | None,
    replaces: tuple[str, ...],
    understands: str | None,
    interpreter: str | None,
) -> None:
    """Write the record of a yes to what REQUEST asked, for two workers to sign. Nothing is signed or sent yet.

    \b
    Example:
      zegel consent witness prepare REQUEST --about 91aa... --witness clb-gent/77b0... \\
        --means spoken --out yes.json
    """
    payload = await partner.families.prepare_witnessed(
        request,
        flow,
        persons=about,
        witnesses=witnesses_of(partner, witnesses, not_me),
        means=means,
        signers=_signers(signers),
        types=types or None,
        not_after=until,
        replaces=replaces,
        heard=_heard(understands, interpreter),
    )
    paper = Paper(out, Consent.KIND, payload)
    paper.write(new=True)
    text = await partner.families.witnessed_text(payload)
    answer(
        {"file": str(out), "consent": paper.d, "text": text},
        text,
        "",
        f"{out} waits for the witnesses. Next, at each witness's device: zegel consent witness sign {out}",
    )


@witness.command("sign", short_help="Read the record, and sign that you saw the yes or the stop.")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Do not ask whether you saw it.")
@click.option("--submit", is_flag=True, help="You are the last: give it to the relay.")
@at_desk
async def sign_command(partner: Partner, file: Path, yes: bool, submit: bool) -> None:
    """Read the record in FILE, and sign that you saw the person say so.

    \b
    Examples:
      zegel consent witness sign yes.json
      zegel consent witness sign yes.json --submit
    """
    paper = Paper.read(file, Consent, Revocation)
    families, given = partner.families, paper.kind == Consent.KIND
    text = await families.witnessed_text(paper.payload) if given else _stop_in_words(paper.decode(Revocation))
    if not yes:
        aside(text, "")
        click.confirm("Was this read to the person, and did you see them say so?", abort=True, err=True)
    paper.sign(families.witness(paper.payload) if given else families.witness_revocation(paper.payload))
    paper.write()
    if submit:
        await _submit(partner, paper)
        return
    answer(
        {"file": str(file), "signatures": len(paper.signatures), "submitted": False, "text": text},
        f"{file} has {_count(paper)}. The last witness signs with --submit, or: zegel consent witness submit {file}",
    )


@witness.command("submit", short_help="Give a signed record to the relay.")
@click.argument("file", type=FILE)
@at_desk
async def submit_command(partner: Partner, file: Path) -> None:
    """Give the relay a record that all its witnesses signed. From then on it counts.

    \b
    Example:
      zegel consent witness submit yes.json
    """
    await _submit(partner, Paper.read(file, Consent, Revocation))


async def _submit(partner: Partner, paper: Paper) -> None:
    if paper.kind == Consent.KIND:
        d = await partner.families.submit_witnessed(paper.payload, paper.signatures)
        until = paper.decode(Consent).not_after
        answer({"consent": d, "not_after": until, "submitted": True}, f"Consent {d} stands until {moment(until)}.")
    else:
        d = await partner.families.submit_witnessed_revocation(paper.payload, paper.signatures)
        answer(
            {"revocation": d, "submitted": True},
            "It is taken back. What was not opened yet is withdrawn; what was read cannot be unread.",
        )


@click.command("revoke", short_help="Write the record of a stop, for two workers to sign.")
@click.argument("consents", metavar="CONSENT...", type=DIGEST, nargs=-1, required=True)
@click.option("--from", "sender", type=PARTNER, help="The partner that may send; else this one.")
@click.option("--to", type=PARTNER, required=True, help="The partner that may receive.")
@click.option("--reason", type=TERM, default="not-say", show_default=True, help="A reason of the rulebook's list.")
@_options
@at_desk
async def revoke_command(
    partner: Partner,
    consents: tuple[str, ...],
    sender: str | None,
    to: str,
    reason: str,
    about: tuple[str, ...],
    witnesses: tuple[tuple[str, str], ...],
    not_me: bool,
    means: Means,
    signers: tuple[tuple[str, str], ...],
    out: Path,
) -> None:
    """Write the record of somebody taking consent back without a phone. Whoever has one does it there, at once.

    Both witnesses then sign it as they sign a yes: `zegel consent witness sign`.

    \b
    Example:
      zegel consent revoke CONSENT --to ocmw-gent --about 91aa... --witness clb-gent/77b0... \\
        --means spoken --out stop.json
    """
    payload = await partner.families.prepare_witnessed_revocation(
        consents,
        sender=sender or partner.identity.partner,
        to=to,
        persons=about,
        witnesses=witnesses_of(partner, witnesses, not_me),
        means=means,
        reason_code=reason,
        signers=_signers(signers),
    )
    paper = Paper(out, Revocation.KIND, payload)
    paper.write(new=True)
    answer(
        {"file": str(out), "revocation": paper.d},
        f"{out} waits for the witnesses. Next, at each witness's device: zegel consent witness sign {out}",
    )


def witnesses_of(partner: Partner, named: tuple[tuple[str, str], ...], not_me: bool) -> list[tuple[str, str]]:
    """Return the devices that will witness: those that are named, and this worker's own unless `not_me`."""
    own = partner.identity
    return [*named, *([] if not_me or own.worker is None else [(own.partner, own.device)])]


def _heard(understands: str | None, interpreter: str | None) -> Heard | None:
    if understands is None and interpreter is not None:
        raise click.UsageError("--interpreter belongs with --understands: into which language was it interpreted?")
    return Heard(language=understands, interpreter=interpreter) if understands is not None else None


def _signers(named: tuple[tuple[str, str], ...]) -> dict[str, Role] | None:
    found: dict[str, Role] = {}
    for person, role in named:
        if role not in _ROLES:
            raise click.UsageError(f"Someone says so as {' or '.join(_ROLES)}: PERSON=self, PERSON=authority.")
        found[ID.convert(person, None, None)] = "self" if role == "self" else "authority"
    return found or None


def _stop_in_words(stop: Revocation) -> str:
    people, consents = ", ".join(stop.about), ", ".join(stop.revokes)
    return (
        f"Taken back on {moment(stop.at)}, about {people}: what {stop.sender.partner} may share with "
        f"{stop.to.partner}. Consents: {consents}. Reason: {stop.reason_code}."
    )


def _count(paper: Paper) -> str:
    return f"{len(paper.signatures)} signature{'s' * (len(paper.signatures) != 1)}"
