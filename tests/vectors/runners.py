"""What is done with the input of a vector, a function a format: it returns what `result` says, or raises."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from vectors.evidence_runners import run_case, run_decide, run_message, run_setting, run_signed
from vectors.text_runners import run_code_text, run_notice_text, run_owed_text
from vectors.vector_file import OK, REFUSED, Vector, as_bytes, resolve
from zegel_keys import client_seed, opening, signing
from zegel_keys.contact_box import ContactKeyPair
from zegel_keys.http_signature import verify_request
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.opening import check_key, open_section
from zegel_keys.receipts import check_receipt
from zegel_keys.stop_code import stop_code_name
from zegel_keys.trust import Trust
from zegel_keys.webauthn import check_assertion
from zegel_protocol import assertion, b64, dsse, encoding, merkle, padme, sealing, tlog
from zegel_protocol.client_keys import check_delay, in_force, is_replacement
from zegel_protocol.enrolment import EnrolmentContext, check_tag, enrolment_tag
from zegel_protocol.enrolment_code import read_address
from zegel_protocol.errors import ProtocolError
from zegel_protocol.keyring import passkey_name
from zegel_protocol.objects import KINDS, ClientKey, Directory, Vouch
from zegel_protocol.objects.consent import ConsentSigner
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope
from zegel_protocol.signed import Place, Signed, Signer
from zegel_protocol.six_words import word_list, words_of_enrolment, words_of_record
from zegel_protocol.texts.consent_text import ConsentDraft, render_consent, text_digest

Fields = dict[str, Any]


def digest(data: bytes) -> str:
    """Return SHA-256 as base64url text."""
    return b64.encode(hashlib.sha256(data).digest())


def section_context(fields: Fields) -> sealing.SectionContext:
    """Return the context as a caller makes it: constructing a struct checks nothing."""
    return sealing.SectionContext(**{**fields, "about": tuple(fields["about"])})


def wrap_context(fields: Fields) -> sealing.WrapContext:
    """Return the context of a box, unchecked too."""
    return sealing.WrapContext(**{**fields, "reader": Party(**fields["reader"]), "entries": tuple(fields["entries"])})


def run_object(given: Fields) -> Fields:
    """An object's payload, read as its kind and written again."""
    payload = as_bytes(given["payload"])
    value = encoding.decode(payload, KINDS[given["kind"]])
    return {"D": dsse.digest(dsse.payload_type(given["kind"]), encoding.encode(value))}


def run_envelope(given: Fields) -> Fields:
    """An envelope, opened; no signature is checked."""
    media, payload, signatures = dsse.open_envelope(as_bytes(given["envelope"]))
    return {
        "payload_type": media,
        "payload": b64.encode(payload),
        "D": dsse.digest(media, payload),
        "signatures": len(signatures),
    }


def run_binary(given: Fields) -> Fields:
    """A base64url field."""
    return {"bytes": b64.decode(given["text"], given.get("size")).hex()}


def run_section(given: Fields) -> Fields:
    """A sealed section, opened."""
    context = section_context(given["context"])
    key, blob = as_bytes(given["key"]), as_bytes(given["blob"])
    content = open_section(context, key, blob, given["ct"], given["kc"], given["padded"])
    return {"length": len(content), "content": digest(content)}


def run_commitment(given: Fields) -> Fields:
    """A section key, held against the commitment of its entry."""
    context = section_context(given["context"])
    ad = sealing.associated_data(context)
    check_key(context, as_bytes(given["key"]), given["kc"])
    return {"ad": b64.encode(ad)}


def run_wrap(given: Fields) -> Fields:
    """A box of section keys, opened with a private key."""
    context = wrap_context(given["context"])
    info = sealing.wrap_info(context)
    keys = opening.unwrap(given["box"], SealPrivateKey(as_bytes(given["seed"])), info, len(context.entries))
    return {"info": b64.encode(info), "keys": [b64.encode(key) for key in keys]}


def run_seal_key(given: Fields) -> Fields:
    """A seal key, grown from its seed."""
    public = SealPrivateKey(as_bytes(given["seed"])).public
    return {"public": public.text, "digest": public.digest}


def run_stop_code(given: Fields) -> Fields:
    """The name of a stop code's card."""
    return {"name": stop_code_name(given["huis"], given["code"])}


def run_padme(given: Fields) -> Fields:
    """The sizes that a length of content is padded and sealed to."""
    padded = padme.padded_size(given["length"])
    return {"padded": padded, "chunks": padme.chunk_count(padded), "ciphertext": padme.ciphertext_size(padded)}


