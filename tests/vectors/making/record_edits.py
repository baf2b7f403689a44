"""Changes to records that their form refuses, and what released kinds gained: data, read by `object_cases`."""

from typing import Any

Edit = dict[str, Any]
Edits = tuple[tuple[str, str, Edit], ...]
VERSIONED: Edits = (
    ("prev-missing", "A later version without what it follows", {"prev": None}),
    ("prev-in-first", "A first version that follows something", {"version": 1}),
)
DIGEST = "A" * 43
A_PERSON, B_PERSON = {"person": "a" * 32}, {"person": "b" * 32}

RECORD_EDITS: dict[str, Edits] = {
    "partner-rules": (
        *VERSIONED,
        ("closes-all", "A closing that states nothing", {"closed.1.type": None}),
        ("closed-twice", "A closing that stands twice", {"closed": lambda items: [items[0], items[0]]}),
        ("closed-unsorted", "Closings out of order", {"closed": lambda items: items[::-1]}),
        ("way-unknown", "A way that is neither in nor out", {"closed.0.way": "both"}),
    ),
    "countersignature": (
        ("until-missing", "A delay that is agreed to, and no date", {"until": None}),
        ("until-of-second", "A second signature with a date", {"what": "second"}),
        ("until-of-no", "A delay that is not agreed to, with a date", {"agrees": False}),
        ("what-unknown", "A signature for something else", {"what": "third"}),
    ),
    "conference": (
        *VERSIONED,
        ("about-nobody", "A conference about nobody", {"about": []}),
        ("chair-away", "A chair that is not at the table", {"chair": "clb-brugge"}),
        ("alone", "A table of one", {"invitees": lambda items: items[:1]}),
        ("unsorted", "Invitees out of order", {"invitees": lambda items: items[::-1]}),
        ("no-such-month", "A day of a thirteenth month", {"discussed": "2026-13-01"}),
    ),
    "objection": (
        ("by-another", "A person who objects for somebody else", {"by": A_PERSON}),
        ("about-nobody", "An objection about nobody", {"about": []}),
    ),
    "rota": (
        *VERSIONED,
        ("shifts-unsorted", "Shifts out of order", {"shifts": lambda items: items[::-1]}),
        ("shift-backwards", "A shift that ends before it begins", {"shifts.0.closes": 1}),
        ("shift-of-nobody", "A shift that nobody watches", {"shifts.0.devices": []}),
        ("device-twice", "A device that is called twice", {"shifts.1.devices": lambda items: items * 2}),
        ("phone-words", "Words for a number", {"phone": "the desk"}),
    ),
    "procedure": (
        *VERSIONED,
        ("trained-twice", "A worker who stands twice", {"trained": lambda items: items * 2}),
    ),
    "assignment": (("worker-missing", "Nobody to deal with it", {"worker": None}),),
    "absence": (
        ("backwards", "An absence that ends before it begins", {"ends": 1}),
        ("own-substitute", "Who steps in for themselves", {"substitute": "0" * 32, "worker": "0" * 32}),
    ),
    "stop-card": (
        ("stops-nothing", "A card that stops nothing", {"consents": []}),
        ("about-nobody", "A card for nobody", {"about": []}),
        ("over", "A card that ends when it is made", {"until": 1, "at": 1}),
    ),
    "finding": (
        ("found-unknown", "A finding that is not on the list", {"found": "fine"}),
        ("section-64", "A section beyond the last", {"n": 64}),
    ),
}  # fmt: skip

GAINED: dict[str, Edits] = {
    "membership": (("hosted", "A volunteer with a host", {"host": "caw-meerdijk"}),),
    "devices": (("own-rules", "A list that names the partner's own rules", {"rules": DIGEST}),),
    "person": (
        ("trusted", "A trusted adult beside a young person", {
            "turns12": None, "capability": None, "trusted": ["1" * 32]}),
    ),
    "consent": (
        ("heard", "A yes by telephone interpreter", {"heard": {"language": "tr", "interpreter": "telephone"}}),
        ("understood", "A yes in the signer's own language", {"heard": {"language": "nl"}}),
    ),
    "declaration": (
        ("secrecy", "A reminder of secrecy before a message is opened", {"what": "secrecy", "manifest": DIGEST}),
        ("service", "The code, for a partner's services", {"worker": None}),
    ),
    "acknowledgement": (
        ("step", "A step of a plan that is taken", {"event": "done", "codes": ["step-1"]}),
        ("kept", "What is not erased, and why", {"event": "kept", "codes": ["statutory-file"], "of": DIGEST}),
    ),
    "manifest": (
        ("plan", "A hand-over plan", {"steps": [
            {"n": 1, "by": {"partner": "caw-meerdijk"}, "with": [{"partner": "kind-en-gezin"}, A_PERSON], "due": 1},
            {"n": 2, "by": A_PERSON, "with": [], "due": 2}]}),
        ("alarm", "An alarm to a desk that is off call, told later", {
            "kind": "concern", "basis": {"is": "necessity", "code": "serious-danger", "off_call": True},
            "delay": {"until": 1, "code": "danger-at-home"}}),
        ("answer", "An answer by name", {"answers": DIGEST}),
        ("sender-keeps", "A follow-up that the sender keeps", {"follow_up": [
            {"code": "report-client", "due": 1, "by": "sender"}]}),
    ),
}  # fmt: skip
"""What kinds that were released before gained, as optional fields: each allows it."""

GAINED_REFUSED: dict[str, Edits] = {
    "membership": (("own-host", "Who hosts themselves", {"host": "kind-en-gezin", "partner": "kind-en-gezin"}),),
    "person": (("trusted-self", "Who is their own trusted adult", {"trusted": ["1" * 32], "person": "1" * 32}),),
    "consent": (("heard-nothing", "An interpreter into no language", {"heard": {"interpreter": "telephone"}}),),
    "declaration": (("code-about-message", "The code, about a message", {"manifest": DIGEST}),),
    "manifest": (
        ("step-skipped", "A plan that begins at its second step", {"steps": [
            {"n": 2, "by": A_PERSON, "with": [], "due": 1}]}),
        ("step-with-self", "A step together with oneself", {"steps": [
            {"n": 1, "by": A_PERSON, "with": [A_PERSON], "due": 1}]}),
        ("step-unsorted", "A step with others out of order", {"steps": [
            {"n": 1, "by": {"person": "c" * 32}, "with": [B_PERSON, A_PERSON], "due": 1}]}),
        ("off-call-null", "An absent field as null", {"basis": {
            "is": "necessity", "code": "serious-danger", "off_call": "no"}}),
    ),
}  # fmt: skip
