"""`decide()` under the default rulebook, held against tables that were typed apart from it, over every combination."""

from dataclasses import replace
from itertools import product

import pytest

from property import oracle
from property.acts import Yes
from property.huis import DAY, ENDS, MONTHS, NOW, SECTORS, Someone, member, the_setting
from property.oracle import Situation
from property.worlds import Draft, Section
from zegel_protocol.decision import decide
from zegel_protocol.evidence import Setting
from zegel_protocol.objects.manifest import OnNecessity
from zegel_protocol.refusal import Code, Refusal

EVERYTHING = tuple((category, "whole") for category in oracle.LEVELS)
CATEGORIES = (*oracle.LEVELS, "religion", "national-number")
FORMS = (*oracle.FORMS, "summary")
PURPOSES = (*oracle.KINDS, "research")
SENDER = "caw-b"


def codes(refusals: tuple[Refusal, ...]) -> set[Code]:
    return {refusal.code for refusal in refusals}


def with_members(*members: tuple[str, str, str]) -> Setting:
    """Return the Huis with these members (partner, sector, secrecy) in the place of its own."""
    setting = the_setting()
    chains = dict(setting.memberships)
    for partner, sector, secrecy in members:
        assert secrecy in ("penal", "office", "pledge")
        chains[partner] = (member(partner, sector, secrecy),)
    return Setting(setting.directory, setting.rulebook, chains, setting.devices)


def drafted(kind: str, purpose: str, to: str, category: str, form: str) -> Draft:
    """Return a message with this one section, by the sort of sender and on the basis that its kind has.

    On consent, that is one to everything.
    """
    if kind in oracle.ANONYMOUS:
        return Draft(
            (Section(category, form, about=(), readers=(to,)),), (), kind=kind, purpose=purpose, to=to, household=None,
            carried=False, follow_up=False, notice_by=None, sender=SENDER,
        )  # fmt: skip
    if kind in oracle.BY_PERSON:
        return Draft((Section(category, form),), (), kind=kind, purpose=purpose, to=to, sender="mother")
    if kind == oracle.ALARM:
        return Draft(
            (Section(category, form),), (), kind=kind, purpose=purpose, to=to, sender=SENDER,
            basis=OnNecessity(code="serious-danger"), carried=False, follow_up=False,
        )  # fmt: skip
    consent = Yes("all", EVERYTHING, purpose=purpose, sender=SENDER, to=to)
    return Draft((Section(category, form),), (consent,), kind=kind, purpose=purpose, to=to, sender=SENDER)


def expected(kind: str, purpose: str, sector: str, category: str, form: str) -> set[Code]:
    if kind in oracle.ANONYMOUS and category in oracle.LEVELS:
        # Nobody is spoken of, so no category belongs in it.
        unknown = set() if form in oracle.forms_of(category) else {Code.FORM_UNKNOWN}
        return oracle.message(kind, purpose) | {Code.NOT_RELEVANT} | unknown
    closed = {Code.BASIS_RECIPIENT} if kind == oracle.ALARM and sector not in oracle.PENAL else set()
    return oracle.message(kind, purpose) | oracle.relevance(purpose, sector, category, form) | closed


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_may_go_to_whom_for_what(purpose, sector):
    wrong = {}
    for kind in oracle.KINDS.get(purpose, ("information",)):
        for category, form in product(CATEGORIES, FORMS):
            found = codes(decide(drafted(kind, purpose, f"{sector}-a", category, form).evidence(), NOW))
            wanted = expected(kind, purpose, sector, category, form)
            # No text can say an unknown purpose, so no consent to it was ever shown.
            if wanted != found - ({Code.CONSENT_TEXT} if Code.PURPOSE_UNKNOWN in wanted else set()):
                wrong[kind, category, form] = wanted, found
    assert wrong == {}


EVERY_KIND = (*oracle.ALL_KINDS, *oracle.TO_PERSONS, "report-back")


def served(kind: str) -> set[str]:
    """Return the purposes that list a kind."""
    if kind == "report-back":
        return set(oracle.REPORTED)
    if kind in oracle.TO_PERSONS:
        return set(oracle.TO_PERSONS[kind])
    return {purpose for purpose, kinds in oracle.KINDS.items() if kind in kinds}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_what_each_kind_is_for(kind):
    to = "mother" if kind in oracle.TO_PERSONS else "health-a"
    wrong = {}
    for purpose in PURPOSES:
        found = codes(decide(drafted(kind, purpose, to, "plan", "whole").evidence(), NOW))
        wanted = set() if purpose in served(kind) else {Code.PURPOSE_KIND}
        if purpose not in oracle.KINDS:
            wanted = {Code.PURPOSE_UNKNOWN}
        if found & {Code.PURPOSE_KIND, Code.PURPOSE_UNKNOWN, Code.KIND_UNKNOWN} != wanted:
            wrong[purpose] = wanted, found
    assert wrong == {}


