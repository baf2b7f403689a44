"""Scenario 1 of the rulebook: a nurse refers Elif, mother of a baby of three weeks, to debt mediation.

Every line that is told comes from what happened between real parties on a running relay.
"""

import asyncio
import os
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import ClientSession

from zegel import (
    Agreement,
    Carried,
    Contact,
    ContentFound,
    Draft,
    FollowUp,
    Message,
    Partner,
    Progress,
    Refused,
    RelayUnreachable,
)
from zegel_demo import rash
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import DAY, Huis
from zegel_demo.letters import write_letters
from zegel_demo.ports import PAGE, free_port
from zegel_demo.stories.scene import opened_huis
from zegel_demo.telling import Teller, titled
from zegel_protocol.texts.dates import moment_in_words

CHILD_AND_FAMILY, OCMW, SCHOOL = "kind-en-gezin", "ocmw-gent", "school-de-linde"
NATIONAL_NUMBER = "93.05.18-223.61"
"""Made up; its check digits are right, as a detector expects."""


async def tell(folder: Path, teller: Teller) -> None:
    """Make the Huis and tell the story. Raises `AssertionError` when something did not happen as the rules say."""
    scenario = "Scenario 1. Everything below happens now, on this machine."
    title = "Zegel: one referral, sealed, judged, told"
    async with opened_huis(folder, teller, title, scenario, free_port(PAGE)) as huis:
        await Story(huis, teller).tell()


