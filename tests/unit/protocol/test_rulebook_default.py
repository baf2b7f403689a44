"""The default rulebook says what practice proposed, fits together, and an edited copy is read strictly."""

import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from zegel_protocol import encoding
from zegel_protocol.errors import MalformedError
from zegel_protocol.objects.header import Payload
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.rulebook import consistency, rules_file
from zegel_protocol.rulebook.template import Rules, default_rulebook, default_source, make_rulebook, read_rules
from zegel_protocol.rulebook.working_days import end_of_working_day
from zegel_protocol.texts.civil_time import belgian_seconds

SPEC = Path(__file__).resolve().parents[3] / "docs" / "spec" / "rulebook.md"
ISSUE: dict[str, Any] = {
    "huis": "A" * 43,
    "nonce": "A" * 22,
    "issued": 1_795_509_600,
    "name": "Huis van het Kind",
    "code_version": "2026-1",
    "code_digest": "B" * 42 + "A",
}
BOOK = default_rulebook(**ISSUE)

# The table of the practice proposal, read with its own abbreviations: BASE, REF (BASE and the referral column).
BASE = "who contact lang ask plan follow"
REFERRAL = {
    "opgroeien": "home strength parenting growth childcare",
    "health": "home",
    "mental": "mind home relation",
    "clb": "school growth home strength",
    "ocmw": "money housing work rights home",
    "caw": "housing home relation violence",
    "youthcare": "home strength parenting growth school",
    "disability": "disability growth home",
    "familysupport": "home strength parenting",
    "childcare": "childcare",
}
ADDED = {
    "opgroeien": "helpers",
    "health": "helpers",
    "mental": "helpers parenting school",
    "clb": "helpers parenting mind",
    "ocmw": "helpers",
    "caw": "money rights helpers strength",
    "youthcare": "helpers mind relation violence justice",
    "disability": "school parenting helpers",
    "familysupport": "growth",
    "childcare": "growth",
}
FOR = {
    "access": {"ocmw": "money rights stay disability health", "caw": "rights stay", "city": "housing rights"},
    "school": {"clb": "school disability", "school": "school"},
    "care": {
        "opgroeien": "health mind",
        "health": "health growth mind disability addiction violence",
        "mental": "health addiction disability violence",
        "clb": "health",
        "disability": "health",
        "school": "health",
        "childcare": "health",
    },
}
PLEDGE = dict.fromkeys(("volunteer", "initiative", "network"), "who contact lang plan strength ask")
SAFETY = ("safetydesk", "clb", "health", "mental", "youthcare")


def expected_matrix():
    table = {("referral", sector): f"{BASE} {more}" for sector, more in REFERRAL.items()}
    for purpose in ("coordinate", "consult"):
        table |= {(purpose, sector): f"{BASE} {REFERRAL[sector]} {more}" for sector, more in ADDED.items()}
    table[("consult", "school")] = "who plan follow school"
    for purpose, rows in FOR.items():
        table |= {(purpose, sector): f"{BASE} {more}" for sector, more in rows.items()}
    table |= {("referral", sector): types for sector, types in PLEDGE.items()}
    table |= {("safety", sector): "who contact home violence" for sector in SAFETY}
    return {pair: set(types.split()) for pair, types in table.items()}


def rows():
    return {(row.purpose, row.sector): row for row in BOOK.relevance}


def test_the_matrix_is_the_table_and_nothing_more():
    assert {pair: {item.type for item in row.types} for pair, row in rows().items()} == expected_matrix()


def test_narrow_forms_stand_where_the_table_narrows_and_only_there():
    forms = {item.id: set(item.forms) for item in BOOK.categories}
    narrowed = {
        (*pair, item.type): set(item.forms)
        for pair, row in rows().items()
        for item in row.types
        if set(item.forms) != forms[item.type]
    }
    expected = {
        ("access", "ocmw", "health"): {"costs-only"},
        ("access", "city", "housing"): {"yes-no"},
        ("access", "city", "rights"): {"yes-no"},
        ("care", "school", "health"): {"short"},
        ("care", "childcare", "health"): {"short"},
    }
    expected |= {("referral", sector, "who"): {"first-name"} for sector in PLEDGE}
    expected |= {("referral", sector, "ask"): {"short"} for sector in PLEDGE}
    assert narrowed == expected


def test_what_needs_the_clients_own_signature_or_a_court():
    signed = {(*pair, item.type) for pair, row in rows().items() for item in row.types if item.signed}
    together = {(purpose, "caw", "violence") for purpose in ("referral", "coordinate", "consult")}
    together |= {
        (purpose, "youthcare", kind) for purpose in ("coordinate", "consult") for kind in ("violence", "justice")
    }
    assert signed == together | {("care", "health", "violence"), ("care", "mental", "violence")}
    conditions = {
        (*pair, item.type, item.condition) for pair, row in rows().items() for item in row.types if item.condition
    }
    assert conditions == {(purpose, "youthcare", "justice", "court-ordered") for purpose in ("coordinate", "consult")}


