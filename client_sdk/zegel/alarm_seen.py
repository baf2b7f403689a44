"""An alarm as who is asked to sign it second sees it: who warns whom, why in the rulebook's words, and by when.

Made from the manifest alone, which holds no content; who it is about stands in its lines, and those are not shown
(`docs/decisions/0045-a-second-signature-from-elsewhere.md`).
"""

from dataclasses import dataclass

from zegel_keys.casefile import CaseFile
from zegel_protocol.durations import HOUR
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import Manifest
from zegel_protocol.objects.manifest import Basis
from zegel_protocol.signed import Place, Signed
from zegel_protocol.texts.alarm_text import basis_in_words
from zegel_protocol.texts.catalogue import phrase


@dataclass(frozen=True)
class AlarmSeen:
    """What a second signer sees. `sender` and `recipient` are partners' ids, `function` that of the worker who sent it.

    `at`: when the relay accepted it; `due`: by when the second signature is owed; `told_from`: until when the client's
    notice waits, None where they are told at once. Times are UTC seconds.
    """

    manifest: str
    kind: str
    sender: str
    sender_name: str
    function: str
    recipient: str
    recipient_name: str
    basis: Basis | None
    at: int
    due: int
    told_from: int | None

    def why(self, language: str = "nl") -> str:
        """Return why it was sent, in words. Raises `ProtocolError` (`text.language`, `text.missing`)."""
        return basis_in_words(self.basis, language)

    def who(self, language: str = "nl") -> str:
        """Return the function of the worker who sent it, in words. Raises as `why`."""
        return phrase(language, f"function.{self.function}")


def seen_of(case: CaseFile, held: Signed[Manifest], place: Place) -> AlarmSeen:
    """Return what a verified manifest shows at its place. Raises `ChainError` (`delivery.foreign`): no partner's."""
    payload, setting = held.payload, case.setting
    partner, recipient = payload.sender.partner, payload.to.partner
    if partner is None or recipient is None:
        raise ChainError("delivery.foreign", "the relay showed what no partner sent to a partner")
    devices = case.trust.devices(partner, place)
    function = next(item.function for item in devices if item.device == payload.sender.device)
    return AlarmSeen(
        manifest=held.d, kind=payload.kind, sender=partner, sender_name=setting.names(partner)[0], function=function,
        recipient=recipient, recipient_name=setting.names(recipient)[0], basis=payload.basis, at=place.at,
        due=place.at + setting.rulebook.payload.safety.second_signature_hours * HOUR,
        told_from=payload.delay.until if payload.delay is not None else None,
    )  # fmt: skip
