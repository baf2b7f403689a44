"""Talking to a relay: requests that are signed (RFC 9421, one profile), answers as structs, problems as errors.

Trusts nothing: what comes back is bytes for `zegel_keys.casefile` to verify.
"""

import io
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, TypeVar

import aiohttp
import msgspec

from zegel import transfer
from zegel.errors import ClockWrong, Refused, RelayProblem, RelayUnreachable
from zegel.transfer import Sink
from zegel_keys.http_signature import sign_request
from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.api import (
    Accepted,
    Bundle,
    DeadlinePage,
    Delivery,
    DutyPage,
    EnrolmentNote,
    EvidenceQuery,
    Held,
    InboxPage,
    Keyring,
    KeyringEntry,
    KeyringOpening,
    LogConsistency,
    Login,
    LoginNonce,
    LoginOpening,
    LogState,
    NoticePage,
    Problem,
    Submission,
)

T = TypeVar("T")

TIMEOUT = 30.0
"""Seconds to wait for an answer that is not a long poll."""
MAX_ANSWER = 64 * 1024 * 1024
"""Bytes of one answer at most: a section of a message, or a bundle of evidence."""
PIECEWISE = 1024 * 1024
"""Bytes above which a body is sent in pieces."""
TOO_MANY = 429
CLOCK_LEEWAY = 300
"""Seconds that this clock may differ from the relay's; the relay refuses signed requests beyond that."""


def _unheard(_done: int) -> None:
    """Let how far it is go unheard."""


