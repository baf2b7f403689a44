"""One full example of each kind of record, every optional field set where the kind allows it."""

from collections.abc import Iterator

from vectors.making.huis import BABY, HOME, MOTHER, RECIPIENT, SENDER, device_id, header
from vectors.making.seeds import DAY, NOW, digest, hex_id, uuid7
from zegel_protocol.objects import (
    Absence,
    Assignment,
    Conference,
    Countersignature,
    Finding,
    Objection,
    PartnerRules,
    Payload,
    Procedure,
    Rota,
    StopCard,
)
from zegel_protocol.objects.desk import Shift, Training
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.partner_rules import Closed


def record_samples(manifest: str) -> Iterator[Payload]:
    """Yield the examples; those about a message are about `manifest`."""
    hour = 3600
    yield PartnerRules(
        **header("partner-rules"), partner=RECIPIENT, version=2, at=NOW, prev=digest("rules before"),
        closed=(Closed(way="receive", kind="information", sector="school"), Closed(way="send", type="money")),
    )  # fmt: skip
    yield Countersignature(
        **header("countersignature"), partner=SENDER, manifest=manifest, what="delay", agrees=True,
        until=NOW + 5 * DAY, codes=("danger-at-home",), at=NOW,
    )  # fmt: skip
    yield Conference(
        **header("conference"), id=uuid7("conference", NOW), household=HOME, chair=SENDER, version=2,
        about=tuple(sorted((MOTHER, BABY))), invitees=tuple(
            sorted((Party(partner=SENDER), Party(partner=RECIPIENT), Party(person=MOTHER)), key=lambda item: item.key)
        ), with_client=True, discussed="2026-11-23", planned=NOW + 7 * DAY, ended=False, at=NOW,
        prev=digest("conference before"),
    )  # fmt: skip
    yield Objection(
        **header("objection"), household=HOME, person=MOTHER, about=(BABY,), sender=Party(partner=SENDER),
        to=Party(partner=RECIPIENT), by=Sender(person=MOTHER), withdraws=digest("objection before"), at=NOW,
    )  # fmt: skip
    desk = device_id(RECIPIENT, "els")
    yield Rota(
        **header("rota"), partner=RECIPIENT, version=2, phone="09 123 45 67", otherwise="Vertrouwenscentrum",
        shifts=(
            Shift(opens=NOW, closes=NOW + 8 * hour, devices=(desk, hex_id("second device"))),
            Shift(opens=NOW + DAY, closes=NOW + DAY + 8 * hour, devices=(desk,)),
        ),
        at=NOW, prev=digest("rota before"),
    )  # fmt: skip
    yield Procedure(
        **header("procedure"), partner=SENDER, version=2, title="Wat doe je bij alarm?", digest=digest("procedure"),
        trained=(Training(worker=hex_id("worker"), on="2026-09-01"),), at=NOW, prev=digest("procedure before"),
    )  # fmt: skip
    yield Assignment(
        **header("assignment"), partner=RECIPIENT, manifest=manifest, worker=hex_id("worker of the ocmw"), at=NOW
    )
    yield Absence(
        **header("absence"), partner=RECIPIENT, worker=hex_id("worker of the ocmw"), substitute=hex_id("substitute"),
        begins=NOW, ends=NOW + 14 * DAY, at=NOW,
    )  # fmt: skip
    yield StopCard(
        **header("stop-card"), partner=SENDER, name=digest("stop card"), notice=digest("notice of a letter"),
        household=HOME, person=MOTHER, about=tuple(sorted((MOTHER, BABY))), sender=Party(partner=SENDER),
        to=Party(partner=RECIPIENT), consents=(digest("consent of a letter"),), until=NOW + 30 * DAY, at=NOW,
    )  # fmt: skip
    yield Finding(**header("finding"), manifest=manifest, n=1, found="over-broad", codes=("third-party",), at=NOW)
