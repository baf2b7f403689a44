"""Case files: clients with their keys, and consents with their chains, verified up to the pinned id of the Huis."""

from collections.abc import Iterator
from typing import Any

import msgspec

from vectors.making.asking import BACK, FORTH, SAID, ask, by_passkey, make_consent, make_revocation, make_status, scopes
from vectors.making.case import Case, ref
from vectors.making.huis import (
    BABY,
    BEGAN,
    ENDS,
    HUIS,
    IDENTITY,
    MOTHER,
    ORIGIN,
    PASSKEY,
    RECIPIENT,
    RP_ID,
    SECOND_PASSKEY,
    SENDER,
    THIRD,
    device_id,
    device_key,
    make_client_key,
    make_person,
    make_vouch,
    world,
)
from vectors.making.ledger import RELAY, Item, d_of, envelope
from vectors.making.seeds import NOW, FixedPasskey, digest, hex_id, nonce, signing_key
from vectors.making.setting_cases import loose
from zegel_protocol import dsse, encoding
from zegel_protocol.assertion import to_signature
from zegel_protocol.objects import Consent, Payload
from zegel_protocol.objects.client_key import Passkey
from zegel_protocol.objects.consent import ChainLink, ConsentSigner, Witness, Witnessed
from zegel_protocol.objects.person import Capability

BASE = "consent/valid.json"
DAY = 86_400
UNKNOWN, MISSING, GAP = "signature.unknown", "signature.missing", "chain.gap"
SARA = device_key(SENDER, "sara")


def made(name: str, description: str, put: Any, expect: str = "ok", **further: Any) -> Case:
    """Return a case of this folder."""
    return Case(f"consent/{name}.json", description, "case", {"huis": HUIS, "objects": put, **further}, expect)


def changed(without: tuple[str, ...] = (), /, **items: Item) -> dict[str, Any]:
    """Return the objects of `consent/valid.json`, without some and with others."""
    put = {"base": ref(BASE, "objects"), "without": list(without)}
    return put | {"with": {name.replace("_", "-"): item.as_json() for name, item in items.items()}}


def cases() -> Iterator[Case]:
    """Yield the vectors of case files."""
    items = {name: item.as_json() for name, item in ask()[0].items.items() if name not in world().setting}
    yield made("valid", "A request, and two consents that one touch of a passkey signed",
               {"base": ref("setting/huis.json", "objects"), "with": items})  # fmt: skip
    yield from _passkeys()
    yield from _touches()
    yield from _witnessed()
    yield from _chains()
    yield from _clients()
    yield from _kinds()
    bare = ask()[0].forth
    without = changed(consent=Item(bare.d, bare.envelope))
    yield made("all-placed", "From a relay, which owes a receipt for each object", changed(), strict=True)
    yield made("unplaced", "A consent for which the relay shows no receipt", without, "log.receipt", strict=True)
    yield made("not-handed-in", "The same consent with a client who has not handed it in yet", without)


def _alone(consent: Consent, data: bytes) -> dict[str, Any]:
    """The base with one consent in the place of the forth one, and the status that goes with it."""
    return changed(("consent-back", "status-back"), consent=Item(d_of(consent), data), status=_status(d_of(consent)))


def _status(head: str | None, seq: int = 1, flow: Any = FORTH) -> Item:
    return loose(make_status(head, seq, flow), RELAY)


