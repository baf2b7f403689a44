"""Keyring and login over HTTP: what gives a person's browser its seed back, wrapped.

Opening by a printed code and logging in need no budget against guessing: names have 256 bits, of 134 random ones at
least, and what an answer holds opens nothing by itself.
"""

import msgspec

from zegel_protocol.api import Keyring, KeyringEntry, KeyringOpening, Login, LoginNonce, LoginOpening
from zegel_protocol.fields import Digest
from zegel_relay.api.route import Auth, Call, Route
from zegel_relay.services import keyring
from zegel_relay.services import login as logins

MAX_BODY = 16 * 1024
"""Bytes of an entry, or of a login."""


class EntryPath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name of an entry."""

    name: Digest


async def put(call: Call) -> None:
    """Keep an entry of the person that asks."""
    path: EntryPath = call.path
    entry: KeyringEntry = call.body
    await keyring.put(call.relay.office, path.name, call.asker.person, entry, call.now)


async def remove(call: Call) -> None:
    """Erase an entry of the person that asks."""
    path: EntryPath = call.path
    await keyring.remove(call.relay.office, path.name, call.asker.person)


async def show(call: Call) -> Keyring:
    """Return what ways in the person has that asks."""
    async with call.relay.sessions() as session:
        return await keyring.show(session, call.asker.person)


async def open_by_code(call: Call) -> KeyringOpening:
    """Return what a printed code opens."""
    path: EntryPath = call.path
    async with call.relay.sessions() as session:
        return await keyring.open_by_code(call.relay.office, session, path.name, call.now)


async def begin_login(call: Call) -> LoginNonce:
    """Return a nonce to build a login's challenge from."""
    return LoginNonce(nonce=logins.new_nonce(call.relay.office.relay_key, call.now))


async def log_in(call: Call) -> LoginOpening:
    """Return the entry of the passkey that answered."""
    login: Login = call.body
    async with call.relay.sessions() as session:
        return await logins.log_in(call.relay.office, session, login, call.now)


KEYRING_ROUTES: tuple[Route, ...] = (
    Route(
        method="PUT",
        path="/v1/keyring/{name}",
        summary="Keep one's seed, wrapped for one way in; a new code replaces the old",
        auth=Auth.SIGNATURE,
        handler=put,
        parts=EntryPath,
        request=KeyringEntry,
        limit=MAX_BODY,
    ),
    Route(
        method="DELETE",
        path="/v1/keyring/{name}",
        summary="Erase one of one's own ways in",
        auth=Auth.SIGNATURE,
        handler=remove,
        parts=EntryPath,
    ),
    Route(
        method="GET",
        path="/v1/keyring",
        summary="What ways in a person has, for that person; without what opens anything",
        auth=Auth.SIGNATURE,
        handler=show,
        response=Keyring,
    ),
    Route(
        method="GET",
        path="/v1/keyring/codes/{name}",
        summary="The wrapped seed of a printed code, to whoever names it by the code",
        auth=Auth.NONE,
        handler=open_by_code,
        parts=EntryPath,
        response=KeyringOpening,
    ),
    Route(
        method="GET",
        path="/v1/login",
        summary="A nonce to build a login's challenge from, for two minutes",
        auth=Auth.NONE,
        handler=begin_login,
        response=LoginNonce,
    ),
    Route(
        method="POST",
        path="/v1/login",
        summary="Log in with a passkey: the wrapped seed that it opens. No session begins",
        auth=Auth.OBJECT,
        handler=log_in,
        request=Login,
        response=LoginOpening,
        limit=MAX_BODY,
    ),
)
