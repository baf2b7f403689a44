"""The Huis of the vectors under a second rulebook, which knows declarations, alarms and plans: with a safety desk.

Everything is stated here and nothing taken from the default rules, so that a vector that is made later stands on the
same bytes.
"""

from functools import cache
from typing import Any

import msgspec

from vectors.making.asking import ask
from vectors.making.huis import (
    BEGAN,
    ENDS,
    HUIS,
    NAMES,
    SENDER,
    STEWARD,
    device_id,
    device_key,
    header,
    make_devices,
    make_directory,
    make_membership,
    make_rules,
    root_key,
    world,
)
from vectors.making.ledger import Item, d_of, envelope
from vectors.making.seeds import DAY, NOW, hex_id, nonce
from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.objects import Declaration, DeviceList, Membership, PartnerRules, Payload, Rota, Rulebook
from zegel_protocol.objects.desk import Shift
from zegel_protocol.objects.devices import Device, possession
from zegel_protocol.objects.directory import CurrentDevices
from zegel_protocol.objects.partner_rules import Closed
from zegel_protocol.objects.rulebook import (
    Allowance,
    BasisRule,
    CategoryRule,
    CodeRules,
    KindRule,
    PartRule,
    PurposeRule,
    RelevanceRule,
    SectorRule,
)

DESK = "meldpunt-meerdijk"
PLACED = NOW - DAY
ENDS_LATE = NOW + 100 * DAY


def _sorted(*rules: Any) -> tuple[Any, ...]:
    return tuple(sorted(rules, key=lambda item: item.id.encode()))


def make_second_rules(**changes: Any) -> Rulebook:
    """Return the rulebook of the vectors with the rules of the duties added; ten days to accept the code."""
    first = make_rules()
    referral = next(rule for rule in first.kinds if rule.id == "referral")
    kinds = [rule for rule in first.kinds if rule.id != "referral"]
    kinds.append(msgspec.structs.replace(referral, bases=("client-unable", "consent")))
    kinds.append(msgspec.structs.replace(referral, id="hand-over", thread="optional", parts=("steps",)))
    kinds.append(
        KindRule(
            id="concern", article=10, client=True, bases=("necessity",), carried=False, follow_up=False,
            thread="optional", parts=("motivation",), senders=("partner",), urgent=True,
        )
    )  # fmt: skip
    safety = PurposeRule(id="safety", article=10, kinds=("concern", "report-back"), days=90, any_category=False)
    violence = CategoryRule(
        id="violence", level="H", gdpr=(9, 10), others=True, limit=2000, forms=("whole",), files=(), file_bytes=0,
        file_count=0,
    )  # fmt: skip
    steps = PartRule(id="steps", article=4, limit=1500, readers=("client", "participants", "recipient"))
    told = tuple(Allowance(type=kind, forms=("whole",), signed=False) for kind in ("violence", "who"))
    row = RelevanceRule(purpose="safety", sector="safetydesk", types=told)
    asked: dict[str, Any] = {"parts": ("motivation",), "secrecies": ("penal",), "second_signature": True}
    bases = (
        BasisRule(id="client-unable", article=7, **asked),
        BasisRule(id="necessity", article=10, **asked),
    )
    numbers = msgspec.structs.replace(
        first.safety, core=("violence", "who"), delay_codes=("danger-if-told",), host_types=told
    )
    fields = {
        "nonce": nonce("second rulebook"), "version": 2, "purposes": _sorted(*first.purposes, safety),
        "kinds": _sorted(*kinds), "sectors": _sorted(*first.sectors, SectorRule(id="safetydesk", secrecy="penal")),
        "categories": _sorted(*first.categories, violence), "parts": _sorted(*first.parts, steps),
        "relevance": tuple(sorted((*first.relevance, row), key=lambda item: f"{item.purpose}\x01{item.sector}")),
        "unable_codes": ("unconscious",), "safety": numbers, "bases": bases,
        "code": CodeRules(grace_days=10, reminder_days=5), "code_from": BEGAN, **changes,
    }  # fmt: skip
    return msgspec.structs.replace(first, **fields)


def make_desk() -> Membership:
    """Return the safety desk's membership."""
    return Membership(
        **header(f"membership {DESK}"), partner=DESK, version=1, name="Meldpunt Meerdijk", actor="professional",
        secrecy="penal", sector="safetydesk", root_key=root_key(DESK).public, not_before=BEGAN, not_after=ENDS,
    )  # fmt: skip


def make_desk_devices() -> DeviceList:
    """Return the safety desk's list: one worker."""
    key, device, worker = device_key(DESK, "ann"), device_id(DESK, "ann"), hex_id(f"worker {DESK} ann")
    proof = b64.encode(key.sign(possession(HUIS, DESK, device, worker, key.public)))
    ann = Device(
        device=device, worker=worker, service=False, function="safety-desk", alg="ed25519", sign_key=key.public,
        inbox=True, not_before=BEGAN, not_after=ENDS, proof=proof,
    )  # fmt: skip
    return DeviceList(
        **header(f"devices {DESK}"), partner=DESK, version=1, issued=BEGAN, expires=ENDS, devices=(ann,)
    )  # fmt: skip


