"""What can go wrong when a message is sent or opened: each error says what happened, what is safe, and what to do.

Bytes that do not hold what they promise are `zegel_protocol.errors.ProtocolError`; a keystore that does not open is
`zegel_keys.keystore.errors.KeystoreError`. Everything else the SDK raises is a `ZegelError`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from zegel.content.finding import Finding
from zegel_protocol.refusal import Refusal
from zegel_protocol.texts.refusal_text import Sentence, explain


class ZegelError(Exception):
    """Base of the SDK's errors. `code` is stable; `what`, `safe` and `do` are sentences for people."""

    code = "zegel.error"

    def __init__(self, what: str, safe: str = "", do: str = "") -> None:
        super().__init__(" ".join(part for part in (what, safe, do) if part))
        self.what, self.safe, self.do = what, safe, do


class Refused(ZegelError):
    """The rules do not allow it. `refusals` holds every reason, `sentences` the same in words, in their order.

    As text it is a line a reason: code, place, what happened, what is safe, and the step that would mend it.
    """

    code = "message.refused"

    def __init__(
        self, refusals: tuple[Refusal, ...], language: str = "nl", names: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.refusals = refusals
        self.names = names
        self.sentences = self.said(language)
        reasons = (
            f"- [{refusal.code.value} at {refusal.path}] {item.what} {item.safe} {item.do}"
            for refusal, item in zip(refusals, self.sentences, strict=True)
        )
        super().__init__("\n".join(dict.fromkeys(reasons)))

    def said(self, language: str) -> tuple[Sentence, ...]:
        """Return every reason in words of another language. Raises `ProtocolError` (`text.language`)."""
        return tuple(explain(refusal, language, self.names) for refusal in self.refusals)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all refusals, in order."""
        return tuple(refusal.code.value for refusal in self.refusals)


class RelayUnreachable(ZegelError):
    """The relay did not answer. Whether it stored what was sent may be unknown: sending the same again settles it."""

    code = "relay.unreachable"


class RelayProblem(ZegelError):
    """The relay said no: `code` and `status` are its own (RFC 9457)."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code = status, code


class ClockWrong(ZegelError):
    """This device's clock and the relay's are too far apart for anything that is signed now to count."""

    code = "clock.wrong"


class NotForThisDevice(ZegelError):
    """The message is sealed to keys that this device does not hold, or has erased."""

    code = "message.not-for-this-device"


class ContentFound(ZegelError):
    """Matter that belongs in no message, or not in this section, was found before sealing. `findings` say where."""

    code = "content.found"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        places = ", ".join(f"{item.code.value} in {item.section}" for item in findings)
        super().__init__(
            f"The text holds something that may not be sent: {places}.",
            "Nothing was sealed and nothing left this device.",
            "Take it out, then send again.",
        )


class RecipientWithoutKeys(ZegelError):
    """The recipient published no sealing key that holds now."""

    code = "recipient.without-keys"


class MessageTaken(ZegelError):
    """Another program at this keystore opened the message and has not acknowledged it yet."""

    code = "message.taken"


class PartnerClosed(ZegelError):
    """The partner was closed before."""

    code = "partner.closed"


class DeviceNotListed(ZegelError):
    """The partner's device list does not hold this device (yet, or any more)."""

    code = "device.not-listed"


class TooLargeForMemory(ZegelError):
    """A file of a message is larger than a program should hold in memory."""

    code = "file.too-large"


class DraftUnknown(ZegelError):
    """No draft of that id is kept here."""

    code = "draft.unknown"


class SpoolDamaged(ZegelError):
    """A sealed file that waits in the keystore's spool is not what was written there."""

    code = "spool.damaged"