def run_assertion(given: Fields) -> Fields:
    """A passkey's signature, as an envelope carries it, over the object `D`."""
    sig = dsse.encode_standard(as_bytes(given["assertion"]))
    found = assertion.from_signature(dsse.Signature(keyid=given["keyid"], sig=sig))
    assert found is not None
    challenge = assertion.challenge_for(given["D"], found.batch)
    key = b64.decode(given["public_key"])
    check_assertion(found, challenge, given["alg"], key, given["rp_id"], tuple(given["origins"]))
    return {"challenge": b64.encode(challenge)}


def run_login(given: Fields) -> Fields:
    """The challenge of a login."""
    return {"challenge": b64.encode(assertion.login_challenge(given["rp_id"], as_bytes(given["nonce"])))}


def run_enrolment(given: Fields) -> Fields:
    """The tag of an enrolment, checked at a time."""
    context = msgspec.convert(given["context"], EnrolmentContext)
    secret = as_bytes(given["secret"])
    check_tag(secret, context, given["tag"], given["now"])
    return {"tag": enrolment_tag(secret, context)}


def run_enrolment_code(given: Fields) -> Fields:
    """The address that a QR code holds."""
    origin, code = read_address(given["address"])
    assert code.address(origin) == given["address"]
    return {
        "origin": origin, "huis": code.huis, "household": code.household, "person": code.person, "opened": code.opened,
        "secret": b64.encode(code.secret), "mailbox": code.mailbox,
    }  # fmt: skip


def run_six_words(given: Fields) -> Fields:
    """Six words: of an enrolment, or of a record; `bits` are their numbers in the list."""
    if "client_key" in given:
        words = words_of_record(given["client_key"])
    else:
        words = words_of_enrolment(as_bytes(given["secret"]), msgspec.convert(given["context"], EnrolmentContext))
    assert [word_list().index(word) for word in words] == given["bits"]
    return {"words": list(words)}


def run_keys_in_force(given: Fields) -> Fields:
    """Which of a client's keys count at a place, and which wait; each replacement leaves the old keys their days."""
    place = given["place"]
    keys = [_held(item, ClientKey, item["D"]) for item in given["keys"]]
    for held in keys:
        if is_replacement(held.payload):
            check_delay(held.payload, held.place)
    counts, waits = in_force(
        keys,
        [_held(item, Vouch, "") for item in given["vouches"]],
        Place(place["index"], place["at"]),
    )
    return {"counts": counts.d if counts is not None else "", "waits": waits.d if waits is not None else ""}


def _held(item: Fields, kind: Any, d: str) -> Signed[Any]:
    """Return a record or a vouch of which only what matters here is filled in."""
    names = {field.name for field in msgspec.structs.fields(kind)}
    blank = {"v": 1, **dict.fromkeys(("huis", "nonce", "household", "person", "means", "identity_key", "seal_key"), "")}
    blank |= {"passkeys": (), "suite": None, "enrolment": None, "prev": "" if item.get("version", 1) > 1 else None}
    payload = kind(**{name: value for name, value in {**blank, **item}.items() if name in names})
    signer = Signer("device", "", partner=item["partner"], worker=item["worker"])
    return Signed(d, payload, frozenset({signer}), Place(item["index"], item["at"]))


def run_consent_text(given: Fields) -> Fields:
    """The words of a consent."""
    terms = given["terms"]
    draft = ConsentDraft(
        purpose=terms["purpose"],
        sender=msgspec.convert(terms["from"], Party),
        to=msgspec.convert(terms["to"], Party),
        types=msgspec.convert(terms["types"], tuple[Scope, ...]),
        about=tuple(terms["about"]),
        not_before=terms["not_before"],
        not_after=terms["not_after"],
        signers=msgspec.convert(terms["signers"], tuple[ConsentSigner, ...]),
        language=terms["language"],
        code_version=terms["code_version"],
        replaces=tuple(terms["replaces"]),
    )
    text = render_consent(draft, given["names"])
    return {"text": text, "text_digest": text_digest(text)}


def run_checkpoint(given: Fields) -> Fields:
    """A checkpoint of the log."""
    head = tlog.verify_checkpoint(
        as_bytes(given["checkpoint"]).decode(), given["origin"], given["log_key"], signing.check
    )
    return {"size": head.size, "root": b64.encode(head.root), "signatures": len(head.signatures)}


def run_log_proof(given: Fields) -> Fields:
    """A proof that the object `D` stands in the log."""
    leaf = b64.decode(given["D"], 32)
    found = tlog.verify_proof(as_bytes(given["proof"]).decode(), leaf, given["origin"], given["log_key"], signing.check)
    return {"index": found.index, "size": found.checkpoint.size, "root": b64.encode(found.checkpoint.root)}


