"""`zegel steward portal`: the digests of the family's page for the directory, and the check of what is served."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click

from zegel.cli.console import Failed, answer, json_option, now, wants_json
from zegel.cli.setting import FILE, FOLDER, ask_relay
from zegel.cli.values import DIGEST, ORIGIN
from zegel.steward.errors import SetupError
from zegel.steward.folder import StewardFolder
from zegel.steward.huis_file import read_huis
from zegel.steward.known import read_known
from zegel.steward.page_check import Difference, check_page, read_digests
from zegel.steward.page_source import built, served


class _Source(click.ParamType[str]):
    """Where a page is: the origin that serves it, or the folder that it was built into."""

    name = "url|folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the origin or the folder. Raises `click.BadParameter`."""
        text = str(value)
        return str(ORIGIN.convert(text, param, ctx) if "://" in text else FOLDER.convert(text, param, ctx))


class _Bundle(click.ParamType[str]):
    """A digest, or where a page is whose digests are meant."""

    name = "digest|url|folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text. Raises `click.BadParameter`."""
        text = str(value)
        known = "://" in text or Path(text).is_dir()
        return SOURCE.convert(text, param, ctx) if known else DIGEST.convert(text, param, ctx)


SOURCE: Final = _Source()
BUNDLE: Final = _Bundle()


def bundle_digests(bundles: Iterable[str]) -> tuple[str, ...]:
    """Return the digests that `--bundle` names, those of a folder or an origin among them. Raises as `read_digests`."""
    named: list[str] = []
    for item in bundles:
        there = "://" in item or Path(item).is_dir()
        named += asyncio.run(_read(item)).values() if there else [item]
    return tuple(named)


async def _read(source: str) -> dict[str, str]:
    if "://" not in source:
        return await read_digests(built(Path(source)))
    async with served(source) as get:
        return await read_digests(get)


@click.group("portal", short_help="The family's page: its digests, and the check of what is served.")
def portal() -> None:
    """The family's page: what the directory says of it, and whether that is what families get."""


@portal.command("digests", short_help="Print the digests of a built page.")
@click.argument("source", metavar="URL|FOLDER", type=SOURCE)
@json_option
def digests_command(source: str) -> None:
    """Print the digest of each file of the page, for the directory.

    Sign what you built, or what you compared with what others built. Of a URL this says only what is served there.

    \b
    Examples:
      zegel steward portal digests relay/zegel_relay/portal/shell
      zegel steward publish --folder steward --bundle relay/zegel_relay/portal/shell --relay https://relay.example
    """
    files = asyncio.run(_read(source))
    lines = [f"{digest}  {path}" for path, digest in files.items()]
    answer({"bundles": sorted(set(files.values())), "files": files}, *lines)


@portal.command("check", short_help="Check that the page that is served is the one that was signed.")
@click.argument("url", metavar="URL", type=ORIGIN)
@click.option("--folder", type=FOLDER, help="The steward's folder; an older directory than was signed there is found.")
@click.option(
    "--huis", "huis_path", type=FILE, envvar="ZEGEL_HUIS", show_envvar=True,
    help="huis.json, for whoever is not the steward.",
)  # fmt: skip
@click.option("--relay", type=ORIGIN, help="Where the directory is asked for, unless that is URL too.")
@json_option
def check_command(url: str, folder: Path | None, huis_path: Path | None, relay: str | None) -> None:
    """Fetch the page at URL as a browser would, and compare every file with the signed directory.

    Run it from different places, and often: who serves a false page may serve it to some people only.

    \b
    Example:
      zegel steward portal check https://relay.example --folder steward
    """
    if folder is None and huis_path is None:
        raise click.UsageError("Name the Huis: --folder, or --huis with its huis.json.")
    directory_d, bundles = _signed(relay or url, folder, huis_path)
    differences = asyncio.run(_check(url, bundles))
    if differences:
        raise Failed("page.differs", _told(url, differences), wants_json(), {"differences": [
            {"code": item.code, "path": item.path, "what": item.what} for item in differences
        ]})  # fmt: skip
    answer(
        {"url": url, "directory": directory_d, "files": len(bundles)},
        f"{url} serves the page that the steward signed: {len(bundles)} files, each with its digest in the directory.",
    )


def _signed(relay: str, folder: Path | None, huis_path: Path | None) -> tuple[str, tuple[str, ...]]:
    """Return the directory in force and the digests that it lists, verified from the id of the Huis."""
    shown = ask_relay(relay)
    if folder is not None:
        place = StewardFolder(folder)
        place.require_not_older(shown)
        known = read_known(place.huis.huis, shown)
    else:
        known = read_known(read_huis(huis_path or Path()).huis, shown)
    directory, nothing = known.directory, "Nothing was changed."
    if directory is None:
        raise SetupError("directory.missing", "This Huis has no directory yet.", "Publish one.", nothing)
    if directory.payload.expires <= now():
        do = "Ask the steward to refresh it, or the operator why an old one is shown."
        raise SetupError("directory.expired", "The directory that the relay shows has expired.", do, nothing)
    if not directory.payload.bundles:
        do = "Publish them: zegel steward publish --bundle FOLDER."
        raise SetupError("page.unsigned", "The directory lists no file of the page.", do, nothing)
    return directory.d, directory.payload.bundles


async def _check(url: str, bundles: tuple[str, ...]) -> list[Difference]:
    async with served(url) as get:
        return await check_page(get, bundles)


def _told(url: str, differences: list[Difference]) -> tuple[str, ...]:
    return (
        f"The page at {url} is not the one that the steward signed:",
        *(f"- {item.what}" for item in differences),
        "This check changed nothing. What families wrote and signed before stays as it was.",
        "Ask families to leave the page alone until it is right, and ask the relay's operator what happened.",
        "If this is a new build of yours, sign it first: zegel steward publish --bundle FOLDER.",
    )
