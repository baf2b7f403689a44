"""A login: a touch of a passkey that counts now gets the entry of its own keyring, and nothing else.

No session begins here. The challenge is built from a nonce under a label of its own, so that no login signs an object
(attack 1), and it is checked as strictly as a consent (attack 30). Who is enrolled, a refusal never tells.
"""

import hmac
import os
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.signing import SigningKey
from zegel_keys.trust import Trust
from zegel_keys.webauthn import check_assertion
from zegel_protocol import b64
from zegel_protocol.api import Login, LoginOpening
from zegel_protocol.assertion import Assertion, login_challenge
from zegel_protocol.errors import ProtocolError, SignatureError
from zegel_protocol.evidence import Client
from zegel_protocol.keyring import passkey_name
from zegel_relay.services import keyring
from zegel_relay.services.errors import NotFound, Unauthorised
from zegel_relay.services.office import Office
from zegel_relay.storage.models import PasskeyHolder

LIFE_SECONDS: Final = 120
"""How long a nonce may be answered, by any relay of the Huis; their clocks may differ by as much."""

_LABEL: Final = b"zegel/login-nonce/1\0"


def new_nonce(relay_key: SigningKey, now: int) -> str:
    """Return a nonce, base64url of 32 bytes: time (8) ‖ random (8) ‖ 16 bytes of HMAC. Nothing is kept of it."""
    body = now.to_bytes(8, "big") + os.urandom(8)
    return b64.encode(body + _seal(relay_key, body))


def check_nonce(relay_key: SigningKey, nonce: str, now: int) -> bytes:
    """Return the 32 bytes of a nonce that a relay with this key gave of late. Raises `Unauthorised` (`login.nonce`)."""
    try:
        data = b64.decode(nonce, 32)
    except ProtocolError as error:
        raise _stale() from error
    known = hmac.compare_digest(_seal(relay_key, data[:16]), data[16:])
    if not known or abs(now - int.from_bytes(data[:8], "big")) > LIFE_SECONDS:
        raise _stale()
    return data


async def log_in(office: Office, session: AsyncSession, login: Login, now: int) -> LoginOpening:
    """Return the keyring entry of the passkey that answered.

    Raises `Unauthorised` (`login.nonce`; `login.refused` for everything that is wrong with who or how), `NotFound`
    (`keyring.nothing`: the passkey is good, and nothing was stored for it).
    """
    nonce = check_nonce(office.relay_key, login.nonce, now)
    trust = await office.trust(session)
    found = await _holder(office, session, trust, login.assertion, nonce, now)
    if found is None:
        detail = (
            "This passkey does not open anything here. Nothing was changed. Try your other device, or printed code."
        )
        raise Unauthorised("login.refused", detail)
    person, client = found
    row = await keyring.entry_of(session, login.assertion.credential, person, client, now)
    if row is None:
        detail = "This passkey is known, and nothing is kept that it opens. Nothing is lost: use the printed code."
        raise NotFound("keyring.nothing", detail)
    return LoginOpening(
        huis=office.huis,
        household=client.current.household,
        person=person,
        kind="device" if row.kind == "device" else "prf",
        credential=login.assertion.credential,
        wrap=row.wrap,
        share=row.share or None,
    )


async def _holder(
    office: Office, session: AsyncSession, trust: Trust, assertion: Assertion, nonce: bytes, now: int
) -> tuple[str, Client] | None:
    """Return whose passkey in force answered; of several who list the same one, who listed it first.

    Whoever copies another's public key into a record of their own comes later, and takes nobody's place.
    """
    if assertion.batch:
        return None
    try:
        name = passkey_name(assertion.credential)
    except ProtocolError:
        return None
    query = select(PasskeyHolder.person).where(PasskeyHolder.name == name).order_by(PasskeyHolder.log_index)
    challenge = login_challenge(trust.rp_id, nonce)
    for person in (await session.scalars(query)).all():
        client = await keyring.client_of(office, session, person)
        held = client.key_now(now) if client is not None else None
        if client is None or held is None:
            continue
        for passkey in held.payload.passkeys:
            if passkey.credential != assertion.credential:
                continue
            public = b64.decode(passkey.public_key)
            try:
                check_assertion(assertion, challenge, passkey.alg, public, trust.rp_id, trust.origins)
            except SignatureError:
                continue
            return person, client
    return None


def _seal(relay_key: SigningKey, body: bytes) -> bytes:
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_LABEL).derive(relay_key.seed)
    return hmac.digest(key, body, "sha256")[:16]


def _stale() -> Unauthorised:
    return Unauthorised("login.nonce", "That took too long, or was meant for another relay. Try once more.")
