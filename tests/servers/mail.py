"""A real SMTP server for tests: in a thread of its own, it keeps what it took, and refuses or is slow when told to."""

import asyncio
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from zegel_demo.ports import free_port


@dataclass(frozen=True)
class Mail:
    """One mail as it was taken: who it is from and to on the envelope, and all of its bytes."""

    sender: str
    to: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        parsed = message_from_bytes(self.raw, policy=SMTP_POLICY)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        """Its plain text."""
        return str(self.message.get_content())


class MailServer:
    """One server. `start` and `stop` any number of times, on the same port; what it took stays.

    `answer_recipient` and `answer_data`: what it says instead of taking a recipient, or a mail (`550 no such user`).
    `delay`: seconds that it lets a mail wait. `drop`: take the mail, and close the connection without an answer.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[Mail] = []
        self.asked = 0
        self.answer_recipient = ""
        self.answer_data = ""
        self.delay = 0.0
        self.drop = False
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """Its address, as the relay's setting has it."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and return once it listens."""
        self._controller = Controller(_Handler(self), hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Stop it: nobody listens any more."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def wait(self, count: int, seconds: float = 20.0) -> list[Mail]:
        """Return the mails once there are `count` of them; fails the test when they do not come."""
        deadline = time.monotonic() + seconds
        while len(self.mails) < count:
            assert time.monotonic() < deadline, f"{len(self.mails)} mails where {count} were to come"
            await asyncio.sleep(0.05)
        return list(self.mails)


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._server.asked += 1
        if self._server.answer_recipient:
            return self._server.answer_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self._server.delay)
        if self._server.answer_data:
            return self._server.answer_data
        content = envelope.original_content
        assert content is not None
        assert envelope.mail_from is not None
        self._server.mails.append(Mail(envelope.mail_from, tuple(envelope.rcpt_tos), content))
        if self._server.drop and server.transport is not None:
            server.transport.close()
        return "250 OK"