RECIPIENT = "health-a"
SCENES: dict[oracle.How, tuple[tuple[str, str], ...]] = {
    "two": ((SENDER, "anna"), (SENDER, "bert")),
    "two-partners": ((SENDER, "anna"), ("mental-b", "anna")),
    "three": ((SENDER, "anna"), (SENDER, "bert"), ("mental-b", "bert")),
    "one": ((SENDER, "anna"),),
    "same-worker": ((SENDER, "anna"), (SENDER, "anna-tablet")),
    "service": ((SENDER, "anna"), (SENDER, "service")),
    "recipient-one": ((SENDER, "anna"), (RECIPIENT, "anna")),
    "recipient-two": ((RECIPIENT, "anna"), (RECIPIENT, "bert")),
    "recipient-third": ((SENDER, "anna"), (SENDER, "bert"), (RECIPIENT, "anna")),
    "has-passkey": ((SENDER, "anna"), (SENDER, "bert")),
}
VOUCHED: dict[oracle.How, tuple[str, ...]] = {"own-vouch": (RECIPIENT,), "second-vouch": (RECIPIENT, "mental-b")}
SIGNERS = (
    ("kim",), ("mother",), ("father",), ("mother", "father"), ("kim", "mother"), ("grandmother",), ("sister",),
    ("stranger",), ("grandmother", "mother"),
)  # fmt: skip
BY_LEVEL = {"plan": False, "ask": False, "mind": False, "violence": True}
"""One category of each level, O, S and H, that health care may have, and one that it may have on a passkey only."""
REBUTTALS = ((None, ENDS), (True, ENDS), (False, ENDS), (True, NOW), (False, NOW))


def family(situation: Situation, until: int, how: oracle.How) -> tuple[Someone, ...]:
    """Return everyone in the story. `until`: when the rebuttal ends."""
    keys = how in oracle.PASSKEY or how == "has-passkey"
    vouched = VOUCHED.get(how, ("mental-b",))
    kim = Someone(
        "kim", situation.age, situation.holders, situation.conflict, situation.capable, until, situation.silenced,
        keys, vouched,
    )  # fmt: skip
    grown = [Someone(name, keys=keys, vouched=vouched) for name in ("mother", "father", "grandmother")]
    sister = Someone("sister", "young", ("mother", "father"), keys=keys, vouched=vouched)
    return kim, *grown, sister, Someone("stranger", keys=keys, vouched=vouched, household="next door")


def told(
    situation: Situation, signers: tuple[str, ...], how: oracle.How, category: str, *, until: int = ENDS,
    begins: int = NOW - 5 * DAY, setting: Setting | None = None, thread: bool = False,
) -> Draft:  # fmt: skip
    """Return information about Kim for health care, on one consent that these people gave in this way."""
    named = tuple((name, "self" if name == "kim" else "authority") for name in signers)
    consent = Yes(
        "one", ((category, "whole"),), ("kim",), named, begins=begins, witnesses=SCENES.get(how, ()),
        signed=how != "unsigned",
    )  # fmt: skip
    return Draft(
        (Section(category, about=("kim",)),), (consent,), family(situation, until, how),
        setting=setting or the_setting(), thread=thread,
    )  # fmt: skip


def consent_codes(
    situation: Situation, signers: tuple[str, ...], how: oracle.How, category: str, *, pledge: bool = False,
    before_12: bool = False, answers: bool = False,
) -> set[Code]:  # fmt: skip
    """Return what the oracle says of the section, and of the agreement on follow-up beside it, which is ordinary."""
    return {
        code
        for level, signed_only in ((oracle.LEVELS[category], BY_LEVEL[category]), ("O", False))
        for code in oracle.consent(
            situation, signers, how, level, signed_only=signed_only, pledge=pledge, before_12=before_12, answers=answers
        )
    }


