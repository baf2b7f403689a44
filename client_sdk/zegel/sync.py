"""The sync face: `Partner` for software that is not asynchronous. One background loop does the work.

Each call blocks its thread until it is done; any number of threads may use one `Partner`. Close it, or use `with`.
"""

import asyncio
import functools
import threading
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from zegel import partner as asynchronous
from zegel.alarms import Alarms as AsynchronousAlarms
from zegel.conferences import Conferences as AsynchronousConferences
from zegel.contacts import Choice
from zegel.dispatch import Sent
from zegel.draft import Draft
from zegel.enrolments import OpenEnrolment
from zegel.erasures import Erasures as AsynchronousErasures
from zegel.errors import PartnerClosed
from zegel.ethics import Ethics as AsynchronousEthics
from zegel.families import Families as AsynchronousFamilies
from zegel.inbox_desk import InboxDesk as AsynchronousDesk
from zegel.kept_draft import Kept
from zegel.letters import Letters as AsynchronousLetters
from zegel.message import Message, Waiting
from zegel.own_rules import OwnRules as AsynchronousOwnRules
from zegel.preflight import Preflight
from zegel.progress import OnProgress
from zegel.proving import ProofFile
from zegel.received import ReceivedMessage
from zegel.reminding import Reminder
from zegel.sent import SentMessage
from zegel.talks import Talks as AsynchronousTalks
from zegel.telling import Duty, How, Untold
from zegel_keys.casefile import CaseFile
from zegel_protocol.objects import Acknowledgement
from zegel_protocol.objects.acknowledgement import Event

P = ParamSpec("P")
T = TypeVar("T")


