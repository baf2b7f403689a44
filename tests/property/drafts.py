"""Messages about a family, drawn at random around what the rules allow: about half of them are allowed.

Most of a draft follows from the sections, so that it would be allowed; each further choice has a few chances in twenty
to be made at random instead. What is refused is then refused for one or two reasons: there a restriction could slip.
"""

from dataclasses import replace

from hypothesis import strategies as st

from property import oracle
from property.acts import Act, Asked, No, Yes
from property.huis import DAY, ENDS, MONTHS, NOW, SECTORS, Age, Someone
from property.worlds import Draft, Section

SENDERS = ("caw-b", "clb-b", "volunteer-b", "health-b")
ROUTES = (
    *((purpose, f"{sector}-a") for purpose in oracle.DAYS for sector in oracle.TABLE[purpose] if sector != "network"),
    ("referral", "network-a"),
)
NAMES = ("father", "kim", "mother", "sister")
WITNESSES = (("caw-b", "anna"), ("caw-b", "bert")), (("caw-b", "anna"), ("mental-b", "bert")), (("caw-b", "anna"),)


def rarely(draw: st.DrawFn, times_in_twenty: int = 2) -> bool:
    """Draw whether to leave the trodden path; shrinks to staying on it."""
    return draw(st.integers(0, 19)) >= 20 - times_in_twenty


@st.composite
def families(draw: st.DrawFn, to: str) -> tuple[Someone, ...]:
    """Draw a mother, a father, Kim of any age, and a sister of 14."""
    age: Age = draw(st.sampled_from(sorted(MONTHS)))
    keys = not rarely(draw, 3)
    vouched = ("mental-b",) if not rarely(draw) else draw(st.sampled_from([(to,), (to, "mental-b")]))
    kim = Someone(
        "kim", age, ("father", "mother") if age != "adult" else (), draw(st.booleans()),
        draw(st.sampled_from([True, False])) if rarely(draw, 3) else None, draw(st.sampled_from([ENDS, NOW])),
        ("father",) if rarely(draw) and age != "adult" else (), keys, vouched,
    )  # fmt: skip
    sister = Someone("sister", "young", ("father", "mother"), keys=keys, vouched=vouched)
    return kim, *(Someone(name, keys=keys, vouched=vouched) for name in ("mother", "father")), sister


def entitled(person: str, family: tuple[Someone, ...]) -> tuple[tuple[str, str], ...]:
    """Return who would say yes for someone, as signers; both parents of a child."""
    one = next(item for item in family if item.name == person)
    own_say = one.age != "child" if one.capable is None or one.capable_until <= NOW else one.capable
    if own_say or one.age in ("adult", "eighteen"):
        return ((person, "self"),)
    return tuple((name, "authority") for name in one.authority)


def one_of(draw: st.DrawFn, signers: dict[str, str]) -> dict[str, str]:
    """Draw one signer of several: enough for a child, unless its parents are in conflict."""
    name = draw(st.sampled_from(sorted(signers)))
    return {name: signers[name]}


@st.composite
def sections(draw: st.DrawFn, purpose: str, to: str) -> Section:
    """Draw a section that mostly may go to this recipient for this purpose."""
    grants = [
        (category, form)
        for category in oracle.LEVELS
        if (grant := oracle.granted(purpose, to.rpartition("-")[0], category)) and not grant.conditional
        for form in grant.forms
    ]
    category, form = draw(st.sampled_from(grants))
    if rarely(draw, 1):
        category, form = draw(st.sampled_from(sorted(oracle.LEVELS))), draw(st.sampled_from(oracle.FORMS))
    about = draw(st.lists(st.sampled_from(("kim", "mother", "sister")), min_size=1, max_size=2, unique=True))
    return Section(category, form, tuple(sorted(about)))


@st.composite
def consents(draw: st.DrawFn, label: str, draft: Draft, earlier: tuple[str, ...]) -> Yes:
    """Draw a consent that mostly suits the draft's sections."""
    wanted = sorted({(section.type, section.form) for section in draft.sections})
    types = wanted if not rarely(draw, 4) else draw(st.lists(st.sampled_from(wanted), min_size=1, unique=True))
    if draw(st.booleans()):
        types = sorted({(category, "whole") for category, _ in types})
    if rarely(draw):
        types = sorted({*types, (draw(st.sampled_from(sorted(oracle.LEVELS))), "whole")})
    people = sorted({name for section in draft.sections for name in section.about})
    about = (
        people if not rarely(draw, 4) else draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(sorted))
    )
    signers = dict(item for name in about for item in entitled(name, draft.people))
    if signers and rarely(draw, 3):
        signers = one_of(draw, signers)
    if not signers or rarely(draw):
        signers = dict.fromkeys(draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)), "self")
    witnessed = not draft.people[0].keys or rarely(draw, 1)
    begins = NOW - draw(st.sampled_from([1, 5, 9] if not rarely(draw) else [-1, 0, 70, 100])) * DAY
    ends = NOW + draw(st.sampled_from([1, 10, 20] if not rarely(draw) else [0, 60, 120, 300])) * DAY
    witnesses = draw(st.sampled_from(WITNESSES)) if witnessed else ()
    yes = Yes(
        label, tuple(types), tuple(about), tuple(sorted(signers.items())), draft.purpose, draft.sender, draft.to,
        begins, max(begins + 1, ends), witnesses, signed=not rarely(draw, 1), shown=not rarely(draw, 1),
    )  # fmt: skip
    if earlier and rarely(draw, 3):
        yes = replace(yes, replaces=(draw(st.sampled_from(earlier)),))
    if rarely(draw, 1):
        yes = replace(yes, purpose=draw(st.sampled_from(sorted(oracle.DAYS))))
    if rarely(draw, 1):
        yes = replace(yes, to=f"{draw(st.sampled_from(sorted(SECTORS)))}-a")
    if rarely(draw, 1):
        other = [Asked(until=yes.ends - 1), Asked(purpose="access"), Asked(types=(("who", "whole"),)), None]
        yes = replace(yes, asked=draw(st.sampled_from(other)))
    return yes


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Draw a message with its family, consents and revocations."""
    purpose, to = draw(st.sampled_from(ROUTES))
    kind = draw(st.sampled_from(oracle.KINDS[purpose] if not rarely(draw, 1) else [*oracle.ALL_KINDS, "report-back"]))
    draft = Draft(
        tuple(draw(st.lists(sections(purpose, to), min_size=1, max_size=3))), people=draw(families(to)), kind=kind,
        purpose=purpose, to=to, sender=draw(st.sampled_from(SENDERS)) if rarely(draw) else "caw-b",
        thread=rarely(draw, 3), status_age=1000 if rarely(draw, 1) else 60, status_behind=rarely(draw, 1),
    )  # fmt: skip
    draft = replace(draft, notice_by=draft.sender if draw(st.booleans()) else draft.to)
    acts: tuple[Act, ...] = ()
    for label in draw(st.sampled_from([("first",), ("first", "second"), ("first", "second", "third")])):
        earlier = tuple(act.label for act in acts)
        act = draw(consents(label, draft, earlier))
        acts = (*acts, act)
        if rarely(draw, 1):
            acts = (*acts, No(f"no {label}", (label,), act.about, act.signers, act.sender, act.to))
    named = tuple(act.label for act in acts if isinstance(act, Yes))
    if rarely(draw):
        named = tuple(draw(st.lists(st.sampled_from(named), min_size=1, unique=True)))
    return replace(draft, acts=acts, named=named)
