"""Before a message is first opened here, its reader is reminded of secrecy, and says so, signed (article 7).

The word leaves with the very request that hands the message out; without it the relay hands out nothing.
"""

from collections.abc import Callable

from zegel.declaring import sign_reminded
from zegel.errors import RelayProblem, ZegelError
from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.state import State
from zegel_protocol.api import Delivery
from zegel_protocol.evidence import Setting
from zegel_protocol.texts.catalogue import phrase

Reminder = Callable[[str], bool]
"""Shows the text of the reminder to whoever opens, and returns whether they acknowledge it."""

_TABLE = "values"
_SAID = "reminded/"


class SecrecyNotAcknowledged(ZegelError):
    """Whoever opens did not acknowledge the reminder of secrecy."""

    code = "secrecy.not-acknowledged"


def reminder_text(setting: Setting, partner: str, language: str = "nl") -> str:
    """Return the reminder as a worker of `partner` reads it, by the secrecy that their role is under.

    Raises `ProtocolError` (`text.language`).
    """
    member = setting.member(partner)
    secrecy = phrase(language, f"secrecy.{setting.secrecy(member) if member is not None else 'pledge'}")
    return phrase(language, "opening.reminder", secrecy=secrecy)


class Reminding:
    """Has messages handed out to one device, each with the word that its reader was reminded."""

    def __init__(self, identity: Identity, state: State, view: View, client: RelayClient) -> None:
        self._identity, self._state, self._view, self._client = identity, state, view, client

    async def hand_out(self, manifest: str, reminder: Reminder | None = None, language: str = "nl") -> Delivery:
        """Have a message handed out. Raises `SecrecyNotAcknowledged`, and as `RelayClient.deliver`.

        `reminder` is asked before the first opening here; None: the software around this has shown the reminder.
        """
        name = f"{_SAID}{manifest}"
        setting = (await self._view.latest()).setting
        said = self._state.get(_TABLE, name) is not None or setting.rulebook.payload.code is None
        word = None if said else self._word(setting, manifest, reminder, language)
        try:
            delivery = await self._client.deliver(manifest, word)
        except RelayProblem as problem:
            if problem.code != "secrecy.not-reminded":
                raise
            # The relay lost the word when it was restored, or the rules ask for it only since.
            setting = (await self._view.latest(anew=True)).setting
            word = self._word(setting, manifest, reminder, language)
            delivery = await self._client.deliver(manifest, word)
        if word is not None:
            self._state.put(_TABLE, name, b"1")
        return delivery

    def _word(self, setting: Setting, manifest: str, reminder: Reminder | None, language: str) -> bytes:
        if reminder is not None and not reminder(reminder_text(setting, self._identity.partner, language)):
            raise SecrecyNotAcknowledged(
                "The reminder of secrecy was not acknowledged.",
                "The message was not opened, and nobody was told anything.",
                "Open it again when you can agree to it.",
            )
        return sign_reminded(self._identity, setting.rulebook.payload, manifest)
