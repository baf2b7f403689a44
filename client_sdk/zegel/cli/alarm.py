"""`zegel alarm`: whom to phone, before anything else; then the alarm, its second signature, and who is on call (10)."""

import sys
from pathlib import Path
from typing import Any

import click

from zegel.alarms import DANGER, AlarmWaits, DeskState, phones_kept
from zegel.cli.askable import require_types
from zegel.cli.bar import bar
from zegel.cli.console import Commands, Failed, answer, aside, json_option, moment, now, wants_json
from zegel.cli.desk import at_desk, at_desk_after, household_of, keystore_option, secret_of
from zegel.cli.draft_file import DraftIn, fill
from zegel.cli.draft_options import note_from
from zegel.cli.language import spoken
from zegel.cli.passphrase import passphrase_option
from zegel.cli.rota import procedure_command, rota_command
from zegel.cli.send import say_sent
from zegel.cli.values import DIGEST, ID, MOMENT, NOTE, PARTNER, TERM
from zegel.errors import RelayUnreachable
from zegel.partner import Partner
from zegel_keys.keystore.directory import Keystore
from zegel_protocol.durations import HOUR
from zegel_protocol.objects.manifest import Delay
from zegel_protocol.objects.rulebook import PhoneRule
from zegel_protocol.texts.alarm_text import EMERGENCY, phones_first, what_to_write
from zegel_protocol.texts.catalogue import phrase


def _before_all() -> None:
    """Say the one number that needs no keystore and no line, before anything is asked for."""
    aside(phrase(spoken(), "alarm.emergency", number=EMERGENCY))


def _show_phones(partner: Partner) -> None:
    aside(*phones_first(partner.alarms.phones(), spoken()), "")


class _PhonesFirst(Commands):
    """A group that, with no command named, shows whom to phone."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `zegel alarm` for `zegel alarm phones`."""
        asks_help = bool({"-h", "--help"} & set(args))
        if not asks_help and (not args or args[0].startswith("-")):
            args = ["phones", *args]
        return super().parse_args(ctx, args)


@click.group("alarm", cls=_PhonesFirst, short_help="Somebody is in danger: phone, then send.")
def alarm() -> None:
    """Somebody is in danger. Phone first; then send what the desk must know, on one signature.

    Without a command it shows whom to phone, with or without a line.
    """


@alarm.command("phones", short_help="Show whom to phone, at once.")
@keystore_option(required=False)
@passphrase_option
@json_option
def phones_command(keystore: Path | None, passphrase_file: Path | None) -> None:
    """Show whom to phone, in this order. No line is needed.

    \b
    Examples:
      zegel alarm
      zegel alarm phones --json
    """
    _before_all()
    if keystore is None:
        raise click.UsageError("--keystore names this device's keystore, which knows whom else to phone.")
    with Keystore.open(keystore, secret_of(keystore, passphrase_file)) as opened:
        phones = phones_kept(opened.state)
    answer(
        {"phones": [_phone_facts(item) for item in phones], "emergency": EMERGENCY},
        *phones_first(phones, spoken()),
        "Next: zegel alarm desks, zegel alarm send",
    )


@alarm.command("desks", short_help="Show whom an alarm may go to, and who is on call.")
@at_desk
async def desks_command(partner: Partner) -> None:
    """Show the partners that an alarm may go to, those on call first.

    \b
    Example:
      zegel alarm desks
    """
    desks = await partner.alarms.desks()
    lines = [line for item in desks for line in _desk_lines(item)]
    lines = lines or ["No partner of this Huis takes an alarm from you: phone."]
    answer({"desks": [_desk_facts(item) for item in desks]}, *lines)


