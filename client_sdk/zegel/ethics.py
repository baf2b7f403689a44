"""`partner.ethics`: the code of ethics accepted by each worker, the pledge, and the reminder of secrecy (0, 1, 7).

The relay holds no text of the code: it is the partners' own, and the steward's rulebook names its digest. Whoever
accepts it has read the file that the steward gave.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from zegel.declaring import sign_acceptance, sign_pledge
from zegel.errors import ZegelError
from zegel.own_case import ask_own
from zegel.relay_client import RelayClient
from zegel.reminding import reminder_text
from zegel.steward.rules import digest_of_code
from zegel.view import View
from zegel_keys.casefile import CaseFile
from zegel_keys.exhibit import read
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.keystore.state import State
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Declaration, Rulebook
from zegel_protocol.objects.devices import Device
from zegel_protocol.texts.catalogue import phrase
from zegel_protocol.texts.code_text import code_reminder
from zegel_protocol.texts.dates import day_in_words

_TABLE, _REMINDED = "values", "code.reminded"


class EthicsError(ZegelError):
    """A declaration that cannot be made here; `code` says why."""

    def __init__(self, code: str, what: str, do: str) -> None:
        super().__init__(what, "Nothing was declared.", do)
        self.code = code


@dataclass(frozen=True)
class Acceptance:
    """Whether one worker accepted the code in force; `worker` None: the partner's services, for which a worker does.

    `functions` are those of their devices. `due`: until when there is time (UTC seconds); from then on what they send
    is refused, but for what the code itself asks of them.
    """

    worker: str | None
    functions: tuple[str, ...]
    accepted: bool
    due: int

    def blocked(self, now: int) -> bool:
        """Whether they ran out of time."""
        return not self.accepted and now >= self.due


@dataclass(frozen=True)
class CodeStatus:
    """The code in force, and how this partner stands to it. `pledged`: None where no pledge is asked.

    `asked`: whether the rulebook asks anybody to accept it.
    """

    version: str
    digest: str
    since: int
    asked: bool
    workers: tuple[Acceptance, ...]
    pledged: bool | None

    def of(self, worker: str | None) -> Acceptance | None:
        """Return what one worker's acceptance is, or None for one who has no device."""
        return next((item for item in self.workers if item.worker == worker), None)