@pytest.mark.parametrize("silenced", [(), ("father",)], ids=["", "father-silenced"])
@pytest.mark.parametrize("conflict", [False, True], ids=["", "conflict"])
@pytest.mark.parametrize("age", MONTHS)
def test_who_may_say_yes_and_how(age, conflict, silenced):
    holders = () if age == "adult" else ("father", "mother")
    wrong = {}
    for (capable, until), signers, how, category in product(
        REBUTTALS, SIGNERS, oracle.PASSKEY + oracle.WITNESSED, BY_LEVEL
    ):
        if not holders and (conflict or silenced):
            continue
        known = Situation("kim", age, holders, conflict, capable, silenced)
        judged = known if until > NOW else Situation("kim", age, holders, conflict, None, silenced)
        found = codes(decide(told(known, signers, how, category, until=until).evidence(), NOW))
        wanted = consent_codes(judged, signers, how, category)
        if wanted != found:
            wrong[capable, until - NOW, signers, how, category] = wanted, found
    assert wrong == {}


@pytest.mark.parametrize(
    ("members", "pledge"),
    [
        ([(RECIPIENT, "health", "pledge")], True),
        ([(SENDER, "caw", "pledge")], True),
        ([(SENDER, "volunteer", "penal")], True),
        ([(SENDER, "volunteer", "pledge"), (RECIPIENT, "health", "pledge")], True),
        ([(SENDER, "school", "office")], False),
        ([(RECIPIENT, "health", "office")], False),
    ],
)
def test_a_pledge_on_either_side_takes_the_clients_own_passkey(members, pledge):
    setting = with_members(*members)
    kim = Situation("kim", "adult")
    wrong = {}
    for how, category in product(oracle.PASSKEY + oracle.WITNESSED, BY_LEVEL):
        found = codes(decide(told(kim, ("kim",), how, category, setting=setting).evidence(), NOW))
        wanted = consent_codes(kim, ("kim",), how, category, pledge=pledge)
        if wanted != found:
            wrong[how, category] = wanted, found
    assert wrong == {}


@pytest.mark.parametrize("secrecy", ["penal", "pledge"])
@pytest.mark.parametrize("sector", oracle.PLEDGE)
def test_a_pledge_sector_takes_a_passkey_whatever_its_membership_says(sector, secrecy):
    to = f"{sector}-a"
    setting = with_members((to, sector, secrecy))
    for witnesses, keys in ((), True), (SCENES["two"], False):
        consent = Yes("one", (("plan", "whole"),), purpose="referral", to=to, witnesses=witnesses)
        draft = Draft(
            acts=(consent,), kind="referral", purpose="referral", to=to, people=(Someone("mother", keys=keys),)
        )
        found = codes(decide(replace(draft, setting=setting).evidence(), NOW))
        assert found == ({Code.PLEDGE_SIGNED} if witnesses else set())


@pytest.mark.parametrize("kind", ["report-back", "information"])
@pytest.mark.parametrize("how", oracle.PASSKEY + oracle.WITNESSED)
def test_a_report_back_to_who_began_may_rest_on_its_own_word(how, kind):
    wrong = {}
    kim = Situation("kim", "adult")
    for category in BY_LEVEL:
        draft = replace(told(kim, ("kim",), how, category, thread=True), kind=kind)
        found = codes(decide(draft.evidence(), NOW))
        # Only a kind that does nothing but answer: else a recipient would begin a thread to be told on its own word.
        wanted = consent_codes(kim, ("kim",), how, category, answers=kind == "report-back")
        if wanted != found:
            wrong[category] = wanted, found
    assert wrong == {}


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("purpose", oracle.DAYS)
def test_a_report_back_may_always_say_what_was_done_and_planned(purpose, sector):
    wrong: dict[object, object] = {}
    for category in oracle.LEVELS:
        draft = replace(drafted("report-back", purpose, f"{sector}-a", category, "whole"), thread=True)
        found = codes(decide(draft.evidence(), NOW))
        wanted = set() if category in oracle.REPORT_BACK else oracle.relevance(purpose, sector, category, "whole")
        if wanted != found:
            wrong[category] = wanted, found
        alone = codes(decide(replace(draft, thread=False).evidence(), NOW))
        if alone != {Code.THREAD_MISSING} | oracle.relevance(purpose, sector, category, "whole"):
            wrong[category, "alone"] = alone
    assert wrong == {}


