"""The client agent: a family member with a phone, in software, who enrols, consents, is told, and reads their own copy.

For the demo and the tests, where no browser runs. It does what the portal's page does and trusts the relay as little:
each answer is verified before anything of it is shown or signed. Duties: articles 2, 6 and 7.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Set
from types import TracebackType

from zegel.contacts import Choice, next_contact
from zegel.enrolments import ClientKeys, Enrolled, WaitingKeys, waiting_of
from zegel.relay_client import RelayClient
from zegel_demo import client_notice, consent_answer, consent_stop, consent_together, enrolment, own_passkeys, ways_in
from zegel_demo.asked import Asked, read_request
from zegel_demo.client_notice import ClientNotice, read_notice
from zegel_demo.client_voice import ClientVoice
from zegel_demo.consent_chains import Given, read_given
from zegel_demo.consent_together import Joint
from zegel_demo.notice_place import place_of_last
from zegel_demo.passkey import SoftwarePasskey
from zegel_demo.phone import Phone
from zegel_demo.touch import Answer
from zegel_keys.client_seed import ClientSeed
from zegel_protocol import dsse, encoding
from zegel_protocol.enrolment_code import read_address
from zegel_protocol.errors import ChainError
from zegel_protocol.objects.parties import Sender
from zegel_protocol.positions import first_position
from zegel_protocol.signed import Place
from zegel_protocol.texts.notice_facts import Line


class ClientAgent(ClientVoice):
    """One person of a household, on a relay at `relay_url`. Use it with `async with`.

    `clock` gives UTC seconds. `relay` replaces the connection, for tests. Every method that asks the relay raises
    `RelayUnreachable`, `RelayProblem`, and `ProtocolError` for whatever does not verify or is older than was seen
    (`pin.*`, `log.split`, `directory.expired`, `client-key.foreign`).
    """

    def __init__(
        self,
        huis: str,
        household: str,
        person: str,
        relay_url: str,
        passkey: SoftwarePasskey,
        seed: ClientSeed,
        clock: Callable[[], int] = lambda: int(time.time()),
        relay: RelayClient | None = None,
    ) -> None:
        client = relay or RelayClient(relay_url, f"person:{person}", seed.identity_key, clock)
        self._phone = Phone(huis, household, person, passkey, seed, client, clock)
        self._enrolment: enrolment.OpenEnrolment | None = None
        self.cursor = 0
        """Where `notices` ended; give it as `after` to see only what is new."""

    async def __aenter__(self) -> "ClientAgent":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._phone.relay.close()

    @property
    def person(self) -> str:
        """The person's id."""
        return self._phone.person

    @property
    def household(self) -> str:
        """The id of the household that the person is in."""
        return self._phone.household

    @property
    def receipts(self) -> Mapping[str, bytes]:
        """The receipts of all that this agent submitted, by `D`, as they were given."""
        return self._phone.kept

    def enrol(self, secret: bytes, opened: int) -> ClientKeys:
        """Return what the worker's device needs: the public keys, and the tag under its `secret` of `opened` (seconds).

        Raises `ProtocolError` (`enrolment.secret`, `enrolment.expired`).
        """
        self._enrolment = enrolment.begin(self._phone, secret, opened)
        return self._enrolment.keys

    def sign_client_key(self, payload: bytes) -> dsse.Signature:
        """Return the identity key's signature of the record that the worker's device made of these keys, once.

        Raises `ProtocolError` (`enrolment.payload`) for a record that does not hold exactly this phone's keys.
        """
        signature = enrolment.co_sign(self._phone, self._enrolment, payload)
        self._enrolment = None
        return signature

    @classmethod
    def scan(cls, address: str, relay_url: str, rp_id: str, clock: Callable[[], int] | None = None) -> "ClientAgent":
        """Return a new phone for whom the address of a QR code is, with a passkey and a seed of its own.

        `rp_id` is the portal's relying party id. Raises `MalformedError` (`enrolment.code`).
        """
        origin, code = read_address(address)
        passkey, seed = SoftwarePasskey(rp_id, origin), ClientSeed.generate()
        when = clock or (lambda: int(time.time()))
        return cls(code.huis, code.household, code.person, relay_url, passkey, seed, when)

    async def answer_enrolment(self, address: str) -> tuple[str, ...]:
        """Answer the QR code on a worker's screen; return the six words to compare with theirs. See `enrolment`."""
        _, code = read_address(address)
        self._enrolment, words = await enrolment.answer(self._phone, code)
        return words

    async def finish_enrolment(self) -> Enrolled:
        """Wait for the worker's record and co-sign it; see `enrolment.finish`."""
        enrolled = await enrolment.finish(self._phone, self._enrolment)
        self._enrolment = None
        return enrolled

    async def replacement(self) -> WaitingKeys | None:
        """Return the replacement of this person's keys that waits, or None: whoever did not ask for it stops it."""
        return waiting_of((await self._phone.family()).me, self._phone.clock())

    async def keep_keys(self) -> str:
        """Stop that replacement by stating this phone's keys once more; see `enrolment.keep_keys`."""
        return await enrolment.keep_keys(self._phone)

    async def add_passkey(self, passkey: SoftwarePasskey) -> str:
        """List one more passkey for this person, such as a second device's; see `own_passkeys`."""
        return await own_passkeys.add_passkey(self._phone, passkey)

    async def remove_passkey(self, credential: str) -> str:
        """Leave a passkey out, such as a lost phone's; see `own_passkeys`."""
        return await own_passkeys.remove_passkey(self._phone, credential)

    async def print_code(self) -> str:
        """Make the code on paper that opens this person's seed anywhere; return it. Raises as `put_way_in`."""
        return await ways_in.print_code(self._phone)

    async def requests(self) -> list[Asked]:
        """Return the requests that this person can answer, oldest first, each yes with the very text it would sign."""
        family = await self._phone.family()
        held = sorted(family.case.requests.values(), key=lambda item: item.place.index if item.place is not None else 0)
        read = (read_request(item, family, self.person, self._phone.clock()) for item in held)
        return [asked for asked in read if asked is not None]

    async def accept(
        self, asked: Asked, only: Mapping[int, Set[str]] | None = None, replaces: Iterable[str] = ()
    ) -> tuple[Answer, ...]:
        """Say yes with one touch, to all of a request or to less; see `consent_answer.accept`."""
        return await consent_answer.accept(self._phone, asked, only, replaces)

    async def begin_together(
        self, asked: Asked, others: Iterable[str], only: Mapping[int, Set[str]] | None = None
    ) -> Joint:
        """Prepare and touch a yes about one's children that `others` must sign too; see `consent_together.begin`."""
        return await consent_together.begin(self._phone, asked, others, only)

    async def read_together(self, joint: Joint) -> tuple[str, ...]:
        """Return the texts of a yes that another phone prepared, as this one renders them, once they hold."""
        return await consent_together.read(self._phone, joint)

    async def co_sign(self, joint: Joint) -> Joint:
        """Touch a yes that another phone prepared; see `consent_together.co_sign`."""
        return await consent_together.co_sign(self._phone, joint)

    async def give_together(self, joint: Joint) -> tuple[Answer, ...]:
        """Give the relay a yes that everyone signed; see `consent_together.give`."""
        return await consent_together.give(self._phone, joint)

    async def given(self) -> tuple[Given, ...]:
        """Return every yes about this person and their children, oldest first, and for whom each still counts."""
        family = await self._phone.family()
        case = await self._phone.consents()
        return read_given(case, (self.person, *family.children), self._phone.clock())

    async def narrow(self, d: str, types: Set[str]) -> tuple[Answer, ...]:
        """Replace a consent (`D`) by one for these of its types only; see `consent_answer.narrow`."""
        return await consent_answer.narrow(self._phone, d, types)

    async def revoke(self, digests: Iterable[str], reason_code: str = "changed-mind") -> tuple[Answer, ...]:
        """Take back consents (`D`s) of one (from, to) with one touch; see `consent_stop.revoke`."""
        return await consent_stop.revoke(self._phone, digests, reason_code)

    async def offer_again(self) -> list[str]:
        """Give the relay once more what this phone signed and the relay lost when it was restored; return their `D`."""
        return await self._phone.view.offer_again()

    async def notices(self, after: int = 0, wait: int = 0) -> list[ClientNotice]:
        """Return the notices from cursor `after` on, oldest first, each with the client's copy opened.

        `wait`: seconds at most (0 to 30) for something new. Raises as `read_notice`: one notice whose message the relay
        withholds or alters fails the whole, for what comes from such a relay is not to be read on.
        """
        # A log that was set back has no places beyond what this phone saw of it.
        after = min(after, first_position(self._phone.view.seen.size))
        page = await self._phone.relay.notices(after, wait)
        found: list[ClientNotice] = []
        while page.items:
            family = await self._phone.family()
            case = await self._phone.consents()
            own = (self.person, *family.children)
            consents = {item.consent.d: item.consent for item in read_given(case, own, self._phone.clock())}
            owed = (await self._phone.relay.deadlines()).items
            read = [await read_notice(self._phone, item, family, consents, case.chains, owed) for item in page.items]
            reached = await place_of_last(self._phone, case, zip(page.items, read, strict=True)) + 1
            if reached <= after:
                raise ChainError("notice.cursor", "the relay shows again what was read before")
            found += read
            self.cursor = after = reached
            page = await self._phone.relay.notices(after)
        return found

    def page(self, notice: ClientNotice, language: str = "nl", done: Iterable[str] = ()) -> list[Line]:
        """Return the page of a notice: its lines, with the section and the button that each is.

        `done` are codes of follow-ups that were met. Raises as `client_notice.page_of`.
        """
        return client_notice.page_of(notice, self.person, self._phone.clock(), language, done)

    def render(self, notice: ClientNotice, language: str = "nl", done: Iterable[str] = ()) -> list[str]:
        """Return the same lines as text alone, just as this person reads them."""
        return [line.text for line in self.page(notice, language, done)]

    async def choose_contact(self, choice: Choice) -> Place:
        """Choose how this person is pinged; return where that stands in the log. Raises as `contacts.next_contact`."""
        case = await self._phone.believe(await self._phone.relay.setting())
        by = Sender(person=self.person)
        contact = await next_contact(self._phone.relay, case.trust, self.person, by, choice, self._phone.clock())
        key = self._phone.seed.identity_key
        signature = key.sign_object(dsse.payload_type(contact.KIND), encoding.encode(contact))
        return await self._phone.submit(contact, (signature,), case)
