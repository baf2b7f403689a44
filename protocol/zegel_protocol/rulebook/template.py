"""The default rules, and the rulebook that is made of rules: canonical, ready for the steward to sign.

The default rules are practice proposed as data (`default.json`), not settled law: a Huis copies the file, edits its
copy, reads it with `read_rules` and makes its own rulebook of it.
"""

from functools import lru_cache
from importlib import resources

import msgspec

from zegel_protocol import encoding
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.rulebook.rules import Rules
from zegel_protocol.rulebook.rules_file import read_rules

__all__ = ["Rules", "default_rulebook", "default_rules", "default_source", "make_rulebook", "read_rules"]


@lru_cache(maxsize=1)
def default_source() -> bytes:
    """Return the default rules file as it is shipped, for a Huis to copy and edit."""
    return resources.files(__package__).joinpath("default.json").read_bytes()


@lru_cache(maxsize=1)
def default_rules() -> Rules:
    """Return the default rules."""
    return read_rules(default_source())


def make_rulebook(
    rules: Rules,
    *,
    huis: str,
    nonce: str,
    issued: int,
    name: str,
    code_version: str,
    code_digest: str,
    version: int = 1,
    code_from: int | None = None,
) -> Rulebook:
    """Return the canonical rulebook of these rules.

    `issued` is in UTC seconds; `code_digest` is the SHA-256 of the partners' own code of ethics, base64url.
    `code_from`: since when this version of the code is in force, by default since `issued`. Raises
    `MalformedError` (`object.malformed`, `object.not-canonical`) when a parameter is not what its field allows.
    """
    made = Rulebook(
        v=1,
        huis=huis,
        nonce=nonce,
        version=version,
        name=name,
        issued=issued,
        code_version=code_version,
        code_digest=code_digest,
        code_from=(issued if code_from is None else code_from) if rules.code is not None else None,
        **{field: getattr(rules, field) for field in msgspec.structs.asdict(rules)},
    )
    # Constructing a struct checks no pattern; reading its bytes does.
    return encoding.decode(encoding.encode(made), Rulebook)


def default_rulebook(
    huis: str,
    nonce: str,
    issued: int,
    name: str,
    code_version: str,
    code_digest: str,
    version: int = 1,
) -> Rulebook:
    """Return the default rulebook; parameters and errors as `make_rulebook`."""
    return make_rulebook(
        default_rules(),
        huis=huis,
        nonce=nonce,
        issued=issued,
        name=name,
        code_version=code_version,
        code_digest=code_digest,
        version=version,
    )
