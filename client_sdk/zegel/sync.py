"""The sync face: `Partner` for software that is not asynchronous. One background loop does the work.

It sends and receives; what a worker does with families (`Partner.families`) is asynchronous only.

Each call blocks its thread until it is done; any number of threads may use one `Partner`. Close it, or use `with`.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from zegel import partner as asynchronous
from zegel.draft import Draft
from zegel.errors import PartnerClosed
from zegel.message import Message, Waiting
from zegel.partner import Preflight, Sent
from zegel_protocol.objects.acknowledgement import Event

T = TypeVar("T")


class _Loop:
    """A loop that runs in a thread of its own until it is stopped."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="zegel", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end and return what it returns. Raises `PartnerClosed` once the loop was stopped."""
        if self._loop.is_closed():
            work.close()
            raise PartnerClosed("This partner was closed.", "Nothing was sent.", "Connect anew.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        """Stop the loop and wait for its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Partner:
    """As `zegel.Partner`, blocking. Raises the same errors."""

    def __init__(self, folder: Path | str, passphrase: str, *, relay: str | None = None) -> None:
        self._loop = _Loop()
        try:
            self._partner = self._loop.run(asynchronous.Partner.connect(folder, passphrase, relay=relay))
        except BaseException:
            self._loop.stop()
            raise

    def __enter__(self) -> "Partner":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close connections, keystore and loop."""
        self._loop.run(self._partner.close())
        self._loop.stop()

    def referral(self, to: str, household: str, about: Iterable[str], purpose: str = "referral") -> Draft:
        """Begin a referral."""
        return self._partner.referral(to, household, about, purpose)

    def information(self, to: str, household: str, about: Iterable[str], purpose: str = "coordinate") -> Draft:
        """Begin an information message."""
        return self._partner.information(to, household, about, purpose)

    def report_back(self, message: Message) -> Draft:
        """Begin a report-back."""
        return self._partner.report_back(message)

    def preflight(self, draft: Draft) -> Preflight:
        """Judge a draft before anything is sealed."""
        return self._loop.run(self._partner.preflight(draft))

    def send(self, draft: Draft) -> Sent:
        """Check, seal and send a draft."""
        return self._loop.run(self._partner.send(draft))

    def flush(self) -> list[Sent]:
        """Send what was sealed and could not be sent."""
        return self._loop.run(self._partner.flush())

    def unsent(self) -> list[str]:
        """Return the ids of messages that still have to arrive."""
        return self._partner.unsent()

    def inbox(self, wait: int = 0) -> list[Waiting]:
        """Return messages that were not opened here yet."""
        return self._loop.run(self._partner.inbox(wait))

    def open(self, waiting: Waiting | str) -> Message:
        """Open a message."""
        return self._loop.run(self._partner.open(waiting))

    def acknowledge(self, message: Message, event: Event = "opened", codes: Iterable[str] = ()) -> None:
        """Tell sender and client what became of a message."""
        self._loop.run(self._partner.acknowledge(message, event, codes))
