"""A message that is allowed, with one thing wrong: refused for that thing, and for what follows from it, alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from property.acts import Asked, No, Yes
from property.huis import (
    DAY,
    HUIS,
    NOW,
    Someone,
    d,
    device_list,
    device_signer,
    hex_id,
    member,
    the_setting,
    uuid7,
)
from property.worlds import Draft, Section
from zegel_protocol.decision import decide
from zegel_protocol.evidence import Evidence, Setting
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.refusal import Code
from zegel_protocol.signed import Place

YES = Yes("first", (("health", "whole"), ("plan", "whole")))
GOOD = Draft((Section("plan"), Section("health")), (YES,))
ALONE = (Someone("mother", keys=False),)
TWO = (("caw-b", "anna"), ("caw-b", "bert"))
PDF = "application/pdf"


def with_yes(**changes: Any) -> Draft:
    return replace(GOOD, acts=(replace(YES, **changes),))


def witnessed(number: int) -> Draft:
    """Witnessed consents one after the other, each in the place of the last."""
    acts = [
        Yes(
            f"number {n}",
            (("plan", "whole"),),
            witnesses=TWO,
            begins=NOW - DAY,
            replaces=(f"number {n - 1}",) if n else (),
        )
        for n in range(number)
    ]
    return replace(GOOD, sections=(Section("plan"),), acts=tuple(acts), people=ALONE)


def housed(**changes: Any) -> Setting:
    """Return the Huis with other members or devices, by partner."""
    setting = the_setting()
    members = {**setting.memberships, **changes.get("members", {})}
    devices = {**setting.devices, **changes.get("devices", {})}
    return replace(setting, memberships=members, devices=devices)


def edited(evidence: Evidence, **changes: Any) -> Evidence:
    """Return evidence whose manifest says something else."""
    payload = msgspec.structs.replace(evidence.manifest.payload, **changes)
    return replace(evidence, manifest=replace(evidence.manifest, payload=payload))


def without_device() -> Setting:
    held = device_list("caw-b")
    gone = device_signer("caw-b").device
    left = tuple(item for item in held.payload.devices if item.device != gone)
    removed = replace(held, payload=msgspec.structs.replace(held.payload, devices=left), place=Place(500, NOW - DAY))
    return housed(devices={"caw-b": (held, removed)})


ALLOWED: dict[str, Draft] = {
    "as it is": GOOD,
    "from the first second": with_yes(begins=NOW),
    "to the last second": with_yes(ends=NOW + 1),
    "a status as old as may be": replace(GOOD, status_age=900),
    "made a day ago": replace(GOOD, created=NOW - DAY),
    "made a day ahead": replace(GOOD, created=NOW + DAY),
    "asked for more": with_yes(asked=Asked(types=(("ask", "whole"), ("health", "whole"), ("plan", "whole")))),
    "asked for longer": with_yes(asked=Asked(until=YES.ends + 1)),
    "asked of more people": with_yes(asked=Asked(about=("father", "mother"))),
    "a consent to more": with_yes(types=(("ask", "whole"), ("health", "whole"), ("mind", "whole"), ("plan", "whole"))),
    "a consent that replaced another": replace(
        GOOD, acts=(replace(YES, label="old"), replace(YES, replaces=("old",))), named=("first",)
    ),
    "another consent was revoked": replace(GOOD, acts=(YES, replace(YES, label="other"), No("no", ("other",)))),
    "the recipient tells": replace(GOOD, notice_by="health-a"),
    "witnessed once": witnessed(1),
    "witnessed once again": replace(witnessed(2), named=("number 1",)),
    "five files": replace(GOOD, sections=(Section("health", media=PDF),) * 5),
    "withheld with a reason": replace(
        GOOD, sections=(Section("plan", readers=("health-a",), withheld=(("mother", "safety"),)),)
    ),
    "what the recipient does not read needs no consent": replace(
        GOOD, sections=(Section("plan"), Section("mind", readers=("mother",)), Section("alternatives"))
    ),
    "from a service": replace(GOOD, device="service"),
    "the device stood in the list when it signed": replace(GOOD, setting=without_device(), place=400),
}

FAULTS: dict[str, tuple[Draft, Code | set[Code]]] = {
    "no status": (replace(GOOD, stated=False), Code.STATUS_MISSING),
    "an old status": (replace(GOOD, status_age=901), Code.STATUS_STALE),
    "a status of another head": (replace(GOOD, status_behind=True), Code.STATUS_HEAD),
    "revoked": (replace(GOOD, acts=(YES, No("no", ("first",)))), Code.CONSENT_REVOKED),
    "replaced": (
        replace(GOOD, acts=(YES, replace(YES, label="new", replaces=("first",))), named=("first",)),
        Code.CONSENT_REPLACED,
    ),
    "revoked after it replaced": (
        replace(GOOD, acts=(YES, replace(YES, label="new", replaces=("first",)), No("no", ("new",))), named=("first",)),
        Code.CONSENT_REPLACED,
    ),
    "ended": (with_yes(ends=NOW), Code.CONSENT_EXPIRED),
    "not begun": (with_yes(begins=NOW + 1), Code.CONSENT_NOT_YET),
    "for something else": (with_yes(purpose="coordinate"), Code.CONSENT_PURPOSE),
    "in another household": (with_yes(household="next door"), Code.CONSENT_PERSON),
    "not asked": (with_yes(asked=None), Code.CONSENT_REQUEST),
    "asked for something else": (with_yes(asked=Asked(purpose="coordinate")), Code.CONSENT_REQUEST),
    "asked by another": (with_yes(asked=Asked(sender="clb-b")), Code.CONSENT_REQUEST),
    "asked for another": (with_yes(asked=Asked(to="mental-a")), Code.CONSENT_REQUEST),
    "asked for less": (with_yes(asked=Asked(types=(("plan", "whole"),))), Code.CONSENT_REQUEST),
    "asked for a narrower form": (
        with_yes(asked=Asked(types=(("health", "short"), ("plan", "whole")))), Code.CONSENT_REQUEST,
    ),
    "asked for shorter": (with_yes(asked=Asked(until=YES.ends - 1)), Code.CONSENT_REQUEST),
    "asked of another": (with_yes(asked=Asked(about=("father",))), Code.CONSENT_REQUEST),
    "asked in another language": (with_yes(asked=Asked(language="tr")), Code.CONSENT_REQUEST),
    "another text": (with_yes(shown=False), Code.CONSENT_TEXT),
    "a second time again": (replace(witnessed(3), named=("number 2",)), Code.WITNESS_RENEWED),
    "no consent named": (replace(GOOD, named=()), Code.CONSENT_MISSING),
    "a consent that is not there": (replace(GOOD, named=("first", "second")), Code.CONSENT_UNKNOWN),
    "not discussed": (replace(GOOD, carried=False), Code.CARRIED_MISSING),
    "no follow-up": (replace(GOOD, follow_up=False), Code.FOLLOW_UP_MISSING),
    "no agreement": (replace(GOOD, parts=()), Code.PART_MISSING),
    "nobody tells": (replace(GOOD, notice_by=None), Code.NOTICE_BY),
    "another tells": (replace(GOOD, notice_by="clb-a"), Code.NOTICE_BY),
    "another purpose's kind": (replace(GOOD, kind="consultation", parts=("agenda",)), Code.PURPOSE_KIND),
    "made more than a day ago": (replace(GOOD, created=NOW - DAY - 1), Code.TIME_SKEW),
    "made more than a day ahead": (replace(GOOD, created=NOW + DAY + 1), Code.TIME_SKEW),
    "a page": (replace(GOOD, sections=(Section("health", media="text/html"),)), Code.MEDIA),
    "a file where none may be": (replace(GOOD, sections=(Section("plan", media=PDF),)), {Code.MEDIA, Code.FILE_COUNT}),
    "six files": (replace(GOOD, sections=(Section("health", media=PDF),) * 6), Code.FILE_COUNT),
    "a large file": (replace(GOOD, sections=(Section("health", media=PDF, padded=2**30),)), Code.SIZE),
    "a large note": (replace(GOOD, sections=(Section("plan", padded=2**30),)), Code.SIZE),
    "another partner reads": (
        replace(GOOD, sections=(Section("plan", readers=("health-a", "clb-a", "mother")),)), Code.READER,
    ),
    "another person reads": (
        replace(
            GOOD, sections=(Section("plan", readers=("health-a", "father", "mother")),),
            people=(Someone("mother"), Someone("father")),
        ),
        Code.READER,
    ),
    "the client does not read": (replace(GOOD, sections=(Section("plan", readers=("health-a",)),)), Code.CLIENT_COPY),
    "withheld for no good reason": (
        replace(GOOD, sections=(Section("plan", readers=("health-a",), withheld=(("mother", "because"),)),)),
        Code.WITHHELD_REASON,
    ),
    "about nobody": (
        replace(GOOD, sections=(Section("plan", about=(), readers=("health-a",)), Section("plan"))), Code.ABOUT_MISSING,
    ),
    "about someone else's household": (
        replace(GOOD, people=(Someone("mother", household="next door"),)), Code.PERSON_HOUSEHOLD,
    ),
    "a part for the client alone": (
        replace(GOOD, sections=(Section("plan"), Section("alternatives", readers=("health-a", "mother")))), Code.READER,
    ),
    # Asking consent for what may not go anyway would be a false step.
    "not relevant, nor consented to": (
        replace(GOOD, sections=(Section("plan"), Section("housing"))), Code.NOT_RELEVANT,
    ),
    "about someone unknown": (
        replace(GOOD, sections=(Section("plan", about=("mother", "nobody")),)), Code.PERSON_UNKNOWN,
    ),
    "in a form not relevant, nor consented to": (
        replace(
            GOOD, sections=(Section("plan"), Section("health")), to="school-a",
            acts=(replace(YES, types=(("plan", "whole"),), to="school-a"),),
        ),
        Code.FORM_NOT_RELEVANT,
    ),
    "of two consents, what keeps the nearer": (
        replace(GOOD, acts=(replace(YES, label="far", ends=NOW, shown=False, asked=None), replace(YES, shown=False))),
        Code.CONSENT_TEXT,
    ),
    "from nobody": (replace(GOOD, setting=housed(members={"caw-b": ()})), Code.SENDER_UNKNOWN),
    "from who left": (
        replace(GOOD, setting=housed(members={"caw-b": (member("caw-b", "caw", "penal", NOW),)})), Code.SENDER_EXPIRED,
    ),
    "to nobody": (replace(GOOD, setting=housed(members={"health-a": ()})), Code.RECIPIENT_UNKNOWN),
    "to who left": (
        replace(GOOD, setting=housed(members={"health-a": (member("health-a", "health", "penal", NOW),)})),
        Code.RECIPIENT_EXPIRED,
    ),
    "from a sector that is not there": (
        replace(GOOD, setting=housed(members={"caw-b": (member("caw-b", "police", "penal"),)})), Code.SECTOR_UNKNOWN,
    ),
    "from a removed device": (replace(GOOD, setting=without_device()), Code.SENDER_DEVICE),
    "from a device that was removed before": (replace(GOOD, setting=without_device(), place=600), Code.SENDER_DEVICE),
}  # fmt: skip

CHANGED: dict[str, tuple[Callable[[Evidence], Evidence], Code | set[Code]]] = {
    "of another Huis": (lambda held: edited(held, huis=d("elsewhere")), {Code.HUIS_FOREIGN, Code.STATUS_HEAD}),
    "an old directory": (
        lambda held: replace(held, setting=replace(held.setting, directory=replace(
            held.setting.directory, payload=msgspec.structs.replace(held.setting.directory.payload, expires=NOW)))),
        Code.DIRECTORY_EXPIRED,
    ),
    "signed by nobody": (
        lambda held: replace(held, manifest=replace(held.manifest, signers=frozenset())), Code.SENDER_SIGNATURE,
    ),
    "signed by another device": (
        lambda held: replace(held, manifest=replace(held.manifest, signers=frozenset({
            device_signer("caw-b", "bert")}))),
        Code.SENDER_SIGNATURE,
    ),
    "signed by another's device": (
        lambda held: replace(held, manifest=replace(held.manifest, signers=frozenset({
            replace(device_signer("caw-b"), partner="clb-b")}))),
        Code.SENDER_SIGNATURE,
    ),
    "a device list of another": (lambda held: edited(held, devices=d("devices clb-b")), Code.SENDER_DEVICE),
}  # fmt: skip


ANSWER = replace(GOOD, kind="report-back", parts=(), thread=True)
CLB = device_signer("clb-a")
OTHER_THREADS: dict[str, tuple[dict[str, Any], set[Code]]] = {
    "of another id": ({"id": uuid7("another", NOW - DAY)}, {Code.THREAD_OTHER, Code.THREAD_UNKNOWN}),
    "of another Huis": ({"huis": d("elsewhere")}, {Code.THREAD_OTHER}),
    "of another household": ({"household": hex_id("next door")}, {Code.THREAD_OTHER}),
    "for something else": ({"purpose": "access"}, {Code.THREAD_OTHER}),
    "begun by another": ({"sender": Sender(partner="clb-a", device=CLB.device)}, {Code.THREAD_OTHER}),
    "begun with another": ({"to": Party(partner="clb-a")}, {Code.THREAD_OTHER}),
    "begun by the sender": (
        {"sender": Sender(partner="caw-b", device=device_signer("caw-b").device), "to": Party(partner="health-a")},
        {Code.THREAD_OTHER},
    ),
}


def codes(evidence: Evidence) -> set[Code]:
    return {refusal.code for refusal in decide(evidence, NOW)}


@pytest.mark.parametrize("draft", ALLOWED.values(), ids=ALLOWED)
def test_what_is_allowed(draft):
    assert codes(draft.evidence()) == set()


@pytest.mark.parametrize(("draft", "code"), FAULTS.values(), ids=FAULTS)
def test_one_fault_is_one_code(draft, code):
    assert codes(draft.evidence()) == (code if isinstance(code, set) else {code})


@pytest.mark.parametrize(("change", "code"), CHANGED.values(), ids=CHANGED)
def test_one_change_is_one_code(change, code):
    assert GOOD.evidence().manifest.payload.huis == HUIS
    assert codes(change(GOOD.evidence())) == (code if isinstance(code, set) else {code})


def test_only_what_stands_before_the_place_counts():
    later = replace(GOOD, acts=(replace(YES, place=100), No("no", ("first",), place=200)))
    for draft, index, counts in ((GOOD, 101, True), (GOOD, 100, False), (GOOD, 99, False)):
        assert (decide(draft.evidence(), NOW, Place(index, NOW)) == ()) == counts
    for index, revoked in ((201, True), (200, False), (150, False)):
        found = {refusal.code for refusal in decide(later.evidence(), NOW, Place(index, NOW))}
        assert (Code.CONSENT_REVOKED in found) == revoked


@pytest.mark.parametrize(("changes", "wanted"), OTHER_THREADS.values(), ids=OTHER_THREADS)
@pytest.mark.parametrize("vouched", ["mental-b", "health-a"])
def test_a_report_back_answers_the_thread_that_its_recipient_began(changes, wanted, vouched):
    people = (Someone("mother", vouched=(vouched,)),)
    held = replace(ANSWER, people=people).evidence()
    assert held.thread is not None
    assert codes(held) == set()
    other = replace(held, thread=replace(held.thread, payload=msgspec.structs.replace(held.thread.payload, **changes)))
    own_word = {Code.RECIPIENT_OWN_VOUCH} if vouched == "health-a" else set()
    found = codes(other)
    assert found - wanted == own_word
    assert found & wanted
    assert codes(replace(held, thread=None)) == {Code.THREAD_UNKNOWN} | own_word


def test_where_no_consent_would_help_none_is_asked_for():
    """A section that the matrix closes anyway, and no basis: asking for a yes would be a false step."""
    draft = Draft((Section("addiction"),), acts=(), kind="hand-over", purpose="referral", to="opgroeien-a", parts=())
    found = {refusal.code for refusal in decide(draft.evidence(), NOW)}
    assert Code.NOT_RELEVANT in found
    assert not found & {Code.BASIS_MISSING, Code.CONSENT_MISSING}
