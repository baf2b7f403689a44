"""What the default rulebook says, in tables typed anew, and who may say yes: what `decide()` is held against.

Nothing here reads the package's rulebook or its decision: two people who read the same rules must come to the same
answers. Codes are the closed list of `zegel_protocol.refusal`; which of them belongs to what is `docs/spec/decide.md`.
"""

from dataclasses import dataclass
from typing import Literal

from property.huis import Age
from zegel_protocol.refusal import Code

LEVELS = {
    **dict.fromkeys(("who", "lang", "plan", "follow"), "O"),
    **dict.fromkeys(
        ("contact", "ask", "home", "helpers", "strength", "parenting", "growth", "school", "childcare", "money"), "S"
    ),
    **dict.fromkeys(("housing", "work", "rights"), "S"),
    **dict.fromkeys(
        ("stay", "health", "mind", "addiction", "disability", "relation", "violence", "justice"), "H"
    ),
}  # fmt: skip
FORMS = ("whole", "first-name", "short", "costs-only", "yes-no")
NARROWER = {
    "who": ("first-name",),
    "ask": ("short",),
    "health": ("short", "costs-only"),
    "housing": ("yes-no",),
    "rights": ("yes-no",),
}
"""Categories that have a form besides the whole: those for which the relevance table names one."""

KINDS = {
    "referral": ("referral", "hand-over"),
    "coordinate": ("information", "request", "feedback"),
    "consult": ("consultation", "contribution", "consultation-report"),
    "access": ("request", "information"),
    "school": ("request", "information"),
    "care": ("referral", "information"),
    "voice": ("client-message",),
    "safety": ("concern",),
    "advice": ("advice",),
    "improve": ("improvement",),
}
ALL_KINDS = tuple(sorted({kind for kinds in KINDS.values() for kind in kinds}))
TO_PERSONS = {
    "question": ("referral", "coordinate", "consult", "access", "school", "care"),
    "reply": ("voice",),
}
"""Kinds that go to a person, and what for."""
REPORTED = ("referral", "coordinate", "consult", "access", "school", "care", "safety")
"""What a report back may be for: all that partners do together."""
ANONYMOUS = ("advice", "improvement")
BY_PERSON = ("client-message",)
ALARM = "concern"
"""It rests on necessity; whoever takes alarms gets what danger is told with, and a little of anything else."""

PENAL = ("opgroeien", "health", "mental", "clb", "ocmw", "caw", "youthcare", "disability", "safetydesk")
PLEDGE = ("volunteer", "initiative", "network")

BASE = "who contact lang ask plan follow"
# `*` only with the client's own passkey, `?` only under a condition, `:` in that form alone.
REFERRAL = {
    "opgroeien": f"{BASE} home strength parenting growth childcare",
    "health": f"{BASE} home",
    "mental": f"{BASE} mind home relation",
    "clb": f"{BASE} school growth home strength",
    "ocmw": f"{BASE} money housing work rights home",
    "caw": f"{BASE} housing home relation violence*",
    "youthcare": f"{BASE} home strength parenting growth school",
    "disability": f"{BASE} disability growth home",
    "familysupport": f"{BASE} home strength parenting",
    "childcare": f"{BASE} childcare",
    **dict.fromkeys(PLEDGE, "who:first-name contact lang plan strength ask:short"),
}
ADDED = {
    "opgroeien": "helpers",
    "health": "helpers",
    "mental": "helpers parenting school",
    "clb": "helpers parenting mind",
    "ocmw": "helpers",
    "caw": "money rights helpers strength",
    "youthcare": "helpers mind relation violence* justice*?",
    "disability": "school parenting helpers",
    "familysupport": "growth",
    "childcare": "growth",
}
TOGETHER = {sector: f"{REFERRAL[sector]} {added}" for sector, added in ADDED.items()}
TABLE: dict[str, dict[str, str]] = {
    "referral": REFERRAL,
    "coordinate": TOGETHER,
    "consult": {**TOGETHER, "school": "who plan follow school"},
    "care": {
        "opgroeien": f"{BASE} health mind",
        "health": f"{BASE} health growth mind disability addiction violence*",
        "mental": f"{BASE} health addiction disability violence*",
        "clb": f"{BASE} health",
        "disability": f"{BASE} health",
        "school": f"{BASE} health:short",
        "childcare": f"{BASE} health:short",
    },
    "school": {"clb": f"{BASE} school disability", "school": f"{BASE} school"},
    "access": {
        "ocmw": f"{BASE} money rights stay disability health:costs-only",
        "caw": f"{BASE} rights stay",
        "city": f"{BASE} housing:yes-no rights:yes-no",
    },
    "safety": dict.fromkeys(("safetydesk", "clb", "health", "mental", "youthcare"), "who contact home violence"),
}
REPORT_BACK = ("follow", "plan")
"""What goes back to whoever asked, whatever the table says."""
DAYS = {"referral": 90, "coordinate": 360, "consult": 180, "access": 180, "school": 180, "care": 180}
DAYS_HIGHLY = {"coordinate": 180}
PLEDGE_DAYS = 90
WITNESSED_DAYS = 30
WITNESSED_LEVELS = "OS"
BOTH_PARENTS = "SH"
AT_12_DAYS = 60


