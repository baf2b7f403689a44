"""What the commands of steward and partner share: the relay asked and given, in one go each, and small files."""

import asyncio
import errno
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from zegel.cli.values import ORIGIN, PARTNER
from zegel.steward.relay_access import fetch, submit, visitor
from zegel_keys.exhibit import Exhibit
from zegel_protocol.dsse import MAX_ENVELOPE_BYTES
from zegel_protocol.errors import MalformedError

F = TypeVar("F", bound=Callable[..., Any])


FILE: Final = click.Path(path_type=Path, dir_okay=False)
FOLDER: Final = click.Path(path_type=Path, file_okay=False)
COST: Final = click.Choice(["interactive", "moderate", "sensitive"])

folder_option = click.option("--folder", type=FOLDER, required=True, help="The steward's folder.")
huis_option = click.option(
    "--huis", "huis_path", type=FILE, required=True, envvar="ZEGEL_HUIS", show_envvar=True,
    help="huis.json, as the steward gave it.",
)  # fmt: skip
partner_option = click.option("--partner", type=PARTNER, required=True, help="The partner's id, such as ocmw-gent.")
root_option = click.option("--root", "root_path", type=FILE, required=True, help="The file partner-root.zk.")
cost_option = click.option(
    "--cost", type=COST, default="moderate", show_default=True, help="What guessing the passphrase once takes."
)


key_option = click.option(
    "--key", "key_paths", type=FILE, multiple=True, help="A root key file, once for each that signs; else the folder's."
)


def relay_option(*, required: bool) -> Callable[[F], F]:
    """Return the option `--relay`."""
    return click.option(
        "--relay", type=ORIGIN, required=required, envvar="ZEGEL_RELAY", show_envvar=True,
        help="The relay's origin, such as https://relay.example.",
    )  # fmt: skip


def ask_relay(relay: str | None) -> tuple[Exhibit, ...]:
    """Return what the relay has of the Huis, not believed yet; nothing when no relay is named. Raises as `fetch`."""

    async def ask(origin: str) -> tuple[Exhibit, ...]:
        async with visitor(origin) as client:
            return await fetch(client)

    return asyncio.run(ask(relay)) if relay is not None else ()


def give_relay(relay: str | None, envelopes: Iterable[bytes]) -> None:
    """Give the relay these objects, in order; if one is named. Raises as `submit`."""

    async def give(origin: str) -> None:
        async with visitor(origin) as client:
            await submit(client, envelopes)

    if relay is not None:
        asyncio.run(give(relay))


def read_file(path: Path, limit: int = MAX_ENVELOPE_BYTES) -> bytes:
    """Return a file that somebody handed over, without the line end that an editor left at its end.

    Raises `OSError` or `MalformedError` (`object.too-large`).
    """
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise MalformedError("object.too-large", f"{path} is larger than {limit} bytes")
    return data.rstrip(b"\r\n")


def require_new(path: Path) -> None:
    """Return if there is nothing at `path` yet, before anything is made that goes with it. Raises `FileExistsError`."""
    if path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def write_new(path: Path, data: bytes) -> None:
    """Write a public file that is not there yet, with a line end. Raises `OSError` (`FileExistsError` among them)."""
    with path.open("xb") as file:
        file.write(data + b"\n")
