"""`docs/operations.md` says what there is: every setting and its default, every metric and command, and no other."""

import re

from click.testing import CliRunner

from architecture.source_tree import PACKAGES, ROOT, python_files
from zegel_relay import cli
from zegel_relay.metrics import _HELP, Metrics
from zegel_relay.settings import Settings

TEXT = (ROOT / "docs" / "operations.md").read_text("utf-8")


def section(name):
    return TEXT.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def rows(name):
    lines = [line for line in section(name).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_setting_is_there_and_no_other():
    named = [name for row in rows("Settings") for name in re.findall(r"`([a-z_]+)`", row[0])]
    assert sorted(named) == sorted(Settings.__dataclass_fields__)


def test_plain_defaults_are_those_of_the_code():
    told: dict[str, str] = {}
    for row in rows("Settings"):
        names, values = re.findall(r"`([a-z_]+)`", row[0]), [part.strip() for part in row[1].split(", ")]
        told |= dict(zip(names, values, strict=False)) if len(names) == len(values) else {}
    plain = {name: field.default for name, field in Settings.__dataclass_fields__.items()}
    for name in ("host", "port", "pool_size", "drain_seconds", "unready_seconds", "metrics_host"):
        assert told[name] == str(plain[name]), name
    assert told["trace"] == str(plain["trace"]).lower()
    assert told["min_free_bytes"] == f"{Settings.min_free_bytes // 1024**2} MiB"


def test_every_metric_is_there_and_no_other():
    own = set(_HELP) | {metric.name for metric in Metrics().registry.collect() if metric.name.startswith("zegel_")}
    named = set(re.findall(r"`(zegel_[a-z_]+)`", TEXT))
    short = {f"zegel_deliveries{end}" for end in re.findall(r"`…(_[a-z]+)`", TEXT)}
    assert named | short == own


def test_every_code_of_a_dead_letter_says_what_to_do():
    relay = PACKAGES["zegel_relay"]
    sources = [file.read_text("utf-8") for file in python_files(relay / "outbox", relay / "notify")]
    raised = {code for source in sources for code in re.findall(r'WorkError\("([^"]+)"\)', source)}
    named = {code for source in sources for code in re.findall(r'Final = "([a-z-]+\.[a-z-]+)"', source)}
    assert len(raised) > 1
    assert len(named) > 5
    assert {code for row in rows("Dead letters") for code in re.findall(r"`([^`]+)`", row[0])} == raised | named


def test_every_command_that_is_named_is_there():
    named = {tuple(words.split()) for words in re.findall(r"zegel-relay ([a-z-]+(?: [a-z]+)?)", TEXT)}
    for words in named:
        group = cli.main.commands.get(words[0])
        assert group is not None, words
        if len(words) == 2 and hasattr(group, "commands"):
            assert words[1] in group.commands, words
    assert set(cli.main.commands) - {words[0] for words in named} <= {"refusals", "retention", "export-case"}


def test_the_steward_s_commands_are_there():
    from zegel.cli import main

    for words in (["epoch"], ["give"], ["publish"], ["refresh"], ["found"]):
        assert CliRunner().invoke(main, ["steward", *words, "--help"]).exit_code == 0