def _passkeys() -> Iterator[Case]:
    consent = make_consent()
    yield made("one-touch-each", "A touch for this consent alone", _alone(consent, by_passkey(consent)))
    yield made("second-passkey", "The other of her two passkeys, of the other algorithm",
               _alone(consent, by_passkey(consent, SECOND_PASSKEY)))  # fmt: skip
    both = envelope(consent, PASSKEY.assertion(d_of(consent)), SECOND_PASSKEY.assertion(d_of(consent)))
    yield made("both-passkeys", "Both of her passkeys: one signer", _alone(consent, both))
    stranger = FixedPasskey("stranger", RP_ID, ORIGIN)
    yield made("stranger", "A passkey that nobody is known to have", _alone(consent, by_passkey(consent, stranger)),
               UNKNOWN)  # fmt: skip
    twin = FixedPasskey("stranger", RP_ID, ORIGIN)
    twin.credential = PASSKEY.credential
    yield made("credential-borrowed", "Her credential's id over another key's signature",
               _alone(consent, by_passkey(consent, twin)), "assertion.signature")  # fmt: skip
    yield made("identity-key", "Her identity key where a passkey must sign",
               _alone(consent, envelope(consent, IDENTITY)), UNKNOWN)  # fmt: skip
    yield made("by-partner", "The asking partner's device where she must sign",
               _alone(consent, envelope(consent, SARA)), UNKNOWN)  # fmt: skip
    extra = envelope(consent, PASSKEY.assertion(d_of(consent)), SARA)
    yield made("with-partner", "Her touch, and a signature of a device besides", _alone(consent, extra), UNKNOWN)
    signers = tuple(
        sorted(
            (ConsentSigner(person=MOTHER, role="self"), ConsentSigner(person=hex_id("father"), role="self")),
            key=lambda item: item.person,
        )
    )
    pair = make_consent(signers=signers)
    yield made("second-signer-missing", "Two are named as signing, and one did", _alone(pair, by_passkey(pair)),
               MISSING)  # fmt: skip
    child = make_consent(about=(BABY,), chains=(ChainLink(person=BABY, seq=1),), signers=(
        ConsentSigner(person=MOTHER, role="authority"),))  # fmt: skip
    status = loose(make_status(d_of(child), person=BABY), RELAY)
    yield made("for-child", "A mother's consent for her baby", changed(
        ("consent-back", "status-back"), consent=Item(d_of(child), by_passkey(child)), status=status))  # fmt: skip


def _touches() -> Iterator[Case]:
    consent = make_consent()
    for name, description, lies, code in (
        ("no-user-verified", "Without user verification", {"user_verified": False}, "user-verified"),
        ("no-user-present", "Without a touch", {"user_present": False}, "user-present"),
        ("other-origin", "On another site", {"origin": "https://evil.example"}, "origin"),
        ("subdomain", "On a subdomain", {"origin": "https://www.huis.example"}, "origin"),
        ("cross-origin", "Inside another page", {"cross_origin": True}, "cross-origin"),
        ("other-rp", "With a passkey of another site", {"rp_id": "evil.example"}, "rp"),
    ):
        yield made(f"touch-{name}", description, _alone(consent, by_passkey(consent, **lies)), f"assertion.{code}")
    other = make_consent("other")
    moved = envelope(consent, PASSKEY.assertion(d_of(other)))
    yield made("touch-of-another", "A touch for another consent", _alone(consent, moved), "assertion.challenge")
    batch = envelope(consent, PASSKEY.assertion(d_of(other), (d_of(other), d_of(make_consent("back")))))
    yield made("touch-other-batch", "A touch for a batch without this consent", _alone(consent, batch),
               "assertion.batch")  # fmt: skip
    login = envelope(consent, PASSKEY.sign(b"l" * 32))
    yield made("touch-login", "A touch for a login", _alone(consent, login), "assertion.challenge")
    _, body, signatures = dsse.open_envelope(by_passkey(consent))
    wider = encoding.encode(make_consent(types=scopes("who", "contact", "ask", "money", "health")))
    assert body != wider
    yield made("widened", "A category added after she signed",
               _alone(consent, dsse.seal_envelope(dsse.payload_type("consent"), wider, signatures)),
               "assertion.challenge")  # fmt: skip