def make_rota(*shifts: tuple[int, int]) -> Rota:
    """Return the desk's rota."""
    watched = (device_id(DESK, "ann"),)
    return Rota(
        **header(f"rota {shifts}"), partner=DESK, version=1, phone="09 000 00 00", otherwise="Bel 112.", at=PLACED,
        shifts=tuple(Shift(opens=opens, closes=closes, devices=watched) for opens, closes in shifts),
    )  # fmt: skip


def declaration(what: Any, partner: str = SENDER, worker: str | None = None) -> Declaration:
    """Return a declaration of the code in force."""
    book = make_second_rules()
    return Declaration(
        **header(f"{what} {partner}"), partner=partner, worker=worker, what=what, code_version=book.code_version,
        code_digest=book.code_digest,
    )  # fmt: skip


def weaker(partner: str) -> Membership:
    """Return a second membership of a partner, by which its people are under a pledge alone."""
    first = make_membership(partner)
    fields: dict[str, Any] = {"nonce": nonce(f"weaker {partner}"), "version": 2, "prev": d_of(first)}
    return msgspec.structs.replace(first, **fields, secrecy="pledge")


def own_rules(partner: str, *closed: Closed) -> PartnerRules:
    """Return what a partner closed for itself."""
    return PartnerRules(**header(f"own rules {partner}"), partner=partner, version=1, closed=closed, at=PLACED)


def with_rules(partner: str, rules: str) -> DeviceList:
    """Return a second device list of a partner, which names rules of its own."""
    before = world().items[f"devices-{partner}"].d
    return make_devices(partner, version=2, prev=before, rules=rules, issued=PLACED)


class Duties:
    """The case of the vectors, with a second rulebook and directory; changed as one vector needs it."""

    def __init__(
        self,
        memberships: tuple[Membership, ...] = (),
        lists: tuple[DeviceList, ...] = (),
        records: dict[str, tuple[Payload, SigningKey]] | None = None,
        **rules: Any,
    ) -> None:
        asking, self.ledger = ask()
        self.items = dict(asking.items)
        # The second directory and rulebook stand in the place of the first.
        del self.items["directory"], self.items["rulebook"]
        self._add(f"membership-{DESK}", make_desk(), *STEWARD[:2])
        self._add(f"devices-{DESK}", make_desk_devices(), root_key(DESK))
        for membership in memberships:
            self._add(f"membership-{membership.partner}-2", membership, *STEWARD[:2])
        for listed in lists:
            self._add(f"devices-{listed.partner}-2", listed, root_key(listed.partner))
        self._add("rulebook-2", make_second_rules(**rules), *STEWARD[:2])
        self.directory = self._add("directory-2", self._directory(), *STEWARD[:2])
        for name, (record, signer) in (records if records is not None else declared()).items():
            self._add(name, record, signer)

    def _add(self, name: str, payload: Payload, *signers: SigningKey) -> str:
        self.items[name] = self.ledger.accept(envelope(payload, *signers), PLACED + 60 * len(self.items))
        return self.items[name].d

    def _newest(self, sort: str, partner: str) -> str:
        return self.items.get(f"{sort}-{partner}-2", self.items[f"{sort}-{partner}"]).d

    def _directory(self) -> Any:
        partners = sorted((*NAMES, DESK))
        return make_directory(
            version=2, issued=PLACED, rulebook=self.items["rulebook-2"].d,
            memberships=tuple(sorted(self._newest("membership", partner) for partner in partners)),
            devices=tuple(
                CurrentDevices(partner=partner, devices=self._newest("devices", partner)) for partner in partners
            ),
        )  # fmt: skip


def sara() -> str:
    """Return the id of the worker who sends."""
    return next(item.worker or "" for item in make_devices(SENDER).devices if item.device == device_id(SENDER, "sara"))


def declared() -> dict[str, tuple[Payload, SigningKey]]:
    """Return what everyone did who did what they should: Sara accepted the code, and the desk is on call."""
    return {
        "declaration-sara": (declaration("code", worker=sara()), device_key(SENDER, "sara")),
        "rota": (make_rota((PLACED, ENDS_LATE)), device_key(DESK, "ann")),
    }


@cache
def duties() -> Duties:
    """Return the case as it is when nothing is wrong; nobody changes it."""
    return Duties()


def item_of(payload: Payload, *signers: SigningKey) -> Item:
    """Return an object that no relay accepted yet."""
    return Item(d_of(payload), envelope(payload, *signers))