class RelayClient:
    """One relay at `base` (an origin such as `https://relay.example`), used by `keyid` with `signer`.

    `keyid` is `device:<partner>/<device>` or `person:<id>`. `clock` gives whole seconds since 1970.
    """

    def __init__(
        self,
        base: str,
        keyid: str,
        signer: SigningKey,
        clock: Callable[[], int] = lambda: int(time.time()),
        timeout: float = TIMEOUT,
    ) -> None:
        self._base, self._keyid, self._signer, self._clock = base.rstrip("/"), keyid, signer, clock
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "RelayClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def submit_object(self, envelope: bytes) -> bytes:
        """Give the relay a signed object; return its receipt. The same bytes twice give the same receipt."""
        return bytes((await self._ask("POST", "/v1/objects", Accepted, envelope)).receipt)

    async def submit_message(self, submission: Submission) -> bytes:
        """Give the relay a message; return the sender's receipt. Raises `Refused` with all reasons."""
        return bytes((await self._ask("POST", "/v1/messages", Accepted, msgspec.json.encode(submission))).receipt)

    async def setting(self) -> Bundle:
        """Fetch what is in force in the Huis."""
        return await self._ask("GET", "/v1/setting", Bundle)

    async def evidence(self, query: EvidenceQuery) -> Bundle:
        """Fetch what a message would be judged by."""
        return await self._ask("POST", "/v1/evidence", Bundle, msgspec.json.encode(query), signed=True)

    async def prekeys(self, partner: str) -> Bundle:
        """Fetch a partner's sealing keys, with the setting."""
        return await self._ask("GET", f"/v1/partners/{partner}/prekeys", Bundle, signed=True)

    async def inbox(self, after: int, wait: int = 0, called: int | None = None) -> InboxPage:
        """Fetch what waits for this reader from cursor `after` on, and the alarms that nobody opened.

        `wait` up to 30 seconds for something new; or, given the `called` of the page before, for a call to an alarm.
        """
        path = f"/v1/inbox?after={after}&wait={wait}" + (f"&called={called}" if called is not None else "")
        return await self._ask("GET", path, InboxPage, signed=True, seconds=self._timeout + wait)

    async def deliver(self, manifest: str, reminded: bytes | None = None) -> Delivery:
        """Have a message handed out. Raises `Refused` when it is not allowed any more.

        `reminded` is a partner's signed word (an envelope) that its reader was reminded of secrecy; without one the
        relay says `secrecy.not-reminded`.
        """
        return await self._ask("POST", f"/v1/deliveries/{manifest}", Delivery, reminded or b"", signed=True)

    async def notices(self, after: int, wait: int = 0) -> NoticePage:
        """Fetch a person's notices from cursor `after` on."""
        path = f"/v1/notices?after={after}&wait={wait}"
        return await self._ask("GET", path, NoticePage, signed=True, seconds=self._timeout + wait)

    async def requests(self) -> Bundle:
        """Fetch the consent requests that ask this person."""
        return await self._ask("GET", "/v1/requests", Bundle, signed=True)

    async def consents(self) -> Bundle:
        """Fetch every consent and revocation about this person."""
        return await self._ask("GET", "/v1/consents", Bundle, signed=True)

    async def events(self, manifest: str) -> Bundle:
        """Fetch the acknowledgements of a message."""
        return await self._ask("GET", f"/v1/messages/{manifest}/events", Bundle, signed=True)

    async def receipt(self, digest: str) -> bytes:
        """Fetch the receipt that is this party's to see."""
        return bytes((await self._ask("GET", f"/v1/receipts/{digest}", Accepted, signed=True)).receipt)

    async def sent_notices(self, manifest: str) -> NoticePage:
        """Fetch the notices of a message that this partner sent."""
        return await self._ask("GET", f"/v1/messages/{manifest}/notices", NoticePage, signed=True)

    async def duties(self) -> DutyPage:
        """Fetch whom this partner still owes telling."""
        return await self._ask("GET", "/v1/duties", DutyPage, signed=True)

    async def deadlines(self) -> DeadlinePage:
        """Fetch what this party owes and is owed, by when, and what is late."""
        return await self._ask("GET", "/v1/deadlines", DeadlinePage, signed=True)

    async def alarm(self, manifest: str) -> Bundle:
        """Fetch an alarm's manifest, whoever sent it, to sign it second; with the setting."""
        return await self._ask("GET", f"/v1/alarms/{manifest}", Bundle, signed=True)

    async def stop_card(self, name: str) -> Bundle:
        """Fetch what the stop code with this name stops, whoever printed it."""
        return await self._ask("GET", f"/v1/stop-cards/{name}", Bundle, signed=True)

    async def give_keys(self, manifest: str, envelope: bytes) -> None:
        """Give another device of one's own partner the keys of a message, as this one wrapped them."""
        await self._send("POST", f"/v1/messages/{manifest}/wraps", envelope, signed=True)

    async def desk(self) -> Bundle:
        """Fetch who of this partner deals with which message, and who is away."""
        return await self._ask("GET", "/v1/desk", Bundle, signed=True)

    async def contact(self, person: str) -> Held:
        """Fetch how a person is pinged."""
        return await self._ask("GET", f"/v1/contacts/{person}", Held, signed=True)

    async def contact_key(self) -> Held:
        """Fetch the key that contact addresses are sealed to, as the relay states it."""
        return await self._ask("GET", "/v1/contact-key", Held)

    async def log_state(self) -> LogState:
        """Fetch the newest checkpoint and the relay's time."""
        return await self._ask("GET", "/v1/log/checkpoint", LogState)

    async def log_consistency(self, old: int, new: int) -> LogConsistency:
        """Fetch the proof that the log of `old` leaves is a prefix of that of `new`."""
        return await self._ask("GET", f"/v1/log/consistency?old={old}&new={new}", LogConsistency)

    async def open_enrolment(self, mailbox: str) -> None:
        """Open a mailbox, as a worker's device, for the notes of an enrolment."""
        await self._send("PUT", f"/v1/enrolments/{mailbox}", b"", signed=True)

    async def leave_note(self, mailbox: str, slot: str, content: bytes) -> None:
        """Leave a note (`keys`, `record` or `signature`) for the other device; the first one stays."""
        note = msgspec.json.encode(EnrolmentNote(content=b64.encode(content)))
        await self._send("PUT", f"/v1/enrolments/{mailbox}/{slot}", note)

    async def fetch_note(self, mailbox: str, slot: str, wait: int = 0) -> bytes | None:
        """Fetch a note of the other device, or None where there is none; `wait` up to 30 seconds for it."""
        path = f"/v1/enrolments/{mailbox}/{slot}?wait={wait}"
        try:
            note = await self._ask("GET", path, EnrolmentNote, seconds=self._timeout + wait)
        except RelayProblem as problem:
            if problem.code != "enrolment.nothing":
                raise
            return None
        return b64.decode(note.content)

    async def put_way_in(self, name: str, entry: KeyringEntry) -> None:
        """Keep one's seed, as a person, wrapped for one way in (`docs/spec/keyring.md`)."""
        await self._send("PUT", f"/v1/keyring/{name}", msgspec.json.encode(entry), signed=True)

    async def remove_way_in(self, name: str) -> None:
        """Erase one of one's own ways in."""
        await self._send("DELETE", f"/v1/keyring/{name}", b"", signed=True)

    async def ways_in(self) -> Keyring:
        """Fetch what ways in this person has."""
        return await self._ask("GET", "/v1/keyring", Keyring, signed=True)

    async def open_by_code(self, name: str) -> KeyringOpening:
        """Fetch the wrapped seed that a printed code opens."""
        return await self._ask("GET", f"/v1/keyring/codes/{name}", KeyringOpening)

    async def login_nonce(self) -> LoginNonce:
        """Fetch a nonce to build a login's challenge from."""
        return await self._ask("GET", "/v1/login", LoginNonce)

    async def log_in(self, login: Login) -> LoginOpening:
        """Fetch the wrapped seed of the passkey that answered."""
        return await self._ask("POST", "/v1/login", LoginOpening, msgspec.json.encode(login))

    async def upload(self, ct: str, body: bytes | Path, at: Callable[[int], None] = _unheard) -> None:
        """Upload a ciphertext under its digest; the same again changes nothing.

        One in a file goes on where an earlier attempt, also of another program, was cut off; `at` hears how many bytes
        are there.
        """
        if isinstance(body, bytes):
            await self._send("PUT", f"/v1/blobs/{ct}", body, signed=True, bind_body=False)
            at(len(body))
        else:
            await transfer.upload(self._send, ct, body, at)

    async def download_to(self, ct: str, file: BinaryIO, size: int, at: Callable[[int], None] = _unheard) -> None:
        """Fetch a ciphertext of `size` bytes into a file, after what is in it. Its digest is for who opens it."""
        await transfer.download(self._send, ct, file, size, at)

    async def download(self, ct: str) -> bytes:
        """Fetch a ciphertext."""
        return await self._send("GET", f"/v1/blobs/{ct}", b"", signed=True)

    async def _ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        body: bytes = b"",
        *,
        signed: bool = False,
        seconds: float | None = None,
    ) -> T:
        answer = await self._send(method, path, body, signed=signed, seconds=seconds)
        try:
            return msgspec.json.decode(answer, type=kind)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._unreadable(200) from error

    async def _send(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        signed: bool = False,
        seconds: float | None = None,
        bind_body: bool = True,
        source: AsyncIterator[bytes] | None = None,
        more: Mapping[str, str] | None = None,
        sink: Sink | None = None,
    ) -> bytes:
        """Send one request; return the body of its answer, or give it to `sink`, which also hears the status.

        A body that comes from `source`, and an answer that goes to `sink`, may take as long as they need: for them
        `seconds` bounds how long nothing may happen.
        """
        url = f"{self._base}{path}"
        # The address of an upload names its digest, so signing that binds the bytes.
        media = "application/json" if bind_body else "application/octet-stream"
        headers = {"Content-Type": media} if body or source is not None else {}
        headers |= more or {}
        if signed:
            content = body if bind_body else b""
            headers |= sign_request(method, url, self._signer, self._keyid, self._clock(), content)
        if self._session is None:
            # Made here and not by the library at its import: a Huis with a certificate authority of its own names its
            # file in SSL_CERT_FILE, as for every program that uses OpenSSL.
            trusted = ssl.create_default_context() if self._base.startswith("https:") else True
            connector = aiohttp.TCPConnector(ssl=trusted)
            self._session = aiohttp.ClientSession(connector=connector, auto_decompress=False, read_bufsize=PIECEWISE)
        longest = seconds or self._timeout
        streamed = source is not None or sink is not None
        limit = aiohttp.ClientTimeout(
            total=None if streamed else longest, sock_connect=self._timeout, sock_read=longest if streamed else None
        )
        data = _payload(body) if source is None else source
        try:
            async with self._session.request(
                method, url, data=data, headers=headers, timeout=limit, allow_redirects=False
            ) as response:
                received = bytearray()
                # Only what is an answer goes to the sink; a problem is read as always.
                pieces = response.content.iter_chunked(PIECEWISE if sink is not None else 65_536)
                if sink is not None and response.status < 400:
                    await sink(response.status, pieces)
                async for chunk in pieces:
                    received += chunk
                    if len(received) > MAX_ANSWER:
                        raise aiohttp.ClientPayloadError("an answer larger than any that is true")
                status, answer = response.status, bytes(received)
        except aiohttp.InvalidURL as error:
            raise RelayUnreachable(
                f"{self._base} is no address of a relay.",
                "Nothing was sent.",
                "A relay's address is an origin, such as https://relay.example.",
            ) from error
        except aiohttp.ClientSSLError as error:
            raise RelayUnreachable(
                f"The relay at {self._base} does not speak TLS as it should.",
                "Nothing was sent.",
                "See whether its address begins with https or http, and whether its certificate is good.",
            ) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise RelayUnreachable(
                f"The relay at {self._base} does not answer.",
                "Nothing on this device was changed.",
                "Try again when there is a connection.",
            ) from error
        if status >= 400:
            await self._raise(status, answer)
        return answer

    async def _raise(self, status: int, answer: bytes) -> None:
        try:
            problem: Problem | Any = msgspec.json.decode(answer, type=Problem)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._unreadable(status) from error
        if problem.refusals:
            raise Refused(problem.refusals)
        if problem.code == "http.time":
            await self.check_clock()
        if status >= 500 or status == TOO_MANY:
            # Neither is a no to what was asked: sealed messages go on waiting.
            raise RelayUnreachable(
                f"The relay could not do it now ({problem.code}). {problem.detail}",
                "Nothing on this device was changed.",
                "Try again later.",
            )
        raise RelayProblem(status, problem.code, problem.detail)

    def _unreadable(self, status: int) -> RelayUnreachable:
        """What answered is not the relay, or not all of it: a proxy, or the page of a guest network."""
        return RelayUnreachable(
            f"What answers at {self._base} (status {status}) does not speak as a relay does.",
            "Nothing on this device was changed.",
            "Check the connection, then try again.",
        )

    async def check_clock(self) -> None:
        """Return if this device's clock is near the relay's. Raises `ClockWrong`."""
        theirs = (await self.log_state()).now
        difference = self._clock() - theirs
        if abs(difference) > CLOCK_LEEWAY:
            way = "ahead of" if difference > 0 else "behind"
            raise ClockWrong(
                f"This device's clock is {_span(abs(difference))} {way} the relay's.",
                "Nothing was sent, and nothing was lost.",
                "Set the clock of this device, then try again.",
            )


def _payload(body: bytes) -> bytes | io.BytesIO | None:
    """Return a body as it is sent: a large one in pieces, so that nothing else waits for it."""
    return io.BytesIO(body) if len(body) > PIECEWISE else body or None


def _span(seconds: int) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"