@pytest.mark.parametrize(
    ("sector", "closed"),
    [
        ("ocmw", "mind parenting relation addiction"),
        ("school", "money mind addiction disability violence stay housing"),
        ("city", "stay health money justice"),
        ("opgroeien", "money work stay"),
        ("volunteer", "home money health follow"),
    ],
)
def test_what_never_reaches_a_sector_for_any_purpose(sector, closed):
    reached = {item.type for (_, to), row in rows().items() if to == sector for item in row.types}
    assert reached.isdisjoint(closed.split())


def test_categories_are_the_table():
    table = """
        who O - 200; contact S - 200; lang O - 150; ask S 9 1000; plan O 9 500; follow O - 800; home S - 500 3;
        helpers S 9 400; strength S - 800 3; parenting S - 1200 3; growth S 9 1200 F; school S - 1200 F;
        childcare S - 500; money S - 1000 3F; housing S - 800 F; work S - 500 F; rights S - 500 F; stay H 10 300;
        health H 9 1200 F; mind H 9 1200 F; addiction H 9 600 3; disability H 9 800 F; relation H - 600 3;
        violence H 9,10 2000 3; justice H 10 300 3
    """
    expected = {}
    for line in table.split(";"):
        name, level, gdpr, limit, *rest = line.split()
        articles = () if gdpr == "-" else tuple(int(number) for number in gdpr.split(","))
        flags = rest[0] if rest else ""
        expected[name] = (level, articles, int(limit), "3" in flags, (10 * 1024 * 1024, 5) if "F" in flags else (0, 0))
    found = {
        item.id: (item.level, item.gdpr, item.limit, item.others, (item.file_bytes, item.file_count))
        for item in BOOK.categories
    }
    assert found == expected
    assert {item.files for item in BOOK.categories} == {(), ("application/pdf", "image/jpeg", "image/png")}


def test_kinds_hold_what_the_duties_ask():
    kinds = {item.id: item for item in BOOK.kinds}
    assert {name for name, kind in kinds.items() if not kind.client} == {"advice", "improvement"}
    assert {name for name, kind in kinds.items() if "person" in kind.senders} == {"client-message"}
    table = {"consultation", "consultation-report", "contribution"}
    assert {name for name, kind in kinds.items() if kind.conference} == table
    assert {name for name, kind in kinds.items() if kind.thread == "required"} == table | {"reply", "report-back"}
    assert {"referral", "information", "consultation"} <= {name for name, kind in kinds.items() if kind.follow_up}
    assert {name for name, kind in kinds.items() if kind.urgent} == {"concern"}
    assert kinds["concern"].bases == ("necessity",)
    beside = {"referral": {"client-unable"}, "hand-over": {"client-unable"}}
    beside["information"] = {"client-unable", "legal-duty"}
    for name, kind in kinds.items():
        if kind.client and kind.recipients == ("partner",) and name not in ("concern", "client-message"):
            assert set(kind.bases) == {"consent", *beside.get(name, ())}, name
    assert {name for name, kind in kinds.items() if kind.recipients == ("person",)} == {"question", "reply"}
    assert {name for name, kind in kinds.items() if kind.free_of_code} == {"reply"}
    assert kinds["hand-over"].parts == ("steps",)
    for name in ("referral", "information"):
        assert kinds[name].carried
        assert kinds[name].parts == ("agreement",)


def test_only_what_clients_send_and_are_told_escapes_the_matrix():
    for purpose in BOOK.purposes:
        if purpose.any_category:
            carried = [kind for kind in BOOK.kinds if kind.id in purpose.kinds]
            assert all(("person",) in (kind.senders, kind.recipients) for kind in carried)


def test_the_bases_beside_consent_ask_what_the_duties_ask():
    bases = {rule.id: rule for rule in BOOK.bases}
    assert set(bases) == {"client-unable", "legal-duty", "necessity"}
    assert {rule.parts for rule in BOOK.bases} == {("motivation",)}
    assert bases["necessity"].secrecies == bases["client-unable"].secrecies == ("penal",)
    assert {name for name, rule in bases.items() if rule.second_signature} == {"client-unable", "necessity"}
    assert BOOK.unable_codes == ("confused", "crisis", "unconscious")
    assert BOOK.necessity_codes == ("serious-danger",)
    assert BOOK.legal_citations == ()


def test_an_alarm_and_the_code_have_their_numbers():
    assert BOOK.safety.core == ("contact", "home", "violence", "who")
    assert {item.type for item in BOOK.safety.host_types} == {"violence", "who"}
    assert (BOOK.safety.delay_hours, BOOK.safety.delay_reviewed_days, BOOK.safety.delay_absolute_days) == (72, 14, 30)
    assert BOOK.code is not None
    assert (BOOK.code.grace_days, BOOK.code.reminder_days, BOOK.code_from) == (30, 7, BOOK.issued)
    assert BOOK.kept_reasons == ("legal-duty", "own-record", "statutory-file")
    assert [phone.number for phone in BOOK.phones][:2] == ["112", "1712"]


