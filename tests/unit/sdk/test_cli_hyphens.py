"""A digest that begins with a hyphen is an argument, wherever it stands among options and other arguments."""

import json

import click
import pytest
from click.testing import CliRunner

from zegel.cli.console import Commands

D, OTHER = "-q" + "n" * 40 + "A", "--" + "x" * 40 + "A"


@pytest.fixture
def run():
    """Run a command; return the ids, the number, the option's value and the flag that it was given."""

    @click.group(cls=Commands)
    def main():
        pass

    @main.group()
    def inner():
        pass

    @main.command("take")
    @click.argument("ids", nargs=-1)
    @click.option("-q", "--quiet", is_flag=True)
    @click.option("--by", default="")
    def command(ids, by, quiet):
        click.echo(json.dumps([list(ids), by, quiet]))

    inner.add_command(command)

    def run(*words):
        done = CliRunner().invoke(main, words)
        return json.loads(done.output) if done.exit_code == 0 else done.exit_code

    return run


@pytest.mark.parametrize("path", [("take",), ("inner", "take")])
def test_wherever_it_stands(run, path):
    assert run(*path, D) == [[D], "", False]
    assert run(*path, D, "1", "--by", "me") == [[D, "1"], "me", False]
    assert run(*path, "-q", "--by", "me", "1", OTHER) == [["1", OTHER], "me", True]
    assert run(*path, "--by=me", OTHER, D, "-q") == [[OTHER, D], "me", True]
    assert run(*path, "--by", D, OTHER) == [[OTHER], D, False]
    assert run(*path, "-q", "--", D) == [[D], "", True]


def test_other_words_with_hyphens_are_options_as_ever(run):
    assert run("take", "--unknown") == 2
    assert run("take", D[:-1]) == 2
    assert run("take", D, "--unknown") == 2
    assert run("take", "1", "-q") == [["1"], "", True]
