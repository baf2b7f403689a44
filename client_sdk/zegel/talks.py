"""Talking with clients and partners: a question, a request, a reply, a joint hand-over, and the words about them.

The client is asked first (article 6); a hand-over's steps are followed until done (article 4); "this is not running
well" is anybody's to say (article 8). A draft made here is judged and sent as every other (`Partner.send`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from zegel.acknowledging import Words
from zegel.asking import ask, flow, longest
from zegel.content.schemas import PlannedStep, Steps
from zegel.draft import TO_PERSON, Draft, party, people
from zegel.errors import ZegelError
from zegel.message import Message
from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_keys.keystore.identity import Identity
from zegel_protocol.durations import DAY
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.objects.manifest import Carried, PlanStep
from zegel_protocol.objects.parties import Party
from zegel_protocol.words import OVER_BROAD, STEP, agreements

QUESTION, REPLY, REQUEST, HAND_OVER, REPORT = "question", "reply", "request", "hand-over", "report-back"
"""Kinds of the default rulebook that are made here."""


class NoReply(ZegelError):
    """Only a message that a client sent is replied to."""

    code = "reply.not-a-client"


@dataclass(frozen=True)
class Step:
    """One step of a joint hand-over plan: what, who takes it, by when (UTC seconds), together `with_` whom, and where.

    `by` and `with_` are partner ids, or `person:<id>`.
    """

    what: str
    by: str
    due: int
    with_: tuple[str, ...] = ()
    place: str | None = None


class Talks:
    """What one device asks, answers and says."""

    def __init__(
        self, identity: Identity, client: RelayClient, view: View, words: Words, clock: Callable[[], int]
    ) -> None:
        self._identity, self._client, self._view, self._clock = identity, client, view, clock
        self._words = words

    def ask(
        self,
        person: str,
        household: str,
        about: Iterable[str],
        question: str,
        *,
        purpose: str = "coordinate",
    ) -> Draft:
        """Begin a question to a client, who answers, lets a partner answer (`let_answer`), or says no.

        `person`: who is asked; `about`: mostly the same. Silence is no once the rulebook's days are over.
        """
        draft = Draft(QUESTION, purpose, f"{TO_PERSON}{person}", household, people(about))
        return draft.note("question", question)

    async def let_answer(
        self,
        question: Draft,
        by: str,
        types: Iterable[tuple[str, str]],
        *,
        days: int | None = None,
        language: str = "nl",
    ) -> str:
        """Ask the client's consent that partner `by` may answer a question instead; return the request's `D`.

        `types`: (type, form) pairs of the answer. A yes lets this partner send `by` a `request`, and `by` answer it.
        Raises `RelayProblem`, `RelayUnreachable`, `ProtocolError`.
        """
        wanted, case = tuple(types), await self._view.believe(await self._client.setting())
        allowed = longest(case.setting.rulebook.payload, question.purpose, wanted)
        until = self._clock() + min(days or allowed, allowed) * DAY
        own, other = Party(partner=self._identity.partner), Party(partner=by)
        flows = [
            flow(question.purpose, own, other, [("ask", "whole")], until),
            flow(question.purpose, other, own, wanted, until),
        ]
        return await ask(
            self._identity, self._view, case, self._clock(), household=question.household, persons=question.about,
            flows=flows, language=language,
        )  # fmt: skip

    def request(
        self,
        to: str,
        household: str,
        about: Iterable[str],
        question: str,
        *,
        purpose: str = "coordinate",
        carried: Carried | None = None,
        thread: str | None = None,
    ) -> Draft:
        """Begin a request to another partner, on the consent of those it is about; they were asked first."""
        draft = Draft(REQUEST, purpose, to, household, people(about), carried=carried, thread=thread)
        return draft.note("question", question)

    def reply(self, message: Message, text: str) -> Draft:
        """Begin the answer to a client's own message: to that client, about nobody but them.

        Raises `NoReply` for a message that no client sent: report back to a partner.
        """
        person, household = message.manifest.sender.person, message.manifest.household
        if person is None or household is None:
            raise NoReply(
                "Only a message that a client sent is replied to.",
                "Nothing was sent.",
                "To a partner, report back: `zegel report`.",
            )
        draft = Draft(
            REPLY, message.manifest.purpose, f"{TO_PERSON}{person}", household, (person,), thread=message.thread,
            answers=message.d,
        )  # fmt: skip
        return draft.note("answer", text)

    def hand_over(
        self,
        to: str,
        household: str,
        about: Iterable[str],
        steps: Iterable[Step],
        *,
        purpose: str = "referral",
        thread: str | None = None,
    ) -> Draft:
        """Begin a warm hand-over: a plan whose steps both partners and the client confirm until all are done.

        Steps are numbered in their order. Agreement, follow-up and how it is carried are added as to a referral.
        """
        plan = list(steps)
        draft = Draft(HAND_OVER, purpose, to, household, people(about), thread=thread)
        draft.steps = tuple(
            PlanStep(n=n, by=party(step.by), others=_parties(step.with_), due=step.due)
            for n, step in enumerate(plan, 1)
        )
        items = tuple(PlannedStep(n=n, what=step.what, place=step.place) for n, step in enumerate(plan, 1))
        return draft.note("steps", Steps(items=items))

    async def say(
        self,
        message: Message | str,
        event: Event,
        codes: Iterable[str] = (),
        of: str | None = None,
        person: str | None = None,
    ) -> None:
        """Say a word about a message that was received or sent: opened, or by its `D`. Raises as `Words.say`.

        `person`: somebody without keys, whose word this worker writes down in their presence.
        """
        await self._words.say(message, event, codes, of, person)

    async def agree(self, message: Message, *what: int | str) -> None:
        """Agree to what a message says will happen: steps (numbers), follow-ups (codes), or all of it.

        Raises `WordError` (no such step or follow-up), and as `say`.
        """
        await self.say(message, "agreed", codes_of(what) or agreements(message.manifest))

    async def done(self, message: Message, *what: int | str) -> None:
        """Say that steps (numbers) or follow-ups (codes) are done, which whoever keeps them says.

        Raises `WordError` (nothing is named, or not all of it is this partner's), and as `say`.
        """
        await self.say(message, "done", codes_of(what))

    async def stuck(self, message: Message | str, *what: int | str) -> None:
        """Say that this is not running well, or that these steps are not: every side and the client see it."""
        await self.say(message, "stuck", codes_of(what))

    async def report_over_broad(self, message: Message | str) -> None:
        """Say that a message holds what does not belong there. What it holds, `Partner.prove` shows the steward."""
        await self.say(message, "reported", [OVER_BROAD])

    async def declined_by(self, message: Message | str, person: str) -> None:
        """Write down, as this worker, the no of somebody without keys to a question that was put to them."""
        await self.say(message, "declined", person=person)


def codes_of(what: Iterable[int | str]) -> list[str]:
    """Return steps, by their number, and follow-ups as words name them."""
    return [f"{STEP}-{item}" if isinstance(item, int) else item for item in what]


def report_back(message: Message) -> Draft:
    """Return a report-back begun: to the partner that sent `message`, in its thread, and answering it by name.

    Raises `ValueError` for a message of a client, who is replied to, or about nobody.
    """
    manifest = message.manifest
    if manifest.sender.partner is None or manifest.household is None:
        raise ValueError("a report-back goes to a partner, about people of a household")
    rules = message.case.setting.rulebook.payload.kinds
    named = next((rule.answers for rule in rules if rule.id == REPORT), ())
    return Draft(
        REPORT, manifest.purpose, manifest.sender.partner, manifest.household, message.about, thread=message.thread,
        answers=message.d if manifest.kind in named else None,
    )  # fmt: skip


def _parties(named: Iterable[str]) -> tuple[Party, ...]:
    return tuple(sorted((party(item) for item in named), key=lambda item: item.key))
