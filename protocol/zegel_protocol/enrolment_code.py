"""What a worker's screen shows a phone: an address whose fragment holds the secret, and the mailbox between the two.

A browser keeps the fragment of an address to itself, so the portal that is opened by it never sees the secret. Here:
the one spelling of the code, and the name of the mailbox at the relay. Rule: `docs/spec/enrolment.md`.
"""

import hashlib
import re
from dataclasses import dataclass, field

from zegel_protocol import b64
from zegel_protocol.enrolment import SECRET_BYTES
from zegel_protocol.errors import MalformedError
from zegel_protocol.fields import MAX_TIME

CODE_VERSION = 1
PATH = "/enrol"
MAILBOX_LABEL = b"zegel/mailbox/1\0"

_ID_BYTES, _TIME_BYTES, _HUIS_BYTES = 16, 8, 32
_CODE_BYTES = 1 + _HUIS_BYTES + 2 * _ID_BYTES + _TIME_BYTES + SECRET_BYTES
_ADDRESS = re.compile(r"(https?://[a-z0-9.-]+(?::[0-9]{1,5})?)" + PATH + r"#([A-Za-z0-9_-]{140})")


@dataclass(frozen=True)
class EnrolmentCode:
    """What one enrolment is between: ids as the wire writes them, `opened` in UTC seconds, `secret` of 32 bytes."""

    huis: str
    household: str
    person: str
    opened: int
    secret: bytes = field(repr=False)

    @property
    def mailbox(self) -> str:
        """The name under which the relay keeps the notes of this enrolment; it tells nothing of the secret."""
        return b64.encode(hashlib.sha256(MAILBOX_LABEL + self.secret).digest())

    def fragment(self) -> str:
        """Return the code as 140 characters: base64url of version, Huis, household, person, opened and secret."""
        packed = (
            bytes([CODE_VERSION])
            + b64.decode(self.huis, _HUIS_BYTES)
            + bytes.fromhex(self.household)
            + bytes.fromhex(self.person)
            + self.opened.to_bytes(_TIME_BYTES, "big")
            + self.secret
        )
        return b64.encode(packed)

    def address(self, origin: str) -> str:
        """Return the address that the QR code holds: the portal's page at `origin`, and the code as its fragment."""
        return f"{origin}{PATH}#{self.fragment()}"


def read_address(text: str) -> tuple[str, EnrolmentCode]:
    """Return origin and code of an address as `EnrolmentCode.address` makes it.

    Raises `MalformedError` (`enrolment.code`) for anything else, another spelling of the same code included.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise MalformedError("enrolment.code", "not the address of an enrolment")
    return found.group(1), read_fragment(found.group(2))


def read_fragment(text: str) -> EnrolmentCode:
    """Return the code that a fragment (without its `#`) spells. Raises `MalformedError` (`enrolment.code`)."""
    try:
        packed = b64.decode(text, _CODE_BYTES)
    except MalformedError as error:
        raise MalformedError("enrolment.code", "not the code of an enrolment") from error
    if packed[0] != CODE_VERSION:
        raise MalformedError("enrolment.code", "of a version that this software does not know")
    parts, at = [], 1
    for size in (_HUIS_BYTES, _ID_BYTES, _ID_BYTES, _TIME_BYTES, SECRET_BYTES):
        parts.append(packed[at : at + size])
        at += size
    huis, household, person, opened, secret = parts
    moment = int.from_bytes(opened, "big")
    if moment > MAX_TIME:
        raise MalformedError("enrolment.code", "opened at no moment")
    return EnrolmentCode(b64.encode(huis), household.hex(), person.hex(), moment, secret)
