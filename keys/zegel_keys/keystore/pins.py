"""What this device has seen, so that nobody can show it less: rollback checks against a lying relay.

A signature says that something was true once; a pin says that something newer is known. `docs/threat-model.md`, attacks
4 to 9, and 11. Signatures, links and log proofs are verified by the caller *before* a call here: whatever is pinned is
believed from then on.
"""

from typing import Final

import msgspec

from zegel_keys.keystore import rows
from zegel_keys.keystore.state import State, Transaction
from zegel_protocol.errors import ChainError
from zegel_protocol.fields import Count, Digest

_TABLE: Final = "pins"


class VersionPin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest version seen of one subject; `chained` once a version was accepted by its link to the one before."""

    version: Count
    digest: Digest
    chained: bool


class LogPin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The largest checkpoint seen of a log: number of leaves, and base64url root."""

    size: Count
    root: Digest


class HeadPin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The newest head seen of a consent chain: its sequence number and D; none while the chain is empty."""

    seq: Count
    digest: Digest | None = None


class Pins:
    """The pins of one device. Given a `Transaction`, they are set with whatever else it stores, or not at all."""

    def __init__(self, state: State | Transaction) -> None:
        self._state = state

    def check_and_pin(self, kind: str, subject: str, version: int, digest: str, prev: str | None) -> bool:
        """Accept this version of an object, and return whether it is newer than what was pinned.

        `kind` is the object's kind, `subject` whom it is about (a partner, a person, a device), `digest` its D. `prev`
        is the D of the version before, for a kind that is held to its chain: then versions come one by one. It is None
        for a kind that something else vouches for (a directory names the current lists): then versions may be skipped.
        The first of a subject is accepted whatever its version.

        Raises `ChainError`: `pin.rollback` (older than seen), `pin.forked` (the same version, or the one after it, is
        of another history), `pin.gap` (chained, and versions between were not shown).
        """
        name = f"version/{kind}/{subject}"
        with self._state.transaction() as transaction:
            seen = rows.load(transaction, _TABLE, name, VersionPin)
            if seen is not None:
                _follow(f"{kind} of {subject}", seen, version, digest, prev)
                if version == seen.version:
                    return False
            chained = prev is not None or (seen is not None and seen.chained)
            rows.store(transaction, _TABLE, name, VersionPin(version=version, digest=digest, chained=chained))
        return True

    def version(self, kind: str, subject: str) -> VersionPin | None:
        """Return what is pinned of this subject, or None."""
        return rows.load(self._state, _TABLE, f"version/{kind}/{subject}", VersionPin)

    def check_and_pin_log(self, size: int, root: str, since: LogPin | None = None, log: str = "log") -> bool:
        """Accept a checkpoint as the head of the log called `log`, and return True once it is pinned.

        `since` is the pin from which the caller has proved consistency to this checkpoint (RFC 9162, 2.1.4). False
        means that another process has moved the pin meanwhile: read `log_pin`, prove from there, and ask again.

        Raises `ChainError`: `pin.log-rollback` (smaller than seen), `pin.log-forked` (same size, other root: two
        views of one log), `pin.log-unproved` (larger, and no proof from what was seen).
        """
        with self._state.transaction() as transaction:
            seen = rows.load(transaction, _TABLE, f"log/{log}", LogPin)
            if seen is not None:
                if size < seen.size:
                    raise ChainError("pin.log-rollback", f"a log of {size} entries, where {seen.size} were seen")
                if size == seen.size:
                    if root != seen.root:
                        raise ChainError("pin.log-forked", f"two logs of {size} entries")
                    return True
                if since is None:
                    raise ChainError("pin.log-unproved", f"{size} entries, not shown to hold the {seen.size} seen")
                if since != seen:
                    return False
            rows.store(transaction, _TABLE, f"log/{log}", LogPin(size=size, root=root))
        return True

    def log_pin(self, log: str = "log") -> LogPin | None:
        """Return the largest checkpoint pinned, or None."""
        return rows.load(self._state, _TABLE, f"log/{log}", LogPin)

    def restart_log(self, size: int, root: str, log: str = "log") -> None:
        """Pin a checkpoint whatever was seen: only after a verified epoch object, in which the steward says so."""
        rows.store(self._state, _TABLE, f"log/{log}", LogPin(size=size, root=root))

    def check_and_pin_head(self, person: str, sender: str, recipient: str, seq: int, digest: str | None) -> bool:
        """Accept the head of the consent chain (person, from, to), and return whether it is newer than what was pinned.

        `seq` counts from 1; 0, with no `digest`, is the empty chain. `sender` and `recipient` are party keys.

        Raises `ChainError`: `pin.status-rollback` (older than seen: a consent shown after its revocation),
        `pin.status-forked` (the same number with another D), `pin.status-malformed` (a number without D, or the
        reverse).
        """
        if (seq == 0) != (digest is None):
            raise ChainError("pin.status-malformed", "a head has a number and a D, or neither")
        name = _head_name(person, sender, recipient)
        with self._state.transaction() as transaction:
            seen = rows.load(transaction, _TABLE, name, HeadPin)
            if seen is not None:
                if seq < seen.seq:
                    raise ChainError("pin.status-rollback", f"head {seq} of a chain whose head {seen.seq} was seen")
                if seq == seen.seq:
                    if digest != seen.digest:
                        raise ChainError("pin.status-forked", f"two chains with another object {seq}")
                    return False
            rows.store(transaction, _TABLE, name, HeadPin(seq=seq, digest=digest))
        return True

    def head(self, person: str, sender: str, recipient: str) -> HeadPin | None:
        """Return the pinned head of a consent chain, or None."""
        return rows.load(self._state, _TABLE, _head_name(person, sender, recipient), HeadPin)


def _head_name(person: str, sender: str, recipient: str) -> str:
    # None of the three holds a slash: ids are hex, slugs, or `partner:` and `person:` before them.
    return f"head/{person}/{sender}/{recipient}"


def _follow(what: str, seen: VersionPin, version: int, digest: str, prev: str | None) -> None:
    """Return if this version may stand after, or be, the one seen."""
    if version < seen.version:
        raise ChainError("pin.rollback", f"version {version} of {what}, where {seen.version} was seen")
    if version == seen.version:
        if digest != seen.digest:
            raise ChainError("pin.forked", f"two objects are version {version} of {what}")
        return
    if prev is None:
        if seen.chained:
            raise ChainError("pin.forked", f"version {version} of {what} names no version before it")
    elif version > seen.version + 1:
        raise ChainError("pin.gap", f"versions of {what} between {seen.version} and {version} were not shown")
    elif prev != seen.digest:
        raise ChainError("pin.forked", f"version {version} of {what} does not follow the one that was seen")
