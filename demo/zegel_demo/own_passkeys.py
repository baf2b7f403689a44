"""A passkey more, or one less: what a person says of their own keys from a phone that holds the seed.

Source: decision 0050; `docs/spec/persons.md`, Changing. No worker is needed: the identity key in force signs.
"""

from collections.abc import Callable, Iterable

import msgspec

from zegel_demo.passkey import SoftwarePasskey
from zegel_demo.phone import Phone, listed
from zegel_keys.envelopes import new_nonce
from zegel_protocol import dsse, encoding
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import ClientKey
from zegel_protocol.objects.client_key import Passkey

Change = Callable[[tuple[Passkey, ...]], Iterable[Passkey]]


async def add_passkey(phone: Phone, passkey: SoftwarePasskey) -> str:
    """List one more passkey; return the record's `D`. Raises as `Phone.family`, `RelayProblem`, `RelayUnreachable`."""
    return await _change(phone, lambda held: (*held, listed(passkey)))


async def remove_passkey(phone: Phone, credential: str) -> str:
    """Leave a passkey out, but for the last; return the record's `D`.

    Raises `ProtocolError` (`client-key.last-passkey`), and as `add_passkey`.
    """
    return await _change(phone, lambda held: [one for one in held if one.credential != credential])


async def _change(phone: Phone, how: Change) -> str:
    family = await phone.family()
    counted = family.me.key_now(phone.clock())
    if counted is None:
        raise ProtocolError("client-key.missing", "this person has no keys yet: enrol first")
    passkeys = sorted(how(counted.payload.passkeys), key=lambda one: one.credential)
    if not passkeys:
        raise ProtocolError("client-key.last-passkey", "the last passkey stays: add another one first")
    last = family.me.keys[-1]
    record = msgspec.structs.replace(
        counted.payload, nonce=new_nonce(), version=last.payload.version + 1, prev=last.d, effective_at=None,
        passkeys=tuple(passkeys),
    )  # fmt: skip
    media, payload = dsse.payload_type(ClientKey.KIND), encoding.encode(record)
    await phone.submit(record, (phone.seed.identity_key.sign_object(media, payload),), family.case)
    return dsse.digest(media, payload)
