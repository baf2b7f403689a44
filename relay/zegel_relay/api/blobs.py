"""Ciphertexts over HTTP: put in by their uploader, handed out to their readers, both streamed."""

import msgspec
from aiohttp import web

from zegel_protocol.fields import Digest
from zegel_relay.api.endpoint import BYTES
from zegel_relay.api.route import Call
from zegel_relay.services import blobs


class BlobPath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The address of a ciphertext: its digest."""

    ct: Digest


async def put(call: Call) -> None:
    """Keep the body for who signed the request."""
    path: BlobPath = call.path
    relay = call.relay
    limit = relay.settings.max_blob_bytes
    await blobs.upload(relay.sessions, relay.blobs, call.asker.party, path.ct, call.chunks(), limit, call.now)


async def get(call: Call) -> web.StreamResponse:
    """Return the ciphertext, as a download that nothing renders (attack 25)."""
    path: BlobPath = call.path
    async with call.relay.sessions() as session:
        found = await blobs.find(session, call.relay.blobs, path.ct, call.asker.party)
    headers = {"Content-Type": BYTES, "Content-Disposition": "attachment"}
    if isinstance(found, bytes):
        return web.Response(body=found, headers=headers)
    return web.FileResponse(found, headers=headers)
