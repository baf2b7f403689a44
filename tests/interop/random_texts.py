"""Consents and notice pages at random, as the fields of the wire: among a few hundred, every branch is likely.

Only what can stand on the wire is made; that it makes sense as law is not needed for a text.
"""

from random import Random
from typing import Any, get_args

import msgspec

from vectors.making.huis import BABY, HOME, HUIS, MOTHER
from vectors.making.seeds import digest, hex_id, nonce
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.objects.devices import Function
from zegel_protocol.refusal import Code, Step
from zegel_protocol.rulebook.template import default_rulebook
from zegel_protocol.texts.catalogue import LANGUAGES
from zegel_protocol.texts.civil_time import LAST_SECOND
from zegel_protocol.texts.labels import READING_ORDER

Fields = dict[str, Any]

FATHER, SIBLING = hex_id("father"), hex_id("sibling")
PEOPLE = tuple(sorted((MOTHER, BABY, FATHER, SIBLING)))
DEVICE, OTHER_DEVICE = hex_id("a device"), hex_id("another device")
NAMES = {"a": "het OCMW", "b": "Ünïversiteit Zee\u0308n", "c": "مركز الأسرة", "d": "🏠 Huis & <b>Zn</b> {item} $1 $&"}
PARTNERS = tuple(NAMES)
RULEBOOK = default_rulebook(HUIS, nonce("random rules"), 1_795_509_600, "Huis van het Kind", "code-1", HUIS)
CATEGORIES = tuple(item.id for item in RULEBOOK.categories)
FORMS = tuple(item.id for item in RULEBOOK.forms)
EVENTS: tuple[str, ...] = get_args(Event)
FUNCTIONS: tuple[str, ...] = get_args(Function)
FOLLOW_UPS = ("first-contact", "none-ask", "report-back", "report-client")
CODES = ("alarm", "code-first", "delayed", "expired-directory", "no-consent", "over-broad", "partly-withheld",
         "without-device")  # fmt: skip
DEADLINES = ("answer", "erasure", "first-contact", "reply", "report-back", "report-client", "second-signature", "step")


def random_consent(random: Random) -> Fields:
    """Return the terms of a consent, and the names that its text needs."""
    about = _some(random, PEOPLE, 1)
    signers = [{"person": person, "role": random.choice(("self", "authority"))} for person in _some(random, PEOPLE, 1)]
    scopes = {(random.choice(CATEGORIES), random.choice(FORMS)) for _ in range(random.randint(1, 8))}
    begins = random.randrange(LAST_SECOND)
    terms = {
        "purpose": random.choice(RULEBOOK.purposes).id, "from": _party(random), "to": _party(random),
        "types": [{"type": kind, "form": form} for kind, form in sorted(scopes)], "about": about,
        "not_before": begins, "not_after": random.randint(begins, LAST_SECOND), "signers": signers,
        "language": random.choice(LANGUAGES), "code_version": "code-1",
        "replaces": [digest("older")] if random.random() < 0.3 else [],
    }  # fmt: skip
    return {"terms": terms, "names": NAMES}


def random_notice(random: Random) -> Fields:
    """Return what a notice page of the mother is made from, the rulebook apart."""
    at = random.randrange(1_700_000_000, 1_900_000_000)
    manifest, entries = _message(random, at)
    facts = {
        "person": MOTHER, "children": _some(random, (BABY, SIBLING)), "accepted_at": at,
        "now": at + random.randrange(40 * 86_400), "names": dict(_some(random, tuple(NAMES.items()))),
        "functions": {DEVICE: random.choice(FUNCTIONS)}, "sector": _maybe(random, random.choice(RULEBOOK.sectors).id),
        "opened": [_opened(random, at) for _ in range(random.choice((0, 0, 1, 3)))], "codes": _some(random, CODES),
        "done": _some(random, FOLLOW_UPS) if random.random() < 0.3 else [],
        "said": [_said(random, at) for _ in range(random.choice((0, 1, 4)))],
        "deadlines": [_deadline(random, at) for _ in range(random.choice((0, 1, 4)))],
        "conference": _conference(random, at) if random.random() < 0.3 else None, "stopped": random.random() < 0.3,
        "looked": [_look(random, at) for _ in range(random.choice((0, 0, 2)))],
    }  # fmt: skip
    return {"language": random.choice(LANGUAGES), "manifest": manifest, "entries": entries, "facts": facts}


