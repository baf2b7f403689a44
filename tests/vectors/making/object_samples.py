"""One full example of each kind of object, every optional field set where the kind allows it."""

from functools import cache

from vectors.making.asking import SAID, ask, make_consent, make_request, make_revocation, make_status
from vectors.making.huis import (
    BABY,
    HOME,
    MOTHER,
    RECIPIENT,
    SENDER,
    device_id,
    header,
    make_client_key,
    make_devices,
    make_membership,
    make_person,
    make_prekeys,
    make_root,
    make_rules,
    make_vouch,
    world,
)
from vectors.making.ledger import d_of
from vectors.making.record_samples import record_samples
from vectors.making.seeds import DAY, NOW, digest, hex_id, seed, uuid7
from zegel_protocol import b64
from zegel_protocol.objects import (
    Acknowledgement,
    Contact,
    ContactKey,
    Declaration,
    Entry,
    Epoch,
    Manifest,
    Notice,
    Payload,
    Receipt,
    Wraps,
)
from zegel_protocol.objects.consent import ChainLink
from zegel_protocol.objects.contact import Hours
from zegel_protocol.objects.entry import Withheld
from zegel_protocol.objects.manifest import Carried, FollowUp, OnConsent, Seen
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.person import Capability
from zegel_protocol.objects.wraps import Wrap


def _box(label: str, keys: int) -> str:
    """Bytes of the size of a box; an object's form says nothing of what opens it."""
    size = 1120 + 32 * keys + 16
    return b64.encode((seed(label) * (size // 32 + 1))[:size])


@cache
def samples() -> dict[str, Payload]:
    """Return the examples by kind."""
    root = make_root(version=2, threshold=3, prev=d_of(make_root()))
    membership = make_membership(SENDER, version=2, prev=d_of(make_membership(SENDER)))
    to = Party(partner=RECIPIENT)
    person = make_person(
        BABY, version=2, prev=d_of(make_person(BABY)), conflict=True, silenced=(MOTHER,),
        capability=Capability(capable=False, until=NOW + 180 * DAY), attesting=(digest("court order"),),
    )  # fmt: skip
    manifest = Manifest(
        **header("manifest"), id=uuid7("sample", NOW), kind="referral",
        sender=Sender(partner=SENDER, device=device_id(SENDER, "sara")), devices=world().items[f"devices-{SENDER}"].d,
        directory=world().items["directory"].d, to=to, household=HOME, purpose="referral",
        basis=OnConsent(consents=(d_of(make_consent()),)), carried=Carried(how="in-consultation", on="2026-11-23"),
        thread=uuid7("the first", NOW - DAY), entries=(digest("entry 0"), digest("entry 1")),
        follow_up=(FollowUp(code="first-contact", due=NOW + 7 * DAY), FollowUp(code="none-ask")), notice_by=SENDER,
        seen=Seen(size=17, root=digest("root")), created=NOW,
    )  # fmt: skip
    found: list[Payload] = [
        root,
        membership,
        make_rules(),
        world().directory(base=digest("directory"), version=2),
        Epoch(
            **header("epoch"), number=1, last=Seen(size=17, root=digest("root")), reason="restored-backup", at=NOW
        ),
        make_devices(RECIPIENT, version=2, prev=d_of(make_devices(RECIPIENT))),
        make_prekeys(),
        Declaration(
            **header("declaration"), partner=SENDER, worker=hex_id("worker"), what="code", code_version="code-1",
            code_digest=digest("the code of ethics"),
        ),
        person,
        make_client_key(version=2, prev=d_of(make_client_key()), effective_at=NOW + 7 * DAY),
        make_vouch(d_of(make_client_key())),
        make_request(),
        make_consent(replaces=(digest("an older consent"),), chains=(ChainLink(person=MOTHER, seq=2, prev="A" * 43),)),
        make_revocation(d_of(make_consent())),
        make_status(d_of(make_consent())),
        Entry(
            **header("entry"), n=1, type="money", form="whole", about=tuple(sorted((MOTHER, BABY))),
            media="application/vnd.zegel.note.v1+json", padded=4096, ct=digest("ct"), kc=digest("kc"),
            readers=(to, Party(person=MOTHER)), withheld=(Withheld(person=BABY, reason="safety"),),
        ),
        manifest,
        Wraps(
            **header("wraps"), manifest=d_of(manifest), reader=to, sealer=manifest.sender,
            wraps=(
                Wrap(source=digest("prekeys"), key=digest("a key"), entries=(0, 1), box=_box("a box", 2)),
                Wrap(source=digest("prekeys"), key=digest("b key"), entries=(1,), box=_box("b box", 1)),
            ),
        ),
        Notice(
            **header("notice"), person=MOTHER, manifest=d_of(manifest), entries=(digest("entry 0"),),
            codes=("first-notice",), not_before=NOW,
        ),
        _receipt(),
        Acknowledgement(
            **header("acknowledgement"), manifest=d_of(manifest), wraps=digest("wraps"), receipt=digest("receipt"),
            reader=to, by=Sender(partner=RECIPIENT, device=device_id(RECIPIENT, "els")), event="opened",
            codes=("secrecy",), seen=Seen(size=18, root=digest("root")), at=NOW + 3600,
        ),
        Contact(
            **header("contact"), person=MOTHER, version=2, by=Sender(person=MOTHER), wording="plain", language="nl",
            hours=Hours(opens=9, closes=19), key=digest("contact key"), sealed=b64.encode(seed("contact") * 10),
            at=NOW, prev=digest("the contact before"),
        ),
        ContactKey(**header("contact-key"), key=digest("contact key"), at=NOW),
        *record_samples(d_of(manifest)),
    ]  # fmt: skip
    return {payload.KIND: payload for payload in found}


def _receipt() -> Receipt:
    asking, ledger = ask()
    wraps, notices = tuple(sorted((digest("wraps a"), digest("wraps b")))), (digest("notice"),)
    return ledger.receipt(asking.forth.d, ledger.proof(15), SAID, wraps=wraps, notices=notices)
