"""Receipts: the relay's signed word that it accepted an object, durably, at a place in the log."""

import os

from zegel_keys.signing import SigningKey
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.objects.notice import Receipt
from zegel_relay.storage.models import StoredReceipt
from zegel_relay.storage.new_row import NewRow
from zegel_relay.storage.operation import ReceiptPlan

MEDIA_TYPE = dsse.payload_type(Receipt.KIND)


def sign_receipt(key: SigningKey, huis: str, d: str, plan: ReceiptPlan, accepted_at: int, proof: str) -> NewRow:
    """Return the receipt of object `d` as a row: for one audience, with the `tlog-proof` text `proof`."""
    receipt = Receipt(
        v=1,
        huis=huis,
        nonce=b64.encode(os.urandom(16)),
        object=d,
        wraps=tuple(sorted(plan.wraps)),
        accepted_at=accepted_at,
        notices=tuple(sorted(plan.notices)),
        proof=proof,
    )
    payload = encoding.encode(receipt)
    envelope = dsse.seal_envelope(MEDIA_TYPE, payload, (key.sign_object(MEDIA_TYPE, payload),))
    digest = dsse.digest(MEDIA_TYPE, payload)
    return NewRow(StoredReceipt, object_d=d, audience=plan.audience, d=digest, envelope=envelope)