def _witnessed() -> Iterator[Case]:
    def seen(*witnesses: tuple[str, str]) -> Consent:
        named = tuple(
            sorted(
                (Witness(partner=partner, device=device_id(partner, name)) for partner, name in witnesses),
                key=lambda item: f"{item.partner}/{item.device}",
            )
        )
        return make_consent(evidence=Witnessed(witnesses=named, means="spoken"))

    two = seen((SENDER, "sara"), (SENDER, "tom"))
    tom = device_key(SENDER, "tom")
    yield made("witnessed", "Seen by two workers, both of whom signed", _alone(two, envelope(two, SARA, tom)))
    mixed = seen((SENDER, "sara"), (THIRD, "jan"))
    yield made("witnessed-two-partners", "Seen by workers of two partners",
               _alone(mixed, envelope(mixed, SARA, device_key(THIRD, "jan"))))  # fmt: skip
    yield made("witness-missing", "Two are named as having seen it, and one signed", _alone(two, envelope(two, SARA)),
               MISSING)  # fmt: skip
    yield made("witness-other", "A worker who is not named signed in the place of one who is",
               _alone(two, envelope(two, SARA, device_key(THIRD, "jan"))), UNKNOWN)  # fmt: skip
    unlisted = make_consent(evidence=Witnessed(
        witnesses=(Witness(partner=SENDER, device=hex_id("unlisted")),), means="paper"))  # fmt: skip
    yield made("witness-unlisted", "A device that no list holds",
               _alone(unlisted, envelope(unlisted, signing_key("unlisted"))), UNKNOWN)  # fmt: skip


def _chains() -> Iterator[Case]:
    base, ledger = ask()
    forth = base.forth
    second = make_consent("second", types=scopes("who", "ask"), replaces=(forth.d,), chains=(
        ChainLink(person=MOTHER, seq=2, prev=forth.d),))  # fmt: skip
    narrowed = ledger.fork().accept(by_passkey(second), NOW - 3600)
    head = _status(d_of(second), 2)
    yield made("narrowed", "A narrower consent in the place of the first", changed(second=narrowed, status=head))
    revoked = make_revocation(forth.d)
    taken = ledger.fork().accept(by_passkey(revoked), NOW - 3600)
    yield made(
        "revoked", "The consent, and its revocation", changed(revocation=taken, status=_status(d_of(revoked), 2))
    )
    yield made("revoked-by-stranger", "A revocation that a stranger's passkey signed", changed(
        revocation=Item(d_of(revoked), by_passkey(revoked, FixedPasskey("stranger", RP_ID, ORIGIN))),
        status=_status(d_of(revoked), 2)), UNKNOWN)  # fmt: skip
    yield made("first-dropped", "A second link without the first", changed(
        ("consent",), second=narrowed, status=head), GAP)  # fmt: skip
    third = make_consent("third", chains=(ChainLink(person=MOTHER, seq=3, prev=d_of(revoked)),))
    yield made("middle-dropped", "A third link after the first: the revocation between them was left out", changed(
        third=Item(d_of(third), by_passkey(third)), status=_status(d_of(third), 3)), GAP)  # fmt: skip
    forked = make_consent("fork", chains=(ChainLink(person=MOTHER, seq=2, prev=digest("another first")),))
    yield made("other-first", "A second link that follows another first", changed(
        second=Item(d_of(forked), by_passkey(forked)), status=_status(d_of(forked), 2)), GAP)  # fmt: skip
    twice = make_consent("twice")
    yield made("two-firsts", "Two first links", changed(
        second=Item(d_of(twice), by_passkey(twice)), status=head), GAP)  # fmt: skip
    skipped = make_consent("skipped", chains=(ChainLink(person=MOTHER, seq=3, prev=forth.d),))
    yield made("number-skipped", "A third link that follows the first", changed(
        third=Item(d_of(skipped), by_passkey(skipped)), status=_status(d_of(skipped), 3)), GAP)  # fmt: skip
    other = world().ledger.fork()
    late = other.accept(by_passkey(second), SAID)
    early = other.accept(forth.envelope, SAID + 1)
    yield made("chain-order", "A second link that stands before the first in the log", changed(
        consent=early, second=late, status=head), "chain.order")  # fmt: skip
    yield made("without-status", "Without the relay's word on a chain, that chain is not read", changed(("status",)))
    yield made("status-by-stranger", "A status that the relay did not sign", changed(
        status=loose(make_status(forth.d), signing_key("stranger"))), UNKNOWN)  # fmt: skip
    newer = loose(msgspec.structs.replace(make_status(forth.d), as_of=NOW - 1, nonce=nonce("later")), RELAY)
    older = _status(None, 0)
    yield made("two-statuses", "Two statuses of a chain: the later counts", changed(status=newer, status_old=older))
    empty = make_status(None, 0, BACK)
    yield made("empty-chain", "The relay's word that there is no chain", changed(
        ("consent-back",), status_back=loose(empty, RELAY)))  # fmt: skip


