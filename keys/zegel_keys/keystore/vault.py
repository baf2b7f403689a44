"""The encrypted file that every secret rests in: identity, partner root, steward roots, freshness key.

Three lines of text: `zegel-vault 1`; one canonical JSON object; the SHA-256 of all bytes before it, in hex. The
checksum is no protection, it tells damage from a wrong passphrase, and is the rule of every version, so that an unknown
version is told from damage too. The passphrase, through Argon2id (RFC 9106), wraps a random *store key*; subkeys of it
seal the payload here and the state database beside it, so a new passphrase wraps 32 bytes anew and no more. Locks are
the caller's, see `keystore.lock`.
"""

import hashlib
import os
import re
import unicodedata
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
import nacl.exceptions
from msgspec import Meta
from nacl.pwhash import argon2id

from zegel_keys.keystore import files
from zegel_keys.keystore.box import Box, ForgedError, new_key, subkey
from zegel_keys.keystore.errors import (
    DamagedError,
    EmptyPassphraseError,
    ExistsError,
    KindError,
    OutOfMemoryError,
    PassphraseError,
    VersionError,
    previous_of,
)
from zegel_protocol import b64, encoding
from zegel_protocol.errors import MalformedError
from zegel_protocol.fields import Binary, Nonce

Kind = Literal["identity", "partner-root", "steward-root", "freshness"]
"""What a vault holds. It stands in the clear, and is authenticated."""

Cost = Literal["interactive", "moderate", "sensitive"]
"""What guessing a passphrase once costs: 64 MiB and 2 passes, 256 MiB and 3, or 1 GiB and 4 (libsodium's levels)."""

_COSTS: Final[dict[Cost, tuple[int, int]]] = {
    "interactive": (argon2id.OPSLIMIT_INTERACTIVE, argon2id.MEMLIMIT_INTERACTIVE),
    "moderate": (argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE),
    "sensitive": (argon2id.OPSLIMIT_SENSITIVE, argon2id.MEMLIMIT_SENSITIVE),
}

MAX_BYTES: Final = 32 * 1024
"""Largest vault file that is read; an identity with sixteen genesis roots takes about 3 KiB."""

_VERSION: Final = 1
_SUMMED: Final = re.compile(rb"(?P<body>.*\n)(?P<sum>[0-9a-f]{64})\n", re.DOTALL)
_BODY: Final = re.compile(rb"zegel-vault (?P<version>[0-9]{1,6})\n(?P<rest>.*)\n", re.DOTALL)
_WRAP_LABEL: Final = b"zegel/vault/key/1\0"
_PAYLOAD_LABEL: Final = b"zegel/vault/payload/1\0"


