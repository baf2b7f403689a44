"""Large ciphertexts over HTTP in as many requests as the line needs: begun, continued from where they stand."""

from typing import Annotated

import msgspec
from msgspec import Meta

from zegel_protocol.api import UploadState
from zegel_protocol.fields import Count
from zegel_relay.api.blobs import BlobPath
from zegel_relay.api.route import Call
from zegel_relay.services import uploads


class BeginQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many bytes the ciphertext has."""

    size: Annotated[int, Meta(ge=1, le=2**40)]


class AppendQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from"}):
    """Which byte the body begins with: as many as are durable."""

    start: Count


async def begin(call: Call) -> UploadState:
    """Begin an upload for who signed the request, or tell where it stands."""
    path: BlobPath = call.path
    query: BeginQuery = call.query
    relay = call.relay
    limit = relay.settings.max_blob_bytes
    return await uploads.begin(relay.sessions, relay.blobs, call.asker.party, path.ct, query.size, limit, call.now)


async def append(call: Call) -> UploadState:
    """Take further bytes of an upload of who signed the request."""
    path: BlobPath = call.path
    query: AppendQuery = call.query
    relay = call.relay
    return await uploads.append(
        relay.sessions, relay.blobs, call.asker.party, path.ct, query.start, call.chunks(), relay.clock.now
    )
