"""What the `zegel` command says of itself and of what is typed wrong: help with examples, sentences, JSON."""

import json

import click
import pytest
from click.testing import CliRunner

from zegel.cli import CHAPTERS, main
from zegel.cli.console import now, plain
from zegel.cli.reasons import explain, finding_line, more_of
from zegel.cli.values import FILE_SECTION, MOMENT, NOTE, ORIGIN, PARTNER, SCOPE, WITNESS
from zegel.content.finding import Finding, Matter
from zegel.errors import RelayProblem, RelayUnreachable
from zegel_protocol.errors import ProtocolError

ID = "0123456789abcdef0123456789abcdef"


def leaves(command, *names):
    """Yield every command that does something, with the words that call it."""
    if isinstance(command, click.Group):
        for name, inner in sorted(command.commands.items()):
            yield from leaves(inner, *names, name)
    else:
        yield pytest.param(command, names, id="-".join(names))


def run(*words, exit_code=0, given=None):
    result = CliRunner().invoke(main, words, input=given)
    assert result.exit_code == exit_code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.mark.parametrize(("command", "names"), [*leaves(main)])
def test_every_command_has_an_example_and_a_short_help(command, names):
    assert f"zegel {' '.join(names)}" in command.help
    assert "Example" in command.help
    assert 10 < len(command.get_short_help_str(200)) < 75
    assert not command.get_short_help_str(75).endswith("...")


def test_help_shows_every_command_once():
    shown = [str(command.name) for commands in CHAPTERS.values() for command in commands]
    assert sorted(shown) == sorted(main.commands)
    said = run("--help").stdout
    assert all(f"\n  {name} " in said for name in shown)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(shell):
    assert "_ZEGEL_COMPLETE" in run("completion", shell).stdout


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (ORIGIN, "https://Portal.example/", "https://portal.example"),
        (ORIGIN, "http://127.0.0.1:8470", "http://127.0.0.1:8470"),
        (PARTNER, "ocmw-gent", "ocmw-gent"),
        (SCOPE, "money", ("money", "whole")),
        (SCOPE, "who:first-name", ("who", "first-name")),
        (NOTE, "money=a=b", ("money", "a=b")),
        (FILE_SECTION, "growth=a.pdf", ("growth", "a.pdf")),
        (WITNESS, f"ocmw-gent/{ID}", ("ocmw-gent", ID)),
        (MOMENT, "2026-12-01", 1796126400),
        (MOMENT, "2026-12-01T13:00+01:00", 1796126400),
    ],
)
def test_what_is_typed_is_read(kind, text, value):
    assert kind.convert(text, None, None) == value


def test_days_are_counted_from_now():
    assert MOMENT.convert("3d", None, None) - now() in range(3 * 86_400 - 5, 3 * 86_400 + 5)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ORIGIN, "https://portal.example/page"),
        (ORIGIN, "portal.example"),
        (PARTNER, "OCMW Gent"),
        (PARTNER, "a" * 65),
        (SCOPE, "Money"),
        (SCOPE, ":whole"),
        (NOTE, "money"),
        (NOTE, "=text"),
        (WITNESS, ID),
        (WITNESS, f"{ID}/ocmw"),
        (MOMENT, "1-12-2026"),
        (MOMENT, "2026-13-01"),
        (MOMENT, "2026-12-01T10:00"),
    ],
)
def test_what_is_typed_wrong_is_told_in_a_sentence(kind, text):
    with pytest.raises(click.BadParameter) as wrong:
        kind.convert(text, None, None)
    # A sentence with an example, and no pattern.
    assert not set("^$\\") & set(wrong.value.message)
    assert len(wrong.value.message) > 30


def test_what_a_family_confided_is_not_repeated_when_the_option_is_wrong():
    said = run("send", "--note", "Elif heeft schulden", exit_code=2).stderr
    assert "Elif" not in said


@pytest.mark.parametrize(
    "words",
    [
        ("inbox", "--json", "--wait", "soon"),
        ("--json", "inbox", "--keystore"),
        ("inbox", "--wait", "31", "--json"),
        ("inbox", "--wrong", "--json"),
        ("consent", "ask", "--to", "OCMW Gent", "--json"),
        ("nothing", "--json"),
        ("--wrong", "--json"),
        ("keys", "--json"),
    ],
)
def test_wrong_usage_is_json_where_it_was_asked_for(words):
    result = run(*words, exit_code=2)
    assert result.stdout == ""
    assert json.loads(result.stderr)["code"] == "usage.wrong"


def test_wrong_usage_is_words_otherwise():
    assert "Error: " in run("inbox", "--wait", "soon", exit_code=2).stderr


def test_what_would_steer_a_terminal_is_not_said():
    assert plain("a\x1b[2Jb\u202ec\nd\te\x9b") == "a\ufffd[2Jb\ufffdc\nd\te\ufffd"


@pytest.mark.parametrize("matter", list(Matter))
def test_what_was_found_is_told_by_where_it_stands(matter):
    said = finding_line(Finding(matter, "refuse", 3, 9, "money", "$.text"))
    assert "money, text, characters 4 to 9" in said
    assert said.endswith("It may not be sent.")
    assert "not be sent" not in finding_line(Finding(matter, "warn", 3, 9, "money", "data"))


def test_an_errors_place_and_code_are_told():
    assert explain(ProtocolError("chain.gap", "a gap", "$.prev"))[0] == "chain.gap"
    assert explain(RelayProblem(404, "message.unknown", "no such message"))[0] == "message.unknown"
    assert explain(OSError(28, "No space left on device"))[0] == "system.failed"
    assert more_of(RelayUnreachable("a", "b", "c")) == {"what": "a", "safe": "b", "do": "c"}
