"""A phone as a program of its own: reads the address of a QR code, answers it, and prints what its screen shows.

    zegel enrol show ... --address-only      # on the worker's side
    python -m zegel_demo.phone_agent enrol ADDRESS --relay http://127.0.0.1:8470

It prints a line of JSON for each step: the six words to compare, then the record that it signed. Its keys live as long
as the process and are gone with it: for trying the command and for tests, where no family's page runs.
"""

import asyncio
import json
import sys
from urllib.parse import urlsplit

import click

from zegel.cli.console import Commands
from zegel_demo.client_agent import ClientAgent
from zegel_protocol.enrolment_code import read_address


@click.group(cls=Commands)
def main() -> None:
    """A family's phone, in software."""


@main.command("enrol")
@click.argument("address")
@click.option("--relay", required=True, help="The relay's origin.")
def enrol_command(address: str, relay: str) -> None:
    """Enrol as the phone that read ADDRESS; `-` reads it from standard input."""
    asyncio.run(_enrol(sys.stdin.readline().strip() if address == "-" else address, relay))


async def _enrol(address: str, relay: str) -> None:
    origin, _ = read_address(address)
    async with ClientAgent.scan(address, relay, urlsplit(origin).hostname or "") as phone:
        _say(person=phone.person, words=list(await phone.answer_enrolment(address)))
        done = await phone.finish_enrolment()
        _say(client_key=done.client_key, words=list(done.words), effective_at=done.effective_at)


def _say(**facts: object) -> None:
    click.echo(json.dumps(facts))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
