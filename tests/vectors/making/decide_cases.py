"""Decisions over signed objects: a message that is allowed, and what each change makes of it."""

from collections.abc import Iterator
from typing import Any

import msgspec

from vectors.making.asking import (
    FORTH,
    SAID,
    UNTIL,
    ask,
    by_passkey,
    make_consent,
    make_request,
    make_revocation,
    make_status,
    scopes,
)
from vectors.making.case import Case, raw, ref
from vectors.making.huis import HUIS, MOTHER, RECIPIENT, SENDER, device_id, device_key, make_vouch
from vectors.making.ledger import RELAY, Item, d_of, envelope
from vectors.making.messages import CONTENTS, PARTNER, Draft, Message
from vectors.making.seeds import DAY, NOW, digest, hex_id, nonce, uuid7
from vectors.making.setting_cases import loose
from vectors.vector_file import REFUSED
from zegel_protocol import encoding
from zegel_protocol.objects import Consent
from zegel_protocol.objects.consent import ChainLink, Witness, Witnessed
from zegel_protocol.objects.consent_request import Flow
from zegel_protocol.objects.entry import Withheld
from zegel_protocol.objects.manifest import OnConsent, OnNecessity

BASE = "consent/valid.json"


def made(
    name: str,
    description: str,
    message: Message,
    *codes: str,
    objects: dict[str, Any] | None = None,
    receipt: bytes | None = None,
    at: int = NOW,
    judged: str = "now",
) -> Case:
    """Return a case of this folder: allowed without codes, else refused for just these."""
    shown = {
        "manifest": raw(message.envelope), "entries": [raw(encoding.encode(entry)) for entry in message.entries],
    }  # fmt: skip
    if receipt is not None:
        shown["receipt"] = raw(receipt)
    put = {
        "huis": HUIS, "objects": changed() if objects is None else objects, "message": shown, "at": at,
        "judged": judged,
    }  # fmt: skip
    return Case(f"decide/{name}.json", description, "decide", put, REFUSED if codes else "ok", codes)


def changed(without: tuple[str, ...] = (), /, **items: Item) -> dict[str, Any]:
    """Return the objects of `consent/valid.json`, without some and with others."""
    put = {"base": ref(BASE, "objects"), "without": list(without)}
    return put | {"with": {name.replace("_", "-"): item.as_json() for name, item in items.items()}}


def on(consent: Consent, **draft: Any) -> Message:
    """Return the message on another consent."""
    changes = {"basis": OnConsent(consents=(d_of(consent),)), **draft.pop("changes", {})}
    return Message(Draft(**draft, changes=changes))


def instead(consent: Consent, data: bytes, **items: Item) -> dict[str, Any]:
    """Return the objects with a consent in the place of the forth one, accepted when that one was."""
    ledger = ask()[1].fork()
    status = loose(make_status(d_of(consent)), RELAY)
    return changed((), consent=ledger.accept(data, SAID + 60), status=status, **items)


def cases() -> Iterator[Case]:
    """Yield the vectors of decisions."""
    yield from _messages()
    yield from _sections()
    yield from _consents()
    yield from _signers()
    yield from _times()


def _messages() -> Iterator[Case]:
    yield made("allowed", "A referral on her consent, with her copy, an agreement and a follow-up", Message())
    for name, description, changes, codes in (
        ("no-follow-up", "No agreement on follow-up (article 5)", {"follow_up": ()}, ("follow-up.missing",)),
        ("not-carried", "Not a word on how she took part (article 6)", {"carried": None}, ("carried.missing",)),
        ("nobody-tells", "Nobody named who tells her", {"notice_by": None}, ("notice.by",)),
        ("purpose-unknown", "A purpose that is not on the list", {"purpose": "enforcement"},
         ("consent.purpose", "purpose.unknown")),
        ("kind-unknown", "A kind that is not on the list", {"kind": "rumour"}, ("kind.unknown",)),
        ("no-basis", "No basis", {"basis": None}, ("consent.missing",)),
        ("necessity", "On necessity, which no rule judges yet", {"basis": OnNecessity(code="serious-danger")},
         ("basis.not-allowed",)),
        ("consent-unknown", "On a consent that nobody shows", {"basis": OnConsent(consents=(digest("no consent"),))},
         ("consent.missing", "consent.unknown")),
        ("id-of-last-week", "An id that was made last week", {"id": uuid7("old", NOW - 7 * DAY)}, ("time.skew",)),
    ):  # fmt: skip
        yield made(name, description, Message(Draft(changes=changes)), *codes)
    without = {name: text for name, text in CONTENTS.items() if name != "agreement"}
    yield made("no-agreement", "A referral without its agreement", Message(Draft(contents=without)), "part.missing")
    service = Message(Draft(key=device_key(SENDER, "sara"), changes={"devices": digest("no list")}))
    yield made("devices-unknown", "A manifest that names a device list which nobody shows", service, "sender.device")


