"""An identity to keep, and how the errors of the keystore are compared: by code."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from zegel_keys.keystore.errors import KeystoreError
from zegel_keys.keystore.identity import Identity
from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects.root import Genesis, huis_id

PASSPHRASE = "zeven zachte zeehonden é"
OTHER = "acht andere apen"


def identity(partner: str = "ocmw-gent") -> Identity:
    roots = (SigningKey.generate().public,)
    return Identity(
        huis=huis_id(roots, 1),
        partner=partner,
        partner_name="OCMW Gent",
        worker=os.urandom(16).hex(),
        function="social-worker",
        device=os.urandom(16).hex(),
        seed=b64.encode(os.urandom(32)),
        relay="https://relay.example",
        genesis=Genesis(roots=roots, threshold=1),
    )


@contextmanager
def fails(code: str) -> Iterator[None]:
    with pytest.raises((KeystoreError, ProtocolError)) as caught:
        yield
    error = caught.value
    assert isinstance(error, KeystoreError | ProtocolError)
    assert error.code == code


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def holds(folder: Path, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in folder.rglob("*") if path.is_file())
