"""A worker's side of enrolment: whose keys a person's phone has, vouched for in person; and new keys for lost ones.

The worker's screen shows a code, the phone answers through the relay, and both people compare six words before the
record is made (`docs/spec/enrolment.md`). Whoever lost all keys gets new ones by workers of two partners, in days. The
relay carries notes and is believed in nothing.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from zegel.errors import ZegelError
from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_keys import signing
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.keystore.identity import Identity
from zegel_protocol import client_keys, dsse, encoding
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.enrolment import LIFE_SECONDS, EnrolmentContext, ShownKeys, check_tag
from zegel_protocol.enrolment_code import EnrolmentCode
from zegel_protocol.errors import ProtocolError
from zegel_protocol.evidence import Client
from zegel_protocol.objects import ClientKey, Vouch
from zegel_protocol.objects.client_key import Enrolment, Means
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.prekeys import SUITE
from zegel_protocol.signed import Signed
from zegel_protocol.six_words import words_of_enrolment, words_of_record

ClientKeys = ShownKeys

LOOK_SECONDS: Final = 5
"""How long the relay is asked to wait for a note, each time."""
DELAY: Final = client_keys.REPLACEMENT_DELAY + 3_600
"""From now to when a replacement counts: the days that it must wait, and an hour for clocks that differ."""


class EnrolmentError(ZegelError):
    """An enrolment that cannot begin, or go on. `code` is stable; nothing was vouched for."""

    def __init__(self, code: str, what: str, safe: str, do: str) -> None:
        super().__init__(what, safe, do)
        self.code = code


@dataclass(frozen=True)
class Enrolled:
    """A record of keys that the relay accepted: its `D`, the words of it, and from when it counts (None: at once)."""

    client_key: str
    words: tuple[str, ...]
    effective_at: int | None


@dataclass(frozen=True)
class WaitingKeys:
    """A replacement that waits: its record (`D` and words), when it counts, who began it, and who vouched since."""

    person: str
    household: str
    client_key: str
    words: tuple[str, ...]
    effective_at: int
    partner: str
    vouched: tuple[str, ...]


def new_enrolment_secret() -> bytes:
    """Return the 32 random bytes that a worker shows a client (as a QR code) to enrol with; good for ten minutes."""
    return os.urandom(32)


class Enrolments:
    """The enrolments of one worker's device."""

    _identity: Identity
    _client: RelayClient
    _view: View
    _clock: Callable[[], int]

    async def look_up(self, persons: Iterable[str], sender: Party, to: Party) -> CaseFile:
        """Fetch and verify what is known of persons, by their ids, and of their consents for one direction."""
        query = EvidenceQuery(persons=tuple(sorted(set(persons))), sender=sender, to=to)
        flows = [(person, sender.key, to.key) for person in query.persons]
        return await self._view.believe_now(await self._client.evidence(query), self._clock(), flows)

    async def open_enrolment(
        self, household: str, person: str, *, replaces: bool = False, origin: str | None = None
    ) -> "OpenEnrolment":
        """Open an enrolment of a person who is known; show its `address` as a QR code to that person only.

        `replaces`: the person lost every key they had, and new ones are to count after days. `origin`: of the portal,
        by default the directory's first. Raises `EnrolmentError` (`enrolment.person`, `enrolment.has-keys`,
        `enrolment.no-keys`, `enrolment.no-origin`), `RelayProblem`, `RelayUnreachable`, `ProtocolError`.
        """
        case = await self.look_up([person], self._own(), self._own())
        client = case.clients.get(person)
        if client is None or client.current.household != household:
            raise EnrolmentError(
                "enrolment.person", "The relay knows no such person in this household.", "Nothing was shown.",
                "Make the person known first (`zegel person add`).",
            )  # fmt: skip
        before = client.keys[-1] if client.keys else None
        _check_kind(before, replaces)
        shown_at = origin or next(iter(case.setting.directory.payload.origins), "")
        if not shown_at:
            raise EnrolmentError(
                "enrolment.no-origin", "The directory names no portal.", "Nothing was shown.", "Ask the steward."
            )
        code = EnrolmentCode(self._identity.huis, household, person, self._clock(), new_enrolment_secret())
        await self._client.open_enrolment(code.mailbox)
        return OpenEnrolment(self, code, code.address(shown_at), before)

    def prepare_client_key(
        self,
        household: str,
        person: str,
        keys: ClientKeys,
        secret: bytes,
        opened: int,
        means: Means,
        before: Signed[ClientKey] | None = None,
    ) -> bytes:
        """Return the payload of a client's key record, for the client's phone to sign too.

        The tag is checked first: it shows that these are the keys of the phone that saw this worker's secret. `before`:
        the newest record, for keys that replace lost ones and count after the days that this takes. Raises
        `ProtocolError` (`enrolment.tag`, `enrolment.expired`).
        """
        context = self._context(household, person, keys, opened)
        check_tag(secret, context, keys.tag, self._clock())
        payload = ClientKey(
            v=1,
            huis=self._identity.huis,
            nonce=new_nonce(),
            household=household,
            person=person,
            partner=self._identity.partner,
            version=before.payload.version + 1 if before is not None else 1,
            passkeys=keys.passkeys,
            identity_key=keys.identity_key,
            suite=SUITE,
            seal_key=keys.seal_key,
            means=means,
            enrolment=Enrolment(opened=opened, tag=keys.tag),
            effective_at=self._clock() + DELAY if before is not None else None,
            prev=before.d if before is not None else None,
        )
        return encoding.encode(payload)

    async def enrol(self, payload: bytes, client_signature: dsse.Signature) -> str:
        """Vouch for a client's key record that the client signed; submit it; return its `D`.

        Raises `SignatureError` (`signature.invalid`) for a signature of other keys than the record's; `RelayProblem`.
        """
        media_type = dsse.payload_type(ClientKey.KIND)
        record = encoding.decode(payload, ClientKey)
        signing.check(record.identity_key, dsse.pae(media_type, payload), dsse.decode_standard(client_signature.sig))
        own = self._identity.signing_key.sign_object(media_type, payload)
        await self._view.submit(dsse.seal_envelope(media_type, payload, (own, client_signature)))
        return dsse.digest(media_type, payload)

    async def vouch(self, client_key: str, means: Means) -> None:
        """Vouch, as a further partner, for a client's key record (`D`), with the person and their phone at the table.

        For a replacement that waits, compare the six words of the record first: `waiting` says them, and the phone.
        Raises `RelayProblem` (`vouch.twice`, `vouch.partner`, `vouch.late`, `client-key.unknown`).
        """
        payload = Vouch(
            v=1, huis=self._identity.huis, nonce=new_nonce(), partner=self._identity.partner, client_key=client_key,
            means=means,
        )  # fmt: skip
        await self._view.submit(sign_payload(payload, self._identity.signing_key))

    async def waiting(self, person: str) -> WaitingKeys | None:
        """Return the replacement that waits for a person, verified, or None. Raises as `look_up`."""
        case = await self.look_up([person], self._own(), self._own())
        client = case.clients.get(person)
        return waiting_of(client, self._clock()) if client is not None else None

    def _context(self, household: str, person: str, keys: ClientKeys, opened: int) -> EnrolmentContext:
        return EnrolmentContext(
            huis=self._identity.huis, household=household, person=person, opened=opened, passkeys=keys.passkeys,
            identity_key=keys.identity_key, seal_key=keys.seal_key,
        )  # fmt: skip

    def _own(self) -> Party:
        return Party(partner=self._identity.partner)


