"""The steward's side: founding a Huis, admitting partners, and publishing rules and directories.

Each step has a function that makes a signed envelope, from what is known and a time that is given; `relay_access`
carries envelopes to a relay, and `folder` keeps them. Root keys never come near the relay. How all of it is verified:
`docs/spec/setting.md`.
"""

from zegel.steward.directory import RelayFacts, publish
from zegel.steward.errors import SetupError
from zegel.steward.folder import StewardFolder
from zegel.steward.founding import Founding, found
from zegel.steward.freshness import refresh
from zegel.steward.huis_file import HuisFile, read_huis, write_huis
from zegel.steward.joining import JoinRequest, join_request, read_join_request
from zegel.steward.known import Known, read_known
from zegel.steward.membership import admit
from zegel.steward.relay_access import fetch, submit, visitor
from zegel.steward.rules import digest_of_code, sign_rulebook

__all__ = [
    "Founding",
    "HuisFile",
    "JoinRequest",
    "Known",
    "RelayFacts",
    "SetupError",
    "StewardFolder",
    "admit",
    "digest_of_code",
    "fetch",
    "found",
    "join_request",
    "publish",
    "read_huis",
    "read_join_request",
    "read_known",
    "refresh",
    "sign_rulebook",
    "submit",
    "visitor",
    "write_huis",
]
