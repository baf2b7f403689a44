"""`zegel alarm rota` and `zegel alarm procedure`: what a partner has ready for an alarm (article 10)."""

from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from zegel.cli.console import answer, moment
from zegel.cli.desk import at_desk
from zegel.cli.setting import FILE, read_file
from zegel.cli.values import ID, MOMENT
from zegel.partner import Partner
from zegel_protocol.objects import Procedure, Rota
from zegel_protocol.objects.desk import Shift

MAX_PROCEDURE_BYTES: Final = 16 * 2**20


class _Shift(click.ParamType[Shift]):
    """`FROM/UNTIL=DEVICE[,DEVICE...]`: the devices that are watched, in the order of calling."""

    name = "from/until=device"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shift:
        """Return the shift. Raises `click.BadParameter`."""
        if isinstance(value, Shift):
            return value
        span, found, devices = str(value).partition("=")
        opens, slash, closes = span.partition("/")
        if not (found and slash):
            self.fail("FROM/UNTIL=DEVICE is asked for, such as 2026-11-24T17:00+01:00/2026-11-25T09:00+01:00=4f0c...")
        named = tuple(ID.convert(device, param, ctx) for device in devices.split(","))
        try:
            return Shift(
                opens=MOMENT.convert(opens, param, ctx), closes=MOMENT.convert(closes, param, ctx), devices=named
            )
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


@click.command("rota", short_help="Show or set who is on call.")
@click.option("--shift", "shifts", type=_Shift(), multiple=True, help="Who is on call from when until when.")
@click.option("--phone", help="The number for who finds nobody on call.")
@click.option("--otherwise", help="A sentence for who finds nobody on call.")
@at_desk
async def rota_command(partner: Partner, shifts: tuple[Shift, ...], phone: str | None, otherwise: str | None) -> None:
    """Show who is on call at this partner; with --shift, say it anew: shifts that are not repeated are gone.

    \b
    Example:
      zegel alarm rota --shift 2026-11-24T17:00+01:00/2026-11-25T09:00+01:00=4f0c... \\
        --phone "09 123 45 67" --otherwise "De wacht van de politie belt ons."
    """
    if shifts or phone is not None or otherwise is not None:
        if phone is None or otherwise is None:
            raise click.UsageError("A rota says whom to phone (--phone) and what to do (--otherwise) out of hours.")
        await partner.alarms.set_rota(shifts, phone, otherwise)
    held = await partner.alarms.rota()
    answer({"rota": _rota_facts(held) if held is not None else None}, *_rota_lines(held))


@click.command("procedure", short_help="Show the procedure; register your own.")
@click.option("--file", "path", type=FILE, help="The text of this partner's own procedure; only its digest leaves.")
@click.option("--title", help="What it is called.")
@click.option("--trained", multiple=True, metavar="WORKER=DAY", help="A worker who was trained in it, and when.")
@at_desk
async def procedure_command(partner: Partner, path: Path | None, title: str | None, trained: tuple[str, ...]) -> None:
    """Show what to do on alarm: the procedure of the Huis, and this partner's own. With --file, register yours.

    \b
    Example:
      zegel alarm procedure --file alarm.pdf --title "Wat te doen bij alarm" --trained 4f0c...=2026-11-03
    """
    if path is not None:
        if title is None:
            raise click.UsageError("What is it called (--title)?")
        days = dict(_trained(item) for item in trained)
        await partner.alarms.register_procedure(title, read_file(path, MAX_PROCEDURE_BYTES), days)
    held = await partner.alarms.procedure()
    times = held.times
    lines = [
        "1. Phone:", *(f"   {item.number:<14} {item.name}, {item.hours}" for item in held.phones),
        "2. Send the alarm on your own signature: zegel alarm send",
        f"3. Not opened: after {times.second_device_minutes} minutes a second device is called, "
        f"after {times.phone_minutes} you are told to phone, after {times.team_lead_minutes} the team lead is called, "
        f"after {times.steward_minutes} the steward.",
        f"4. A second worker signs within {times.second_signature_hours} hours: zegel alarm sign",
        f"5. The client is told at once, or at most {times.delay_hours} hours later where that is a danger.",
        *_own_lines(held.own),
    ]  # fmt: skip
    answer({"own": _own_facts(held.own) if held.own is not None else None}, *lines)


def _trained(text: str) -> tuple[str, str]:
    worker, found, day = text.partition("=")
    if not found:
        raise click.UsageError("--trained is WORKER=DAY, such as 4f0c...=2026-11-03.")
    try:
        on = date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise click.UsageError("--trained names a day such as 2026-11-03.") from error
    return str(ID.convert(worker, None, None)), on


def _rota_facts(rota: Rota) -> dict[str, Any]:
    return {
        "version": rota.version, "phone": rota.phone, "otherwise": rota.otherwise,
        "shifts": [
            {"opens": item.opens, "closes": item.closes, "devices": list(item.devices)} for item in rota.shifts
        ],
    }  # fmt: skip


def _rota_lines(rota: Rota | None) -> list[str]:
    if rota is None:
        return ["This partner said not yet who is on call."]
    shifts = [f"- {moment(item.opens)} to {moment(item.closes)}: {', '.join(item.devices)}" for item in rota.shifts]
    return [*(shifts or ["Nobody is on call."]), f"Otherwise: {rota.phone}. {rota.otherwise}"]


def _own_facts(own: Procedure) -> dict[str, Any]:
    return {
        "title": own.title, "version": own.version, "digest": own.digest,
        "trained": [{"worker": item.worker, "on": item.on} for item in own.trained],
    }  # fmt: skip


def _own_lines(own: Procedure | None) -> list[str]:
    if own is None:
        return ["This partner has registered no procedure of its own: zegel alarm procedure --file"]
    return [f"This partner's own: {own.title} (version {own.version}), {len(own.trained)} trained."]
