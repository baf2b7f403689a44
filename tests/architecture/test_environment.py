"""Who reads the process's environment: the relay in its settings alone; the protocol and the keys never."""

from architecture.source_tree import PACKAGES, ROOT, python_files, used_names

READERS = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv"}
SETTINGS = PACKAGES["zegel_relay"] / "settings.py"


def readers_in(*packages: str) -> list[str]:
    """Return `file:line name` of each use of the environment in those packages, the relay's settings apart."""
    return [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in python_files(*(PACKAGES[package] for package in packages))
        if file != SETTINGS
        for line, name in used_names(file)
        if any(name == reader or name.startswith(reader + ".") for reader in READERS)
    ]


def test_only_settings_reads_the_environment_in_the_relay():
    assert readers_in("zegel_relay") == []


def test_protocol_and_keys_never_read_the_environment():
    assert readers_in("zegel_protocol", "zegel_keys") == []


def test_every_way_to_the_environment_is_seen(tmp_path):
    file = tmp_path / "reader.py"
    file.write_text("import os as o\nfrom os import environ as e\no.getenv('A')\ne['B']\no.environ.get('C')\n", "utf-8")
    assert {name for _, name in used_names(file)} >= {"os.getenv", "os.environ", "os.environ.get"}