@alarm.command("send", short_help="Send an alarm.")
@click.option("--to", type=PARTNER, required=True, help="The desk that it is for (`zegel alarm desks`).")
@click.option("--about", type=ID, multiple=True, required=True, help="A person who is in danger; once for each.")
@click.option("--household", type=ID, help="Their household; else it is looked up.")
@click.option("--motivation", required=True, help="What you saw or heard, and why now. @file for a file's text.")
@click.option("--note", "notes", type=NOTE, multiple=True, metavar="TYPE[:FORM]=TEXT", help="A text section; little.")
@click.option("--code", type=TERM, default=DANGER, show_default=True, help="The rulebook's word for the danger.")
@click.option("--off-call", is_flag=True, help="Send although nobody there is on call: you phoned, or will.")
@click.option("--delay-until", type=MOMENT, help="Tell the client only then: a day or a time; needs --delay-code.")
@click.option("--delay-code", type=TERM, help="Why the client is told later, such as danger-if-told.")
@click.option("--yes", is_flag=True, help="Do not ask whether you phoned.")
@at_desk_after(_before_all, _show_phones)
async def send_command(
    partner: Partner,
    to: str,
    about: tuple[str, ...],
    household: str | None,
    motivation: str,
    notes: tuple[tuple[str, str], ...],
    code: str,
    off_call: bool,
    delay_until: int | None,
    delay_code: str | None,
    yes: bool,
) -> None:
    """Send an alarm on your own signature. A colleague signs after it. The client is told at once, unless you say why.

    Whom to phone is shown first, before anything is asked of the relay. Without a line, --household has it kept here.

    \b
    Example:
      zegel alarm send --to vk-gent --about 91aa... \\
        --motivation "Blauwe plekken op beide armen. Hij durft niet naar huis."
    """
    if (delay_until is None) != (delay_code is None):
        raise click.UsageError("--delay-until and --delay-code go together.")
    if sys.stdin.isatty() and not yes and not wants_json():
        aside(*await _guidance(partner))
        click.confirm(phrase(spoken(), "alarm.phoned"), abort=True, err=True)
    given = DraftIn(to=to, about=about, notes=tuple(note_from(*item) for item in (("motivation", motivation), *notes)))
    delay = Delay(until=delay_until, code=delay_code) if delay_until is not None and delay_code is not None else None
    try:
        place = await household_of(partner, about, household)
        draft = partner.alarms.draft(to, place, about, code=code, off_call=off_call, delay=delay)
        await _require_types(partner, given)
        fill(draft, given)
        with bar() as report:
            sent = await partner.alarms.send(draft, report)
    except RelayUnreachable as waits:
        phones = partner.alarms.phones()
        kept = waits.kept if isinstance(waits, AlarmWaits) else None
        more = {"sent": False, "kept": kept, "phones": [_phone_facts(item) for item in phones]}
        parts = (waits.what, waits.safe, waits.do, *phones_first(phones, spoken()))
        raise Failed(waits.code, parts, wants_json(), more) from waits
    say_sent([sent], waiting=None)
    if sent.expired_directory:
        aside(phrase(spoken(), "alarm.expired-directory"))
    aside(*_second_lines(sent.manifest))


@alarm.command("sign", short_help="Sign an alarm as the second, or disagree.")
@click.argument("manifest", type=DIGEST, required=False)
@click.option("--disagree", is_flag=True, help="You looked, and do not agree.")
@click.option("--code", "codes", type=TERM, multiple=True, help="Why, as a word without content.")
@at_desk
async def sign_command(partner: Partner, manifest: str | None, disagree: bool, codes: tuple[str, ...]) -> None:
    """Sign the alarm MANIFEST as the second worker. Without it: show which second signatures this partner owes.

    \b
    Examples:
      zegel alarm sign
      zegel alarm sign MANIFEST
    """
    if manifest is None:
        owed = await partner.alarms.waiting()
        lines = [f"{item.message or item.object}, before {moment(item.due)}, {item.state}" for item in owed]
        facts = [{"manifest": item.message or item.object, "due": item.due, "state": item.state} for item in owed]
        answer({"owed": facts}, *(lines or ["This partner owes no second signature."]))
        return
    d = await partner.alarms.countersign(manifest, not disagree, codes)
    said = "You signed it as the second." if not disagree else "You said that you do not agree; the desk is told."
    answer({"countersignature": d, "agrees": not disagree}, said)


