"""Notice pages over all their branches, what is owed, and the code of ethics; each in one of the languages in turn."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec

from vectors.making.asking import make_consent
from vectors.making.case import Case, Json, ref
from vectors.making.huis import BABY, HOME, HUIS, MOTHER
from vectors.making.seeds import NOW, digest, hex_id, nonce
from zegel_protocol.rulebook.template import default_rulebook
from zegel_protocol.texts.catalogue import catalogue

DAY = 86_400
LANGUAGES = ("nl", "fr", "en", "tr", "ar", "pl")
FATHER, DEVICE = hex_id("father"), hex_id("notice device")
NURSE, OCMW, YOU = {"partner": "kg-meerdijk"}, {"partner": "ocmw-meerdijk"}, {"person": MOTHER}
NAMES = {"kg-meerdijk": "Kind en Gezin Meerdijk", "ocmw-meerdijk": "het OCMW van Zeeën"}
SECTIONS = frozenset({
    "date", "weekday", "weekday-first", "month", "list", "item", "party", "about", "purpose-why", "function", "part",
    "category-yours", "category-child", "category-plain", "form", "kept-reason", "necessity", "unable", "delay-reason",
    "withheld-reason", "follow-up", "owed", "owed-now", "notice", "notice-who", "notice-why", "said", "said-you",
    "code",
})  # fmt: skip
"""What a notice page, what is owed, and the code of ethics are worded with."""
BOOK = msgspec.to_builtins(default_rulebook(HUIS, nonce("notice rules"), NOW, "Huis van het Kind", "code-1", HUIS))


def cases() -> Iterator[Case]:
    """Yield the vectors of the texts that no digest depends on."""
    yield from (_first(language) for language in LANGUAGES)
    turn = count()
    for name, description, expect, changes in _pages():
        language = LANGUAGES[next(turn) % len(LANGUAGES)]
        put = {**_page(), **changes, **_words(language), "rulebook": ref("notice-text/referral-nl.json", "rulebook")}
        yield Case(f"notice-text/{name}.json", description, "notice-text", put, expect)
    yield from _owed()
    yield from _code()


def _first(language: str) -> Case:
    words: dict[str, dict[str, str]] = {}
    for key, text in catalogue(language).items():
        section, _, name = key.partition(".")
        if section in SECTIONS:
            words.setdefault(section, {})[name] = text
    rulebook = BOOK if language == "nl" else ref("notice-text/referral-nl.json", "rulebook")
    put = {**_page(), "language": language, "words": words, "rulebook": rulebook}
    return Case(
        f"notice-text/referral-{language}.json", f"A referral on one's own yes ({language})", "notice-text", put
    )


def _words(language: str) -> dict[str, Json]:
    return {"language": language, "words": ref(f"notice-text/referral-{language}.json", "words")}


def _head() -> dict[str, Json]:
    return {"v": 1, "huis": HUIS, "nonce": nonce("notice")}


def _manifest(**changes: Json) -> dict[str, Json]:
    fields = {
        **_head(), "id": "018f0000-0000-7000-8000-000000000000", "kind": "referral",
        "from": {**NURSE, "device": DEVICE}, "devices": digest("list"), "directory": digest("directory"), "to": OCMW,
        "household": HOME, "purpose": "referral", "basis": {"is": "consent", "consents": [digest("consent")]},
        "carried": {"how": "in-consultation", "on": "2026-11-23"},
        "thread": None, "entries": sorted(digest(f"entry {n}") for n in range(3)),
        "follow_up": [{"code": "first-contact", "due": NOW + 7 * DAY}], "notice_by": None,
        "seen": {"size": 0, "root": digest("empty")}, "created": NOW, "answers": None, "steps": None, "delay": None,
        **changes,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


def _entry(kind: str, form: str = "whole", about: tuple[str, ...] = (MOTHER,), reason: str = "") -> dict[str, Json]:
    withheld = [{"person": MOTHER, "reason": reason}] if reason else []
    return {
        **_head(), "n": 0, "type": kind, "form": form, "about": sorted(about), "media": "application/json",
        "padded": 4096, "ct": digest("ct"), "kc": digest("kc"), "readers": [OCMW], "withheld": withheld,
    }  # fmt: skip


def _facts(**changes: Json) -> dict[str, Json]:
    return {
        "person": MOTHER, "children": [], "accepted_at": NOW, "now": NOW + 60, "names": NAMES,
        "functions": {DEVICE: "nurse"}, "sector": "ocmw", "consents": [msgspec.to_builtins(make_consent())], **changes,
    }  # fmt: skip


def _page(
    manifest: dict[str, Json] | None = None, entries: tuple[dict[str, Json], ...] = (), **facts: Json
) -> dict[str, Json]:
    sent = list(entries) or [_entry("who"), _entry("money"), _entry("agreement")]
    return {"manifest": manifest or _manifest(), "entries": sent, "facts": _facts(**facts)}


def _due(kind: str, state: str = "open", owner: Json = None, number: int = 0) -> dict[str, Json]:
    return {
        "kind": kind, "owner": owner or OCMW, "object": digest("m"), "message": digest("m"), "number": number,
        "since": NOW, "due": NOW + 5 * DAY, "state": state,
    }  # fmt: skip


def _said(who: Json, event: str, at: int, *codes: str) -> dict[str, Json]:
    return {"who": who, "event": event, "codes": list(codes), "at": at}


def _table(**changes: Json) -> dict[str, Json]:
    fields = {
        **_head(), "id": "018f0000-0000-7000-8000-000000000001", "household": HOME, "chair": "kg-meerdijk",
        "version": 1, "about": [MOTHER], "invitees": [NURSE, OCMW, YOU], "with_client": True, "discussed": None,
        "planned": NOW + 7 * DAY, "ended": False, "at": NOW, **changes,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


def _look(**changes: Json) -> dict[str, Json]:
    fields = {
        **_head(), "partner": "kg-meerdijk", "manifest": digest("m"), "what": "second", "agrees": True, "until": None,
        "codes": [], "at": NOW, **changes,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


def _alarm(**changes: Json) -> dict[str, Json]:
    basis = {"is": "necessity", "code": "serious-danger"}
    return _manifest(
        **{"kind": "concern", "purpose": "safety", "basis": basis, "carried": None, "follow_up": [], **changes}
    )


def _to_you(**changes: Json) -> dict[str, Json]:
    bare: dict[str, Json] = {
        "kind": "question",
        "purpose": "coordinate",
        "to": YOU,
        "follow_up": [],
        "basis": None,
        "carried": None,
    }
    return _manifest(**{**bare, "entries": [digest("entry 0")], **changes})


def _from_you(**changes: Json) -> dict[str, Json]:
    bare = {"kind": "client-message", "purpose": "voice", "from": YOU, "devices": None, "basis": None}
    return _manifest(**{**bare, "carried": None, "follow_up": [], **changes})


Page = tuple[str, str, str, dict[str, Any]]


def _pages() -> Iterator[Page]:
    yield from _who_and_what()
    yield from _on_what()
    yield from _what_next()
    yield from _what_became()
    yield from _refused()


def _who_and_what() -> Iterator[Page]:
    own_child = {"children": [BABY], "consents": []}
    yield (
        "child",
        "About the reader's one child",
        "ok",
        _page(None, (_entry("growth", about=(BABY,)), _entry("home", about=(BABY, FATHER))), **own_child),
    )
    yield (
        "you-and-child",
        "About the reader and their child: each category in its own voice",
        "ok",
        _page(
            None,
            (_entry("who"), _entry("health", "costs-only", (BABY,)), _entry("money", about=(MOTHER, BABY))),
            **own_child,
        ),
    )
    yield (
        "two-children",
        "About two children of the reader",
        "ok",
        _page(
            None,
            (_entry("who", "first-name", (BABY,)), _entry("school", about=(FATHER,))),
            children=sorted((BABY, FATHER)),
        ),
    )
    yield (
        "nobody-named",
        "About somebody whom the reader is not told of",
        "ok",
        _page(None, (_entry("relation", about=(FATHER,)),), consents=[]),
    )
    yield (
        "partly-withheld",
        "A section that the reader may not read, and why",
        "ok",
        _page(None, (_entry("home", reason="other-parents-words"), _entry("who")), codes=["partly-withheld"]),
    )
    yield (
        "all-withheld",
        "Nothing that the reader may read",
        "ok",
        _page(None, (_entry("home", reason="other-parents-words"),)),
    )
    yield (
        "hidden-section",
        "Two sections of three: only what the rules close is said not to be shared",
        "ok",
        _page(None, (_entry("who"), _entry("money")), sector="caw"),
    )
    yield (
        "sector-unknown",
        "Of a recipient without sector nothing is certain",
        "ok",
        _page(None, (_entry("who"),), sector=None),
    )
    yield (
        "report-back",
        "A report back may carry only what the rules list",
        "ok",
        _page(_manifest(kind="report-back"), (_entry("follow"),)),
    )
    yield "own-kind", "A kind of a Huis' own", "ok", _page(_manifest(kind="kind-of-our-own", follow_up=[]))
    yield (
        "names-unknown",
        "Organisations whose names are not known, a device without function",
        "ok",
        _page(names={}, functions={}),
    )
    yield "code-first", "Who never met the code of ethics meets it here", "ok", _page(codes=["code-first"])


def _on_what() -> Iterator[Page]:
    consent = msgspec.to_builtins(make_consent())
    both = sorted(({"partner": "kg-meerdijk", "device": DEVICE}, {"partner": "ocmw-meerdijk", "device": DEVICE}),
                  key=lambda item: item["partner"])  # fmt: skip
    witnessed = {**consent, "evidence": {"by": "witnessed", "witnesses": both, "means": "spoken"}}
    other = {**consent, "signers": [{"person": FATHER, "role": "authority"}]}
    yield (
        "yes-witnessed",
        "A yes before witnesses, and the yes of somebody else",
        "ok",
        _page(consents=[witnessed, other]),
    )
    yield "yes-unknown", "A yes that the reader is not shown", "ok", _page(consents=[])
    yield (
        "danger",
        "An alarm: no yes was asked",
        "ok",
        _page(_alarm(), codes=["alarm", "no-consent"], deadlines=[_due("second-signature", owner=NURSE)]),
    )
    delayed = _alarm(delay={"until": NOW + DAY, "code": "danger-if-told"})
    against = _look(agrees=False)
    review = _look(what="delay", until=NOW + DAY)
    yield "delayed", "An alarm that is told of later, and who looked at it", "ok", _page(
        delayed, codes=["alarm", "delayed", "expired-directory", "no-consent"], looked=[_look(), against, review],
        now=NOW + 60 * DAY,
    )  # fmt: skip
    unable = _manifest(basis={"is": "client-unable", "code": "confused"}, carried=None)
    yield "unable", "Who could not be asked reads why", "ok", _page(unable, consents=[])
    yield (
        "unable-other",
        "In what state somebody was is said to nobody but them",
        "ok",
        _page(unable, (_entry("health", about=(MOTHER, BABY)),), children=[BABY], consents=[]),
    )
    duty = _manifest(basis={"is": "legal-duty", "citation": "wet-1"}, carried=None, kind="information")
    yield "legal-duty", "The law demands it", "ok", _page(duty, consents=[])
    yield (
        "carried",
        "The reader brought it themselves",
        "ok",
        _page(_manifest(carried={"how": "by-client"}, basis=None)),
    )


def _what_next() -> Iterator[Page]:
    yield (
        "question",
        "A question to the reader that is open",
        "ok",
        _page(_to_you(), (_entry("question"),), deadlines=[_due("answer", owner=YOU)], consents=[]),
    )
    for state, words in (("done", "answered"), ("lapsed", "lapsed")):
        yield (
            f"question-{words}",
            f"A question to the reader that is {words}",
            "ok",
            _page(_to_you(), (_entry("question"),), deadlines=[_due("answer", state, YOU)], consents=[]),
        )
    yield (
        "question-declined",
        "A question to the reader that they declined",
        "ok",
        _page(_to_you(), (_entry("question"),), said=[_said(YOU, "declined", NOW)], consents=[]),
    )
    yield (
        "question-to-other",
        "A question to somebody else about the reader's child",
        "ok",
        _page(_to_you(to={"person": FATHER}), (_entry("question", about=(BABY,)),), children=[BABY], consents=[]),
    )
    yield (
        "own-message",
        "What the reader wrote waits for its answer, late",
        "ok",
        _page(_from_you(), (_entry("ask"),), deadlines=[_due("reply", "overdue")], consents=[]),
    )
    yield (
        "own-message-answered",
        "What the reader wrote was answered",
        "ok",
        _page(_from_you(), (_entry("ask"),), deadlines=[_due("reply", "done")], consents=[]),
    )
    steps = [
        {"n": 1, "by": NURSE, "with": [YOU], "due": NOW + 5 * DAY},
        {"n": 2, "by": YOU, "with": [], "due": NOW + 5 * DAY},
        {"n": 3, "by": OCMW, "with": [NURSE, YOU], "due": NOW + 6 * DAY},
    ]
    yield "steps", "A plan: one step is done, one late", "ok", _page(
        _manifest(kind="hand-over", steps=steps, follow_up=[]), (_entry("steps"),),
        said=[_said(NURSE, "done", NOW, "step-1")],
        deadlines=[_due("step", "overdue", number=2), _due("step", number=3)],
    )  # fmt: skip
    agreed = [
        {"code": "first-contact", "due": NOW + DAY},
        {"code": "none-ask"},
        {"code": "report-back", "due": NOW + 3 * DAY},
        {"code": "report-client", "due": NOW + 3 * DAY, "by": "sender"},
    ]
    yield (
        "late",
        "Agreements of both sides, one long over its day, one met",
        "ok",
        _page(_manifest(follow_up=agreed), now=NOW + 6 * DAY, done=["report-back"]),
    )
    yield (
        "table",
        "A consultation at which the reader sits",
        "ok",
        _page(_manifest(kind="consultation", purpose="consult", follow_up=[]), conference=_table()),
    )
    guests = [NURSE, OCMW, {"person": FATHER}]
    among = _table(with_client=False, discussed="2026-11-20", invitees=guests, planned=None)
    yield (
        "table-without",
        "A consultation among professionals",
        "ok",
        _page(_manifest(kind="consultation", purpose="consult", follow_up=[]), conference=among),
    )
    yield (
        "table-ended",
        "A consultation that is over",
        "ok",
        _page(_manifest(kind="consultation-report", purpose="consult", follow_up=[]), conference=_table(ended=True)),
    )
    yield (
        "told-in-person",
        "Who has no device is told in person",
        "ok",
        _page(_manifest(notice_by="kg-meerdijk"), codes=["without-device"]),
    )


def _what_became() -> Iterator[Page]:
    opened = [
        {"organisation": "\uff2fCMW", "function": "social-worker", "at": NOW + 60},
        {"organisation": "\U0001d40eCMW", "function": "nurse", "at": NOW + 60},
        {"organisation": "Kind en Gezin", "function": "doctor", "at": NOW + 30},
    ]
    yield "opened", "Openings by time, then by the bytes of the name", "ok", _page(opened=opened)
    yield "said", "What was said of it since, by time", "ok", _page(
        opened=opened[:1],
        said=[
            _said(OCMW, "kept", NOW + 3 * DAY, "statutory-file"), _said(YOU, "objected", NOW + 2 * DAY),
            _said(OCMW, "stuck", NOW + DAY), _said(OCMW, "done", NOW + DAY, "first-contact"),
        ],
    )  # fmt: skip
    yield (
        "stopped",
        "The yes was taken back after it was opened",
        "ok",
        _page(opened=opened[:1], stopped=True, deadlines=[_due("erasure", "overdue")]),
    )
    yield "withdrawn", "The yes was taken back before anybody had it", "ok", _page(stopped=True)
    yield (
        "over-broad",
        "More than was needed, which is to be erased",
        "ok",
        _page(codes=["over-broad"], deadlines=[_due("erasure")]),
    )


def _refused() -> Iterator[Page]:
    yield (
        "purpose-unknown",
        "A purpose without words",
        "text.missing",
        _page(_manifest(kind="own", purpose="enforcement")),
    )
    yield (
        "name-reversed",
        "A name that would turn the page around",
        "text.param",
        _page(names={**NAMES, "ocmw-meerdijk": "OCMW\u202e"}),
    )


def _owed() -> Iterator[Case]:
    def made(name: str, description: str, language: str, expect: str = "ok", **put: Json) -> Case:
        given = {"kind": "erasure", "owner": "OCMW", "due": NOW, "state": "open", **put, **_words(language)}
        return Case(f"owed-text/{name}.json", description, "owed-text", given, expect)

    yield made("follow-up", "An agreement, kept", "nl", kind="report-back", other="Kind en Gezin", state="done")
    yield made("by-the-clock", "A step of an alarm, to the minute, late", "fr", kind="alarm-phone", state="overdue")
    yield made("step", "A step of a plan", "tr", kind="step", number=3)
    yield made("lapsed", "An answer that did not come", "ar", kind="answer", state="lapsed")
    yield made("nothing-due", "Nothing is due", "pl", kind="none-ask", due=None)
    yield made("owner-missing", "Nobody owes it", "en", "text.param", owner="")
    yield made("kind-unknown", "A kind without words", "nl", "text.missing", kind="unknown")


def _code() -> Iterator[Case]:
    rules = ref("notice-text/referral-nl.json", "rulebook")
    for language in LANGUAGES:
        put = {**_words(language), "rulebook": rules}
        yield Case(f"code-text/{language}.json", f"The code of ethics ({language})", "code-text", put)
    turned = {**BOOK, "name": "Huis\u200f"}
    put = {**_words("nl"), "rulebook": turned}
    yield Case(
        "code-text/name-reversed.json", "A name of a Huis that would turn the text", "code-text", put, "text.param"
    )
