"""A message that a person writes on their own phone: sealed there, signed with their identity key, sent (article 6).

Rules bind partners, not families: a person may send anything about themselves, or about a child for whom they speak, to
any partner of the Huis. Nothing leaves in the clear. What such a message binds is in `docs/spec/message.md`.
"""

from zegel.compose import INLINE_BYTES
from zegel.dispatch import Sent
from zegel.draft import check_section
from zegel.errors import RecipientWithoutKeys, Refused
from zegel_demo.client_sealing import SealedMessage, Written
from zegel_demo.phone import Phone
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import digest_of_envelope
from zegel_keys.exhibit import read_bundle
from zegel_keys.hybrid import SealPublicKey
from zegel_keys.receipts import check_receipt
from zegel_keys.verification import verify
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.decision import decide
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import Prekeys
from zegel_protocol.objects.parties import Party


async def send(phone: Phone, written: Written) -> Sent:
    """Seal a message and have the relay accept it; return its receipt once that holds.

    Raises `ContentError` (a text that is too long, or no such section), `RecipientWithoutKeys`, `Refused`,
    `RelayProblem`, `RelayUnreachable`; `ProtocolError` for whatever does not verify: `receipt.wraps` and
    `receipt.notices` when the relay's receipt is for less than was sent.
    """
    case = await _evidence(phone, written)
    for section in written.sections:
        check_section(case.setting.rulebook.payload, section, ())
    message = SealedMessage(phone, case, written)
    refusals = decide(case.evidence(message.manifest, message.held), phone.clock())
    if refusals:
        raise Refused(refusals, names={name: case.setting.names(name)[0] for name in case.setting.memberships})
    submission = message.submission(await _keys_of(phone, written.to))
    for seal in message.seals:
        if len(seal.blob) > INLINE_BYTES:
            await phone.relay.upload(seal.ct, seal.blob)
    receipt = await phone.relay.submit_message(submission)
    d = message.manifest.d
    held, place, seen = check_receipt(receipt, d, case.trust, case.setting.directory.payload.log_key)
    await phone.view.compare_log(seen, case)
    if set(held.payload.wraps) != {digest_of_envelope(bytes(item)) for item in submission.wraps}:
        raise ChainError("receipt.wraps", "the relay gave a receipt for other keys than were sent")
    if len(held.payload.notices) < len(message.told):
        raise ChainError("receipt.notices", "the relay gave a receipt that leaves out somebody who is to be told")
    phone.kept[d] = receipt
    return Sent(message.manifest.payload.id, d, place.at, held.payload.notices)


async def _evidence(phone: Phone, written: Written) -> CaseFile:
    """What the message will be judged by. The setting is believed only as everything else that this phone acts on."""
    await phone.family()
    people = tuple(sorted({phone.person, *(person for section in written.sections for person in section.about)}))
    query = EvidenceQuery(
        persons=people,
        sender=Party(person=phone.person),
        to=Party(partner=written.to),
        thread=written.thread,
        household=phone.household,
        answers=written.answers,
    )
    flows = [(person, query.sender.key, query.to.key) for person in people]
    return await phone.view.believe_now(await phone.relay.evidence(query), phone.clock(), flows)


async def _keys_of(phone: Phone, partner: str) -> list[tuple[str, SealPublicKey]]:
    """The sealing keys that are in force of a partner's inbox devices, each with the `D` of what published it."""
    bundle = await phone.relay.prekeys(partner)
    case = await phone.believe(bundle)
    inbox = {device.device for device in case.trust.devices(partner, None) if device.inbox}
    found: list[tuple[str, SealPublicKey]] = []
    for item in read_bundle(bundle):
        if item.kind != Prekeys.KIND:
            continue
        held = verify(item.envelope, Prekeys, case.trust)
        if held.payload.partner != partner or held.payload.device not in inbox:
            continue
        phone.view.pin_prekeys(held)
        current = held.payload.current(phone.clock())
        if current is not None:
            found.append((held.d, SealPublicKey.from_text(current.seal_key)))
    if not found:
        raise RecipientWithoutKeys(
            "Nobody there can open a message now.",
            "Nothing was sent.",
            "Try again later, or phone them.",
        )
    return found
