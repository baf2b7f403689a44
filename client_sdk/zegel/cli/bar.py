"""How far a long step is, at a terminal: a bar where rich is installed (the extra `command`), else lines of text.

On standard error, so that answers stay alone on standard output. What is over in a moment shows nothing. The one module
of the SDK that knows rich; without it nothing is lost but the bar.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from zegel.cli.console import aside, wants_json
from zegel.cli.message_view import size_in_words
from zegel.progress import Meter, OnProgress, Progress

try:
    from rich import progress as rich_progress
    from rich.console import Console
except ImportError:
    rich_progress = None  # type: ignore[assignment]

LEAST: Final = 1_000_000
"""Bytes of a step below which nothing is shown."""
EVERY: Final = 5.0
"""Seconds between two lines of text."""


@contextmanager
def bar() -> Iterator[OnProgress | None]:
    """Give the function to pass as `on_progress`; None with `--json`, where nothing may be said beside the answer."""
    if wants_json():
        yield None
    elif sys.stderr.isatty() and rich_progress is not None:
        with Bar() as shown:
            yield shown.show
    else:
        yield Lines(aside).show


class Lines:
    """Progress as lines of text: one every five seconds. `now` is seconds of a clock that only goes forward."""

    def __init__(self, say: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._say, self._now = say, now
        self._meter, self._stage, self._told = Meter(), "", now()

    def show(self, progress: Progress) -> None:
        """Say how far it is, if that was not said just now."""
        now = self._now()
        self._meter.add(progress, now)
        if progress.stage != self._stage:
            self._stage, self._told = progress.stage, now
        if progress.total < LEAST or now - self._told < EVERY:
            return
        self._told = now
        self._say(line_of(progress, self._meter))


def line_of(progress: Progress, meter: Meter) -> str:
    """Return one report as a line: `uploading: 41 %, 12 MB of 30 MB, 3.2 MB/s, 6 s left`."""
    done, total = size_in_words(progress.done), size_in_words(progress.total)
    parts = [f"{progress.stage}: {progress.done * 100 // progress.total} %", f"{done} of {total}"]
    if meter.rate:
        parts.append(f"{size_in_words(int(meter.rate))}/s")
    if meter.left is not None:
        parts.append(f"{time_in_words(meter.left)} left")
    return ", ".join(parts)


def time_in_words(seconds: float) -> str:
    """Return a duration as people read it: `40 s`, `3 min`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


class Bar:
    """Progress as a bar that goes away when it is done."""

    def __init__(self) -> None:
        self._progress = rich_progress.Progress(
            rich_progress.TextColumn("{task.description:<12}"),
            rich_progress.BarColumn(),
            rich_progress.TaskProgressColumn(),
            rich_progress.DownloadColumn(),
            rich_progress.TransferSpeedColumn(),
            rich_progress.TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._stages: dict[str, rich_progress.TaskID] = {}

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *error: object) -> None:
        if self._stages:
            self._progress.stop()

    def show(self, progress: Progress) -> None:
        """Move the bar of this stage."""
        if progress.total < LEAST:
            return
        # Begun with the first step that lasts: what is over in a moment leaves no trace on the screen.
        self._progress.start()
        task = self._stages.get(progress.stage)
        if task is None:
            task = self._stages[progress.stage] = self._progress.add_task(progress.stage)
        self._progress.update(task, completed=progress.done, total=progress.total)