class Kdf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the passphrase becomes a key. `mem` is in bytes.

    The upper bounds keep a hostile file from exhausting the reader: at most 1 GiB, for some seconds.
    """

    name: Literal["argon2id"]
    ops: Annotated[int, Meta(ge=2, le=8)]
    mem: Annotated[int, Meta(ge=64 * 2**20, le=2**30)]
    salt: Nonce


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in the clear and is bound to the wrapped key."""

    kind: Kind
    kdf: Kdf


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The object of the second line: the head, the wrapped store key, and the sealed payload."""

    head: Head
    key: Binary
    payload: Binary


class Opened(NamedTuple):
    """An opened vault: the 32-byte store key, and the payload."""

    store_key: bytes
    payload: bytes

    def __repr__(self) -> str:
        return "Opened()"


class Vault:
    """The vault file at `path`, which holds a `kind`."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path = path
        self.kind: Kind = kind

    def create(self, payload: bytes, passphrase: str, cost: Cost = "moderate", store_key: bytes | None = None) -> bytes:
        """Write a new vault with `payload`, and return its store key (32 bytes): a new one, or the one given.

        Raises `ExistsError`, `EmptyPassphraseError`, `OutOfMemoryError`, or as `files.write`.
        """
        if self.path.exists() or previous_of(self.path).exists():
            raise ExistsError.at(self.path)
        store_key = store_key or new_key()
        data = self._build(store_key, payload, self._wrap(store_key, passphrase, cost))
        self._verify(data, passphrase, Opened(store_key, payload))
        files.sweep(self.path)
        files.write(self.path, data)
        return store_key

    def open(self, passphrase: str) -> Opened:
        """Return store key and payload.

        Raises `DamagedError`, `VersionError`, `KindError`, `PassphraseError`, `OutOfMemoryError`, or as `files.read`.
        Damage is told before the passphrase is tried.
        """
        return self._open(self._body(), passphrase)

    def read(self, store_key: bytes) -> bytes:
        """Return the payload as it stands now, for whoever holds the store key. Raises as `open`."""
        return self._payload(self._body(), store_key)

    def replace(self, store_key: bytes, payload: bytes) -> None:
        """Replace the payload; the passphrase stays. Raises as `read` and `files.renew`."""
        body = self._body()
        self._payload(body, store_key)
        data = self._build(store_key, payload, body)
        if self._payload(self._parse(data), store_key) != payload:
            raise DamagedError.at(self.path, "the new generation does not open, and was not written")
        files.sweep(self.path)
        files.renew(self.path, data, MAX_BYTES)

    def rewrap(self, old: str, new: str, cost: Cost = "moderate") -> None:
        """Replace the passphrase `old` by `new`; the store key stays, so nothing else is encrypted anew.

        Whoever has an earlier copy of the file can still open it with the old passphrase. Raises as `open`, `create`
        and `files.renew`.
        """
        opened = self.open(old)
        data = self._build(opened.store_key, opened.payload, self._wrap(opened.store_key, new, cost))
        self._verify(data, new, opened)
        files.sweep(self.path)
        files.renew(self.path, data, MAX_BYTES)

    def settle(self) -> None:
        """Remove the previous generation and leftovers of an interrupted change: the present one was seen to open."""
        files.sweep(self.path)
        if previous_of(self.path).exists():
            files.discard(previous_of(self.path))

    def _wrap(self, store_key: bytes, passphrase: str, cost: Cost) -> Body:
        require_passphrase(self.path, passphrase)
        ops, mem = _COSTS[cost]
        salt = os.urandom(argon2id.SALTBYTES)
        head = Head(kind=self.kind, kdf=Kdf(name="argon2id", ops=ops, mem=mem, salt=b64.encode(salt)))
        wrapped = Box(self._stretch(head.kdf, passphrase)).seal(store_key, _WRAP_LABEL + encoding.encode(head))
        return Body(head=head, key=b64.encode(wrapped), payload="")

    def _build(self, store_key: bytes, payload: bytes, wrapped: Body) -> bytes:
        sealed = Box(subkey(store_key, _PAYLOAD_LABEL)).seal(payload, self.kind.encode())
        body = msgspec.structs.replace(wrapped, payload=b64.encode(sealed))
        data = b"zegel-vault %d\n%s\n" % (_VERSION, encoding.encode(body))
        return b"%s%s\n" % (data, hashlib.sha256(data).hexdigest().encode())

    def _body(self) -> Body:
        return self._parse(files.read(self.path, MAX_BYTES))

    def _parse(self, data: bytes) -> Body:
        body = parse(self.path, data)
        if body.head.kind != self.kind:
            raise KindError.at(self.path, body.head.kind, self.kind)
        return body

    def _open(self, body: Body, passphrase: str) -> Opened:
        box = Box(self._stretch(body.head.kdf, passphrase))
        try:
            store_key = box.open(b64.decode(body.key), _WRAP_LABEL + encoding.encode(body.head))
        except ForgedError as error:
            raise PassphraseError.at(self.path) from error
        except MalformedError as error:
            raise DamagedError.at(self.path, "the wrapped key is not base64url") from error
        return Opened(store_key, self._payload(body, store_key))

    def _payload(self, body: Body, store_key: bytes) -> bytes:
        try:
            return Box(subkey(store_key, _PAYLOAD_LABEL)).open(b64.decode(body.payload), self.kind.encode())
        except (ForgedError, MalformedError) as error:
            raise DamagedError.at(self.path, "the payload does not belong to the store key") from error

    def _verify(self, data: bytes, passphrase: str, expected: Opened) -> None:
        """Open `data` as a stranger would, passphrase and all, before it replaces anything."""
        if self._open(self._parse(data), passphrase) != expected:
            raise DamagedError.at(self.path, "the new generation does not open, and was not written")

    def _stretch(self, kdf: Kdf, passphrase: str) -> bytes:
        # NFC: keyboards and systems compose an accented letter differently. Surrogates: a passphrase that came from an
        # environment variable need not be UTF-8.
        secret = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
        try:
            return argon2id.kdf(32, secret, b64.decode(kdf.salt, 16), opslimit=kdf.ops, memlimit=kdf.mem)
        except nacl.exceptions.RuntimeError as error:
            raise OutOfMemoryError.at(self.path, kdf.mem) from error


def require_passphrase(path: Path, passphrase: str) -> None:
    """Return if `passphrase` may protect `path`: how good it is, is for the caller's interface to judge.

    Raises `EmptyPassphraseError`.
    """
    if not passphrase:
        raise EmptyPassphraseError.at(path)


def kind_of(path: Path) -> Kind:
    """Return what the vault at `path` holds, without its passphrase: as the file says, not yet authenticated.

    Raises `DamagedError`, `VersionError`, or as `files.read`.
    """
    return parse(path, files.read(path, MAX_BYTES)).head.kind


def parse(path: Path, data: bytes) -> Body:
    """Return the object of a vault's bytes; `path` is for the error. Nothing is decrypted.

    Raises `DamagedError` or `VersionError`.
    """
    summed = _SUMMED.fullmatch(data)
    if summed is None:
        raise DamagedError.at(path, "cut short, or not a vault")
    if hashlib.sha256(summed["body"]).hexdigest().encode() != summed["sum"]:
        raise DamagedError.at(path, "its checksum does not match")
    match = _BODY.fullmatch(summed["body"])
    if match is None:
        raise DamagedError.at(path, "not a vault")
    if int(match["version"]) != _VERSION:
        raise VersionError.at(path, int(match["version"]))
    try:
        return encoding.decode(match["rest"], Body, MAX_BYTES)
    except MalformedError as error:
        raise DamagedError.at(path, error.detail or error.code) from error