@alarm.command("look", short_help="See an alarm that you are asked to sign second.")
@click.argument("manifest", type=DIGEST, metavar="CODE")
@at_desk
async def look_command(partner: Partner, manifest: str) -> None:
    """Show the alarm of this CODE, which its sender read to you by phone: who warns whom, why, and by when you sign.

    What was written, and who it is about, is not in it: ask that on the phone.

    \b
    Example:
      zegel alarm look CODE
    """
    seen = await partner.alarms.look(manifest)
    told = f"The client is told from {moment(seen.told_from)} on." if seen.told_from is not None else ""
    answer(
        {
            "manifest": seen.manifest, "kind": seen.kind, "from": seen.sender, "from_name": seen.sender_name,
            "function": seen.function, "to": seen.recipient, "to_name": seen.recipient_name, "why": seen.why(spoken()),
            "at": seen.at, "due": seen.due, "told_from": seen.told_from,
        },
        f"{seen.sender_name} ({seen.who(spoken())}) warned {seen.recipient_name}, {moment(seen.at)}.",
        f"Why: {seen.why(spoken())}",
        *([told] if told else []),
        f"A second worker signs before {moment(seen.due)}. No content is shown: ask on the phone what happened.",
        f"Next: zegel alarm sign {manifest}",
        f"      zegel alarm sign {manifest} --disagree",
    )  # fmt: skip


@alarm.command("review", short_help="Say until when a client's notice may wait.")
@click.argument("manifest", type=DIGEST)
@click.option("--until", type=MOMENT, help="A day or a time; without it, the client is told now.")
@click.option("--code", "codes", type=TERM, multiple=True, help="Why, as a word of the rules.")
@at_desk
async def review_command(partner: Partner, manifest: str, until: int | None, codes: tuple[str, ...]) -> None:
    """Review, from outside, a notice that waits: let it wait until then, or say that it waits no longer.

    \b
    Example:
      zegel alarm review MANIFEST --until 5d
    """
    d = await partner.alarms.review_delay(manifest, until, codes)
    said = f"The notice may wait until {moment(until)}." if until is not None else "The notice waits no longer."
    answer({"countersignature": d, "until": until}, said)


def _second_lines(manifest: str) -> list[str]:
    return [
        "A second worker signs within the hours of the rules, and sees no content before:",
        f"  a colleague:                  zegel alarm sign {manifest}",
        f"  nobody there? Phone somebody elsewhere, and read them this code:  {manifest}",
        "  They look and sign:           zegel alarm look CODE, zegel alarm sign CODE",
        "See that it is opened: zegel events.",
    ]


def _phone_facts(phone: PhoneRule) -> dict[str, str]:
    return {"name": phone.name, "number": phone.number, "hours": phone.hours}


async def _require_types(partner: Partner, given: DraftIn) -> None:
    """Refuse a section of no type that the rules have; without a line it is kept, and judged as it leaves."""
    try:
        rulebook = (await partner.setting()).setting.rulebook.payload
    except RelayUnreachable:
        return
    require_types(rulebook, (item.type for item in given.notes))


async def _guidance(partner: Partner) -> list[str]:
    """Return what to write, and what follows; nothing without a line, for it must not hold an alarm up."""
    try:
        held = await partner.alarms.procedure()
        setting = (await partner.setting()).setting
    except RelayUnreachable:
        return []
    own = setting.member(partner.identity.partner)
    host = setting.names(own.host)[0] if own is not None and own.host is not None else None
    title = held.own.title if held.own is not None else None
    return what_to_write(spoken(), now() + held.times.second_signature_hours * HOUR, procedure=title, host=host)


def _desk_facts(desk: DeskState) -> dict[str, Any]:
    return {
        "partner": desk.partner, "name": desk.name, "sector": desk.sector, "host": desk.host, "rota": desk.rota,
        "off_call": desk.off_call, "until": desk.until, "opens": desk.opens, "phone": desk.phone,
        "otherwise": desk.otherwise,
    }  # fmt: skip


def _desk_lines(desk: DeskState) -> list[str]:
    watch = desk.watch(now(), spoken())
    if desk.off_call and not desk.rota:
        watch.append(phrase(spoken(), "alarm.off-call-send"))
    return [f"{desk.partner}:", *(f"  {line}" for line in watch)]


alarm.add_command(rota_command)
alarm.add_command(procedure_command)