def random_refusal(random: Random) -> Fields:
    """Return a refusal as a relay states it, perhaps with terms that nobody knows, and the names that a reader has."""
    terms = (
        *CATEGORIES,
        *FORMS,
        *PARTNERS,
        "partner:a",
        "person:" + MOTHER,
        "by_client",
        "12",
        digest("x"),
        "un/known",
    )
    params = [
        {"name": name, "value": random.choice(terms)} for name in _some(random, ("form", "kind", "purpose", "type"))
    ]
    mend = {
        "step": random.choice(tuple(Step)).value,
        "what": [random.choice(terms) for _ in range(random.randint(0, 3))],
    }
    refusal = {"code": random.choice(tuple(Code)).value, "path": "$", "params": params, "mend": mend}
    return {"refusal": refusal, "language": random.choice(LANGUAGES), "names": {"a": NAMES["a"]}}


def random_person(random: Random) -> Fields:
    """Return a person of some age at a time, with or without whoever decides, is silenced or trusted."""
    at = random.randrange(1_790_000_000, 1_800_000_000)
    months = [f"{random.randint(2025, 2028)}-{random.randint(1, 12):02}" for _ in range(2)]
    authority = _some(random, (FATHER, SIBLING, hex_id("holder")))
    fields = {
        **_head(), "household": HOME, "person": MOTHER, "partner": "a", "version": 1,
        "turns12": _maybe(random, months[0]), "turns18": months[1], "authority": authority, "conflict": False,
        "capability": _maybe(random, {"capable": random.random() < 0.5, "until": at + random.choice((-5, 5))}),
        "silenced": _some(random, tuple(authority)), "attesting": [],
        "trusted": _some(random, (hex_id("aunt"), hex_id("uncle"))),
    }  # fmt: skip
    kept = ("authority", "silenced", "attesting")
    person = {name: value for name, value in fields.items() if name in kept or value not in (None, [])}
    return {"person": person, "at": at}


def random_word(random: Random) -> Fields:
    """Return a word about a message, and whether its speaker is told of that message."""
    manifest, _ = _message(random, 1_795_509_600)
    sides = [
        manifest["to"],
        {name: manifest["from"][name] for name in ("partner", "person") if name in manifest["from"]},
    ]
    codes = ("first-contact", "report-back", "step-1", "over-broad", random.choice(RULEBOOK.kept_reasons))
    word = {"reader": random.choice((*sides, *sides, _party(random))), "event": random.choice(EVENTS),
            "codes": _some(random, codes)[: random.choice((0, 0, 1, 2))]}  # fmt: skip
    of = {"of": digest("asks")} if random.random() < 0.4 else {}
    return {"word": {**word, **of}, "manifest": manifest, "told": random.random() < 0.5}


def _some(random: Random, items: tuple[Any, ...], least: int = 0) -> list[Any]:
    return sorted(random.sample(items, random.randint(least, len(items))))


def _maybe(random: Random, value: Any) -> Any:
    return value if random.random() < 0.6 else None


def _party(random: Random) -> Fields:
    return random.choice(({"partner": random.choice(PARTNERS)}, {"person": random.choice(PEOPLE)}))


def _head() -> Fields:
    return {"v": 1, "huis": HUIS, "nonce": nonce("random")}


def _message(random: Random, at: int) -> tuple[Fields, list[Fields]]:
    partner = {"partner": random.choice(PARTNERS), "device": random.choice((DEVICE, OTHER_DEVICE))}
    sender = random.choice((partner, partner, partner, {"person": random.choice(PEOPLE)}))
    bases = (
        {"is": "consent", "consents": [digest("consent")]},
        {"is": "client-unable", "code": random.choice(RULEBOOK.unable_codes)},
        {"is": "necessity", "code": random.choice(RULEBOOK.necessity_codes)},
        {"is": "legal-duty", "citation": "wet-1"},
        None,
    )
    carried = random.choice(
        ({"how": "by-client"}, {"how": "with-client"}, {"how": "in-consultation", "on": "2024-02-29"})
    )
    delay = {"until": at, "code": random.choice(RULEBOOK.safety.delay_codes)}
    entries = [_entry(random, n) for n in range(random.randint(1, 6))]
    fields = {
        **_head(), "id": "018f0000-0000-7000-8000-000000000000", "kind": random.choice(RULEBOOK.kinds).id,
        "from": sender, "devices": digest("list") if "partner" in sender else None, "directory": digest("directory"),
        "to": _party(random), "household": HOME, "purpose": random.choice(RULEBOOK.purposes).id,
        "basis": random.choice(bases), "carried": _maybe(random, carried),
        "entries": [digest(f"entry {n}") for n in range(len(entries) + random.choice((0, 0, 1)))],
        "follow_up": [_follow_up(random, code, at) for code in _some(random, FOLLOW_UPS)],
        "notice_by": _maybe(random, random.choice(PARTNERS)), "seen": {"size": 0, "root": digest("empty")},
        "created": at, "steps": _steps(random, at), "delay": _maybe(random, delay),
    }  # fmt: skip
    return {
        name: value for name, value in fields.items() if value not in (None, []) or name in ("entries", "follow_up")
    }, entries


