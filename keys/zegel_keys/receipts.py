"""Checking a receipt: signed by the relay that the directory names, for this object, included in the log."""

from zegel_keys import signing
from zegel_keys.epochs import LogSource, origin_of_proof
from zegel_keys.verification import verify
from zegel_protocol import b64, tlog
from zegel_protocol.errors import LogError
from zegel_protocol.objects import Receipt
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.signed import Place, Signed


def check_receipt(envelope: bytes, d: str, source: LogSource, log_key: str) -> tuple[Signed[Receipt], Place, Seen]:
    """Return the receipt of the object `d`, the object's place, and the log as the receipt shows it.

    A receipt of an earlier epoch holds as far as the log was kept. Raises `SignatureError`, `MalformedError` or
    `LogError` (`log.receipt`: of another object; `log.foreign`, `log.dropped`, `log.signature`, `log.inclusion`).
    """
    receipt = verify(envelope, Receipt, source)
    if receipt.payload.object != d:
        raise LogError("log.receipt", "a receipt of another object")
    origin = origin_of_proof(receipt.payload.proof, source)
    proven = tlog.verify_proof(receipt.payload.proof, b64.decode(d, 32), origin, log_key, signing.check)
    seen = Seen(size=proven.checkpoint.size, root=b64.encode(proven.checkpoint.root))
    return receipt, Place(proven.index, receipt.payload.accepted_at), seen
