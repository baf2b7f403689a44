"""The ways into a phone that was lost or locked: what it keeps at the relay, and how it comes back from there.

Source: `docs/spec/keyring.md`. Every wrap is opened here, and the seed held against the keys in force by whoever uses
it (`Phone.family`).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Unpack

from zegel.relay_client import RelayClient
from zegel_demo.passkey import Lies, SoftwarePasskey
from zegel_demo.phone import Phone
from zegel_keys.client_seed import (
    DEVICE_BYTES,
    PRF_SALT,
    ClientSeed,
    new_recovery_code,
    recovery_name,
    unwrap_under_device,
    unwrap_under_prf,
    unwrap_under_recovery_code,
)
from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.api import KeyringEntry, Login
from zegel_protocol.assertion import login_challenge
from zegel_protocol.errors import SealError
from zegel_protocol.keyring import passkey_name


@dataclass(frozen=True)
class CameIn:
    """Whose seed came back, and the seed."""

    huis: str
    household: str
    person: str
    seed: ClientSeed


async def keep_under_prf(phone: Phone, passkey: SoftwarePasskey) -> None:
    """Keep the seed under a passkey of the record in force, by its PRF."""
    wrap = phone.seed.wrap_under_prf(passkey.prf(PRF_SALT), passkey.credential)
    entry = KeyringEntry(kind="prf", credential=passkey.credential, wrap=b64.encode(wrap))
    await phone.relay.put_way_in(passkey_name(passkey.credential), entry)


async def keep_on_device(phone: Phone, passkey: SoftwarePasskey) -> bytes:
    """Keep the seed for this device alone, for a passkey without PRF; return the secret that stays on the device."""
    secret, share = os.urandom(DEVICE_BYTES), os.urandom(DEVICE_BYTES)
    wrap = b64.encode(phone.seed.wrap_under_device(secret, share, passkey.credential))
    entry = KeyringEntry(kind="device", credential=passkey.credential, wrap=wrap, share=b64.encode(share))
    await phone.relay.put_way_in(passkey_name(passkey.credential), entry)
    return secret


async def print_code(phone: Phone) -> str:
    """Keep the seed under a new recovery code, in the place of the code before; return the code for print."""
    code = new_recovery_code()
    wrap = b64.encode(phone.seed.wrap_under_recovery_code(code))
    await phone.relay.put_way_in(recovery_name(code), KeyringEntry(kind="code", wrap=wrap))
    return code


def answer(passkey: SoftwarePasskey, nonce: str, **lies: Unpack[Lies]) -> Login:
    """Return a touch of the passkey for a login; `lies` are what an attacker's page makes of it.

    The page builds the challenge with its own `rp_id`, so whatever nonce a relay gives, nothing else is signed.
    """
    return Login(nonce=nonce, assertion=passkey.sign(login_challenge(passkey.rp_id, b64.decode(nonce)), **lies))


async def log_in(relay: RelayClient, passkey: SoftwarePasskey, secret: bytes | None = None) -> CameIn:
    """Come in with a passkey; `secret` is the device's, for one without PRF."""
    opening = await relay.log_in(answer(passkey, (await relay.login_nonce()).nonce))
    wrap = b64.decode(opening.wrap)
    if opening.kind == "prf":
        seed = unwrap_under_prf(wrap, passkey.prf(PRF_SALT), passkey.credential)
    elif secret is None or opening.share is None:
        raise SealError("seed.device", "this device does not have its part of the key: use the printed code")
    else:
        seed = unwrap_under_device(wrap, secret, b64.decode(opening.share), passkey.credential)
    return CameIn(opening.huis, opening.household, opening.person, seed)


async def come_in_by_code(relay: RelayClient, code: str) -> CameIn:
    """Come in with the printed code, as it is typed."""
    opening = await relay.open_by_code(recovery_name(code))
    seed = unwrap_under_recovery_code(b64.decode(opening.wrap), code)
    return CameIn(opening.huis, opening.household, opening.person, seed)


def stranger(relay_url: str, clock: Callable[[], int]) -> RelayClient:
    """Return a connection of somebody who has no key yet: what it asks is signed by nobody."""
    return RelayClient(relay_url, "person:" + "0" * 32, SigningKey.generate(), clock)
