"""All figures of one run, by the names under which `build/bench.json` has them."""

from dataclasses import asdict
from typing import Any

from zegel_bench import machine
from zegel_bench.files import Carried
from zegel_bench.opened import Opened
from zegel_bench.table import Line
from zegel_bench.throughput import Round, median

Rounds = dict[str, list[Round]]


def figures(rounds: Rounds, sizes: dict[str, int], opened: Opened, seal: tuple[float, float], file: Carried,
            growth: dict[str, float]) -> dict[str, Any]:  # fmt: skip
    """Return what is written as JSON. Ratios are medians of the ratios of turns, not ratios of medians."""
    found: dict[str, Any] = {}
    for kind, turns in rounds.items():
        found |= {
            f"{kind}.submit_per_s": round(median(turns, "submit"), 1),
            f"{kind}.floor_per_s": round(median(turns, "floor"), 1),
            f"{kind}.submit_vs_floor": round(median(turns, "share"), 3),
            f"{kind}.p50_ms": round(median(turns, "p50_ms"), 1),
            f"{kind}.p99_ms": round(median(turns, "p99_ms"), 1),
            f"{kind}.cpu_ms_per_message": round(median(turns, "cpu_ms"), 2),
            f"{kind}.turns": [asdict(turn) for turn in turns],
        }
    found |= {
        "sqlite_vs_postgres": round(found["sqlite.submit_per_s"] / found["postgres.submit_per_s"], 2),
        "opened_p99_vs_floor_p99": round(opened.p99_ms / opened.floor_p99_ms, 2),
        "opened": asdict(opened),
        "seal_ms": round(seal[0], 3),
        "primitives_ms": round(seal[1], 3),
        "seal_vs_primitives": round(seal[0] / seal[1], 2),
        "file_vs_raw": round((file.send + file.open) / (file.raw_up + file.raw_down), 2),
        "file": asdict(file),
        "file_memory_mib": round(max(file.growth.values()), 1),
        "cpu_ms_per_message": found["postgres.cpu_ms_per_message"],
        "memory_growth_mib": {name: round(mib, 1) for name, mib in growth.items()},
        "message": sizes,
        "machine": machine.describe(),
    }
    return found


def lines(found: dict[str, Any]) -> list[Line]:
    """Return the table of these figures."""
    opened, file = found["opened"], found["file"]
    shown = []
    for kind in ("postgres", "sqlite"):
        submit, floor = found[f"{kind}.submit_per_s"], found[f"{kind}.floor_per_s"]
        share = f"{found[f'{kind}.submit_vs_floor']:.2f}"
        shown.append(Line(f"{kind}: accepted a second", f"{submit:.0f}", f"{floor:.0f}", share))
        shown.append(Line(f"{kind}: answered within, p50 / p99 ms", _pair(found, f"{kind}.p50_ms", f"{kind}.p99_ms")))
        shown.append(Line(f"{kind}: relay's processor ms a message", f"{found[f'{kind}.cpu_ms_per_message']:.2f}"))
    shown += [
        Line("sqlite : postgres", "", "", f"{found['sqlite_vs_postgres']:.2f}"),
        Line(
            f"sent to opened at {opened['rate']} a second, p50 ms",
            f"{opened['p50_ms']:.0f}", f"{opened['floor_p50_ms']:.1f}",
        ),
        Line(
            f"sent to opened at {opened['rate']} a second, p99 ms",
            f"{opened['p99_ms']:.0f}", f"{opened['floor_p99_ms']:.1f}", f"{found['opened_p99_vs_floor_p99']:.1f}",
        ),
        Line(
            "sealing one message : its primitives, ms",
            f"{found['seal_ms']:.2f}", f"{found['primitives_ms']:.2f}", f"{found['seal_vs_primitives']:.2f}",
        ),
        Line(
            f"file of {file['mib']} MiB, both ways, s",
            f"{file['send'] + file['open']:.1f}", f"{file['raw_up'] + file['raw_down']:.1f}",
            f"{found['file_vs_raw']:.1f}",
        ),
        Line("  sent / opened, s", f"{file['send']:.1f} / {file['open']:.1f}",
             f"{file['raw_up']:.1f} / {file['raw_down']:.1f}"),
        Line("  growth MiB: " + ", ".join(file["growth"]), " / ".join(f"{mib:.0f}" for mib in file["growth"].values())),
        Line("relay's growth over all messages, MiB", _all(found["memory_growth_mib"])),
        Line("page: kB and requests while locked", f"{found['portal.locked_kb']} / {found['portal.locked_requests']}"),
        Line("  until the first notice", f"{found['portal.kb']} / {found['portal.requests']}"),
        Line("  what the relay answered meanwhile", f"{found['portal.data_kb']} / {found['portal.data_requests']}"),
        Line("page: from tap to first notice, ms", f"{found['portal.first_notice_ms']}"),
        Line("  with a processor four times slower", f"{found['portal.first_notice_ms_slow']}"),
        Line("page: taps until a yes is stopped", f"{found['portal.taps_to_revoke']}"),
    ]  # fmt: skip
    return shown


def _pair(found: dict[str, Any], low: str, high: str) -> str:
    return f"{found[low]:.0f} / {found[high]:.0f}"


def _all(growth: dict[str, float]) -> str:
    return ", ".join(f"{name} {mib:.0f}" for name, mib in growth.items())