def _clients() -> Iterator[Case]:
    person = make_person()
    yield made("person-by-service", "A person attested by a service", _person(device_key(RECIPIENT, "post"), RECIPIENT),
               "signature.service")  # fmt: skip
    yield made("person-by-another", "A person attested by another partner's device", changed(
        person_mother=loose(person, device_key(THIRD, "jan"))), UNKNOWN)  # fmt: skip
    rebuttal = make_person(capability=Capability(capable=False, until=NOW + 1), turns18="2030-01")
    tom, tablet = device_key(SENDER, "tom"), device_key(SENDER, "sara-tablet")
    yield made("rebuttal", "A rebuttal by two workers", changed(person_mother=loose(rebuttal, SARA, tom)))
    yield made("rebuttal-one-worker", "A rebuttal by one worker's two devices", changed(
        person_mother=loose(rebuttal, SARA, tablet)), MISSING)  # fmt: skip
    second = make_person(version=2, prev=d_of(person), conflict=True)
    yield made("person-second", "A second version of a person", changed(person_2=loose(second, SARA)))
    skipped = make_person(version=3, prev=d_of(person))
    yield made("person-gap", "A third version without the second", changed(person_3=loose(skipped, SARA)), GAP)
    moved = make_person(version=2, prev=d_of(person), household=hex_id("another household"))
    yield made("person-moved", "A version in another household", changed(person_2=loose(moved, SARA)),
               "person.household")  # fmt: skip
    yield from _loosened()
    yield made("person-unknown", "Keys and consents of a person whom nobody attested", changed(("person-mother",)),
               UNKNOWN)  # fmt: skip
    yield from _keys()


def _loosened() -> Iterator[Case]:
    """Any partner may add what protects; what loosens who is told or who says yes takes workers of two."""
    jan, father = device_key(THIRD, "jan"), hex_id("father")
    adult = make_person()
    minor = make_person(version=2, prev=d_of(adult), turns18="2030-01")
    yield made("months-one-partner", "A birth month changed by one partner", changed(
        person_2=loose(minor, SARA)), "person.two-partners")  # fmt: skip
    yield made("months-two-partners", "A birth month changed by workers of two partners", changed(
        person_2=loose(minor, SARA, jan)))  # fmt: skip
    yield made("months-second-only", "A change that only another partner's worker signed", changed(
        person_2=loose(minor, jan)), MISSING)  # fmt: skip
    baby = make_person(BABY)
    held = make_person(BABY, version=2, prev=d_of(baby), authority=tuple(sorted((MOTHER, father))))
    yield made("holder-added", "A holder of authority added by one partner", changed(
        baby_2=loose(held, SARA)), "person.two-partners")  # fmt: skip
    silenced = make_person(BABY, version=2, prev=d_of(baby), silenced=(MOTHER,), conflict=True)
    yield made("holder-silenced", "A holder silenced, and conflict noted, by one partner", changed(
        baby_2=loose(silenced, SARA)))  # fmt: skip
    for name, description, changes in (
        ("silence-lifted", "A holder no longer silenced, by one partner", {"conflict": True}),
        ("conflict-over", "A conflict over, by one partner", {"silenced": (MOTHER,)}),
    ):
        after = make_person(BABY, version=3, prev=d_of(silenced), **changes)
        yield made(name, description, changed(baby_2=loose(silenced, SARA), baby_3=loose(after, SARA)),
                   "person.two-partners")  # fmt: skip
    gone = make_person(BABY, version=3, prev=d_of(silenced), authority=(), conflict=True)
    yield made("holder-gone", "A silenced holder who holds authority no more, by one partner", changed(
        baby_2=loose(silenced, SARA), baby_3=loose(gone, SARA)))  # fmt: skip


