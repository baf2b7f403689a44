"""The event loop of the relay's processes: libuv's where there is one, the standard library's elsewhere."""

import asyncio
import importlib
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, as `asyncio.run` does; return what it returns, raise what it raises."""
    try:
        # It has no build for Windows, where nothing but speed is lost with it.
        factory = importlib.import_module("uvloop").new_event_loop
    except ImportError:
        factory = None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)
