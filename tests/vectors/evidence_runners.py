"""Runners over whole sets of objects: a setting, a case file, a message with its sealed parts, a decision."""

from typing import Any

import msgspec

from vectors.vector_file import as_bytes, objects
from zegel.receive import section_context, sender_key
from zegel_keys import opening
from zegel_keys.casefile import Reader, open_case, read_entries
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.receipts import check_receipt
from zegel_keys.trust import Trust, establish
from zegel_keys.verification import verify
from zegel_protocol import b64
from zegel_protocol.decision import decide
from zegel_protocol.objects import KINDS, Consent, Entry, Manifest, Root, Wraps
from zegel_protocol.objects.parties import Party
from zegel_protocol.sealing import WrapContext, wrap_info
from zegel_protocol.signed import Place, Signed
from zegel_protocol.texts.consent_text import render_consent, text_digest

Fields = dict[str, Any]


def run_signed(given: Fields) -> Fields:
    """An envelope that the steward of a Huis must have signed."""
    root = Root(
        v=1, huis=given["huis"], nonce="A" * 22, version=1, roots=tuple(given["roots"]), threshold=given["threshold"]
    )
    trust = Trust(huis=given["huis"], roots=(Signed("", root, frozenset()),))
    held = verify(as_bytes(given["envelope"]), KINDS[given["kind"]], trust)
    return {"D": held.d, "signers": sorted(signer.key for signer in held.signers)}


def exhibits(given: Fields) -> list[Exhibit]:
    """Return the objects of an input, as they were handed over."""
    return [
        read(as_bytes(item["object"]), as_bytes(item["receipt"]) if "receipt" in item else None)
        for item in objects(given["objects"]).values()
    ]


def run_setting(given: Fields) -> Fields:
    """What is in force, established from the id of the Huis alone."""
    trust = establish(given["huis"], exhibits(given), Reader().place)
    setting = trust.setting
    assert setting is not None
    return {
        "directory": setting.directory.d,
        "rulebook": setting.rulebook.d,
        "memberships": {name: chain[-1].d for name, chain in sorted(setting.memberships.items())},
        "devices": {
            name: setting.devices[name][-1].d for name in sorted(setting.memberships) if name in setting.devices
        },
    }


def run_case(given: Fields) -> Fields:
    """A case file: clients, consent chains, requests and statuses, verified up to the id of the Huis."""
    case = open_case(given["huis"], exhibits(given), strict=given.get("strict", False))
    consents = {
        held.d: held.payload for chain in case.chains.values() for held in chain if isinstance(held.payload, Consent)
    }
    names = {name: case.setting.names(name)[0] for name in case.setting.memberships}
    return {
        "clients": {person: [held.d for held in client.keys] for person, client in sorted(case.clients.items())},
        "chains": [[*flow, [held.d for held in chain]] for flow, chain in sorted(case.chains.items())],
        "requests": sorted(case.requests),
        "statuses": [[*flow, held.payload.head_seq] for flow, held in sorted(case.statuses.items())],
        "texts": {d: _text(consent, names) for d, consent in sorted(consents.items())},
    }


def _text(consent: Consent, names: dict[str, str]) -> str:
    """The words that a consent says were shown."""
    text = render_consent(consent, names)
    assert text_digest(text) == consent.text_digest
    return text


def run_message(given: Fields) -> Fields:
    """A message as a reader gets it: verified, unwrapped, every section opened."""
    case = open_case(given["huis"], exhibits(given))
    shown = given["message"]
    reader = msgspec.convert(given["reader"], Party)
    found = read(as_bytes(shown["manifest"]))
    log_key = case.setting.directory.payload.log_key
    _, place, _ = check_receipt(as_bytes(shown["receipt"]), found.d, case.trust, log_key)
    manifest = verify(found.envelope, Manifest, case.trust, place)
    entries = read_entries(manifest.payload, _payloads(shown), whole=given["whole"])
    wraps = verify(as_bytes(shown["wraps"]), Wraps, case.trust, place)
    private = SealPrivateKey(as_bytes(given["seed"]))
    wrap = next(item for item in wraps.payload.wraps if item.key == private.public.digest)
    context = WrapContext(
        manifest=manifest.d, sealer=sender_key(manifest), reader=reader, keys=wrap.source, key=wrap.key,
        entries=wrap.entries,
    )  # fmt: skip
    keys = opening.unwrap(wrap.box, private, wrap_info(context), len(wrap.entries))
    found_keys = dict(zip(wrap.entries, keys, strict=True))
    opened = [
        _open(manifest, held, found_keys[held.payload.n], shown["sections"])
        for held in entries
        if held.payload.n in found_keys
    ]
    return {"manifest": manifest.d, "wraps": wraps.d, "index": place.index, "contents": opened}


def _payloads(shown: Fields) -> list[str]:
    return [b64.encode(as_bytes(item)) for item in shown["entries"]]


def _open(manifest: Signed[Manifest], held: Signed[Entry], key: bytes, sections: Fields) -> str:
    entry = held.payload
    context = section_context(manifest.payload, entry, sender_key(manifest))
    blob = as_bytes(sections[entry.ct])
    return opening.open_section(context, key, blob, entry.ct, entry.kc, entry.padded).decode("utf-8")


def run_decide(given: Fields) -> Fields:
    """A message with all that speaks for or against it, judged."""
    case = open_case(given["huis"], exhibits(given))
    shown = given["message"]
    place = None
    if "receipt" in shown:
        d = read(as_bytes(shown["manifest"])).d
        log_key = case.setting.directory.payload.log_key
        _, place, _ = check_receipt(as_bytes(shown["receipt"]), d, case.trust, log_key)
    manifest = verify(as_bytes(shown["manifest"]), Manifest, case.trust, place)
    entries = read_entries(manifest.payload, _payloads(shown), whole=True)
    refusals = decide(case.evidence(manifest, entries), given["at"], _as_of(given, place))
    found = [{"code": item.code.value, "path": item.path, "step": item.mend.step.value} for item in refusals]
    return {"refusals": found}


def _as_of(given: Fields, place: Place | None) -> Place | None:
    return place if given["judged"] == "as-accepted" else None
