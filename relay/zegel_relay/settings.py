"""The relay's settings: the only place that reads the environment.

Each comes from the command line, else from its `ZEGEL_*` variable, else from a TOML file, else from its default. None
can change the time, loosen a rule or show content.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from zegel_relay.storage.database import sqlite_path
from zegel_relay.storage.errors import StorageError

PREFIX: Final = "ZEGEL_"
CONFIG: Final = "ZEGEL_CONFIG"
"""Names the TOML file."""

_WORDS: Final[Mapping[Any, str]] = {Path: "a path", str: "text", int: "a number", bool: "true or false"}
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


class SettingsError(Exception):
    """A setting is missing or wrong: `name` is which, the text says what belongs there."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator chooses.

    - `folder`: where the relay keeps all it has; the next three stand in it unless they are set.
    - `database_url`: `sqlite:////folder/relay.sqlite3`.
    - `blob_folder`: large ciphertexts.
    - `keys_file`: made by `zegel-relay init`.
    - `host`, `port`: where it listens; port 0 takes a free one.
    - `public_url`: the origin that clients use, and sign: scheme, host, port. Empty: the address it listens on.
    - `max_blob_bytes`: the largest ciphertext.
    - `drain_seconds`: how long requests may go on once the relay is told to stop.
    - `trace`: log batches and SQL statements too; never parameters, bodies or ids.
    """

    folder: Path
    database_url: str
    blob_folder: Path
    keys_file: Path
    host: str = "127.0.0.1"
    port: int = 8470
    public_url: str = ""
    max_blob_bytes: int = 256 * 1024 * 1024
    drain_seconds: int = 20
    trace: bool = False

    def __post_init__(self) -> None:
        try:
            sqlite_path(self.database_url)
        except StorageError as error:
            raise SettingsError("database_url", error.detail) from error
        _require("host", bool(self.host) and self.host.isprintable(), "a host name or address to listen on")
        _require("port", 0 <= self.port <= 65535, "a number from 0 to 65535")
        origin = not self.public_url or bool(_ORIGIN.fullmatch(self.public_url))
        _require("public_url", origin, "an origin in lower case without path, such as https://relay.example")
        _require("max_blob_bytes", 64 * 1024 <= self.max_blob_bytes <= 2**40, "bytes, from 65536 to 2**40")
        _require("drain_seconds", 0 <= self.drain_seconds <= 3600, "seconds, from 0 to 3600")


def load(options: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings; `options` are those of the command line (None: not given), `environ` the environment.

    Raises `SettingsError`.
    """
    environ = os.environ if environ is None else environ
    given: dict[str, Any] = {}
    if environ.get(CONFIG):
        given |= _from_file(Path(environ[CONFIG]))
    names = {field.name for field in fields(Settings)}
    given |= {name: environ[PREFIX + name.upper()] for name in sorted(names) if PREFIX + name.upper() in environ}
    given |= {name: value for name, value in (options or {}).items() if value is not None}
    if unknown := sorted(given.keys() - names):
        raise SettingsError(unknown[0], f"no such setting; there are {', '.join(sorted(names))}")
    return Settings(**{name: _typed(name, value) for name, value in _with_folder(given).items()})


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError("config", f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError("config", f"{path} is not TOML: {error}") from error


def _with_folder(given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with what follows from `folder`, which is made absolute: the process may change its own."""
    if not given.get("folder"):
        raise SettingsError("folder", "where the relay keeps its data; say --folder or ZEGEL_FOLDER")
    folder = Path(_typed("folder", given["folder"])).absolute()
    standing_in_it = {
        "database_url": f"sqlite:///{folder / 'relay.sqlite3'}",
        "blob_folder": folder / "blobs",
        "keys_file": folder / "keys.json",
    }
    return standing_in_it | given | {"folder": folder}


def _typed(name: str, value: Any) -> Any:
    """Return a value as its setting's type; text (of a variable) is read, other types must fit."""
    kind = next(field.type for field in fields(Settings) if field.name == name)
    if kind is Path and isinstance(value, (str, Path)) and str(value):
        return Path(value)
    if kind is str and isinstance(value, str):
        return value
    if kind is int and isinstance(value, str) and re.fullmatch(r"[0-9]{1,13}", value):
        return int(value)
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind is bool and value in {"true", "false"}:
        return value == "true"
    if kind is bool and isinstance(value, bool):
        return value
    raise SettingsError(name, f"{_WORDS.get(kind, 'something else')} belongs here")


def _require(name: str, holds: bool, belongs: str) -> None:
    if not holds:
        raise SettingsError(name, f"{belongs} belongs here")
