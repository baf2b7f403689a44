"""A relay whose work is outside tells the workers that something was promised, so that they need not wait for beat."""

import asyncio
import logging
from typing import Final

from celery.exceptions import OperationalError

from zegel_relay.settings import Settings
from zegel_relay.storage.batch import OUTBOX_KEY
from zegel_relay.tasks.app import SWEEP, SWEEP_SECONDS, make_app
from zegel_relay.wakeups import Wakeups

PAUSE_SECONDS: Final = 1.0
"""Between two hints: one sweep finds all that was promised meanwhile."""

_log = logging.getLogger(__name__)


class Hints:
    """One task of a relay. Losing a hint loses a few seconds."""

    def __init__(self, settings: Settings, wakeups: Wakeups) -> None:
        self._app = make_app(settings)
        # A relay waits for nobody: a hint leaves at once, or not at all.
        self._app.conf.broker_transport_options |= {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 0}
        self._wakeups = wakeups
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin. Needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="zegel-hints")

    async def stop(self) -> None:
        """End; a hint that is on its way may be lost."""
        if self._task is not None:
            self._task.cancel()
            _ = await asyncio.wait({self._task})

    async def _run(self) -> None:
        while not self._wakeups.closed:
            with self._wakeups.watch(OUTBOX_KEY) as called:
                _ = await called.wait()
            try:
                await asyncio.to_thread(self._send)
            except (OperationalError, OSError) as error:
                # Redis is away; beat calls the sweep once it is back.
                _log.warning("hint not sent", extra={"error": type(error).__name__})
            await asyncio.sleep(PAUSE_SECONDS)

    def _send(self) -> None:
        self._app.send_task(SWEEP, expires=SWEEP_SECONDS, retry=False)
