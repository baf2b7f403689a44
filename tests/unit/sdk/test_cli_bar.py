"""How far a long step is, in lines of text and in a bar: neither for what is over in a moment."""

import io

import pytest
from rich.console import Console

from zegel.cli import bar
from zegel.cli.bar import Lines, line_of, time_in_words
from zegel.cli.message_view import size_in_words
from zegel.progress import Meter, Progress

MB = 1_000_000


def test_a_long_step_is_told_every_five_seconds():
    said: list[str] = []
    clock = iter(range(100))
    lines = Lines(said.append, lambda: float(next(clock)))
    for done in range(13):
        lines.show(Progress("uploading", done * MB, 12 * MB))
    lines.show(Progress("opening", 0, 12 * MB))
    assert said == [
        "uploading: 41 %, 5.0 MB of 12 MB, 1.0 MB/s, 7 s left",
        "uploading: 83 %, 10 MB of 12 MB, 1.0 MB/s, 2 s left",
    ]


def test_a_short_step_is_not_told():
    said: list[str] = []
    clock = iter(range(0, 100, 10))
    lines = Lines(said.append, lambda: float(next(clock)))
    for done in (0, 500, 999_999):
        lines.show(Progress("sealing", done, 999_999))
    assert said == []


def test_a_line_says_what_is_known():
    assert line_of(Progress("sealing", 0, MB), Meter()) == "sealing: 0 %, 0 bytes of 1.0 MB"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "1 h 0 min"), (7_500, "2 h 5 min")]
)
def test_times_are_told_in_words(seconds, text):
    assert time_in_words(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (34_200, "34 kB"), (5_368_709_120, "5.4 GB")],
)
def test_sizes_are_told_in_words(size, text):
    assert size_in_words(size) == text


def test_a_terminal_shows_a_bar(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(bar, "Console", lambda **_: Console(file=screen, force_terminal=True, width=100))
    with bar.Bar() as shown:
        shown.show(Progress("sealing", 10, 20))
        shown.show(Progress("uploading", 6 * MB, 12 * MB))
    said = screen.getvalue()
    assert "uploading" in said
    assert "50%" in said
    assert "sealing" not in said
