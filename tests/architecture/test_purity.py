"""What import contracts cannot see: time is passed in, and the protocol opens no file.

`datetime` may be imported, for dates are formatted with it; its clocks may not be read.
"""

import pytest

from architecture.source_tree import PACKAGES, ROOT, python_files, used_names

CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.time",
    "time.time_ns",
    "time.gmtime",
    "time.localtime",
}
FILES = {"open", "input", "print"}
TIMELESS = [
    PACKAGES["zegel_protocol"],
    PACKAGES["zegel_keys"],
    PACKAGES["zegel_relay"] / "services",
    PACKAGES["zegel_relay"] / "storage",
]


def uses(folder, names):
    """Return `file:line name` of each use of one of `names` under `folder`."""
    return [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in python_files(folder)
        for line, name in used_names(file)
        if name in names
    ]


@pytest.mark.parametrize("folder", TIMELESS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_no_wall_clock_is_read_where_time_is_passed_in(folder):
    assert uses(folder, CLOCKS) == []


def test_the_protocol_opens_no_file():
    assert uses(PACKAGES["zegel_protocol"], FILES) == []
