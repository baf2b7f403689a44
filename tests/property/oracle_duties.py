"""The bases, alarms, the code, pledges and own rules: articles 0, 1, 3, 7 and 10, in tables typed apart from the code.

Nothing here reads the package's decision or its rulebook: what is on which list is typed anew from RULEBOOK and DUTIES.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from property import oracle
from zegel_protocol.refusal import Code

Secrecy = Literal["penal", "office", "pledge"]
STRONG_TO_WEAK: tuple[Secrecy, ...] = ("penal", "office", "pledge")

ON: Mapping[str, tuple[str, ...]] = {
    "referral": ("consent", "client-unable"),
    "hand-over": ("consent", "client-unable"),
    "information": ("consent", "client-unable", "legal-duty"),
    "request": ("consent",),
    "feedback": ("consent",),
    "consultation": ("consent",),
    "contribution": ("consent",),
    "consultation-report": ("consent",),
    "concern": ("necessity",),
    "question": (),
    "reply": (),
    "client-message": (),
}
"""What each kind about clients may rest on."""
LISTED: Mapping[str, tuple[str, ...]] = {
    "client-unable": ("unconscious", "confused", "crisis"),
    "necessity": ("serious-danger",),
    "legal-duty": (),
}
MAY_RECEIVE: Mapping[str, tuple[Secrecy, ...]] = {
    "client-unable": ("penal",),
    "necessity": ("penal",),
    "legal-duty": ("penal", "office"),
}
"""Under which secrecy a recipient is, where no client said yes. A pledge role receives on a signed consent only."""
TAKES_ALARMS = ("safetydesk", "clb", "health", "mental", "youthcare")
DANGER = ("who", "contact", "home", "violence")
"""What danger is told with; of anything else two categories at most."""
OTHERS = 2
HOST_IS_TOLD: Mapping[str, tuple[str, ...]] = {"who": ("whole", "first-name"), "violence": ("whole",)}
"""What a volunteer tells the organisation that stands behind them."""
DELAYS = ("danger-if-told", "safe-place-first")
DELAY_HOURS = 72
GRACE_DAYS = 30
FREE_OF_CODE = ("reply", "concern")
"""What goes also from who did not accept the code: answers to clients, and alarms."""
NEVER_CLOSED = ("advice", "improvement", "client-message", "concern", "reply")


@dataclass(frozen=True)
class Side:
    """A partner: its sector, and under which secrecy its membership says that it is."""

    sector: str
    secrecy: Secrecy

    @property
    def held_to(self) -> Secrecy:
        """The weaker of what the membership and the sector say."""
        of_sector: Secrecy = (
            "penal" if self.sector in oracle.PENAL else "pledge" if self.sector in oracle.PLEDGE else "office"
        )
        return max(self.secrecy, of_sector, key=STRONG_TO_WEAK.index)


def basis(kind: str, on: str, code: str, sender: Side, to: Side, *, hosted: bool, motivated: bool) -> set[Code]:
    """Return what is wrong with a message of a kind on a basis other than consent. `hosted`: it goes to the host."""
    if not ON[kind]:
        return {Code.BASIS_ANONYMOUS}
    if on not in ON[kind]:
        return {Code.BASIS_NOT_ALLOWED}
    alarm = kind == "concern"
    codes = set()
    if code not in LISTED[on]:
        codes.add(Code.BASIS_CODE)
    if to.held_to not in MAY_RECEIVE[on] and not (alarm and hosted):
        codes.add(Code.BASIS_RECIPIENT)
    if sender.held_to == "pledge" and not (alarm and (hosted or to.sector == "safetydesk")):
        codes.add(Code.BASIS_SENDER)
    if not motivated:
        codes.add(Code.PART_MISSING)
    return codes


def shared(purpose: str, to: Side, category: str, form: str) -> set[Code]:
    """Return why a category may not go without a yes: as the matrix says, and what takes a signature has none."""
    codes = oracle.relevance(purpose, to.sector, category, form)
    grant = oracle.granted(purpose, to.sector, category)
    if grant is not None and grant.signed:
        codes |= {Code.NOT_SIGNED}
    return codes


def alarm(to: str, categories: tuple[tuple[str, str], ...], *, hosted: bool) -> set[Code]:
    """Return what an alarm holds (category, form) and may not, to a sector."""
    codes = set()
    for category, form in categories:
        if form not in oracle.forms_of(category):
            codes.add(Code.FORM_UNKNOWN)
        if to not in TAKES_ALARMS and not hosted:
            codes.add(Code.RECIPIENT_CLOSED)
        elif to not in TAKES_ALARMS and category not in HOST_IS_TOLD:
            codes.add(Code.NOT_RELEVANT)
        elif form not in (oracle.forms_of(category) if to in TAKES_ALARMS else HOST_IS_TOLD[category]):
            codes.add(Code.FORM_NOT_RELEVANT)
    if len({category for category, _ in categories} - set(DANGER)) > OTHERS:
        codes.add(Code.ALARM_TOO_MANY)
    return codes


def on_call(to: str, rota: str, *, knowing: bool) -> set[Code]:
    """Return whether an alarm goes silently to a desk where nobody is. `rota`: `open`, `shut`, or `none` known."""
    silent = rota == "shut" or (rota == "none" and to == "safetydesk")
    return {Code.DESK_OFF_CALL} if silent and not knowing else set()


def delay(kind: str, code: str, seconds: int) -> set[Code]:
    """Return why the notice of a message does not wait so long for this reason."""
    if kind != "concern":
        return {Code.DELAY_NOT_ALARM}
    codes = set() if code in DELAYS else {Code.DELAY_CODE}
    return codes | ({Code.DELAY_TOO_LONG} if seconds > DELAY_HOURS * 3600 else set())


def accepted(kind: str, *, version: str | None, days_since: float) -> set[Code]:
    """Return whether a worker may send: with the code accepted, or within the days for it.

    `version`: which one they accepted; `days_since`: since the code or the worker came, whichever is later.
    """
    if kind in FREE_OF_CODE or version == "in force" or days_since < GRACE_DAYS:
        return set()
    return {Code.CODE_NOT_ACCEPTED}


def pledged(kind: str, side: Side, *, version: str | None, days_since: float) -> set[Code]:
    """Return whether a side has pledged what it has to; of a new code within the days for it. `kind` as `accepted`."""
    if kind in FREE_OF_CODE or side.held_to != "pledge" or version == "in force":
        return set()
    return set() if version is not None and days_since < GRACE_DAYS else {Code.PLEDGE_MISSING}


@dataclass(frozen=True)
class Shut:
    """What a partner closed for itself; what is None is not stated."""

    way: Literal["send", "receive"]
    purpose: str | None = None
    kind: str | None = None
    type: str | None = None
    sector: str | None = None


def closed(shut: Shut, *, side: str, purpose: str, kind: str, types: tuple[str, ...], other: str) -> set[Code]:
    """Return whether a closing of the partner on one `side` stops a message; `other`: the sector on the other side."""
    fits = (
        shut.way == side
        and shut.purpose in (None, purpose)
        and shut.kind in (None, kind)
        and shut.sector in (None, other)
        and (shut.type is None or shut.type in types)
    )
    return {Code.PARTNER_CLOSED} if fits and kind not in NEVER_CLOSED else set()