def test_durations_are_the_proposal():
    days = {item.id: (item.days, item.days_highly) for item in BOOK.purposes if item.days}
    assert days.pop("safety") == (90, None)
    assert days == {
        "referral": (90, None), "coordinate": (360, 180), "consult": (180, None), "access": (180, None),
        "school": (180, None), "care": (180, None),
    }  # fmt: skip
    assert (BOOK.consent.pledge_days, BOOK.consent.witnessed_days, BOOK.consent.witnessed_renewals) == (90, 30, 1)
    assert BOOK.consent.witnessed_levels == ("O", "S")
    assert BOOK.consent.status_seconds == 900
    assert BOOK.follow_up.first_contact_days == 5
    assert BOOK.safety.other_categories == 2
    assert (BOOK.retention.ciphertext_days, BOOK.retention.ciphertext_unopened_days) == (30, 90)


def test_holidays_are_the_ten_of_belgium():
    def easter(year):  # the Gregorian computus in its anonymous form
        a, b, c = year % 19, year // 100, year % 100
        d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
        e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
        f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
        return date(year, f // 31, f % 31 + 1)

    days = set()
    for year in (2026, 2027, 2028):
        days |= {easter(year) + timedelta(days=after) for after in (1, 39, 50)}
        days |= {date(year, *day) for day in ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))}
    assert BOOK.holidays == tuple(sorted(day.isoformat() for day in days))
    assert len(BOOK.holidays) == 30


def test_working_days_skip_weekends_and_holidays():
    # Wednesday 23 December 2026: 24, (25 Christmas, weekend), 28, 29 are the first three working days.
    start = belgian_seconds(2026, 12, 23, 9, 40, 0)
    assert end_of_working_day(start, 0, BOOK.holidays) == belgian_seconds(2026, 12, 23, 23, 59, 59)
    assert end_of_working_day(start, 1, BOOK.holidays) == belgian_seconds(2026, 12, 24, 23, 59, 59)
    assert end_of_working_day(start, 3, BOOK.holidays) == belgian_seconds(2026, 12, 29, 23, 59, 59)
    # 23:30 UTC in summer is the next day in Belgium.
    assert end_of_working_day(belgian_seconds(2026, 7, 14, 1, 30, 0), 1, ()) == belgian_seconds(2026, 7, 15, 23, 59, 59)
    with pytest.raises(ValueError, match="working days"):
        end_of_working_day(start, -1, ())


def test_the_rulebook_is_canonical_and_its_rules_are_all_of_its_fields():
    assert encoding.decode(encoding.encode(BOOK), Rulebook) == BOOK
    issue = {*Payload.__struct_fields__, "version", "name", "issued", "code_version", "code_digest", "code_from"}
    assert set(Rules.__struct_fields__) == set(Rulebook.__struct_fields__) - issue


@pytest.mark.parametrize("seed", range(5))
def test_order_in_the_file_does_not_matter(seed):
    chance = random.Random(seed)

    def shuffled(value):
        if isinstance(value, dict):
            return dict(chance.sample([(key, shuffled(item)) for key, item in value.items()], len(value)))
        return chance.sample([shuffled(item) for item in value], len(value)) if isinstance(value, list) else value

    edited = json.dumps(shuffled(json.loads(default_source())), indent=1).encode()
    assert make_rulebook(read_rules(edited), **ISSUE) == BOOK


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "rules.not-json"),
        (b"\xff\xfe", "rules.not-json"),
        (b"\xef\xbb\xbf{}", "rules.not-json"),
        (b"[" * 100_000, "rules.not-json"),
        (b'{"a":' * 600 + b"1" + b"}" * 600, "rules.not-json"),
        (b"NaN", "rules.malformed"),
        (b"[]", "rules.malformed"),
        (b'{"languages": ["nl"], "languages": ["en"]}', "rules.repeated"),
        (b" " * (rules_file.MAX_RULES_BYTES + 1), "rules.too-large"),
    ],
)
def test_what_is_no_rules_file_is_refused(data, code):
    with pytest.raises(MalformedError) as caught:
        read_rules(data)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "change", [{"huis": "no"}, {"nonce": ""}, {"issued": -1}, {"name": ""}, {"version": 0}, {"code_version": "V 1"}]
)
def test_a_header_that_the_format_refuses_makes_no_rulebook(change):
    with pytest.raises(MalformedError) as caught:
        default_rulebook(**{**ISSUE, **change})
    assert caught.value.code == "object.malformed"


def test_the_specification_names_every_word():
    text = SPEC.read_text("utf-8")
    fields = ("purposes", "kinds", "sectors", "categories", "parts", "forms")
    words = {item.id for field in fields for item in getattr(BOOK, field)}
    words |= {*BOOK.withheld_reasons, *BOOK.revocation_reasons, *BOOK.necessity_codes, *BOOK.unable_codes}
    words |= {*BOOK.safety.delay_codes, *BOOK.kept_reasons, *(rule.id for rule in BOOK.bases)}
    words |= {word for banned in consistency.NEVER.values() for word in banned}
    assert [word for word in sorted(words) if f"`{word}`" not in text] == []


def test_rules_are_plain_values():
    assert msgspec.convert(json.loads(encoding.encode(read_rules(default_source()))), Rules) == read_rules(
        default_source()
    )