def _entry(random: Random, n: int) -> Fields:
    reason = random.choice(RULEBOOK.withheld_reasons)
    withheld = [{"person": MOTHER, "reason": reason}] if random.random() < 0.2 else []
    return {
        **_head(), "n": n, "type": random.choice(READING_ORDER), "form": random.choice(FORMS),
        "about": _some(random, PEOPLE), "media": "application/json", "padded": 4096, "ct": digest("ct"),
        "kc": digest("kc"), "readers": [{"partner": "a"}], "withheld": withheld,
    }  # fmt: skip


def _follow_up(random: Random, code: str, at: int) -> Fields:
    fields: Fields = {"code": code}
    if code != "none-ask":
        fields["due"] = at + random.randrange(20 * 86_400)
    if random.random() < 0.5:
        fields["by"] = "sender"
    return fields


def _steps(random: Random, at: int) -> list[Fields]:
    steps = []
    for n in range(1, random.choice((1, 1, 2, 4))):
        by = _party(random)
        others = {msgspec.json.encode(item): item for item in (_party(random), _party(random)) if item != by}
        ordered = sorted(others.values(), key=lambda item: next(f"{key}:{value}" for key, value in item.items()))
        steps.append({"n": n, "by": by, "with": ordered, "due": at + random.randrange(20 * 86_400)})
    return steps


def _opened(random: Random, at: int) -> Fields:
    organisation = random.choice((*NAMES.values(), "\uff2fCMW", "\U0001d40eCMW"))
    return {
        "organisation": organisation,
        "function": random.choice(FUNCTIONS),
        "at": at + random.choice((5, 5, 90_000)),
    }


def _said(random: Random, at: int) -> Fields:
    event = random.choice(EVENTS)
    codes = {"kept": [random.choice(RULEBOOK.kept_reasons)], "done": ["step-1", random.choice(FOLLOW_UPS)]}
    who = random.choice((_party(random), {"person": MOTHER}))
    return {"who": who, "event": event, "codes": codes.get(event, []), "at": at + random.choice((5, 5, 90_000))}


def _deadline(random: Random, at: int) -> Fields:
    return {
        "kind": random.choice(DEADLINES), "owner": _party(random), "object": digest("m"),
        "number": random.choice((0, 0, 1, 2)), "since": at, "due": at + random.randrange(20 * 86_400),
        "state": random.choice(("open", "overdue", "done", "lapsed")),
    }  # fmt: skip


def _conference(random: Random, at: int) -> Fields:
    people = [{"person": person} for person in _some(random, PEOPLE)]
    partners = [{"partner": "a"}, {"partner": "b"}, *([{"partner": "d"}] if random.random() < 0.5 else [])]
    fields = {
        **_head(), "id": "018f0000-0000-7000-8000-000000000001", "household": HOME, "chair": "a", "version": 1,
        "about": [MOTHER], "invitees": [*partners, *people], "with_client": random.random() < 0.5,
        "discussed": _maybe(random, "2026-02-28"), "planned": _maybe(random, at + 86_400),
        "ended": random.random() < 0.2, "at": at,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


def _look(random: Random, at: int) -> Fields:
    what, agrees = random.choice(("second", "delay")), random.random() < 0.5
    until = {"until": at + 86_400} if what == "delay" and agrees else {}
    return {
        **_head(), "partner": "a", "manifest": digest("m"), "what": what, "agrees": agrees, **until, "codes": [],
        "at": at,
    }  # fmt: skip
