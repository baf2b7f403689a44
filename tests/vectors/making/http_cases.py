"""Signed requests: the one profile of HTTP Message Signatures, its signature base written by hand."""

import hashlib
from collections.abc import Iterator
from typing import Any

from vectors.making.case import Case, raw
from vectors.making.huis import IDENTITY, MOTHER, RECIPIENT, device_id, device_key
from vectors.making.seeds import NOW, nonce
from zegel_keys.signing import SigningKey
from zegel_protocol.dsse import encode_standard

URL = "https://relay.example/v1/inbox?after=12&wait=30"
DEVICE, PERSON = f"device:{RECIPIENT}/{device_id(RECIPIENT, 'els')}", f"person:{MOTHER}"
ELS = device_key(RECIPIENT, "els")
BODY = b'{"persons":[]}'
ORDER = ("created", "keyid", "alg", "expires", "nonce", "tag")


def content_digest(body: bytes) -> str:
    """Return the Content-Digest of a body (RFC 9530)."""
    return f"sha-256=:{encode_standard(hashlib.sha256(body).digest())}:"


def headers(
    method: str = "GET", url: str = URL, key: SigningKey = ELS, body: bytes = b"", label: str = "zegel", **changes: Any
) -> dict[str, str]:
    """Return the headers of a request, signed as RFC 9421 section 2.5 says; `changes` to the parameters."""
    lines = [f'"@method": {method}', f'"@target-uri": {url}']
    names = ['"@method"', '"@target-uri"']
    if body:
        lines.append(f'"content-digest": {content_digest(body)}')
        names.append('"content-digest"')
    values: dict[str, Any] = {
        "created": NOW, "keyid": DEVICE, "alg": "ed25519", "expires": NOW + 300, "nonce": nonce("request"),
        "tag": "zegel-http-v1", **changes,
    }  # fmt: skip
    written = [f"{name}={_bare(values[name])}" for name in ORDER if values[name] is not None]
    parameters = ";".join([f"({' '.join(names)})", *written])
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    signature = encode_standard(key.sign(base.encode("ascii")))
    found = {"Signature-Input": f"{label}={parameters}", "Signature": f"{label}=:{signature}:"}
    return {**found, "Content-Digest": content_digest(body)} if body else found


def covering(*components: str) -> dict[str, str]:
    """Return the headers of a signature over other components."""
    lines = {'"@method"': "GET", '"@target-uri"': URL, '"@authority"': "relay.example"}
    parameters = headers()["Signature-Input"].partition(";")[2]
    written = f"({' '.join(components)});{parameters}"
    base = "\n".join([*(f"{name}: {lines[name]}" for name in components), f'"@signature-params": {written}'])
    signature = encode_standard(ELS.sign(base.encode("ascii")))
    return {"Signature-Input": f"zegel={written}", "Signature": f"zegel=:{signature}:"}


def _bare(value: Any) -> str:
    return str(value) if isinstance(value, int) else f'"{value}"'


def cases() -> Iterator[Case]:
    """Yield the vectors of signed requests."""

    def made(name: str, description: str, put: dict[str, str], expect: str = "ok", **changes: Any) -> Case:
        given = {
            "method": "GET", "url": URL, "headers": put, "body": "", "now": NOW + 5,
            "keys": {DEVICE: ELS.public, PERSON: IDENTITY.public}, **changes,
        }  # fmt: skip
        code = expect if expect == "ok" else f"http.{expect}"
        return Case(f"http/{name}.json", description, "http", given, code)

    good = headers()
    yield made("device", "A device asks for its inbox", good)
    yield made("person", "A person asks", headers(key=IDENTITY, keyid=PERSON))
    post = headers("POST", body=BODY)
    yield made("body", "A request with a body", post, method="POST", body=raw(BODY))
    yield made("last-second", "At the last second of five minutes", good, now=NOW + 300)
    yield made("clock-behind", "By a clock that is five minutes behind", good, now=NOW - 300)
    yield made("unsigned", "Without signature", {}, "unsigned")
    yield made("late", "A second too late", good, "time", now=NOW + 301)
    yield made("early", "From the future", good, "time", now=NOW - 301)
    yield made("long-lived", "A signature that lives longer than five minutes", headers(expires=NOW + 301), "time")
    yield made("expired-at-birth", "A signature that expires when it is made", headers(expires=NOW), "time")
    yield made("other-method", "Another method", good, "signature", method="DELETE")
    yield made("other-query", "Another query", good, "signature", url=URL.replace("12", "0"))
    yield made("other-relay", "A request that was signed for another relay", good, "signature",
               url=URL.replace("relay", "other"))  # fmt: skip
    yield made("unknown-key", "A device that left the list", good, "key", keys={PERSON: IDENTITY.public})
    yield made("foreign-key", "Another device's signature under this keyid", headers(key=IDENTITY), "signature")
    yield made("keyid-shape", "A keyid of another shape", headers(keyid="admin"), "key")
    yield made("body-changed", "Another body", post, "digest", method="POST", body='{"persons":["x"]}')
    yield made("body-unsigned", "A body that the signature does not cover", headers("POST"), "signature",
               method="POST", body=raw(BODY))  # fmt: skip
    digest = {**post, "Content-Digest": content_digest(b"other")}
    yield made("digest-changed", "Another digest", digest, "signature", method="POST", body=raw(BODY))
    for name, change in (
        ("no-created", {"created": None}),
        ("no-expires", {"expires": None}),
        ("no-nonce", {"nonce": None}),
        ("no-alg", {"alg": None}),
        ("no-tag", {"tag": None}),
        ("other-tag", {"tag": "wallet-v1"}),
        ("other-alg", {"alg": "rsa-pss-sha512"}),
        ("short-nonce", {"nonce": "AAAA"}),
    ):  # fmt: skip
        yield made(name, f"A profile that is not this one: {name.replace('-', ' ')}", headers(**change), "signature")
    yield made("other-label", "Another label", headers(label="sig1"), "signature")
    early = headers(expires=NOW + 10)
    yield made("expired-early", "A signature that lived ten seconds, a second later", early, "time", now=NOW + 11)
    bare = {**good, "Signature": "zegel=AAAA"}
    yield made("signature-no-bytes", "A signature that is no byte sequence", bare, "signature")
    yield made("less-covered", "A signature over the method alone", covering('"@method"'), "signature")
    more = covering('"@method"', '"@target-uri"', '"@authority"')
    yield made("more-covered", "A signature that covers the host besides", more, "signature")
    yield made("other-order", "The components in another order", covering('"@target-uri"', '"@method"'), "signature")
    yield made("created-text", "A time in quotes", headers(created=str(NOW)), "signature")
    two = {name: f"{value}, {headers(label='other')[name]}" for name, value in good.items()}
    yield made("two-signatures", "Two signatures", two, "signature")
    twice = {**good, "signature": good["Signature"]}
    yield made("header-twice", "A header that stands twice", twice, "signature")
    long = {**good, "Signature": good["Signature"] + " " * 1024}
    yield made("header-long", "A header of more than 1,024 characters", long, "signature")
    only = {"Signature": good["Signature"]}
    yield made("no-input", "A signature without its input", only, "signature")
