"""One change to each kind's example that its form refuses, and some that it allows: data, read by `object_cases`.

A path such as `devices.0.worker` is set to a value; None takes the field out; a function is given the old value.
"""

from collections.abc import Callable
from typing import Any

Edit = dict[str, Any]
Edits = tuple[tuple[str, str, Edit], ...]


def _reversed(items: list[Any]) -> list[Any]:
    return items[::-1]


def _twice(items: list[Any]) -> list[Any]:
    return [items[0], *items]


def _times(count: int) -> Callable[[list[Any]], list[Any]]:
    return lambda items: (items * count)[:count]


CHAINED: Edits = (
    ("prev-missing", "A later version without what it follows", {"prev": None}),
    ("prev-in-first", "A first version that follows something", {"version": 1}),
    ("version-zero", "Versions count from 1", {"version": 0}),
)
UNSORTED_SIGNERS: Edit = {
    "signers": [{"person": "f" * 32, "role": "self"}, {"person": "0" * 32, "role": "authority"}],
}
WITNESSES = [{"partner": "caw-meerdijk", "device": "1" * 32}, {"partner": "kind-en-gezin", "device": "2" * 32}]

EDITS: dict[str, Edits] = {
    "root": (
        *CHAINED,
        ("threshold-above", "More signatures asked than there are roots", {"threshold": 4}),
        ("threshold-zero", "No signature asked", {"threshold": 0}),
        ("unsorted", "Roots out of order", {"roots": _reversed}),
        ("no-roots", "No root", {"roots": []}),
        ("roots-text", "A text where a list belongs", {"roots": "A" * 43}),
    ),
    "membership": (
        *CHAINED,
        ("secrecy-unknown", "A secrecy that is not on the list", {"secrecy": "none"}),
        ("actor-unknown", "An actor that is not on the list", {"actor": "police"}),
        ("partner-upper-case", "A partner's id in upper case", {"partner": "OCMW"}),
        ("root-key-short", "A key of 31 bytes", {"root_key": "A" * 42}),
        ("name-number", "A number where a text belongs", {"name": 7}),
        ("partner-number", "A number where an id belongs", {"partner": 7}),
    ),
    "rulebook": (
        ("purposes-unsorted", "Purposes out of order", {"purposes": _reversed}),
        ("purpose-twice", "A purpose that stands twice", {"purposes": _twice}),
        ("level-unknown", "A sensitivity that is not O, S or H", {"categories.0.level": "X"}),
        ("article-eleven", "An article that the code does not have", {"purposes.0.article": 11}),
        ("relevance-twice", "A row of the matrix that stands twice", {"relevance": _twice}),
        ("secrecy-unknown", "A sector under a secrecy that is not on the list", {"sectors.0.secrecy": "none"}),
        ("basis-unknown", "A kind on a basis that the format does not know", {"kinds.0.bases": ["interest"]}),
        ("reader-unknown", "A part for readers that the format does not know", {"parts.0.readers": ["press"]}),
        ("witnesses-none", "A witnessed consent without witness", {"consent.witnesses": 0}),
        ("holiday-no-date", "A holiday that is no date", {"holidays": ["2026-13-01"]}),
        ("holidays-unsorted", "Holidays out of order", {"holidays": ["2026-12-25", "2026-11-01"]}),
        ("languages-none", "No language", {"languages": []}),
        ("languages-unsorted", "Languages out of order", {"languages": ["nl", "en"]}),
        ("report-back-twice", "A type that stands twice in report_back", {"report_back": _twice}),
    ),
    "directory": (
        ("too-long", "Valid for longer than 14 days", {"expires": lambda _: 1_795_435_200 + 14 * 86_400 + 1}),
        ("expired-at-birth", "Expires at its issue", {"expires": lambda _: 1_795_435_200}),
        ("freshness-without-end", "A freshness key without the time until which it may refresh",
         {"refresh_until": None}),
        ("origin-with-path", "An origin with a path", {"origins": ["https://huis.example/portal"]}),
        ("origin-upper-case", "An origin in upper case", {"origins": ["https://Huis.example"]}),
        ("rp-with-port", "A relying party id with a port", {"rp_id": "huis.example:443"}),
        ("devices-unsorted", "Device lists out of order", {"devices": _reversed}),
        ("partner-twice", "Two device lists of one partner", {"devices": _twice}),
        ("memberships-unsorted", "Memberships out of order", {"memberships": _reversed}),
        ("bundle-twice", "A bundle's digest that stands twice", {"bundles": _twice}),
        ("origins-unsorted", "Origins out of order", {"origins": ["https://z.example", "https://a.example"]}),
    ),
    "epoch": (
        ("number-zero", "Epoch 0 has no object", {"number": 0}),
        ("reason-unknown", "A reason that is not on the list", {"reason": "maintenance"}),
        ("root-missing", "A head without its root", {"last": {"size": 17}}),
        ("year-ten-thousand", "A time after the year 9999", {"at": 253_402_300_800}),
    ),
    "devices": (
        *CHAINED,
        ("unsorted", "Devices out of order", {"devices": _reversed}),
        ("service-with-worker", "A service that is also somebody's",
         {"devices.0.service": True, "devices.0.worker": "0" * 32, "devices.1.service": True,
          "devices.1.worker": "0" * 32}),
        ("nobody", "A device of nobody that is no service",
         {"devices": [{"device": "0" * 32, "service": False, "function": "nurse", "alg": "ed25519",
                       "sign_key": "A" * 43, "inbox": True, "not_before": 0, "not_after": 1, "proof": "A" * 86}]}),
        ("function-unknown", "A function that is not on the list", {"devices.0.function": "police-officer"}),
        ("algorithm-unknown", "Another algorithm than Ed25519", {"devices.0.alg": "rsa"}),
        ("service-number", "1 where true belongs", {"devices.0.service": 1}),
        ("key-shared", "Two devices with one key",
         {"devices.0.sign_key": "A" * 43, "devices.1.sign_key": "A" * 43}),
        ("seventeen-inboxes", "More than 16 devices that receive",
         {"devices": lambda items: [
             {**items[0], "device": f"{n:032x}", "sign_key": "A" * 40 + f"{n:02d}A", "inbox": True}
             for n in range(17)]}),
    ),
    "prekeys": (
        ("suite-unknown", "Another suite than the one of version 1", {"suite.kem": 0x0020}),
        ("no-keys", "No key", {"keys": []}),
        ("unsorted", "Periods out of order", {"keys": _reversed}),
        ("period-empty", "A period that ends when it begins", {"keys.0.not_after": 0, "keys.0.not_before": 0}),
        ("key-short", "A seal key that is one letter short", {"keys.0.seal_key": lambda text: text[:-1]}),
    ),
    "declaration": (
        ("what-unknown", "Something else than the code or a pledge", {"what": "oath"}),
        ("worker-a-name", "A worker's name where a pseudonymous id belongs", {"worker": "sara"}),
    ),
    "person": (
        *CHAINED,
        ("month-thirteen", "A month that the calendar does not have", {"turns12": "2038-13"}),
        ("a-date", "A birth date where only a month may stand", {"turns18": "2044-11-03"}),
        ("twelve-without-eighteen", "Who turns 12 and never 18", {"turns18": None}),
        ("own-authority", "Authority over oneself",
         {"person": "f" * 32, "silenced": [], "authority": ["f" * 32]}),
        ("silenced-stranger", "A silenced person who holds no authority", {"silenced": ["f" * 32]}),
        ("silenced-twice", "A silenced person who stands twice", {"silenced": _twice}),
        ("attesting-twice", "A digest that stands twice", {"attesting": _twice}),
        ("capability-null", "A rebuttal without its end", {"capability": {"capable": True}}),
        ("conflict-number", "1 where true belongs", {"conflict": 1}),
    ),
    "client-key": (
        *CHAINED,
        ("passkeys-unsorted", "Passkeys out of order", {"passkeys": _reversed}),
        ("passkey-twice", "A credential that stands twice", {"passkeys": _twice}),
        ("algorithm-unknown", "A passkey of another algorithm", {"passkeys.0.alg": "rs256"}),
        ("means-unknown", "A way of knowing someone that is not on the list", {"means": "telephone"}),
        ("tag-missing", "An enrolment without its tag", {"enrolment": {"opened": 1}}),
        ("seal-key-short", "A seal key that is one letter short", {"seal_key": lambda text: text[:-1]}),
    ),
    "vouch": (
        ("means-unknown", "A way of knowing someone that is not on the list", {"means": "telephone"}),
        ("client-key-missing", "A vouch for nothing", {"client_key": None}),
    ),
    "consent-request": (
        ("no-flows", "A request for nothing", {"flows": []}),
        ("flow-without-types", "A flow of no categories", {"flows.0.types": []}),
        ("types-unsorted", "Categories out of order", {"flows.0.types": _reversed}),
        ("two-recipients", "A recipient that is a partner and a person",
         {"flows.0.to": {"partner": "ocmw-meerdijk", "person": "0" * 32}}),
        ("no-recipient", "A recipient that is nobody", {"flows.0.to": {}}),
        ("no-persons", "A request to nobody", {"persons": []}),
        ("language-name", "A language by its name", {"language": "Nederlands"}),
    ),
    "consent": (
        ("about-nobody", "An empty about would allow all", {"about": [], "chains": []}),
        ("types-none", "A yes to nothing", {"types": []}),
        ("types-unsorted", "Categories out of order", {"types": _reversed}),
        ("type-twice", "A category that stands twice in one form", {"types": _twice}),
        ("signers-none", "A yes by nobody", {"signers": []}),
        ("signers-unsorted", "Signers out of order", UNSORTED_SIGNERS),
        ("role-unknown", "A role that is not on the list", {"signers.0.role": "neighbour"}),
        ("evidence-unknown", "Evidence of a kind that is not on the list", {"evidence": {"by": "email"}}),
        ("evidence-no-tag", "Evidence that does not say of what kind it is", {"evidence": {}}),
        ("witness-none", "Witnessed by nobody", {"evidence": {"by": "witnessed", "witnesses": [], "means": "paper"}}),
        ("witness-five", "More than four witnesses",
         {"evidence": {"by": "witnessed", "means": "paper", "witnesses": [
             {"partner": "caw-meerdijk", "device": f"{n:032x}"} for n in range(5)]}}),
        ("witness-unsorted", "Witnesses out of order",
         {"evidence": {"by": "witnessed", "witnesses": WITNESSES[::-1], "means": "spoken"}}),
        ("ends-before", "Ends when it begins", {"not_after": 5, "not_before": 5}),
        ("chain-of-another", "A chain link of somebody whom it is not about", {"chains.0.person": "f" * 32}),
        ("chain-missing", "No chain link", {"chains": []}),
        ("replaces-twice", "A consent that is replaced twice", {"replaces": _twice}),
        ("link-without-prev", "A second link that follows nothing", {"chains.0.prev": None}),
        ("link-first-with-prev", "A first link that follows something", {"chains.0.seq": 1}),
        ("to-list", "A list of recipients: there is one", {"to": [{"partner": "ocmw-meerdijk"}]}),
    ),
    "revocation": (
        ("revokes-nothing", "Takes nothing back", {"revokes": []}),
        ("about-nobody", "About nobody", {"about": [], "chains": []}),
        ("chain-of-another", "A chain link of somebody whom it is not about", {"chains.0.person": "f" * 32}),
        ("signers-unsorted", "Signers out of order", UNSORTED_SIGNERS),
        ("reason-free-text", "A reason in one's own words, which would be content in clear",
         {"reason_code": "I do not trust her"}),
    ),
    "status": (
        ("head-missing", "A chain of one object without its head", {"head": None}),
        ("head-of-nothing", "A head of an empty chain", {"head_seq": 0}),
        ("from-nobody", "A sender that is nobody", {"from": {}}),
    ),
    "entry": (
        ("number-64", "More sections than a message holds", {"n": 64}),
        ("readers-none", "A section that nobody reads", {"readers": []}),
        ("readers-unsorted", "Readers out of order", {"readers": _reversed}),
        ("about-unsorted", "Persons out of order", {"about": _reversed}),
        ("withheld-twice", "A person who stands twice in withheld", {"withheld": _twice}),
        ("reads-and-withheld", "Withheld from somebody who reads it",
         {"withheld.0.person": "f" * 32, "readers.1.person": "f" * 32}),
        ("media-parameters", "A media type with parameters", {"media": "text/plain; charset=utf-8"}),
        ("media-upper-case", "A media type in upper case", {"media": "Text/plain"}),
        ("type-free-text", "A category in one's own words", {"type": "debts of the father"}),
    ),
    "manifest": (
        ("entries-none", "A message without sections", {"entries": []}),
        ("entry-twice", "A section that stands twice", {"entries": _twice}),
        ("sender-without-device", "A partner without its device", {"from": {"partner": "kind-en-gezin"}}),
        ("sender-two", "A sender that is a partner and a person",
         {"from": {"partner": "kind-en-gezin", "device": "0" * 32, "person": "1" * 32}}),
        ("devices-missing", "A partner's message that names no device list", {"devices": None}),
        ("devices-of-person", "A person's message that names a device list", {"from": {"person": "0" * 32}}),
        ("id-version-four", "An id that is no UUIDv7", {"id": lambda text: text[:14] + "4" + text[15:]}),
        ("id-upper-case", "An id in upper case", {"id": lambda text: text.upper()}),
        ("basis-unknown", "A basis that is not on the list", {"basis": {"is": "interest"}}),
        ("basis-no-consents", "On consent, and on none", {"basis.consents": []}),
        ("carried-without-day", "In consultation, and no day", {"carried": {"how": "in-consultation"}}),
        ("carried-no-such-day", "A day that the calendar does not have", {"carried.on": "2026-02-30"}),
        ("carried-no-leap-day", "A leap day in a year without", {"carried.on": "2100-02-29"}),
        ("carried-with-day", "With the client, and a day", {"carried.how": "with-client"}),
        ("follow-up-unsorted", "Agreements out of order", {"follow_up": _reversed}),
        ("follow-up-without-due", "A report without its date", {"follow_up.0": {"code": "report-client"}}),
        ("two-recipients", "A list of recipients: there is one", {"to": [{"partner": "ocmw-meerdijk"}]}),
    ),
    "wraps": (
        ("none", "No box", {"wraps": []}),
        ("key-twice", "Two boxes for one key", {"wraps": _twice}),
        ("entries-none", "A box of no keys", {"wraps.0.entries": []}),
        ("entries-unsorted", "Numbers out of order", {"wraps.0.entries": [1, 0]}),
        ("entries-twice", "A number that stands twice", {"wraps.0.entries": [1, 1]}),
        ("thirty-three", "More than 32 boxes", {"wraps": _times(33)}),
        ("box-standard", "A box in standard base64", {"wraps.0.box": lambda text: text + "+/"}),
    ),
    "notice": (
        ("codes-unsorted", "Codes out of order", {"codes": ["second", "first"]}),
        ("numbered", "A sequence number: gaps would betray a delayed notice", {"seq": 7}),
        ("person-a-name", "A name where an id belongs", {"person": "Elif"}),
    ),
    "receipt": (
        ("wraps-unsorted", "Wraps out of order", {"wraps": _reversed}),
        ("notice-twice", "A notice that stands twice", {"notices": _twice}),
        ("proof-empty", "No proof", {"proof": ""}),
        ("object-missing", "A receipt for nothing", {"object": None}),
        ("time-negative", "A time before 1970", {"accepted_at": -1}),
    ),
    "acknowledgement": (
        ("event-unknown", "An event that is not on the list", {"event": "forwarded"}),
        ("codes-unsorted", "Codes out of order", {"codes": ["b", "a"]}),
        ("by-nobody", "By nobody", {"by": {}}),
        ("reader-two", "A reader that is a partner and a person",
         {"reader": {"partner": "ocmw-meerdijk", "person": "0" * 32}}),
        ("notice-not-told", "A notice in the word of a partner that opened it", {"notice": "A" * 43}),
        ("notice-of-a-partner", "A notice to a partner", {"event": "told", "notice": "A" * 43}),
    ),
    "contact": (
        ("wording-unknown", "Words that are not on the list", {"wording": "loud"}),
        ("none-with-address", "An address for no pings", {"wording": "none"}),
        ("address-missing", "No address for pings", {"sealed": None}),
        ("key-missing", "An address that is sealed to nobody says whom", {"key": None}),
        ("sealed-short", "A sealed address of another size", {"sealed": "A" * 426}),
        ("hours-backwards", "Hours that end before they begin", {"hours": {"opens": 19, "closes": 9}}),
        ("hours-none", "No hour at all", {"hours": {"opens": 9, "closes": 9}}),
        ("hours-beyond", "An hour that no day has", {"hours": {"opens": 9, "closes": 25}}),
        ("by-another", "Chosen by another person", {"by": {"person": "0" * 32}}),
        ("prev-missing", "A second version that follows nothing", {"prev": None}),
        ("first-with-prev", "A first version that follows another", {"version": 1}),
        ("version-zero", "A version before the first", {"version": 0}),
    ),
    "contact-key": (
        ("key-short", "A key of 31 bytes", {"key": "A" * 42}),
        ("time-negative", "A time before 1970", {"at": -1}),
    ),
}  # fmt: skip

