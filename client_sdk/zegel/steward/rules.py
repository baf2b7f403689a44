"""Signing a rulebook: the default rules, or the Huis's own edited copy. In force once a directory names it."""

import hashlib
from collections.abc import Sequence

from zegel.steward.envelope import sign_as_steward
from zegel.steward.known import Known
from zegel_keys.envelopes import new_nonce
from zegel_keys.keystore.key_file import KeyFile
from zegel_protocol import b64
from zegel_protocol.rulebook.template import Rules, default_rules, make_rulebook


def sign_rulebook(
    known: Known,
    keys: Sequence[KeyFile],
    now: int,
    *,
    name: str,
    code_version: str,
    code_digest: str,
    rules: Rules | None = None,
) -> bytes:
    """Return the rulebook's envelope, of the version after the newest known.

    `rules` come from `zegel_protocol.rulebook.template.read_rules` (None: the default rules). `code_version` and
    `code_digest` say which text of the code of ethics the partners accept; it is in force since `now` (UTC seconds), or
    since it was when the newest rulebook has the same: an edit of other rules gives nobody new days to accept it.

    Raises `MalformedError`, or `SetupError` (`steward.*`).
    """
    before = known.rulebooks[-1].payload if known.rulebooks else None
    same = before is not None and (before.code_version, before.code_digest) == (code_version, code_digest)
    book = make_rulebook(
        rules if rules is not None else default_rules(),
        huis=known.huis,
        nonce=new_nonce(),
        issued=now,
        name=name,
        code_version=code_version,
        code_digest=code_digest,
        version=before.version + 1 if before is not None else 1,
        code_from=before.code_from if before is not None and same else None,
    )
    return sign_as_steward(book, known.root, keys)


def digest_of_code(text: bytes) -> str:
    """Return the SHA-256 of the code of ethics, as base64url: over the very bytes of the file that partners accept."""
    return b64.encode(hashlib.sha256(text).digest())