@dataclass(frozen=True)
class Grant:
    """What the table gives: in which forms, and whether only on the client's own passkey or under a condition."""

    forms: tuple[str, ...]
    signed: bool
    conditional: bool


def forms_of(category: str) -> tuple[str, ...]:
    """Return the forms a category has."""
    return ("whole", *NARROWER.get(category, ()))


def granted(purpose: str, sector: str, category: str) -> Grant | None:
    """Return what may go of a category to a sector for a purpose, or None."""
    if purpose == "safety" and sector in TABLE[purpose]:
        return Grant(forms_of(category), signed=False, conditional=False)
    for word in TABLE.get(purpose, {}).get(sector, "").split():
        name, _, form = word.rstrip("*?").partition(":")
        if name == category:
            # The most that may go: who may have the whole may have less of it.
            return Grant((form,) if form else forms_of(category), "*" in word, "?" in word)
    return None


def relevance(purpose: str, sector: str, category: str, form: str) -> set[Code]:
    """Return why this category in this form may not go to this sector for this purpose; empty when it may."""
    if category not in LEVELS:
        return {Code.TYPE_UNKNOWN}
    codes = set() if form in forms_of(category) else {Code.FORM_UNKNOWN}
    if purpose == "voice" or purpose not in KINDS:
        return codes
    if sector not in TABLE.get(purpose, {}):
        return codes | {Code.RECIPIENT_CLOSED}
    grant = granted(purpose, sector, category)
    if grant is None:
        return codes | {Code.NOT_RELEVANT}
    if form not in grant.forms:
        return codes | {Code.FORM_NOT_RELEVANT}
    return codes | {Code.CONDITION} if grant.conditional else codes


def message(kind: str, purpose: str) -> set[Code]:
    """Return why a well-made message of this kind, on the basis that it has, may not have this purpose."""
    codes = set()
    if kind not in ALL_KINDS:
        codes.add(Code.KIND_UNKNOWN)
    if purpose not in KINDS:
        codes.add(Code.PURPOSE_UNKNOWN)
    if not codes and kind not in KINDS[purpose]:
        codes.add(Code.PURPOSE_KIND)
    return codes