@pytest.mark.parametrize("signers", SIGNERS, ids="+".join)
@pytest.mark.parametrize(
    ("age", "begins"), [("twelve", NOW - 70 * DAY), ("twelve-past", NOW - 100 * DAY), ("young", None)]
)
def test_a_parents_yes_outlives_the_twelfth_birthday_for_sixty_days(age, begins, signers):
    wrong = {}
    for conflict, silenced, category in product((False, True), ((), ("father",)), BY_LEVEL):
        kim = Situation("kim", age, ("father", "mother"), conflict, None, silenced)
        draft = told(kim, signers, "passkey", category, begins=begins or NOW - 100 * DAY)
        found = codes(decide(draft.evidence(), NOW))
        wanted = consent_codes(kim, signers, "passkey", category, before_12=begins is not None)
        if wanted != found:
            wrong[conflict, silenced, category] = wanted, found
    assert wrong == {}


@pytest.mark.parametrize("category", oracle.LEVELS)
def test_a_form_is_covered_by_itself_or_by_the_whole(category):
    wrong = {}
    grants = [
        (purpose, sector, grant)
        for purpose in oracle.DAYS
        for sector in oracle.TABLE[purpose]
        if (grant := oracle.granted(purpose, sector, category)) and not grant.conditional
    ]
    assert grants or category in ("justice", "work")
    for purpose, sector, grant in grants:
        for form, given in product(grant.forms, oracle.forms_of(category)):
            consent = Yes("one", tuple({(category, given), ("lang", "whole")}), purpose=purpose, to=f"{sector}-a")
            draft = Draft((Section(category, form),), (consent,), kind=oracle.KINDS[purpose][0], purpose=purpose)
            found = codes(decide(replace(draft, to=f"{sector}-a").evidence(), NOW))
            wanted = set() if given in (form, "whole") else {Code.NOT_COVERED}
            if wanted != found:
                wrong[purpose, sector, form, given] = wanted, found
    assert wrong == {}


TO = {
    "referral": "clb-a",
    "coordinate": "clb-a",
    "consult": "clb-a",
    "access": "ocmw-a",
    "school": "clb-a",
    "care": "clb-a",
}


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize("how", ["passkey", "witnessed"])
@pytest.mark.parametrize("pledge", [False, True])
@pytest.mark.parametrize("highly", [False, True])
@pytest.mark.parametrize("purpose", oracle.DAYS)
def test_how_long_a_yes_lasts(purpose, highly, pledge, how, over):
    to = TO[purpose]
    most = oracle.longest(purpose, highly=highly, pledge=pledge, witnessed=how == "witnessed")
    types = (("plan", "whole"), *([("mind", "whole")] if highly else []))
    begins = NOW - most * DAY // 2
    consent = Yes(
        "one", types, purpose=purpose, to=to, begins=begins, ends=begins + most * DAY + over,
        witnesses=SCENES["two"] if how == "witnessed" else (),
    )  # fmt: skip
    setting = with_members((SENDER, "caw", "pledge")) if pledge else the_setting()
    draft = Draft(
        acts=(consent,), kind=oracle.KINDS[purpose][0], purpose=purpose, to=to, setting=setting,
        people=(Someone("mother", keys=how == "passkey"),),
    )  # fmt: skip
    wanted = {Code.CONSENT_TOO_LONG} if over else set()
    if how == "witnessed" and pledge:
        wanted |= {Code.PLEDGE_SIGNED}
    assert codes(decide(draft.evidence(), NOW)) - {Code.WITNESS_LEVEL} == wanted


@pytest.mark.parametrize("kind", oracle.ANONYMOUS)
@pytest.mark.parametrize("sector", SECTORS)
def test_nobody_is_refused_advice_or_feedback(kind, sector):
    purpose = {"advice": "advice", "improvement": "improve"}[kind]
    draft = drafted(kind, purpose, f"{sector}-a", "question", "whole")
    assert decide(draft.evidence(), NOW) == ()
    named = replace(draft, sections=(Section("question"),), household="home")
    assert Code.ABOUT_ANONYMOUS in codes(decide(named.evidence(), NOW))
    assert codes(decide(replace(draft, household="home").evidence(), NOW)) == {Code.ABOUT_ANONYMOUS}


@pytest.mark.parametrize("sector", SECTORS)
def test_a_client_says_anything_about_themselves_to_anyone(sector):
    everything = tuple(Section(category, form) for category in oracle.LEVELS for form in oracle.forms_of(category))
    draft = Draft(everything, (), kind="client-message", purpose="voice", to=f"{sector}-a", sender="mother")
    assert decide(draft.evidence(), NOW) == ()
    by_partner = replace(draft, sender=SENDER)
    assert codes(decide(by_partner.evidence(), NOW)) >= {Code.SENDER_KIND, Code.BASIS_MISSING}
