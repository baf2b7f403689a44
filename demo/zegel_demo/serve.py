"""`python -m zegel_demo.serve`: the family's page with a family in it, to be looked at in a browser until Ctrl-C.

All of it is in a folder that is thrown away at the end. Nothing is read from the terminal, so none is needed.
The worker who helps somebody new come in runs here by itself; it shows its six words, and waits for the page.
"""

import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from zegel import RelayProblem, RelayUnreachable
from zegel_demo.ports import PAGE, free_port
from zegel_demo.stories.at_home import AtHome, at_home
from zegel_protocol.errors import ProtocolError

AGAIN = "enrolment.expired"


async def serve(folder: Path, console: Console) -> None:
    """Make the family, say how to look at the page, and keep it up until the process is asked to end."""
    asked_to_end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_end.set)
    console.print("A Huis is founded, and twelve days pass in it: about fifteen seconds.")
    living = asyncio.create_task(_keep(folder, console, asked_to_end))
    ending = asyncio.create_task(asked_to_end.wait())
    await asyncio.wait({living, ending}, return_when=asyncio.FIRST_COMPLETED)
    if not asked_to_end.is_set():
        ending.cancel()
    elif not living.done():
        living.cancel()
    try:
        await living
    except asyncio.CancelledError:
        console.print("Ended. Nothing of it was kept.")


async def _keep(folder: Path, console: Console, asked_to_end: asyncio.Event) -> None:
    async with at_home(folder, free_port(PAGE)) as home:
        console.print(_about(home))
        while not asked_to_end.is_set():
            await _help_in(home, console)


def _about(home: AtHome) -> Panel:
    text = Text()
    text.append(f"{home.huis.origin}/", style="bold cyan")
    text.append("\n\nChoose “Ik heb een code op papier”, and type what one of them printed:\n")
    for name, code in home.codes.items():
        text.append(f"  {name:<5} ")
        text.append(f"{code}\n", style="bold")
    text.append(
        "\nOn Elif's page are a share with two letters, a report back, a contact that is late, an answer, a question "
        "to her, and a question for her yes. Six languages at the bottom of the page; Arabic turns it round.\n"
        "A code opens nothing else than this demo, and only until Ctrl-C."
    )
    return Panel(text, title="The family's page", title_align="left", border_style="green", padding=(1, 2))


async def _help_in(home: AtHome, console: Console) -> None:
    """Show somebody new the code to come in with, and stand by until they are in or the code is too old."""
    household = home.other_household()
    person = await home.nurse.families.add_person(household)
    opened = await home.nurse.families.open_enrolment(household, person)
    console.print("\nTo come in for the first time, as with a nurse at the table, open this within ten minutes:")
    console.print(Text(opened.address, style="cyan"), soft_wrap=True)
    try:
        words = await opened.words()
        console.print(Text("The nurse's screen shows: ").append(" ".join(words), style="bold"))
        console.print("Press on the page that they are the same; the nurse of the demo says so too.")
        await opened.finish("id-card")
        console.print("Somebody new came in.")
    except ProtocolError as error:
        if error.code != AGAIN:
            console.print(f"They did not come in: {error} ({error.code})")
    except (RelayProblem, RelayUnreachable) as error:
        # Ctrl-C reaches the relay too; whoever ends this is told nothing of that.
        await asyncio.sleep(1)
        console.print(f"They did not come in: {error}")


def main() -> int:
    """Serve; return the exit status."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="zegel-page-") as folder:
        asyncio.run(serve(Path(folder), console))
    return 0


if __name__ == "__main__":
    sys.exit(main())