def _sections() -> Iterator[Case]:
    health = Message(Draft(contents={**CONTENTS, "health": '{"text":"Slaapt slecht."}'}))
    yield made("health", "Her health too, which this recipient does not need", health, "category.not-relevant")
    religion = Message(Draft(contents={**CONTENTS, "religion": '{"text":"-"}'}))
    yield made("religion", "A category that there is not", religion, "category.unknown")
    plan = Message(Draft(contents={**CONTENTS, "plan": '{"text":"Donderdag."}'}))
    yield made("not-covered", "A category that the rules allow and she did not", plan, "category.not-covered")
    hidden = {2: {"readers": (PARTNER,)}}
    yield made("hidden", "A section hidden from her without a reason", Message(Draft(entry_changes=hidden)),
               "client-copy.missing")  # fmt: skip
    excused = {2: {"readers": (PARTNER,), "withheld": (Withheld(person=MOTHER, reason="third-party"),)}}
    yield made("withheld", "A section withheld from her for a reason on the list",
               Message(Draft(entry_changes=excused)))  # fmt: skip
    untrue = {2: {"readers": (PARTNER,), "withheld": (Withheld(person=MOTHER, reason="too-busy"),)}}
    yield made("withheld-no-reason", "A section withheld for a reason that is not on the list",
               Message(Draft(entry_changes=untrue)), "withheld.reason")  # fmt: skip
    file = {2: {"media": "image/svg+xml"}}
    yield made("svg", "A drawing that can hold a script", Message(Draft(entry_changes=file)), "media.not-allowed")
    stranger = {2: {"about": (hex_id("stranger"),)}}
    yield made("stranger", "About somebody whom nobody attested", Message(Draft(entry_changes=stranger)),
               "person.unknown", "reader.not-allowed")  # fmt: skip
    large = {2: {"padded": 65_536}}
    yield made("large", "More text than the category allows", Message(Draft(entry_changes=large)), "size.too-large")


def _consents() -> Iterator[Case]:
    asking, ledger = ask()
    first = asking.forth
    fork = ledger.fork()
    early = fork.accept(Message().envelope, NOW - 1800)
    revoked = make_revocation(first.d)
    taken = fork.accept(by_passkey(revoked), NOW - 900)
    after = changed(revocation=taken, status=loose(make_status(d_of(revoked), 2), RELAY))
    yield made("revoked", "She revoked it before", Message(), "consent.revoked", objects=after)
    yield made("revoked-later", "She revoked it after the message was accepted: judged as of then", Message(),
               objects=after, receipt=early.receipt, judged="as-accepted")  # fmt: skip
    yield made("revoked-later-now", "The same message, judged now", Message(), "consent.revoked", objects=after,
               receipt=early.receipt)  # fmt: skip
    hidden = changed(status=loose(make_status(d_of(revoked), 2), RELAY))
    yield made("revocation-withheld", "A relay that states a revocation and does not show it", Message(),
               "status.head", objects=hidden)  # fmt: skip
    stale = msgspec.structs.replace(make_status(first.d), as_of=NOW - 3600)
    yield made("status-stale", "A statement of the chain that is an hour old", Message(), "status.stale",
               objects=changed(status=loose(stale, RELAY)))  # fmt: skip
    narrow = make_consent("second", types=scopes("who", "ask"), replaces=(first.d,), chains=(
        ChainLink(person=MOTHER, seq=2, prev=first.d),))  # fmt: skip
    narrowed = changed(second=ledger.fork().accept(by_passkey(narrow), NOW - 900),
                       status=loose(make_status(d_of(narrow), 2), RELAY))  # fmt: skip
    yield made("narrowed", "The wider consent, after she narrowed it", Message(), "consent.replaced",
               objects=narrowed)  # fmt: skip
    yield _combined()
    other = make_consent("other words", text_digest=digest("other words"))
    yield made("other-words", "A consent to other words than its fields stand for", on(other), "consent.text",
               objects=instead(other, by_passkey(other)))  # fmt: skip
    wider = make_consent("wider", types=scopes("who", "contact", "ask", "money", "plan"))
    yield made("not-asked", "A consent to more than was asked", on(wider), "consent.request",
               objects=instead(wider, by_passkey(wider)))  # fmt: skip
    short = make_consent("short", not_after=NOW - 1)
    yield made("expired", "A consent that has ended", on(short), "consent.expired",
               objects=instead(short, by_passkey(short)))  # fmt: skip
    yield made("request-missing", "A consent whose request nobody shows", Message(), "consent.request",
               objects=changed(("request",)))  # fmt: skip
    assert d_of(make_request()) == asking.request.d


