"""Sending one ping by SMTP: plain text, the same for everyone, with nothing that tells whom or what it is about.

Whatever a mail server says may quote the address, so none of it gets further than a stable code.
"""

import secrets
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from zegel_protocol.texts.catalogue import phrase
from zegel_relay.outbox.handler import WorkError

SECONDS: Final = 30
"""How long the mail server may take for each of its answers."""
REFUSED: Final = "mail.refused"
"""It takes no mail for this address, and will not."""
UNREACHABLE: Final = "mail.unreachable"
"""It does not answer, or says that it can't now."""
SERVER: Final = "mail.server"
"""It takes no mail from this relay at all: user, password, TLS or sender address are not what it expects."""
_PERMANENT: Final = 500


@dataclass(frozen=True)
class MailServer:
    """A mail server, as `smtp_url` names it, and the address that mails come from."""

    host: str
    port: int
    tls: bool
    start_tls: bool
    user: str | None
    password: str | None
    sender: str

    @classmethod
    def of(cls, url: str, sender: str) -> "MailServer":
        """Return the server of a setting that was checked (`settings.Settings.smtp_url`)."""
        parts = urlsplit(url)
        tls, start_tls = parts.scheme == "smtps", parts.scheme == "smtp+starttls"
        port = parts.port or (465 if tls else 587 if start_tls else 25)
        user = unquote(parts.username) if parts.username is not None else None
        password = unquote(parts.password) if parts.password is not None else None
        return cls(parts.hostname or "", port, tls, start_tls, user, password, sender)

    @property
    def domain(self) -> str:
        """The domain that mails come from: what the relay calls itself, so that no mail holds a name of its machine."""
        return self.sender.rpartition("@")[2]

    def ping(self, to: str, wording: str, language: str, now: int) -> EmailMessage:
        """Return the mail. Raises `ProtocolError` (`text.missing`) for a wording that has no words."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = to
        message["Subject"] = phrase(language, "ping.short")
        message["Date"] = formatdate(now, usegmt=True)
        message["Message-ID"] = f"<{secrets.token_hex(16)}@{self.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(phrase(language, f"ping.{wording}") + "\n")
        return message

    async def send(self, message: EmailMessage) -> None:
        """Give the server a mail; it is the server's once this returns.

        Raises `WorkError`: `mail.refused`, `mail.unreachable` or `mail.server`.
        """
        try:
            await aiosmtplib.send(
                message,
                sender=self.sender,
                recipients=[message["To"]],
                hostname=self.host,
                port=self.port,
                use_tls=self.tls,
                start_tls=self.start_tls,
                username=self.user,
                password=self.password,
                local_hostname=self.domain,
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPException as error:
            raise WorkError(_code_of(error)) from None
        except OSError:
            # TLS that is not sound among them: nothing was sent.
            raise WorkError(UNREACHABLE) from None


def _code_of(error: aiosmtplib.SMTPException) -> str:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return REFUSED if all(item.code >= _PERMANENT for item in error.recipients) else UNREACHABLE
    if isinstance(error, aiosmtplib.SMTPDataError):
        return REFUSED if error.code >= _PERMANENT else UNREACHABLE
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return SERVER if error.code >= _PERMANENT else UNREACHABLE
    return UNREACHABLE