FURTHER: dict[str, Edits] = {
    "root": (("first", "The first root", {"version": 1, "prev": None}),),
    "directory": (
        ("least", "Without freshness key, and signed by the steward", {
            "freshness_key": None, "refresh_until": None, "base": None, "bundles": []}),
        ("origin-with-port", "An origin with a port", {"origins": ["http://localhost:8080"], "rp_id": "localhost"}),
    ),
    "devices": (("none", "A partner that has no device left", {"devices": []}),),
    "person": (
        ("adult", "An adult", {
            "turns12": None, "turns18": None, "authority": [], "silenced": [], "capability": None}),
        ("sixteen", "Who is past twelve", {"turns12": None}),
    ),
    "epoch": (("last-second", "The last second of the year 9999", {"at": 253_402_300_799}),),
    "declaration": (("pledge", "A partner's pledge", {"what": "pledge", "worker": None}),),
    "consent": (
        ("witnessed", "Seen by two workers", {
            "evidence": {"by": "witnessed", "witnesses": WITNESSES, "means": "paper"}}),
        ("two-forms", "A category in two forms", {"types": [
            {"type": "health", "form": "costs-only"}, {"type": "health", "form": "short"}]}),
    ),
    "status": (("empty", "There is no chain yet", {"head_seq": 0, "head": None}),),
    "entry": (
        ("anonymous", "A section about nobody", {"about": [], "withheld": [], "readers": [{"partner": "clb"}]}),
    ),
    "manifest": (
        ("from-person", "A client's own message", {
            "from": {"person": "0" * 32}, "devices": None, "basis": None, "carried": None, "follow_up": [],
            "notice_by": None, "kind": "client-message"}),
        ("anonymous", "An anonymous question", {
            "household": None, "basis": None, "carried": None, "kind": "advice", "purpose": "advice", "thread": None}),
        ("necessity", "On necessity", {"basis": {"is": "necessity", "code": "serious-danger"}}),
        ("client-unable", "Because the client is unable", {"basis": {"is": "client-unable", "code": "coma"}}),
        ("legal-duty", "By a duty of law", {"basis": {"is": "legal-duty", "citation": "art-1"}}),
    ),
    "acknowledgement": (
        ("told", "A client who was told", {
            "event": "told", "wraps": None, "by": {"person": "0" * 32}, "reader": {"person": "0" * 32}, "codes": []}),
        ("told-of-a-notice", "A client who was told, by this notice", {
            "event": "told", "notice": "A" * 43, "by": {"person": "0" * 32}, "reader": {"person": "0" * 32}}),
        ("told-by-a-worker", "A worker says that a client was told", {
            "event": "told", "notice": "A" * 43, "wraps": None, "reader": {"person": "0" * 32},
            "codes": ["by-letter"]}),
    ),
    "contact": (
        ("none", "No pings", {"wording": "none", "key": None, "sealed": None}),
        ("by-worker", "Chosen before a worker", {"by": {"partner": "ocmw-meerdijk", "device": "0" * 32}}),
        ("all-day", "At every hour", {"hours": {"opens": 0, "closes": 24}}),
        ("first", "The first version", {"version": 1, "prev": None}),
    ),
}  # fmt: skip
