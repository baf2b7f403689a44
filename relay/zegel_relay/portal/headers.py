"""What a browser is told with every answer of the portal: what may run, what may be framed, what is told to others.

`docs/spec/portal.md` lists them; the steward's check looks for the same.
"""

from collections.abc import Mapping
from typing import Final

SHELL_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        # libsodium is WebAssembly; text is never run as script.
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""For the shell and its files: only files of this origin run, and no text ever becomes markup or script."""

PUBLIC_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For pages without script: none runs there."""

_FEATURES: Final = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "display-capture",
    "encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "interest-cohort",
    "local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial",
    "storage-access", "usb", "xr-spatial-tracking",
)  # fmt: skip
_OWN: Final = ("publickey-credentials-create", "publickey-credentials-get")

_COMMON: Final = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join([*(f"{name}=()" for name in _FEATURES), *(f"{name}=(self)" for name in _OWN)]),
    "Referrer-Policy": "no-referrer",
    "Server": "zegel",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_TWO_YEARS: Final = "max-age=63072000"


def portal_headers(public_url: str, policy: str) -> Mapping[str, str]:
    """Return the headers of an answer; `public_url` is the relay's origin, `policy` one of the two above."""
    secure = {"Strict-Transport-Security": _TWO_YEARS} if public_url.startswith("https://") else {}
    return {**_COMMON, "Content-Security-Policy": policy, **secure}