def _person(key: Any, partner: str) -> dict[str, Any]:
    return changed(person_mother=loose(make_person(partner=partner), key))


def _keys() -> Iterator[Case]:
    key = make_client_key()
    yield made("keys-without-identity", "Keys that the client's own identity key did not sign", changed(
        client_key_mother=loose(key, SARA)), MISSING)  # fmt: skip
    yield made("keys-without-worker", "Keys that nobody vouched for", changed(
        client_key_mother=loose(key, IDENTITY)), MISSING)  # fmt: skip
    _, body, signatures = dsse.open_envelope(envelope(key, SARA, IDENTITY))
    mine = FixedPasskey("partner's own", RP_ID, ORIGIN)
    swapped = make_client_key(passkeys=(Passkey(credential=mine.credential, alg="es256", public_key=mine.public_key),))
    data = dsse.seal_envelope(dsse.payload_type("client-key"), encoding.encode(swapped), signatures)
    yield made("passkey-swapped", "A passkey put in after both had signed", changed(
        client_key_mother=Item(d_of(swapped), data)), "signature.invalid")  # fmt: skip
    assert body != encoding.encode(swapped)
    moved = make_client_key(household=hex_id("another household"))
    yield made("keys-other-household", "Keys that name another household than the person", changed(
        client_key_mother=loose(moved, SARA, IDENTITY)), "person.household")  # fmt: skip
    new = signing_key("new identity")
    second = make_client_key(version=2, prev=d_of(key), identity_key=new.public)
    yield made("keys-replaced", "New keys, signed by the old identity key and the new one", changed(
        client_key_2=loose(second, SARA, IDENTITY, new)))  # fmt: skip
    yield made("keys-replaced-alone", "New keys that the old identity key did not sign", changed(
        client_key_2=loose(second, SARA, new)), MISSING)  # fmt: skip
    own = make_client_key(version=2, prev=digest("keys that nobody saw"), identity_key=new.public)
    third = make_client_key(version=3, prev=d_of(key), identity_key=new.public)
    yield made("keys-number-skipped", "A third version of keys that follows the first", changed(
        client_key_3=loose(third, SARA, IDENTITY, new)), GAP)  # fmt: skip
    yield made("keys-gap", "New keys that follow keys which nobody saw", changed(
        client_key_2=loose(own, SARA, new)), MISSING)  # fmt: skip
    yield from _replaced()
    vouch = make_vouch(d_of(key))
    yield made("vouch-by-another", "A vouch by another partner's device", changed(vouch_mother=loose(vouch, SARA)),
               UNKNOWN)  # fmt: skip
    service = make_vouch(d_of(key), partner=RECIPIENT)
    yield made("vouch-by-service", "A vouch by a service", changed(
        vouch_mother=loose(service, device_key(RECIPIENT, "post"))), "signature.service")  # fmt: skip