def run_inclusion(given: Fields) -> Fields:
    """The hashes of an inclusion proof."""
    hashes = [b64.decode(item) for item in given["hashes"]]
    leaf = merkle.leaf_hash(b64.decode(given["D"], 32))
    merkle.verify_inclusion(leaf, given["index"], given["size"], hashes, b64.decode(given["root"]))
    return {}


def run_consistency(given: Fields) -> Fields:
    """The hashes of a consistency proof."""
    hashes = [b64.decode(item) for item in given["hashes"]]
    old, new = b64.decode(given["old_root"]), b64.decode(given["new_root"])
    merkle.verify_consistency(given["old"], old, given["new"], new, hashes)
    return {}


def run_receipt(given: Fields) -> Fields:
    """A receipt of the object `D`, by the relay and the log that a directory names."""
    directory = msgspec.convert(given["directory"], Directory)
    trust = Trust(huis=given["huis"], directory=Signed("", directory, frozenset()))
    receipt, place, seen = check_receipt(as_bytes(given["receipt"]), given["D"], trust, directory.log_key)
    return {"D": receipt.d, "index": place.index, "at": place.at, "size": seen.size, "root": seen.root}


def run_client_seed(given: Fields) -> Fields:
    """A client's seed, and what grows from it."""
    found = client_seed.ClientSeed(as_bytes(given["seed"]))
    return {"identity_key": found.identity_key.public, "seal_key": SealPrivateKey(found.seal_key_seed).public.digest}


def run_seed_wrap(given: Fields) -> Fields:
    """A seed as it is kept, opened with a PRF result, a device's secret and the relay's share, or a recovery code."""
    wrapped = as_bytes(given["wrapped"])
    if "code" in given:
        found = client_seed.unwrap_under_recovery_code(wrapped, given["code"])
    elif "share" in given:
        secret, share = as_bytes(given["secret"]), as_bytes(given["share"])
        found = client_seed.unwrap_under_device(wrapped, secret, share, given["credential"])
    else:
        found = client_seed.unwrap_under_prf(wrapped, as_bytes(given["prf"]), given["credential"])
    return {"identity_key": found.identity_key.public}


def run_keyring_name(given: Fields) -> Fields:
    """The name of a keyring entry: of a passkey, or of a recovery code."""
    return {"name": client_seed.recovery_name(given["code"]) if "code" in given else passkey_name(given["credential"])}


def run_contact(given: Fields) -> Fields:
    """A contact address, opened by the worker that it is sealed to."""
    key = ContactKeyPair(as_bytes(given["private"]))
    return {"address": key.open_address(given["person"], b64.encode(as_bytes(given["sealed"])))}


def run_http(given: Fields) -> Fields:
    """A signed request, as the relay gets it."""
    keyid = verify_request(
        given["method"], given["url"], given["headers"], given["keys"].get, given["now"], as_bytes(given["body"])
    )
    return {"keyid": keyid}


RUNNERS: dict[str, Callable[[Fields], Fields]] = {
    "assertion": run_assertion,
    "binary": run_binary,
    "case": run_case,
    "checkpoint": run_checkpoint,
    "client-seed": run_client_seed,
    "commitment": run_commitment,
    "code-text": run_code_text,
    "consent-text": run_consent_text,
    "consistency": run_consistency,
    "decide": run_decide,
    "enrolment": run_enrolment,
    "enrolment-code": run_enrolment_code,
    "envelope": run_envelope,
    "http": run_http,
    "inclusion": run_inclusion,
    "keyring-name": run_keyring_name,
    "keys-in-force": run_keys_in_force,
    "log-proof": run_log_proof,
    "login": run_login,
    "message": run_message,
    "notice-text": run_notice_text,
    "object": run_object,
    "owed-text": run_owed_text,
    "padme": run_padme,
    "receipt": run_receipt,
    "seal-key": run_seal_key,
    "section": run_section,
    "seed-wrap": run_seed_wrap,
    "contact": run_contact,
    "setting": run_setting,
    "signed": run_signed,
    "six-words": run_six_words,
    "stop-code": run_stop_code,
    "wrap": run_wrap,
}


def outcome(vector: Vector) -> tuple[str, Fields | None]:
    """Return what `expect` and `result` of a vector must be, by this implementation."""
    try:
        result = RUNNERS[vector.format](resolve(vector.input))
    except ProtocolError as error:
        return error.code, None
    return (REFUSED if result.get("refusals") else OK), result
