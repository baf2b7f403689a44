"""Ways into a client's keys: names of keyring entries, the key of one device, and passkeys that a client lists."""

from collections.abc import Iterator
from typing import Any

from vectors.making.case import Case, binary
from vectors.making.case_cases import MISSING, SARA, changed
from vectors.making.huis import HUIS, IDENTITY, ORIGIN, PASSKEY, RP_ID, SECOND_PASSKEY, make_client_key, world
from vectors.making.ledger import d_of, envelope
from vectors.making.seed_cases import CODE, UNOPENABLE, derive, wrapped
from vectors.making.seeds import DAY, NOW, FixedPasskey, seal_key, seed, signing_key
from zegel_protocol import b64
from zegel_protocol.objects import ClientKey
from zegel_protocol.objects.client_key import Passkey

SECRET, SHARE = seed("device secret"), seed("relay share")

GIVEN = ("consent", "consent-back", "request", "status", "status-back")
"""What the base holds beside the people: of no matter here."""


def cases() -> Iterator[Case]:
    """Yield the vectors of keyrings."""
    yield from _names()
    yield from _on_device()
    yield from _passkeys()


def _names() -> Iterator[Case]:
    def made(name: str, description: str, given: dict[str, Any], expect: str = "ok") -> Case:
        return Case(f"keyring/{name}.json", description, "keyring-name", given, expect)

    yield made("name-passkey", "The name of a passkey's entry", {"credential": PASSKEY.credential})
    yield made("name-passkey-padded", "A credential with padding", {"credential": PASSKEY.credential + "="},
               "binary.malformed")  # fmt: skip
    yield made("name-code", "The name of a printed code's entry", {"code": CODE})
    yield made("name-code-typed", "The same code as it was typed", {"code": CODE.lower().replace("-", " ")})
    yield made("name-code-short", "A code without its last symbol", {"code": CODE[:-1]}, "recovery-code.malformed")


def _on_device() -> Iterator[Case]:
    credential = b64.decode(PASSKEY.credential)
    box = wrapped(derive(SECRET + SHARE, b"zegel/client-seed/device/1\0" + credential), "device")

    def made(name: str, description: str, data: bytes = box, expect: str = UNOPENABLE, **changes: object) -> Case:
        put = {
            "wrapped": binary(data), "secret": binary(SECRET), "share": binary(SHARE),
            "credential": PASSKEY.credential, **changes,
        }  # fmt: skip
        return Case(f"keyring/device-{name}.json", description, "seed-wrap", put, expect)

    yield made("opens", "A seed under a device's secret and the relay's share", expect="ok")
    yield made("other-secret", "Another device's secret", secret=binary(seed("another secret")))
    yield made("other-share", "Another share", share=binary(seed("another share")))
    yield made("exchanged", "Secret and share exchanged", secret=binary(SHARE), share=binary(SECRET))
    yield made("other-credential", "Another credential", credential=SECOND_PASSKEY.credential)
    yield made("moved-byte", "A byte of the share moved to the secret", expect="seed.device",
               secret=binary(SECRET + SHARE[:1]), share=binary(SHARE[1:]))  # fmt: skip
    yield made("as-prf", "A wrap under a PRF result of the same bytes",
               wrapped(derive(SECRET + SHARE, b"zegel/client-seed/prf/1\0" + credential), "device"))  # fmt: skip
    yield made("damaged", "One bit changed", box[:-1] + bytes([box[-1] ^ 1]))


def _passkeys() -> Iterator[Case]:
    """A record that differs in its passkeys alone: the identity key in force is enough, and everything else is not."""
    first, new = make_client_key(), signing_key("new identity")
    fresh = FixedPasskey("second device", RP_ID, ORIGIN)
    listed = Passkey(credential=fresh.credential, alg="es256", public_key=fresh.public_key)
    more = tuple(sorted((*first.passkeys, listed), key=lambda item: item.credential))

    def record(**fields: Any) -> ClientKey:
        return make_client_key(**{"version": 2, "prev": d_of(first), "passkeys": more} | fields)

    def made(name: str, description: str, *given: tuple[ClientKey, tuple[Any, ...]], expect: str = "ok") -> Case:
        ledger, items = world().ledger.fork(), {}
        for number, (payload, signers) in enumerate(given):
            items[f"client_key_{number + 2}"] = ledger.accept(envelope(payload, *signers), NOW + number)
        given_all = {"huis": HUIS, "objects": changed(GIVEN, **items)}
        return Case(f"keyring/{name}.json", description, "case", given_all, expect)

    alone = (IDENTITY,)
    yield made("passkey-added", "A passkey more, signed by the identity key alone", (record(), alone))
    yield made("passkey-instead", "One new passkey in the place of all others", (record(passkeys=(listed,)), alone))
    yield made("passkey-left-out", "A passkey less", (record(passkeys=first.passkeys[:1]), alone))
    yield made("passkeys-none", "No passkey left, without a worker", (record(passkeys=()), alone), expect=MISSING)
    yield made("passkeys-none-seen", "No passkey left, signed by a worker too", (record(passkeys=()), (SARA, IDENTITY)))
    yield made("passkeys-same", "The same passkeys, where nothing waits", (record(passkeys=first.passkeys), alone),
               expect=MISSING)  # fmt: skip
    yield made("passkey-by-worker", "A passkey that a worker adds alone", (record(), (SARA,)), expect=MISSING)
    yield made("passkey-by-new-key", "A passkey that another identity key adds, with its own", (
        record(identity_key=new.public), (IDENTITY, new)), expect=MISSING)  # fmt: skip
    for name, field, value in (
        ("means", "means", "known"), ("seal-key", "seal_key", seal_key("another").public.text),
    ):  # fmt: skip
        yield made(f"passkey-and-{name}", f"A passkey more, and another `{field}`", (record(**{field: value}), alone),
                   expect=MISSING)  # fmt: skip
    yield made("passkey-later", "A passkey more that would count later", (record(effective_at=NOW + 8 * DAY), alone),
               expect=MISSING)  # fmt: skip
    waits = make_client_key(version=2, prev=d_of(first), identity_key=new.public, effective_at=NOW + 8 * DAY)
    stops = record(version=3, prev=d_of(waits))
    yield made("passkey-while-waiting", "A passkey more while a replacement waits, which ends it",
               (waits, (SARA, new)), (stops, alone))  # fmt: skip
    yield made("passkey-of-waiting", "The identity key that still waits adds a passkey", (waits, (SARA, new)),
               (record(version=3, prev=d_of(waits), identity_key=new.public), (new,)), expect=MISSING)  # fmt: skip
    again = make_client_key(version=3, prev=d_of(record()), passkeys=first.passkeys)
    yield made("passkey-taken-out-again", "And taken out again, by the same key", (record(), alone), (again, alone))
