"""A message from the nurse to the OCMW, made by hand, sealed for real, and spoiled where a test says so."""

from msgspec import Raw

from unit.demo.hand_huis import HOUSEHOLD, MOTHER, NOW, NURSE, OCMW, d_of, device_of, new_nonce, sign
from unit.demo.hand_relay import SETTING, HandRelay
from zegel.content.framing import NOTE_MEDIA, pack_file, pack_note
from zegel.content.schemas import Whole
from zegel_keys.exhibit import read
from zegel_keys.hybrid import SealPublicKey
from zegel_keys.sections import SealedSection, seal_section
from zegel_keys.wrapping import wrap
from zegel_protocol import b64, encoding
from zegel_protocol.api import Bundle, Delivery, NoticeItem
from zegel_protocol.objects import ClientKey, DeviceList, Entry, Manifest, Notice, Wraps
from zegel_protocol.objects.manifest import FollowUp, OnConsent, Seen
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.wraps import Wrap
from zegel_protocol.sealing import SectionContext, WrapContext, wrap_info

MESSAGE = "0193a5f0-7c1d-7abc-8def-0123456789ab"


class Sending:
    """One message. `sections`: (type, text or file, about). Change `entries`, `keys` or `sealer` before `send`."""

    def __init__(self, relay: HandRelay, *sections: tuple[str, str | tuple[str, bytes], tuple[str, ...]]) -> None:
        self.relay, self.huis = relay, relay.huis
        self.device = self.huis.devices[NURSE]
        self.codes: tuple[str, ...] = ()
        self.sealer = self.device
        self.sealed: list[SealedSection] = []
        self.entries: list[Entry] = []
        for n, (kind, content, about) in enumerate(sections):
            plain = pack_note(Whole(text=content)) if isinstance(content, str) else pack_file(*content)
            media = NOTE_MEDIA if isinstance(content, str) else "application/pdf"
            context = SectionContext(
                huis=self.huis.id, message=MESSAGE, sender=self.device.public, household=HOUSEHOLD, n=n, type=kind,
                form="whole", about=about, media=media,
            )  # fmt: skip
            item = seal_section(context, plain)
            readers = (Party(partner=OCMW), Party(person=MOTHER))
            self.sealed.append(item)
            entry = Entry(
                **self.huis.header, nonce=new_nonce(), n=n, type=kind, form="whole", about=about, media=media,
                padded=item.padded, ct=item.ct, kc=item.kc, readers=readers, withheld=(),
            )  # fmt: skip
            self.entries.append(entry)
        self.keys = {entry.n: item.key for entry, item in zip(self.entries, self.sealed, strict=True)}

    def send(self, *consents: str, unnamed: tuple[int, ...] = ()) -> str:
        """Have the relay accept it with a notice for the mother; return the manifest's `D`.

        The notice does not name the entries `unnamed`, and these are not handed to her.
        """
        huis, log = self.huis, self.huis.log
        manifest = Manifest(
            **huis.header, nonce=new_nonce(), id=MESSAGE, kind="referral",
            sender=Sender(partner=NURSE, device=device_of(NURSE)),
            devices=next(d_of(held) for held in huis.of(DeviceList) if held.partner == NURSE),
            directory=d_of(huis.directory), to=Party(partner=OCMW), household=HOUSEHOLD, purpose="referral",
            basis=OnConsent(consents=tuple(sorted(consents))) if consents else None,
            entries=tuple(d_of(entry) for entry in self.entries),
            follow_up=(FollowUp(code="first-contact", due=NOW + 2 * 86_400),), notice_by=NURSE,
            seen=Seen(size=0, root=b64.encode(bytes(32))), created=NOW,
        )  # fmt: skip
        d = d_of(manifest)
        wraps = sign(self._wraps(d), self.sealer)
        given = [entry for entry in self.entries if entry.n not in unnamed]
        notice = Notice(
            **huis.header, nonce=new_nonce(), person=MOTHER, manifest=d, codes=self.codes, not_before=NOW,
            entries=tuple(d_of(entry) for entry in given),
        )  # fmt: skip
        huis.at = self.relay.now
        receipt = huis.receipt(d, log.append(d), (read(wraps).d,), (d_of(notice),))
        signed_notice = Raw(sign(notice, huis.relay_key))
        self.relay.blobs |= {item.ct: item.blob for item in self.sealed}
        self.relay.told.append(NoticeItem(manifest=d, notice=signed_notice))
        self.relay.deliveries[d] = Delivery(
            manifest=Raw(sign(manifest, self.device)),
            entries=tuple(b64.encode(encoding.encode(entry)) for entry in given),
            wraps=Raw(wraps),
            receipt=Raw(receipt),
            evidence=Bundle(items=tuple(self.relay.held(*SETTING))),
            notice=signed_notice,
        )
        return d

    def _wraps(self, manifest: str) -> Wraps:
        record: ClientKey = self.huis.of(ClientKey)[-1]
        public = SealPublicKey.from_text(record.seal_key)
        mine = [entry.n for entry in self.entries if Party(person=MOTHER) in entry.readers] or [0]
        context = WrapContext(
            manifest=manifest, sealer=self.device.public, reader=Party(person=MOTHER), keys=d_of(record),
            key=public.digest, entries=tuple(mine),
        )  # fmt: skip
        box = wrap([self.keys[n] for n in mine], public, wrap_info(context))
        one = Wrap(source=d_of(record), key=public.digest, entries=tuple(mine), box=box)
        return Wraps(
            **self.huis.header, nonce=new_nonce(), manifest=manifest, reader=Party(person=MOTHER),
            sealer=Sender(partner=NURSE, device=device_of(NURSE)), wraps=(one,),
        )  # fmt: skip
