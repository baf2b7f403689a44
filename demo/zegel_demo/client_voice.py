"""What a person says of their own accord, from their own phone: messages, answers, words about a message, objections.

A part of `ClientAgent`. Articles 6, 8 and 9 of the duties.
"""

from collections.abc import Iterable, Sequence

from zegel.dispatch import Sent
from zegel.section import Section
from zegel_demo import client_deadlines, client_message, client_objection, client_words
from zegel_demo.client_deadlines import Due
from zegel_demo.client_notice import ClientNotice
from zegel_demo.client_sealing import Written, own_words
from zegel_demo.phone import Phone
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Objection
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.signed import Place
from zegel_protocol.texts.code_text import render_code


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
            content = (own_words((self._phone.person,), kind, content),)
        written = Written(to=to, sections=tuple(content), purpose=purpose, thread=thread, answers=answers)
        return await client_message.send(self._phone, written)

    async def answer(self, question: ClientNotice, text: str) -> Sent:
        """Answer a partner's question, about whom it was asked; return the receipt.

        Raises `ProtocolError` (`question.not-asked`: no question of a partner to this person), and as `send`.
        """
        asked = question.copy.manifest
        partner = asked.payload.sender.partner
        if partner is None or asked.payload.to.person != self._phone.person:
            raise ProtocolError("question.not-asked", "this message puts no question to this person")
        named = {person for item in question.copy.sections for person in item.entry.payload.about}
        about = tuple(sorted(named & {self._phone.person, *question.children}))
        content = (own_words(about, "answer", text),)
        return await self.send(partner, content, thread=asked.payload.thread or asked.payload.id, answers=asked.d)

    async def decline(self, question: ClientNotice) -> Place:
        """Say no to a partner's question: nothing is owed to a question, and no reason is asked. Raises as `say`."""
        return await self.say(question, "declined")

    async def say(self, notice: ClientNotice, event: Event, codes: Iterable[str] = (), of: str | None = None) -> Place:
        """Say a word of a message, as `agreed`, `done`, `objected` or `stuck`; see `client_words.say`."""
        return await client_words.say(self._phone, notice, event, codes, of)

    async def tell(self, notice: ClientNotice) -> Place:
        """Confirm that this person was told; return where that stands in the log. Raises as `say`."""
        return await self.say(notice, "told")

    async def object_to(
        self, about: Iterable[str] | None = None, sender: str | None = None, to: str | None = None
    ) -> str:
        """Object to sharing, of oneself or a child, from and to whom; return its `D`. See `client_objection`."""
        return await client_objection.object_to(self._phone, about, sender, to)

    async def objections(self) -> dict[str, Objection]:
        """Return this person's objections that stand, by `D`; see `client_objection.standing`."""
        return await client_objection.standing(self._phone)

    async def withdraw_objection(self, objection: str) -> str:
        """Take back an objection (`D`) of one's own; see `client_objection.withdraw`."""
        return await client_objection.withdraw(self._phone, objection)

    async def code(self, language: str = "nl") -> list[str]:
        """Return the code of ethics in plain words, as it is read before the first yes (article 2)."""
        case = await self._phone.believe(await self._phone.relay.setting())
        return render_code(case.setting.rulebook.payload, language)

    async def deadlines(self, language: str = "nl") -> tuple[Due, ...]:
        """Return what is owed about this person, soonest first, in words; see `client_deadlines.read_deadlines`."""
        return await client_deadlines.read_deadlines(self._phone, language)