class Ethics:
    """The code of ethics, for one device."""

    def __init__(self, identity: Identity, state: State, client: RelayClient, view: View) -> None:
        self._identity, self._state, self._client, self._view = identity, state, client, view

    async def accept_code(self, text: bytes | None = None, *, services: bool = False) -> str:
        """Accept the code in force, as the worker of this device; return the declaration's `D`.

        `text`: the file that was read; it must be the one of the rulebook. `services`: accept it for the partner's
        service devices, which can't. Raises `EthicsError` (`code.service`: this is a service's device;
        `code.other-text`), `RelayProblem`, `RelayUnreachable`, `ProtocolError`.
        """
        rulebook = (await self._view.latest(anew=True)).setting.rulebook.payload
        if self._identity.service:
            raise EthicsError(
                "code.service", "A service accepts no code of ethics.", "A worker accepts it, also for the services."
            )
        if text is not None and digest_of_code(text) != rulebook.code_digest:
            raise EthicsError(
                "code.other-text",
                f"That is not the text of the code in force (version {rulebook.code_version}).",
                "Ask the steward for the file, read it, then accept it.",
            )
        return await self._declare(sign_acceptance(self._identity, rulebook, services=services))

    async def pledge(self, root: KeyFile) -> str:
        """Pledge confidentiality for this partner, with its root key (article 0); return the declaration's `D`.

        Raises `EthicsError` (`pledge.not-asked`: this partner is under a secrecy of law or office), and as
        `accept_code`.
        """
        setting = (await self._view.latest(anew=True)).setting
        member = setting.member(self._identity.partner)
        if member is not None and setting.secrecy(member) != "pledge":
            raise EthicsError(
                "pledge.not-asked",
                "This partner's people are under a secrecy of law or of office already.",
                "There is nothing to pledge.",
            )
        envelope = sign_pledge(root, self._identity.huis, self._identity.partner, setting.rulebook.payload)
        return await self._declare(envelope)

    async def status(self) -> CodeStatus:
        """Return how each worker of this partner, and the partner itself, stands to the code in force."""
        case = await ask_own(self._client, self._view, self._identity.partner)
        return code_status(case, self._identity.partner)

    async def due(self) -> Acceptance | None:
        """Return until when the worker of this device still has to accept the code, or None where nothing is asked."""
        status = await self.status()
        own = status.of(self._identity.worker) if status.asked else None
        return own if own is not None and not own.accepted else None

    async def remind(self, now: int, language: str = "nl", *, always: bool = False) -> list[str]:
        """Return what the worker of this device still has to do about the code, in words; nothing where all is done.

        Asked of the relay once a day, and nothing in between, unless `always`. Raises as `status`.
        """
        today = str(now // DAY).encode()
        if not always and self._state.get(_TABLE, _REMINDED) == today:
            return []
        case = await ask_own(self._client, self._view, self._identity.partner)
        self._state.put(_TABLE, _REMINDED, today)
        status, rulebook = code_status(case, self._identity.partner), case.setting.rulebook.payload
        own = status.of(self._identity.worker) if status.asked else None
        lines = [phrase(language, "code-reminder.pledge")] if status.pledged is False else []
        if own is not None and not own.accepted:
            due = day_in_words(language, own.due)
            lines = [*code_reminder(rulebook, language, due, late=own.blocked(now)), *lines]
        return lines

    async def reminder(self, language: str = "nl") -> str:
        """Return the reminder of secrecy that a worker acknowledges before opening, in a language of the catalogues."""
        return reminder_text((await self._view.latest()).setting, self._identity.partner, language)

    async def _declare(self, envelope: bytes) -> str:
        await self._view.submit(envelope)
        return read(envelope).d


def code_status(case: CaseFile, partner: str) -> CodeStatus:
    """Return how a partner stands to the code, by a case that shows its declarations (`own_case.ask_own`)."""
    rulebook = case.setting.rulebook.payload
    member = case.setting.member(partner)
    since = rulebook.code_from if rulebook.code_from is not None else rulebook.issued
    owes_pledge = member is None or case.setting.secrecy(member) == "pledge"
    return CodeStatus(
        version=rulebook.code_version,
        digest=rulebook.code_digest,
        since=since,
        asked=rulebook.code is not None,
        workers=tuple(_acceptances(case, rulebook, partner)),
        pledged=_declared(case, rulebook, partner, "pledge") if owes_pledge else None,
    )


def _acceptances(case: CaseFile, rulebook: Rulebook, partner: str) -> Iterator[Acceptance]:
    by_worker: dict[str | None, list[Device]] = {}
    for device in case.trust.devices(partner, None):
        by_worker.setdefault(device.worker, []).append(device)
    for worker, devices in sorted(by_worker.items(), key=lambda item: item[0] or ""):
        listed = case.setting.listed_since(partner, worker)
        by = rulebook.accept_by(listed)
        yield Acceptance(
            worker=worker,
            functions=_functions(devices),
            accepted=_declared(case, rulebook, f"{partner}/{worker or ''}", "code"),
            due=by if by is not None else max(rulebook.issued, listed),
        )


def _functions(devices: Iterable[Device]) -> tuple[str, ...]:
    return tuple(sorted({str(device.function) for device in devices}))


def _declared(case: CaseFile, rulebook: Rulebook, subject: str, what: str) -> bool:
    """Whether the version in force was accepted or pledged to."""
    return any(
        held.payload.what == what and rulebook.is_code(held.payload.code_version, held.payload.code_digest)
        for held in case.records.all(Declaration, subject)
    )
