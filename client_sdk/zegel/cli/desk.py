"""A worker at a keystore: which folder, which passphrase, and the connected `Partner` that a command works with.

Every command of a worker's daily work begins here, so that all of them ask, connect and close in one way.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from zegel.cli.console import json_option
from zegel.cli.passphrase import passphrase, passphrase_option
from zegel.cli.setting import FOLDER
from zegel.cli.values import ORIGIN
from zegel.errors import ZegelError
from zegel.partner import Partner
from zegel_keys.keystore.directory import Paths
from zegel_keys.keystore.errors import MissingError
from zegel_protocol.evidence import Client
from zegel_protocol.objects.parties import Party

F = TypeVar("F", bound=Callable[..., Any])

VARIABLE: Final = "ZEGEL_KEYSTORE"


class PersonUnknown(ZegelError):
    """Nobody is known by an id."""

    code = "person.unknown"


def keystore_option(*, required: bool = True) -> Callable[[F], F]:
    """Return the option `--keystore`, as the parameter `keystore`."""
    return click.option(
        "--keystore", type=FOLDER, required=required, envvar=VARIABLE, show_envvar=True,
        help="This device's keystore folder (`zegel partner device` makes it).",
    )  # fmt: skip


def at_desk(work: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Return a command's function that opens the keystore, connects, and gives `work` the partner as its first.

    It has the options `--keystore`, `--passphrase-file`, `--relay` and `--json`. Raises as `Partner.connect`.
    """

    @functools.wraps(work)
    def command(*, keystore: Path, passphrase_file: Path | None, relay: str | None, **options: Any) -> None:
        asyncio.run(_work(work, keystore, secret_of(keystore, passphrase_file), relay, options))

    relayed = click.option("--relay", type=ORIGIN, help="Another origin of the relay than the keystore names.")
    return keystore_option()(passphrase_option(relayed(json_option(command))))


def secret_of(keystore: Path, passphrase_file: Path | None) -> str:
    """Return the passphrase of a keystore that is there. Raises `KeystoreError` (`keystore.missing`) before asking."""
    paths = Paths(keystore)
    if not paths.folder.exists():
        raise MissingError.at(paths.folder)
    return passphrase(passphrase_file, f"the keystore {keystore}")


async def _work(
    work: Callable[..., Awaitable[None]], keystore: Path, secret: str, relay: str | None, options: dict[str, Any]
) -> None:
    async with await Partner.connect(keystore, secret, relay=relay) as partner:
        await work(partner, **options)


async def known(partner: Partner, people: Iterable[str]) -> Mapping[str, Client]:
    """Return what is known of these people, by their ids. Raises `ZegelError` (`person.unknown`) where one is not."""
    own = Party(partner=partner.identity.partner)
    named = tuple(people)
    clients = (await partner.families.look_up(named, own, own)).clients
    for person in named:
        if person not in clients:
            raise PersonUnknown(
                f"Nobody is known as {person}.", "Nothing was sent.", "Make them known first: `zegel person add`."
            )
    return clients


async def household_of(partner: Partner, people: Sequence[str], household: str | None) -> str:
    """Return the household that was given, or that of the first of these people. Raises as `known`."""
    return household or (await known(partner, people))[people[0]].current.household