def _combined() -> Case:
    """One consent has the purpose and not the type, the other has the type for another purpose."""
    flow = Flow(purpose="care", sender=FORTH[0], to=FORTH[1], types=scopes("money"), until=UNTIL)
    asked = msgspec.structs.replace(make_request(flows=(flow,)), nonce=nonce("request for care"))
    first = make_consent("without money", types=scopes("who", "contact", "ask"))
    link = ChainLink(person=MOTHER, seq=2, prev=d_of(first))
    second = make_consent("money", purpose="care", types=scopes("money"), request=d_of(asked), chains=(link,))
    ledger = ask()[1].fork()
    items = {
        "consent": ledger.accept(by_passkey(first), SAID + 60),
        "consent_2": ledger.accept(by_passkey(second), SAID + 120),
        "request_2": ledger.accept(envelope(asked, device_key(SENDER, "sara")), SAID),
        "status": loose(make_status(d_of(second), 2), RELAY),
    }
    named = OnConsent(consents=tuple(sorted((d_of(first), d_of(second)))))
    message = Message(Draft(changes={"basis": named}))
    return made("combined", "Two consents which only together would cover the section on money", message,
                "category.not-covered", objects=changed(**items))  # fmt: skip


def _signers() -> Iterator[Case]:
    sara, tom = device_id(SENDER, "sara"), device_id(SENDER, "tom")
    witnesses = tuple(Witness(partner=SENDER, device=device) for device in sorted((sara, tom)))
    seen = make_consent("seen", evidence=Witnessed(witnesses=witnesses, means="paper"), not_after=SAID + 20 * DAY)
    data = envelope(seen, device_key(SENDER, "sara"), device_key(SENDER, "tom"))
    yield made("witnessed-with-passkey", "Witnessed, although she has a passkey", on(seen), "witness.has-passkey",
               objects=instead(seen, data))  # fmt: skip
    tablet = tuple(
        Witness(partner=SENDER, device=device) for device in sorted((sara, device_id(SENDER, "sara-tablet")))
    )
    twice = make_consent("twice", evidence=Witnessed(witnesses=tablet, means="paper"), not_after=SAID + 20 * DAY)
    data = envelope(twice, device_key(SENDER, "sara"), device_key(SENDER, "sara-tablet"))
    yield made("witness-twice", "Two devices of one worker as two witnesses", on(twice), "witness.has-passkey",
               "witness.same-worker", objects=instead(twice, data))  # fmt: skip
    key = ask()[0].items["client-key-mother"]
    own = make_vouch(key.d, partner=RECIPIENT)
    beside = loose(msgspec.structs.replace(own, nonce=nonce("own vouch")), device_key(RECIPIENT, "els"))
    yield made(
        "further-vouch", "A vouch of the recipient's beside the others'", Message(), objects=changed(vouch_2=beside)
    )


def _times() -> Iterator[Case]:
    message = Message()
    yield made("directory-expired", "Under a directory that has expired", message, "directory.expired", "status.stale",
               "time.skew", "time.skew", at=NOW + 7 * DAY)  # fmt: skip
    late = message.ledger.fork().accept(message.envelope, NOW)
    yield made("judged-later", "The same, judged a week after it was accepted", message, "directory.expired",
               "status.stale", receipt=late.receipt, at=NOW + 7 * DAY)  # fmt: skip