def _replaced() -> Iterator[Case]:
    """Lost keys: two partners and days, in which whoever still holds the old ones states them once more."""
    key, new, third = make_client_key(), signing_key("new identity"), signing_key("third identity")

    def shown(*given: tuple[Payload, tuple[Any, ...]]) -> dict[str, Any]:
        ledger, items = world().ledger.fork(), {}
        for number, (payload, signers) in enumerate(given):
            items[f"client_key_{number + 2}"] = ledger.accept(envelope(payload, *signers), NOW + number)
        return changed(**items)

    def begun(days: int, seconds: int = 0) -> Any:
        at = NOW + days * DAY + seconds
        return make_client_key(version=2, prev=d_of(key), identity_key=new.public, effective_at=at)

    waits = begun(8)
    yield made("keys-lost", "New keys for lost ones, that count after eight days", shown((waits, (SARA, new))))
    yield made("keys-lost-soon", "The same, a second too soon", shown((begun(7, -1), (SARA, new))), "client-key.delay")
    yield made("keys-lost-late", "The same, a second later than a month", shown((begun(30, 1), (SARA, new))),
               "client-key.delay")  # fmt: skip
    yield made("keys-lost-unplaced", "The same, and nobody can tell since when it waits", changed(
        client_key_2=loose(waits, SARA, new)), "client-key.delay")  # fmt: skip
    yield made("keys-lost-without-new", "The same, not signed by the new keys", shown((waits, (SARA,))), MISSING)
    again = make_client_key(version=3, prev=d_of(waits))
    yield made("keys-stopped", "Whoever still holds the old keys states them, without a worker",
               shown((waits, (SARA, new)), (again, (IDENTITY,))))  # fmt: skip
    yield made("keys-stopped-by-worker", "A worker alone states them",
               shown((waits, (SARA, new)), (again, (SARA,))), MISSING)  # fmt: skip
    other = make_client_key(version=3, prev=d_of(waits), means="known")
    yield made("keys-stopped-otherwise", "The old keys with another word changed, without a worker",
               shown((waits, (SARA, new)), (other, (IDENTITY,))), MISSING)  # fmt: skip
    needless = make_client_key(version=2, prev=d_of(key))
    yield made("keys-stated-needlessly", "Keys stated once more where nothing waits",
               shown((needless, (IDENTITY,))), MISSING)  # fmt: skip
    early = make_client_key(version=3, prev=d_of(waits), identity_key=third.public)
    yield made("keys-lost-go-on", "Keys that still wait sign the next ones",
               shown((waits, (SARA, new)), (early, (SARA, new, third))), UNKNOWN)  # fmt: skip


def _kinds() -> Iterator[Case]:
    consent = make_consent()
    request = ask()[0].request
    media = dsse.payload_type("revocation")
    _, body, signatures = dsse.open_envelope(by_passkey(consent))
    disguised = Item(d_of(consent), dsse.seal_envelope(media, body, signatures))
    yield made("consent-as-revocation", "A consent offered as a revocation", changed(consent=disguised),
               "object.malformed")  # fmt: skip
    elsewhere = msgspec.structs.replace(consent, huis=digest("another huis"))
    yield made("foreign-huis", "A consent that was given in another Huis", _alone(
        elsewhere, by_passkey(elsewhere)), "huis.foreign")  # fmt: skip
    swapped = Item(request.d, request.envelope, ask()[0].forth.receipt)
    yield made("request-receipt", "A request under a consent's receipt", changed(request=swapped), "log.receipt")
    for name, description, at, expect in (
        ("request-leeway", "A request accepted five minutes before its device's term", BEGAN - 300, "ok"),
        ("request-early", "A request accepted a second before that", BEGAN - 301, UNKNOWN),
        ("request-last", "A request accepted in the last second of its device's term", ENDS - 1, "ok"),
        ("request-late", "A request accepted at the end of its device's term", ENDS, UNKNOWN),
    ):
        accepted = ask()[1].fork().accept(request.envelope, at)
        yield made(name, description, changed(request=accepted), expect)
    _, asked, _ = dsse.open_envelope(request.envelope)
    theirs = dsse.seal_envelope(dsse.payload_type("consent-request"), asked, (
        device_key(RECIPIENT, "els").sign_object(dsse.payload_type("consent-request"), asked),))  # fmt: skip
    yield made("request-by-another", "A request that another partner's device signed", changed(
        request=Item(request.d, theirs)), UNKNOWN)  # fmt: skip
    spaced = consent_with_space(consent)
    yield made("signed-with-space", "A consent with white space, signed as it is", changed(consent=spaced),
               "object.not-canonical")  # fmt: skip


def consent_with_space(consent: Payload) -> Item:
    """Return the consent in another encoding, that the passkey signed."""
    media, body = dsse.payload_type(consent.KIND), encoding.encode(consent).replace(b'":', b'": ', 1)
    d = dsse.digest(media, body)
    return Item(d, dsse.seal_envelope(media, body, (to_signature(PASSKEY.assertion(d)),)))
