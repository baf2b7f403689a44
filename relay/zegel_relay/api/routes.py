"""The route table: every address of the relay, in one place. It registers the handlers and makes the document."""

from typing import Any

from aiohttp import web

from zegel_protocol import encoding
from zegel_protocol.api import (
    Accepted,
    Bundle,
    Delivery,
    EvidenceQuery,
    InboxPage,
    LogConsistency,
    LogState,
    NoticePage,
    Submission,
)
from zegel_protocol.dsse import Envelope
from zegel_relay.api import blobs, health, inbox, log, lookups, objects, openapi
from zegel_relay.api.endpoint import JSON
from zegel_relay.api.route import Auth, Call, Route

MAX_SUBMISSION = 8 * 1024 * 1024
"""Bytes of a message with its small sections: 64 of 64 KiB in base64, and room for entries and wraps."""


async def describe(call: Call) -> web.Response:
    """Return the OpenAPI document of this very table."""
    body = encoding.encode(openapi.document(ROUTES, call.relay.public_url))
    return web.Response(body=body, content_type=JSON)


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/v1/health",
        summary="Whether the relay accepts, for which Huis, and its time",
        auth=Auth.NONE,
        handler=health.health,
        response=health.Health,
    ),
    Route(
        method="GET",
        path="/v1/openapi.json",
        summary="This document",
        auth=Auth.NONE,
        handler=describe,
        response=dict[str, Any],
    ),
    Route(
        method="GET",
        path="/v1/log/checkpoint",
        summary="The newest checkpoint of the log",
        auth=Auth.NONE,
        handler=log.checkpoint,
        response=LogState,
    ),
    Route(
        method="GET",
        path="/v1/log/consistency",
        summary="The proof that the log of `old` entries is a prefix of that of `new`",
        auth=Auth.NONE,
        handler=log.consistency,
        query=log.ConsistencyQuery,
        response=LogConsistency,
    ),
    Route(
        method="PUT",
        path="/v1/blobs/{ct}",
        summary="Upload a ciphertext under its SHA-256; the same again changes nothing",
        auth=Auth.SIGNATURE,
        handler=blobs.put,
        parts=blobs.BlobPath,
        request=bytes,
    ),
    Route(
        method="GET",
        path="/v1/blobs/{ct}",
        summary="Download a ciphertext that was delivered to the reader, or that they uploaded",
        auth=Auth.SIGNATURE,
        handler=blobs.get,
        parts=blobs.BlobPath,
        response=bytes,
    ),
    Route(
        method="POST",
        path="/v1/objects",
        summary="Give the relay a signed object: its envelope, byte for byte",
        auth=Auth.OBJECT,
        handler=objects.submit_object,
        request=Envelope,
        response=Accepted,
    ),
    Route(
        method="POST",
        path="/v1/messages",
        summary="Give the relay a sealed message; it is accepted with its notices, or refused with all reasons",
        auth=Auth.OBJECT,
        handler=objects.submit_message,
        request=Submission,
        response=Accepted,
        limit=MAX_SUBMISSION,
    ),
    Route(
        method="GET",
        path="/v1/setting",
        summary="What is in force in the Huis: directory, partners, devices, rulebook",
        auth=Auth.NONE,
        handler=lookups.setting,
        response=Bundle,
    ),
    Route(
        method="POST",
        path="/v1/evidence",
        summary="Everything that a message between two parties about these persons would be judged by",
        auth=Auth.SIGNATURE,
        handler=lookups.evidence,
        request=EvidenceQuery,
        response=Bundle,
    ),
    Route(
        method="GET",
        path="/v1/partners/{partner}/prekeys",
        summary="The sealing keys of a partner's inbox devices",
        auth=Auth.SIGNATURE,
        handler=lookups.prekeys,
        parts=lookups.PartnerPath,
        response=Bundle,
    ),
    Route(
        method="GET",
        path="/v1/inbox",
        summary="Messages for the reader, from a log index on; waits for news if asked to",
        auth=Auth.SIGNATURE,
        handler=inbox.inbox,
        query=inbox.PageQuery,
        response=InboxPage,
    ),
    Route(
        method="POST",
        path="/v1/deliveries/{d}",
        summary="Have a message handed out, judged once more",
        auth=Auth.SIGNATURE,
        handler=inbox.hand_out,
        parts=inbox.MessagePath,
        response=Delivery,
    ),
    Route(
        method="GET",
        path="/v1/notices",
        summary="A person's own notices, from a log index on; waits for news if asked to",
        auth=Auth.SIGNATURE,
        handler=inbox.notices,
        query=inbox.PageQuery,
        response=NoticePage,
    ),
    Route(
        method="GET",
        path="/v1/requests",
        summary="The consent requests that ask a person, or a child in their authority",
        auth=Auth.SIGNATURE,
        handler=lookups.requests,
        response=Bundle,
    ),
    Route(
        method="GET",
        path="/v1/consents",
        summary="The consents and revocations about a person, or a child in their authority",
        auth=Auth.SIGNATURE,
        handler=lookups.consents,
        response=Bundle,
    ),
    Route(
        method="GET",
        path="/v1/messages/{d}/events",
        summary="What readers said became of a message",
        auth=Auth.SIGNATURE,
        handler=lookups.events,
        parts=inbox.MessagePath,
        response=Bundle,
    ),
    Route(
        method="GET",
        path="/v1/receipts/{d}",
        summary="The receipt that is the asker's to see",
        auth=Auth.SIGNATURE,
        handler=lookups.receipt,
        parts=lookups.ReceiptPath,
        response=Accepted,
    ),
)
