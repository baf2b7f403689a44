"""Who signed a request, in the profile of `zegel_keys.http_signature`, with a key that counts at this moment."""

from aiohttp import web

from zegel_keys.http_signature import claimed_keyid, is_of_another_time, verify_request
from zegel_protocol.errors import SignatureError
from zegel_relay.api.route import Asker
from zegel_relay.relay import Relay
from zegel_relay.services.errors import Unauthorised

_NO_KEY = (
    "No key of this device or person counts here now: it is on no list that is in force. "
    "Ask who keeps the partner's list, or the steward."
)


async def authenticate(relay: Relay, request: web.Request, body: bytes | None, now: int) -> Asker:
    """Return who signed `request`; `body` is what was received, None where the URL binds it.

    The URL that must have been signed is the relay's public origin with the request's target as it came: neither the
    `Host` header nor a proxy's say counts. Raises `Unauthorised` with a code of `verify_request`.
    """
    keyid = claimed_keyid(request.headers)
    try:
        key = None
        if keyid is not None and relay.public_url:
            async with relay.sessions() as session:
                key = await relay.find_key(session, keyid, now)
        known = {keyid: key}
        url = relay.public_url + request.raw_path
        signer = verify_request(request.method, url, request.headers, known.get, now, body)
    except SignatureError as error:
        if error.code == "http.key" and is_of_another_time(request.headers, now):
            # By a clock that is wrong, this one or theirs, no list may be in force yet, or any more.
            error = SignatureError("http.time", f"it is {now} here: set the clock, and sign again")
        elif error.code == "http.key" and (keyid or "").startswith("person:"):
            # As for a wrong signature: whoever knows an id must not learn whether that person is enrolled.
            error = SignatureError("http.signature", "it is of no key that counts here")
        said = _NO_KEY if error.code == "http.key" else f"The request's signature does not hold: {error.detail}."
        raise Unauthorised(error.code, f"{said} Nothing was done.") from error
    return asker_of(signer)


def asker_of(keyid: str) -> Asker:
    """Return who a verified keyid names."""
    kind, _, name = keyid.partition(":")
    if kind == "person":
        return Asker(keyid, f"person:{name}", person=name)
    partner, _, device = name.partition("/")
    return Asker(keyid, f"partner:{partner}", partner=partner, device=device)