class OpenEnrolment:
    """One enrolment while it is open. `address` is what the QR code holds; it is shown, and told to nobody else."""

    def __init__(self, desk: Enrolments, code: EnrolmentCode, address: str, before: Signed[ClientKey] | None) -> None:
        self.address, self.expires = address, code.opened + LIFE_SECONDS
        self._desk, self._code, self._before = desk, code, before
        self._keys: ClientKeys | None = None

    async def words(self) -> tuple[str, ...]:
        """Wait for the phone's keys; return the six words that its screen must show too, for both people to compare.

        Raises `ProtocolError` (`enrolment.tag`: others' keys arrived; `enrolment.expired`), `MalformedError`,
        `RelayUnreachable`.
        """
        note, code = await self._note("keys"), self._code
        keys = encoding.decode(note, ShownKeys)
        context = self._desk._context(code.household, code.person, keys, code.opened)
        check_tag(code.secret, context, keys.tag, self._desk._clock())
        self._keys = keys
        return words_of_enrolment(code.secret, context)

    async def finish(self, means: Means) -> Enrolled:
        """Make the record, once both people said that the words match; wait for the phone's signature; submit it.

        Raises `ProtocolError` (`enrolment.expired`, `signature.invalid`), `RelayProblem`, `RelayUnreachable`.
        """
        if self._keys is None:
            raise ProtocolError("enrolment.payload", "no phone has answered yet")
        desk, code = self._desk, self._code
        payload = desk.prepare_client_key(
            code.household, code.person, self._keys, code.secret, code.opened, means, self._before
        )
        await desk._client.leave_note(code.mailbox, "record", payload)
        signature = encoding.decode(await self._note("signature"), dsse.Signature)
        d = await desk.enrol(payload, signature)
        return Enrolled(d, words_of_record(d), encoding.decode(payload, ClientKey).effective_at)

    async def _note(self, slot: str) -> bytes:
        while self._desk._clock() <= self.expires:
            note = await self._desk._client.fetch_note(self._code.mailbox, slot, LOOK_SECONDS)
            if note is not None:
                return note
        raise ProtocolError("enrolment.expired", "the code was for ten minutes; show a new one")


def waiting_of(client: Client, now: int) -> WaitingKeys | None:
    """Return the replacement that waits for a client at `now` (seconds), or None."""
    held = client.waiting_now(now)
    if held is None or held.payload.effective_at is None:
        return None
    record = held.payload
    vouched = tuple(sorted(client_keys.second_partners(held, client.vouches)))
    return WaitingKeys(
        record.person, record.household, held.d, words_of_record(held.d), held.payload.effective_at, record.partner,
        vouched,
    )  # fmt: skip


def _check_kind(before: Signed[ClientKey] | None, replaces: bool) -> None:
    if before is not None and not replaces:
        raise EnrolmentError(
            "enrolment.has-keys", "This person has keys already.", "They go on counting, and nothing was shown.",
            "If all of them are lost, replace them (`zegel enrol replace`).",
        )  # fmt: skip
    if before is None and replaces:
        raise EnrolmentError(
            "enrolment.no-keys",
            "This person has no keys yet.",
            "Nothing was shown.",
            "Enrol them (`zegel enrol show`).",
        )
