"""No file grows past 400 lines: about 150 is what a reader takes in, and a longer one holds two nouns."""

from architecture.source_tree import DEMO, PACKAGES, ROOT, python_files

LONGEST = 400


def test_no_file_is_longer_than_four_hundred_lines():
    files = python_files(*PACKAGES.values(), DEMO)
    lengths = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in files}
    assert {file: length for file, length in lengths.items() if length > LONGEST} == {}
