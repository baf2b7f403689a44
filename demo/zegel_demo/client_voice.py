"""What a person says of their own accord, from their own phone: messages, answers, words about a message, objections.

A part of `ClientAgent`. Articles 6, 8 and 9 of the duties.
"""

from collections.abc import Sequence

from zegel.dispatch import Sent
from zegel.section import Section
from zegel_demo import client_message
from zegel_demo.client_message import Written, own_words
from zegel_demo.phone import Phone


class ClientVoice:
    """What `ClientAgent` can say. Raises as the methods of `ClientAgent` do."""

    _phone: Phone

    async def send(
        self,
        to: str,
        content: str | Sequence[Section],
        purpose: str = "voice",
        thread: str | None = None,
        answers: str | None = None,
    ) -> Sent:
        """Send a partner a message, sealed on this phone: a text of one's own, or sections; return its receipt.

        `thread`: the id of the message that began the conversation. `answers`: the `D` of the message that it answers;
        a text then is the answer, else a question. Raises as `client_message.send`.
        """
        if isinstance(content, str):
            kind = "ask" if answers is None else "answer"
            content = (own_words(self._phone.person, kind, content),)
        written = Written(to=to, sections=tuple(content), purpose=purpose, thread=thread, answers=answers)
        return await client_message.send(self._phone, written)