How = Literal[
    "passkey", "own-vouch", "second-vouch", "unsigned", "two", "two-partners", "three", "one", "same-worker", "service",
    "recipient-one", "recipient-two", "recipient-third", "has-passkey",
]  # fmt: skip
"""How a yes was given. By passkey: whose key was vouched for by another than the recipient (`own-vouch`: by the
recipient alone; `second-vouch`: by it first, then by another; `unsigned`: without the touch). Witnessed: by two workers
of one partner, or of two; by three; by one; by two devices of one worker; by a worker and a service; by one or two
of the recipient, or one of it as a third; or although the signers have passkeys."""
PASSKEY: tuple[How, ...] = ("passkey", "own-vouch", "second-vouch", "unsigned")
WITNESSED: tuple[How, ...] = (
    "two", "two-partners", "three", "one", "same-worker", "service", "recipient-one", "recipient-two",
    "recipient-third", "has-passkey",
)  # fmt: skip


@dataclass(frozen=True)
class Situation:
    """Whose information it is, how old they are, and what is known of those who hold authority over them.

    `capable`: a reasoned rebuttal in force; None: none, or it has ended. `holders` and `silenced` are names.
    """

    subject: str
    age: Age
    holders: tuple[str, ...] = ()
    conflict: bool = False
    capable: bool | None = None
    silenced: tuple[str, ...] = ()


def who(situation: Situation, signers: tuple[str, ...], level: str, *, before_12: bool = False) -> Code | None:
    """Return why these signers cannot say yes for the subject, or None. `before_12`: given before that birthday."""
    own_say = situation.age != "child"
    if situation.age not in ("adult", "eighteen") and situation.capable is not None:
        own_say = situation.capable
    if own_say and situation.subject in signers:
        return None
    inherited = situation.age == "twelve" and before_12
    if own_say and not inherited:
        return Code.SIGNER_NOT_ENTITLED
    able = [name for name in situation.holders if name not in situation.silenced]
    found = [name for name in able if name in signers]
    if not found:
        return Code.SIGNER_NOT_ENTITLED
    if situation.conflict and level in BOTH_PARENTS and found != able:
        return Code.SIGNER_CONFLICT
    return None


def signatures(how: How, *, answers: bool = False) -> set[Code]:
    """Return what is wrong with the signatures. `answers`: the message answers what the recipient began."""
    found: dict[How, set[Code]] = {
        "own-vouch": set() if answers else {Code.RECIPIENT_OWN_VOUCH},
        "unsigned": {Code.SIGNER_SIGNATURE},
        "one": {Code.WITNESS_COUNT},
        "same-worker": {Code.WITNESS_SAME_WORKER},
        "service": {Code.WITNESS_NOT_WORKER, Code.WITNESS_COUNT},
        "recipient-one": set() if answers else {Code.RECIPIENT_OWN_WITNESS},
        "recipient-two": set() if answers else {Code.RECIPIENT_OWN_WITNESS},
        "has-passkey": {Code.WITNESS_HAS_PASSKEY},
    }
    return found.get(how, set())


def consent(
    situation: Situation, signers: tuple[str, ...], how: How, level: str, *, signed_only: bool, pledge: bool,
    before_12: bool = False, answers: bool = False,
) -> set[Code]:  # fmt: skip
    """Return all that keeps a consent, right in scope, parties, text and time, from covering one section of a level.

    `signed_only`: the table opens it on a passkey only; `pledge`: a pledge role on either side.
    """
    codes = signatures(how, answers=answers)
    if how in WITNESSED:
        if pledge:
            codes |= {Code.PLEDGE_SIGNED}
        if level not in WITNESSED_LEVELS:
            codes |= {Code.WITNESS_LEVEL}
        if signed_only:
            codes |= {Code.NOT_SIGNED}
    entitled = who(situation, signers, level, before_12=before_12)
    return codes if entitled is None else codes | {entitled}


def longest(purpose: str, *, highly: bool, pledge: bool, witnessed: bool) -> int:
    """Return the most days that a consent may last."""
    days = [DAYS[purpose]]
    if highly and purpose in DAYS_HIGHLY:
        days.append(DAYS_HIGHLY[purpose])
    if pledge:
        days.append(PLEDGE_DAYS)
    if witnessed:
        days.append(WITNESSED_DAYS)
    return min(days)
