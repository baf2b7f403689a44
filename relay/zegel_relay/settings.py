"""The relay's settings: the only place that reads the environment.

Each comes from the command line, else from its `ZEGEL_*` variable, else from a TOML file, else from its default. None
can change the time, loosen a rule or show content.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from zegel_protocol.padme import LARGEST_CONTENT, ciphertext_size, padded_size
from zegel_relay.storage.database import POOL_SIZE, check_url
from zegel_relay.storage.errors import StorageError

PREFIX: Final = "ZEGEL_"
CONFIG: Final = "ZEGEL_CONFIG"
"""Names the TOML file."""

_WORDS: Final[Mapping[Any, str]] = {Path: "a path", str: "text", int: "a number", bool: "true or false"}
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
_REDIS = re.compile(
    r"rediss?://(?:[^\s@/]*@)?(?:[A-Za-z0-9._-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?(?:/[0-9]{0,5})?|unix://\S+"
)
_MAIL_SERVER = re.compile(
    r"smtp(?:s|\+starttls)?://(?:[^\s:@/]+:[^\s:@/]+@)?(?:[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?/?"
)
_PAGE = re.compile(r"https://(?:[a-z0-9-]+\.)+[a-z]{2,}(?::[0-9]{1,5})?/[A-Za-z0-9./_~-]*")
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9.-]{1,180}")


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
    - `database_url`: `sqlite:////folder/relay.sqlite3`, or `postgresql://user:password@host:5432/name` for any number
      of relays and workers together.
    - `pool_size`: most database connections of this process.
    - `redis_url`: `redis://[user:password@]host:port/number` (`rediss://` for TLS, `unix://` for a socket). Empty:
      none; relays then wake each other's readers by looking every other second, and count requests each for itself.
    - `work`: who does promised work and periodic tasks: `inside` the relay itself, or `outside` it (`zegel-relay
      worker`, which needs `redis_url`). `outside` where there is a `redis_url`, unless it is said.
    - `requests_per_minute`: most signed reads a minute of one device or person, and as many of what sending needs; 0:
      no limit. Objects and messages themselves are never counted.
    - `blob_folder`: large ciphertexts.
    - `keys_file`: made by `zegel-relay init`.
    - `contact_key_file`: the worker's private key to contact addresses; only where promised work is done.
    - `host`, `port`: where it listens; port 0 takes a free one.
    - `public_url`: the origin that clients use, and sign: scheme, host, port. Empty: the address it listens on.
    - `max_blob_bytes`: the largest ciphertext.
    - `drain_seconds`: how long requests may go on once the relay is told to stop.
    - `smtp_url`: the mail server that takes pings: `smtp://`, `smtp+starttls://` or `smtps://`, with user and password
      if it asks for them. Empty: nobody is pinged.
    - `mail_from`: the address that pings come from; its name and domain are to tell nobody what this is.
    - `unready_seconds`: how long a relay that is told to stop first goes on taking requests, while it says that it is
      not ready; as long as a proxy may need to notice.
    - `min_free_bytes`: free space below which the relay is not ready, so that a proxy sends uploads elsewhere.
    - `metrics_host`, `metrics_port`: where this process gives its metrics; port 0: nowhere.
    - `shell_folder`: the family's page as `npm run build` made it; another build than the one that is installed here.
    - `leave_url`: where *leave quickly* leads: a page of somebody else, that everybody looks at.
    - `trace`: log batches and SQL statements too; never parameters, bodies or ids.
    """

    folder: Path
    # Addresses may hold passwords: no log and no error shows them.
    database_url: str = field(repr=False)
    blob_folder: Path
    keys_file: Path
    contact_key_file: Path
    host: str = "127.0.0.1"
    port: int = 8470
    public_url: str = ""
    max_blob_bytes: int = ciphertext_size(padded_size(LARGEST_CONTENT))
    drain_seconds: int = 20
    pool_size: int = POOL_SIZE
    redis_url: str = field(default="", repr=False)
    work: str = "inside"
    requests_per_minute: int = 0
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    unready_seconds: int = 0
    min_free_bytes: int = 256 * 1024 * 1024
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    shell_folder: Path = Path(__file__).parent / "portal" / "shell"
    leave_url: str = "https://www.meteo.be/"
    trace: bool = False

    def __post_init__(self) -> None:
        try:
            check_url(self.database_url)
        except StorageError as error:
            raise SettingsError("database_url", error.detail) from error
        _require("host", bool(self.host) and self.host.isprintable(), "a host name or address to listen on")
        _require("port", 0 <= self.port <= 65535, "a number from 0 to 65535")
        origin = not self.public_url or bool(_ORIGIN.fullmatch(self.public_url))
        _require("public_url", origin, "an origin in lower case without path, such as https://relay.example")
        _require("max_blob_bytes", 64 * 1024 <= self.max_blob_bytes <= 2**40, "bytes, from 65536 to 2**40")
        mail = not self.smtp_url or bool(_MAIL_SERVER.fullmatch(self.smtp_url))
        _require("smtp_url", mail, "an address such as smtp+starttls://user:password@mail.example:587")
        away = len(self.leave_url) <= 200 and bool(_PAGE.fullmatch(self.leave_url))
        _require("leave_url", away, "an address such as https://www.meteo.be/, without a question mark")
        sender = bool(_MAIL_ADDRESS.fullmatch(self.mail_from)) if self.smtp_url else True
        _require("mail_from", sender, "an e-mail address such as noreply@mail.example")
        _require("pool_size", 2 <= self.pool_size <= 1000, "a number from 2 to 1000")
        redis = not self.redis_url or bool(_REDIS.fullmatch(self.redis_url))
        _require("redis_url", redis, "an address such as redis://localhost:6379/0")
        _require("work", self.work in {"inside", "outside"}, "inside or outside")
        _require("requests_per_minute", 0 <= self.requests_per_minute <= 10**6, "a number from 0 to 1000000")
        _require("unready_seconds", 0 <= self.unready_seconds <= 300, "seconds, from 0 to 300")
        _require("min_free_bytes", 0 <= self.min_free_bytes <= 2**43, "bytes, from 0 to 2**43")
        metrics = bool(self.metrics_host) and self.metrics_host.isprintable()
        _require("metrics_host", metrics, "a host name or address to listen on")
        _require("metrics_port", 0 <= self.metrics_port <= 65535, "a number from 0 to 65535; 0: no metrics")
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
        "contact_key_file": folder / "contact-key.json",
    }
    working = {"work": "outside" if given.get("redis_url") else "inside"}
    return standing_in_it | working | given | {"folder": folder}


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
