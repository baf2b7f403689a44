"""How a service says no. The API turns each into `application/problem+json`; nothing here knows HTTP.

What foreign bytes do wrong is a `ProtocolError`; what the relay's own storage does wrong is a `StorageError`.
"""

from zegel_protocol.refusal import Refusal


class Refused(Exception):
    """The rules do not allow it: all reasons at once, each with the step that would mend it."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = refusals


class ServiceError(Exception):
    """A plain no, with a stable code and a detail for people that holds no content."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Conflict(ServiceError):
    """What is there does not go with what was sent: the same id with other bytes, an old version."""


class NotFound(ServiceError):
    """It is not there, or it is not theirs to know of: the two are told apart by nobody."""


class Forbidden(ServiceError):
    """It is known who asks, and this is not for them."""


class TooMany(ServiceError):
    """Whoever asks has asked too often; nothing was done. `seconds` is after how long they may ask again."""

    def __init__(self, seconds: int) -> None:
        detail = f"Too many requests of this device or person. Nothing was done. Ask again in {seconds} seconds."
        super().__init__("relay.too-many", detail)
        self.seconds = seconds


class Unauthorised(ServiceError):
    """Nobody who may ask: no signature, a wrong one, or a key that counts no longer."""