class _Loop:
    """A loop that runs in a thread of its own until it is stopped."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="zegel", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end and return what it returns. Raises `PartnerClosed` once the loop was stopped."""
        if self._loop.is_closed():
            work.close()
            raise PartnerClosed("This partner was closed.", "Nothing was sent.", "Connect anew.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def blocking(self, method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
        """Return an asynchronous method as one that blocks, with the same parameters and errors."""

        @functools.wraps(method)
        def call(*args: P.args, **options: P.kwargs) -> T:
            return self.run(method(*args, **options))

        return call

    def stop(self) -> None:
        """Stop the loop and wait for its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Families:
    """As `zegel.Families`, blocking: the same parameters, and the same errors.

    What needs no relay (`sign_change`, `prepare_stop`, `witness`, `witness_revocation`, `prepare_client_key`) is as it
    was. `words` and `finish` are those of the `OpenEnrolment` that `open_enrolment` returns: their first argument.
    """

    def __init__(self, loop: _Loop, families: AsynchronousFamilies) -> None:
        self.add_person = loop.blocking(families.add_person)
        self.change_person = loop.blocking(families.change_person)
        self.prepare_change = loop.blocking(families.prepare_change)
        self.sign_change = families.sign_change
        self.submit_change = loop.blocking(families.submit_change)
        self.ask_consent = loop.blocking(families.ask_consent)
        self.look_up = loop.blocking(families.look_up)
        self.prepare_witnessed = loop.blocking(families.prepare_witnessed)
        self.prepare_witnessed_revocation = loop.blocking(families.prepare_witnessed_revocation)
        self.prepare_stop = families.prepare_stop
        self.witnessed_text = loop.blocking(families.witnessed_text)
        self.witness = families.witness
        self.witness_revocation = families.witness_revocation
        self.submit_witnessed = loop.blocking(families.submit_witnessed)
        self.submit_witnessed_revocation = loop.blocking(families.submit_witnessed_revocation)
        self.open_enrolment = loop.blocking(families.open_enrolment)
        self.words = loop.blocking(OpenEnrolment.words)
        self.finish = loop.blocking(OpenEnrolment.finish)
        self.prepare_client_key = families.prepare_client_key
        self.enrol = loop.blocking(families.enrol)
        self.vouch = loop.blocking(families.vouch)
        self.waiting = loop.blocking(families.waiting)


class Talks:
    """As `zegel.Talks`, blocking; what only begins a draft is as it was."""

    def __init__(self, loop: _Loop, talks: AsynchronousTalks) -> None:
        self.ask, self.request, self.reply, self.hand_over = talks.ask, talks.request, talks.reply, talks.hand_over
        self.let_answer = loop.blocking(talks.let_answer)
        self.say = loop.blocking(talks.say)
        self.agree = loop.blocking(talks.agree)
        self.done = loop.blocking(talks.done)
        self.stuck = loop.blocking(talks.stuck)
        self.report_over_broad = loop.blocking(talks.report_over_broad)
        self.declined_by = loop.blocking(talks.declined_by)


class Conferences:
    """As `zegel.Conferences`, blocking."""

    def __init__(self, loop: _Loop, conferences: AsynchronousConferences) -> None:
        self.draft = conferences.draft
        self.convene = loop.blocking(conferences.convene)
        self.find = loop.blocking(conferences.find)
        self.change = loop.blocking(conferences.change)
        self.close = loop.blocking(conferences.close)
        self.ask_consent = loop.blocking(conferences.ask_consent)
        self.invite = loop.blocking(conferences.invite)
        self.contribute = loop.blocking(conferences.contribute)
        self.report = loop.blocking(conferences.report)


class Erasures:
    """As `zegel.Erasures`, blocking."""

    def __init__(self, loop: _Loop, erasures: AsynchronousErasures) -> None:
        self.owed = loop.blocking(erasures.owed)
        self.answer = loop.blocking(erasures.answer)


class InboxDesk:
    """As `zegel.InboxDesk`, blocking."""

    def __init__(self, loop: _Loop, desk: AsynchronousDesk) -> None:
        self.deadlines = loop.blocking(desk.deadlines)
        self.assign = loop.blocking(desk.assign)
        self.assigned = loop.blocking(desk.assigned)
        self.hand_to = loop.blocking(desk.hand_to)
        self.set_absence = loop.blocking(desk.set_absence)


class Alarms:
    """As `zegel.Alarms`, blocking; what needs no relay (`phones`, `draft`, `remember`) is as it was."""

    def __init__(self, loop: _Loop, alarms: AsynchronousAlarms) -> None:
        self.phones, self.draft, self.remember = alarms.phones, alarms.draft, alarms.remember
        self.procedure = loop.blocking(alarms.procedure)
        self.desks = loop.blocking(alarms.desks)
        self.on_call = loop.blocking(alarms.on_call)
        self.send = loop.blocking(alarms.send)
        self.look = loop.blocking(alarms.look)
        self.countersign = loop.blocking(alarms.countersign)
        self.review_delay = loop.blocking(alarms.review_delay)
        self.waiting = loop.blocking(alarms.waiting)
        self.rota = loop.blocking(alarms.rota)
        self.set_rota = loop.blocking(alarms.set_rota)
        self.register_procedure = loop.blocking(alarms.register_procedure)


class Ethics:
    """As `zegel.Ethics`, blocking."""

    def __init__(self, loop: _Loop, ethics: AsynchronousEthics) -> None:
        self.accept_code = loop.blocking(ethics.accept_code)
        self.pledge = loop.blocking(ethics.pledge)
        self.status = loop.blocking(ethics.status)
        self.due = loop.blocking(ethics.due)
        self.remind = loop.blocking(ethics.remind)
        self.reminder = loop.blocking(ethics.reminder)


class OwnRules:
    """As `zegel.OwnRules`, blocking."""

    def __init__(self, loop: _Loop, rules: AsynchronousOwnRules) -> None:
        self.show = loop.blocking(rules.show)
        self.close = loop.blocking(rules.close)
        self.open = loop.blocking(rules.open)


class Letters:
    """As `zegel.Letters`, blocking; `prepare_stop` needs no relay, and is as it was."""

    def __init__(self, loop: _Loop, letters: AsynchronousLetters) -> None:
        self.write = loop.blocking(letters.write)
        self.look_up = loop.blocking(letters.look_up)
        self.prepare_stop = letters.prepare_stop


class Partner:
    """As `zegel.Partner`, blocking. Raises the same errors."""

    def __init__(self, folder: Path | str, passphrase: str, *, relay: str | None = None) -> None:
        self._loop = _Loop()
        try:
            self._partner = self._loop.run(asynchronous.Partner.connect(folder, passphrase, relay=relay))
        except BaseException:
            self._loop.stop()
            raise
        self.identity = self._partner.identity
        self.families = Families(self._loop, self._partner.families)
        self.alarms = Alarms(self._loop, self._partner.alarms)
        self.ethics = Ethics(self._loop, self._partner.ethics)
        self.letters = Letters(self._loop, self._partner.letters)
        self.own_rules = OwnRules(self._loop, self._partner.own_rules)
        self.talks = Talks(self._loop, self._partner.talks)
        self.conferences = Conferences(self._loop, self._partner.conferences)
        self.erasures = Erasures(self._loop, self._partner.erasures)
        self.desk = InboxDesk(self._loop, self._partner.desk)

    def __enter__(self) -> "Partner":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close connections, keystore and loop."""
        self._loop.run(self._partner.close())
        self._loop.stop()

    def refresh(self) -> None:
        """Make and publish the next sealing keys if they are due: daily, for what stays connected."""
        self._loop.run(self._partner.refresh())

    def referral(self, to: str, household: str, about: Iterable[str], purpose: str = "referral") -> Draft:
        """Begin a referral."""
        return self._partner.referral(to, household, about, purpose)

    def information(self, to: str, household: str, about: Iterable[str], purpose: str = "coordinate") -> Draft:
        """Begin an information message."""
        return self._partner.information(to, household, about, purpose)

    def report_back(self, message: Message) -> Draft:
        """Begin a report-back."""
        return self._partner.report_back(message)

    def preflight(self, draft: Draft) -> Preflight:
        """Judge a draft before anything is sealed."""
        return self._loop.run(self._partner.preflight(draft))

    def send(self, draft: Draft, on_progress: OnProgress | None = None) -> Sent:
        """Check, seal and send a draft; `on_progress` is called in the partner's own thread."""
        return self._loop.run(self._partner.send(draft, on_progress))

    def keep(self, draft: Draft, on_progress: OnProgress | None = None) -> str:
        """Keep a draft on this device until `flush` sends it; return its id."""
        return self._loop.run(self._partner.keep(draft, on_progress))

    def drafts(self) -> list[Kept]:
        """Return the drafts that are kept here."""
        return self._partner.drafts()

    def draft(self, identifier: str) -> Draft:
        """Return a kept draft to mend."""
        return self._loop.run(self._partner.draft(identifier))

    def discard(self, identifier: str) -> None:
        """Throw away a kept draft, or a sealed message that waits."""
        self._partner.discard(identifier)

    def flush(self, on_progress: OnProgress | None = None) -> list[Sent]:
        """Send what was sealed and could not be sent, and every kept draft."""
        return self._loop.run(self._partner.flush(on_progress))

    def unsent(self) -> list[str]:
        """Return the ids of messages that still have to arrive."""
        return self._partner.unsent()

    def inbox(self, wait: int = 0) -> list[Waiting]:
        """Return messages that were not opened here yet."""
        return self._loop.run(self._partner.inbox(wait))

    def open(
        self,
        waiting: Waiting | str,
        on_progress: OnProgress | None = None,
        reminder: Reminder | None = None,
        *,
        language: str = "nl",
    ) -> Message:
        """Open a message; `reminder` is called in the partner's own thread."""
        return self._loop.run(self._partner.open(waiting, on_progress, reminder, language=language))

    def acknowledge(self, message: Message, event: Event = "opened", codes: Iterable[str] = ()) -> None:
        """Tell sender and client what became of a message."""
        self._loop.run(self._partner.acknowledge(message, event, codes))

    def unopenable(self, waiting: Waiting | str, codes: Iterable[str] = ()) -> None:
        """Tell sender and client that a message does not open."""
        self._loop.run(self._partner.unopenable(waiting, codes))

    def prove(self, manifest: str, n: int) -> ProofFile:
        """Return the opening proof of a section, for the steward."""
        return self._loop.run(self._partner.prove(manifest, n))

    def events(self, manifest: str) -> list[Acknowledgement]:
        """Return what readers said of a message."""
        return self._loop.run(self._partner.events(manifest))

    def sent(self) -> list[SentMessage]:
        """Return what was sent from this keystore."""
        return self._partner.sent()

    def received(self) -> list[ReceivedMessage]:
        """Return what was opened at this keystore."""
        return self._partner.received()

    def lost(self) -> list[str]:
        """Return which messages sent here the relay lost when it was restored."""
        return self._loop.run(self._partner.lost())

    def setting(self) -> CaseFile:
        """Fetch and verify what is in force in the Huis."""
        return self._loop.run(self._partner.setting())

    def duties(self, now: int | None = None) -> list[Duty]:
        """Return whom this partner still owes telling."""
        return self._loop.run(self._partner.duties(now))

    def letter(self, duty: Duty, language: str | None = None) -> str:
        """Return the letter of a duty."""
        return self._loop.run(self._partner.letter(duty, language))

    def confirm_told(self, duty: Duty, how: How = "in-person") -> None:
        """Say that a person was told."""
        self._loop.run(self._partner.confirm_told(duty, how))

    def set_contact(self, person: str, choice: Choice) -> None:
        """Say how a person without keys wants to be pinged."""
        self._loop.run(self._partner.set_contact(person, choice))

    def untold(self, now: int | None = None) -> list[Untold]:
        """Return who should have been told of messages sent here, and of whom no word says so."""
        return self._loop.run(self._partner.untold(now))
