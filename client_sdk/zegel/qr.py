"""An address as a QR code: on a terminal, or as a picture for a screen. Nothing of it is fetched or kept.

The address of an enrolment holds a secret: whoever sees the picture in its ten minutes can answer in the phone's place.
"""

import io

import segno

SCALE = 8
"""Pixels a module; a phone reads it from a screen at arm's length."""


def terminal(address: str) -> str:
    """Return the QR code as text for a terminal with half-block characters, dark on light by itself."""
    sink = io.StringIO()
    _make(address).terminal(sink, compact=True)
    return sink.getvalue()


def svg(address: str) -> bytes:
    """Return the QR code as an SVG picture."""
    return _saved(address, "svg")


def png(address: str) -> bytes:
    """Return the QR code as a PNG picture."""
    return _saved(address, "png")


def _saved(address: str, kind: str) -> bytes:
    sink = io.BytesIO()
    _make(address).save(sink, kind=kind, scale=SCALE, light="white", dark="black")
    return sink.getvalue()


def _make(address: str) -> segno.QRCode:
    # Medium correction: a scratched screen is still read, and the code stays small enough for a terminal.
    return segno.make(address, error="m", micro=False, boost_error=False)