class Story:
    """The scenes, in order."""

    def __init__(self, huis: Huis, teller: Teller) -> None:
        self.huis, self.teller = huis, teller
        self.household, self.elif_id = os.urandom(16).hex(), ""

    async def tell(self) -> None:
        """Tell all of it."""
        await self._found()
        async with await self.huis.connect(CHILD_AND_FAMILY) as nurse, await self.huis.connect(OCMW) as ocmw:
            phone = await self._enrol(nurse)
            await self._unconsented(nurse)
            await self._consent(nurse, phone)
            await self._too_broad(nurse)
            await self._national_number(nurse)
            sent = await self._send(nurse)
            message = await self._open(ocmw, sent)
            await self._report_back(nurse, ocmw, message)
            await self._read(phone)
            await self._revoke(nurse, phone)
            await phone.close()
        await self._page()

    async def _found(self) -> None:
        say = self.teller
        say.scene("A Huis is founded")
        await self.huis.admit(CHILD_AND_FAMILY, "Kind en Gezin", "opgroeien", "penal", "nurse")
        await self.huis.admit(OCMW, "OCMW Gent", "ocmw", "penal", "social-worker")
        await self.huis.admit(SCHOOL, "Basisschool De Linde", "school", "office", "teacher")
        await self.huis.publish()
        say.say("The steward makes a root key, admits three partners and publishes the directory and the rulebook.")
        say.fact("relay", f"{self.huis.relay.address}, process {self.huis.relay.pid}, SQLite")
        say.fact("Huis", self.huis.id)
        for member in self.huis.members.values():
            say.fact("partner", f"{member.name} ({member.id}), keystore in {member.folder.name}/")

    async def _enrol(self, nurse: Partner) -> ClientAgent:
        self.teller.scene("The nurse visits Elif, and enrols her phone")
        self.elif_id = await nurse.families.add_person(self.household)
        phone = self.huis.phone(self.household, self.elif_id)
        opened = await nurse.families.open_enrolment(self.household, self.elif_id)
        self.teller.say("The nurse's screen shows a QR code with a secret, for ten minutes. Elif's phone answers it.")
        self.teller.fact("QR code", f"{len(opened.address)} characters; the secret is no part of what a relay is sent")
        on_phone = await phone.answer_enrolment(opened.address)
        on_screen = await opened.words()
        assert on_phone == on_screen, "the two screens show other words"
        self.teller.fact("on the phone ", " ".join(on_phone))
        self.teller.fact("on the screen", " ".join(on_screen))
        self.teller.say("The same six words: nobody stands between. Elif's passkey and the nurse's key sign.")
        enrolled, _ = await asyncio.gather(opened.finish("id-card"), phone.finish_enrolment())
        self.teller.fact("client key", enrolled.client_key)
        return phone

    def _draft(self, nurse: Partner) -> Draft:
        """What belongs in it: who, how to reach her, her question, debts with two letters, rent, what was agreed."""
        draft = nurse.referral(OCMW, self.household, [self.elif_id])
        draft.names = ("Elif", "Yılmaz")
        draft.note("who", "Elif Yılmaz")
        draft.note("contact", Contact(text="0470 12 34 56", safe="Overdag bellen, niet na 18 uur."))
        draft.note("lang", "Nederlands gaat, Turks gaat beter. Graag een tolk aan de telefoon.")
        draft.note("ask", "Ik wil hulp bij mijn schulden. Er komen brieven van drie deurwaarders.")
        draft.note("money", "Drie deurwaarders, samen ongeveer € 6.400. Twee brieven zitten hierbij.")
        draft.note("housing", "Vier maanden huur achter. Er is nog geen uitzetting gevraagd.")
        for letter in write_letters(self.huis.folder / "letters"):
            draft.file("money", letter)
        draft.note(
            "agreement",
            Agreement(
                text="Het OCMW belt u donderdag tussen 10 en 12 uur.",
                ask="Sara, verpleegkundige",
                informs="Sara",
                with_client=True,
                steps=(),
            ),
        )
        draft.carried = Carried(how="with-client")
        now = self.huis.clock()
        draft.follow_up = (
            FollowUp(code="first-contact", due=now + 2 * DAY),
            FollowUp(code="report-back", due=now + 15 * DAY),
        )
        return draft

    async def _unconsented(self, nurse: Partner) -> None:
        self.teller.scene("Without a yes, nothing leaves")
        draft = self._draft(nurse)
        await self._must_refuse("the nurse's own software, before sealing", "consent.missing", nurse.send(draft))
        self.teller.say("Software that does not check first gets no further: the relay refuses, unable to read it.")
        await self._must_refuse("the relay", "consent.missing", rash.send(nurse, draft, self.huis.clock()))

    async def _must_refuse(self, by: str, code: str, sending: object) -> None:
        try:
            await sending  # type: ignore[misc]
        except Refused as refusal:
            self.teller.refused(by, refusal)
            assert code in refusal.codes, f"{code} is not among {refusal.codes}"
            return
        raise AssertionError(f"{by} should have refused this")

    async def _consent(self, nurse: Partner, phone: ClientAgent) -> None:
        self.teller.scene("Elif is asked, and says yes")
        draft = self._draft(nurse)
        types = [(section.type, section.form) for section in draft.sections if section.type != "agreement"]
        await nurse.families.ask_consent(draft, types={*types, ("plan", "whole"), ("follow", "whole")})
        asked = (await phone.requests())[0]
        for offer in asked.offers:
            self.teller.page("Elif's phone", offer.text.split("\n"))
        answers = await phone.accept(asked)
        self.teller.say("One touch of her passkey signs both. What is signed is the very text above.")
        for answer in answers:
            self.teller.fact("consent", f"{answer.d} at place {answer.place.index} of the log")

    async def _too_broad(self, nurse: Partner) -> None:
        self.teller.scene("More than she agreed to, or than they need, is refused")
        draft = self._draft(nurse)
        draft.note("work", "De vader werkt bij een transportbedrijf in de haven.")
        draft.note("mind", "Elif is somber sinds de bevalling.")
        try:
            await rash.send(nurse, draft, self.huis.clock())
        except Refused as refusal:
            self.teller.refused("the relay", refusal)
            assert {"category.not-covered", "category.not-relevant"} <= set(refusal.codes), refusal.codes
        else:
            raise AssertionError("the relay accepted what was not covered")
        checked = await nurse.preflight(draft.without("work", "mind"))
        assert checked.ok, checked
        self.teller.say("The mending step, taken: without work and mind, the same draft passes.")

    async def _national_number(self, nurse: Partner) -> None:
        self.teller.scene("A national number is caught before anything is sealed")
        draft = self._draft(nurse).without("who").note("who", f"Elif Yılmaz, rijksregisternummer {NATIONAL_NUMBER}")
        try:
            await nurse.send(draft)
        except ContentFound as found:
            self.teller.fact("refused", found)
            assert any(item.code.value == "matter.national-number" for item in found.findings)
        else:
            raise AssertionError("a national number was sent")

    async def _send(self, nurse: Partner) -> str:
        self.teller.scene("What she agreed to is sealed and accepted")
        await self._keep_without_line(nurse)
        reports: list[Progress] = []
        (sent,) = await nurse.flush(reports.append)
        assert not nurse.drafts()
        assert not nurse.unsent()
        self.teller.say("The line is back, and the nurse's software sends it: judged anew, sealed, accepted.")
        for stage, report in {report.stage: report for report in reports}.items():
            self.teller.fact(f"{stage} note and letters", f"{report.done} of {report.total} bytes")
        self.teller.say("The relay checks signatures, consent, purpose and size, and stores message and notice as one.")
        self.teller.fact("message", sent.id)
        self.teller.fact(
            "receipt", f"accepted {_clock(sent.accepted_at)}; notices stored in the same commit: {len(sent.notices)}"
        )
        return sent.manifest

    async def _keep_without_line(self, nurse: Partner) -> None:
        """Stop the relay for a moment, as on a road without a signal; the draft is kept."""
        relay = self.huis.relay
        port = urlsplit(relay.address).port or 0
        await asyncio.to_thread(relay.stop)
        try:
            await nurse.send(self._draft(nurse))
        except RelayUnreachable:
            kept = await nurse.keep(self._draft(nurse))
            self.teller.say("The relay is stopped for a moment, as on a road without a signal. Not sent yet:")
            self.teller.fact("kept here, encrypted, letters too", kept)
        else:
            raise AssertionError("a message was sent without a relay")
        finally:
            await asyncio.to_thread(relay.start_again, port)

    async def _open(self, ocmw: Partner, sent: str) -> Message:
        self.teller.scene("The OCMW opens it")
        waiting = await ocmw.inbox(wait=5)
        assert [item.manifest for item in waiting] == [sent]
        message = await ocmw.open(waiting[0])
        await ocmw.acknowledge(message)
        self.teller.say(f"Verified from the steward's root on, judged again, then opened. From: {message.sender_name}.")
        for section in message.sections:
            if section.name is not None:
                what = f"{section.name} ({section.media}, {len(section.data)} bytes)"
            else:
                what = _text_of(section.note)
            self.teller.fact("reads", titled(section.type, what))
        return message

    async def _report_back(self, nurse: Partner, ocmw: Partner, message: Message) -> None:
        self.teller.scene("The OCMW reports back")
        draft = ocmw.report_back(message)
        draft.carried = Carried(how="with-client")
        draft.note("follow", "Eerste gesprek gehad. Een schuldbemiddelaar neemt het dossier op.")
        draft.note("plan", "Volgende afspraak op dinsdag 8 december om 14 uur.")
        await ocmw.send(draft)
        await ocmw.talks.done(message, "first-contact")
        waiting = await nurse.inbox(wait=5)
        answer = await nurse.open(waiting[0])
        await nurse.acknowledge(answer)
        self.teller.say(f"{answer.sender_name} answers in the same conversation; the nurse reads:")
        for section in answer.sections:
            self.teller.fact("reads", titled(section.type, _text_of(section.note)))

    async def _read(self, phone: ClientAgent) -> None:
        self.teller.scene("What Elif reads")
        for notice in await phone.notices():
            await phone.tell(notice)
            self.teller.page("Elif's phone", phone.render(notice))
            for name, content in notice.readable():
                self.teller.fact("[Lees alles]", titled(name, content))

    async def _revoke(self, nurse: Partner, phone: ClientAgent) -> None:
        self.teller.scene("Elif stops it")
        given = [item for item in await phone.given() if item.consent.payload.to.partner == OCMW]
        for answer in await phone.revoke([item.consent.d for item in given], "changed-mind"):
            self.teller.fact("revocation", f"{answer.d} at place {answer.place.index} of the log")
        more = self._draft(nurse).without("who", "contact", "lang", "housing")
        await self._must_refuse("the nurse's own software", "consent.revoked", nurse.send(more))
        await self._must_refuse("the relay", "consent.revoked", rash.send(nurse, more, self.huis.clock()))
        self.teller.say("What was read can't be unread. Nothing new goes to the OCMW.")

    async def _page(self) -> None:
        """Say where the page was, if this relay served it."""
        self.teller.scene("The same, in a browser")
        address = f"{self.huis.relay.address}/"
        async with ClientSession() as session, session.get(address) as answer:
            served = answer.status == HTTPStatus.OK
        if served:
            self.teller.say(f"The page that families read was at {address}. It ends now, with its relay.")
        self.teller.say("`make serve-demo` keeps one up with a family in it, and says how to open it.")


def _clock(at: int) -> str:
    return moment_in_words("en", at)


def _text_of(note: object) -> str:
    fields = (getattr(note, name) for name in getattr(note, "__struct_fields__", ()))
    return " / ".join(value for value in fields if isinstance(value, str))
