"""A consent that JavaScript made, with a passkey of its own, is one that Python believes and decides by."""

import json

import msgspec
import pytest

from interop import node
from vectors.making.asking import BACK, FORTH, SAID, UNTIL, make_consent, make_request, make_status, text_of
from vectors.making.huis import (
    HOME,
    HUIS,
    IDENTITY,
    MOTHER,
    ORIGIN,
    RP_ID,
    SENDER,
    device_key,
    make_client_key,
    make_vouch,
    world,
)
from vectors.making.huis import THIRD as WITNESS
from vectors.making.ledger import RELAY, d_of, envelope
from vectors.making.messages import Draft, Message
from vectors.making.seeds import NOW
from zegel_keys.casefile import open_case
from zegel_keys.exhibit import read
from zegel_keys.verification import verify
from zegel_protocol import encoding
from zegel_protocol.decision import decide
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Consent, Manifest
from zegel_protocol.objects.client_key import Passkey
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.signed import Signed

SARA, JAN = device_key(SENDER, "sara"), device_key(WITNESS, "jan")


def wanted(label):
    """What the mother is shown for one flow, and the words that Python renders for it."""
    consent = make_consent(label)
    fields = msgspec.to_builtins(consent)
    kept = ("purpose", "from", "to", "types", "not_before", "not_after")
    return {**{name: fields[name] for name in kept}, "text": text_of(consent), "link": {"seq": 1}}


@pytest.fixture
def phone(tmp_path):
    """Let JavaScript answer a request, with a new passkey; changes lie about the page or the words."""
    node.prepare()

    def answer(*labels, origin=ORIGIN, **changes):
        request = make_request()
        given = {
            "huis": HUIS, "household": HOME, "person": MOTHER, "request": d_of(request), "rulebook": request.rulebook,
            "code_version": "code-1", "language": "nl", "rp_id": RP_ID, "origin": origin,
            "consents": [{**wanted(label), **changes} for label in labels],
        }  # fmt: skip
        file = tmp_path / "input.json"
        file.write_text(json.dumps(given), "utf-8")
        return node.run("make_consent.mjs", file)

    return answer


def case_of(made):
    """Everything up to the answer, with the passkey that JavaScript made in the mother's keys."""
    ledger = world().ledger.fork()
    kept = [item for name, item in world().items.items() if name not in {"client-key-mother", "vouch-mother"}]
    keys = make_client_key(passkeys=(Passkey(**made["passkey"]),))
    items = [ledger.accept(envelope(keys, SARA, IDENTITY), SAID - 7200)]
    items.append(ledger.accept(envelope(make_vouch(d_of(keys)), JAN), SAID - 7100))
    items.append(ledger.accept(envelope(make_request(), SARA), SAID - 3600))
    items += [ledger.accept(consent["envelope"].encode(), SAID + 60) for consent in made["consents"]]
    flows = (FORTH, BACK)
    statuses = [
        envelope(make_status(consent["d"], flow=flow), RELAY)
        for consent, flow in zip(made["consents"], flows, strict=False)
    ]
    shown = [read(item.envelope, item.receipt) for item in (*kept, *items)]
    return open_case(HUIS, [*shown, *(read(status) for status in statuses)])


def refusals(case, consent):
    """What speaks against a referral on a consent."""
    message = Message(Draft(changes={"basis": OnConsent(consents=(consent,))}))
    manifest = verify(message.envelope, Manifest, case.trust)
    entries = [Signed(d_of(entry), entry, frozenset()) for entry in message.entries]
    return [item.code.value for item in decide(case.evidence(manifest, entries), NOW)]


def test_one_touch_for_one_consent(phone):
    made = phone("forth")
    consent = made["consents"][0]
    case = case_of(made)
    held = verify(consent["envelope"].encode(), Consent, case.trust)
    assert held.d == consent["d"]
    assert {(signer.role, signer.person) for signer in held.signers} == {("passkey", MOTHER)}
    assert refusals(case, consent["d"]) == []


def test_one_touch_for_both_flows_of_a_referral(phone):
    made = phone("forth", "back")
    case = case_of(made)
    assert [chain[-1].d for chain in case.chains.values()] == [consent["d"] for consent in made["consents"]]
    assert refusals(case, made["consents"][0]["d"]) == []


def test_its_bytes_are_the_one_encoding(phone):
    envelope_bytes = phone("forth")["consents"][0]["envelope"].encode()
    payload = msgspec.json.decode(envelope_bytes)
    assert encoding.encode(payload) == envelope_bytes


def test_from_another_page_it_counts_for_nothing(phone):
    with pytest.raises(ProtocolError) as caught:
        case_of(phone("forth", origin="https://www.huis.example"))
    assert caught.value.code == "assertion.origin"


def test_other_words_than_python_renders_are_refused(phone):
    made = phone("forth", text="U hoeft niets te lezen.")
    assert refusals(case_of(made), made["consents"][0]["d"]) == ["consent.text"]


def test_a_longer_time_than_was_asked_is_refused(phone):
    made = phone("forth", not_after=UNTIL + 1)
    assert refusals(case_of(made), made["consents"][0]["d"]) == ["consent.request"]
