"""A worker at a keystore: which folder, which passphrase, and the connected `Partner` that a command works with.

Every command of a worker's daily work begins here, so that all of them ask, connect and close in one way.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from zegel.cli.console import aside, json_option, now, wants_json
from zegel.cli.language import spoken
from zegel.cli.passphrase import passphrase, passphrase_option
from zegel.cli.setting import FOLDER
from zegel.cli.values import ORIGIN
from zegel.errors import ZegelError
from zegel.partner import Partner
from zegel_keys.keystore.directory import Paths
from zegel_keys.keystore.errors import MissingError
from zegel_protocol.errors import ProtocolError
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

    It has the options `--keystore`, `--passphrase-file`, `--relay` and `--json`. Raises as `Partner.connect`. What the
    worker still has to do about the code of ethics is said after it, once a day.
    """
    return at_desk_after()(work)


def at_desk_after(
    asked: Callable[[], None] | None = None, opened: Callable[[Partner], None] | None = None
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., None]]:
    """Return `at_desk` for a command that has something to say before it can fail.

    `asked` is called before anything is asked for, `opened` with the partner before the relay is.
    """
    return functools.partial(_at_desk, asked=asked, opened=opened)


def _at_desk(
    work: Callable[..., Awaitable[None]],
    asked: Callable[[], None] | None,
    opened: Callable[[Partner], None] | None,
) -> Callable[..., None]:
    @functools.wraps(work)
    def command(*, keystore: Path, passphrase_file: Path | None, relay: str | None, **options: Any) -> None:
        if asked is not None:
            asked()
        asyncio.run(_work(work, keystore, secret_of(keystore, passphrase_file), relay, options, opened))

    relayed = click.option("--relay", type=ORIGIN, help="Another origin of the relay than the keystore names.")
    return keystore_option()(passphrase_option(relayed(json_option(command))))


def secret_of(keystore: Path, passphrase_file: Path | None) -> str:
    """Return the passphrase of a keystore that is there. Raises `KeystoreError` (`keystore.missing`) before asking."""
    paths = Paths(keystore)
    if not paths.folder.exists():
        raise MissingError.at(paths.folder)
    return passphrase(passphrase_file, f"the keystore {keystore}")


async def _work(
    work: Callable[..., Awaitable[None]],
    keystore: Path,
    secret: str,
    relay: str | None,
    options: dict[str, Any],
    opened: Callable[[Partner], None] | None,
) -> None:
    async with await Partner.connect(keystore, secret, relay=relay, opened=opened) as partner:
        await work(partner, **options)
        if not wants_json():
            await _remind(partner)


async def _remind(partner: Partner) -> None:
    """Say what this worker owes the code of ethics; what was asked for is done, so nothing here makes it fail."""
    try:
        lines = await partner.ethics.remind(now(), spoken())
    except (ZegelError, ProtocolError):
        return
    if lines:
        aside("", *lines)


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
