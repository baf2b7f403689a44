"""Ports of this machine at which a demo's relay can be found by a browser."""

import socket

PAGE = 8470
"""Where the page is, unless somebody else is there."""


def free_port(wanted: int = 0) -> int:
    """Return a port of loopback that nobody listens on: the wanted one if it is free. Raises `OSError` without any."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            # A server that was just stopped leaves connections behind that keep nobody out.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port of this machine is free")
