"""What does not belong in a section: the detectors together, where each matter may stand, and how bad it is elsewhere.

Both SDK ends run this on plaintext (article 7: only what is relevant), the sender before sealing and the recipient
after opening. A finding is not proof: detectors look for slips, and someone who wants to hide a number can.

How bad, and why:
- A **national number** is refused everywhere: no category of the rulebook has it, whoever needs it has another way, and
  its layout and check digits leave little doubt.
- An **IBAN** is refused outside `money`, for the same reasons: check digits, and of no use but to pay or collect.
- **Mail addresses, phone numbers, street addresses, names and dates of birth** are warnings outside the sections that
  hold them. They are told by shape, and whose they are can't be told at all: the doctor's number and the school's
  street do belong in an agreement or a plan. A refusal that is often wrong teaches people to write around it; a warning
  makes the worker look once more. Anonymous kinds have no client to protect by category, so there the caller treats
  every finding as a refusal.
- A **motivation that says nothing** is refused: whoever is told without having said yes reads it to know why.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from zegel.content.account_number import find_ibans
from zegel.content.address import find_addresses
from zegel.content.birth_date import find_birth_dates
from zegel.content.contact_details import find_emails, find_phones
from zegel.content.finding import Finding, Matter, Severity
from zegel.content.folding import Folded, fold
from zegel.content.known_names import KnownNames
from zegel.content.motivation import PART, says_why
from zegel.content.national_number import find_national_numbers
from zegel.content.notes import Note, text_fields

_REACH: Final = frozenset({"contact", "agreement", "helpers"})
ALLOWED: Final[dict[Matter, frozenset[str]]] = {
    Matter.NATIONAL_NUMBER: frozenset(),
    Matter.IBAN: frozenset({"money"}),
    Matter.EMAIL: _REACH,
    Matter.PHONE: _REACH,
    Matter.ADDRESS: frozenset({"contact", "housing", "steps"}),
    Matter.KNOWN_NAME: frozenset({"who"}),
    Matter.BIRTH_DATE: frozenset({"who"}),
    Matter.NO_REASON: frozenset(),
}
"""The section types in which a matter is at home."""

REFUSED: Final = frozenset({Matter.NATIONAL_NUMBER, Matter.IBAN, Matter.NO_REASON})
"""What stops a message where it is not at home; the rest asks the worker."""

Find = Callable[[Folded], Iterator[tuple[int, int]]]


def severity_of(matter: Matter) -> Severity:
    """Return how bad a matter is where it is not at home."""
    return "refuse" if matter in REFUSED else "warn"


def scan_text(text: str, section: str, names: Iterable[str] | KnownNames = (), field: str = "$") -> tuple[Finding, ...]:
    """Return what does not belong in `text`, a field of a section of type `section`, in the order in which it stands.

    `names` are the client's. Digits that are part of one finding are not another: an IBAN holds no phone number.
    """
    known = names if isinstance(names, KnownNames) else KnownNames(names)
    # In this order, the surest first: what it takes is not looked at again.
    finders: tuple[tuple[Matter, Find], ...] = (
        (Matter.NATIONAL_NUMBER, find_national_numbers),
        (Matter.IBAN, find_ibans),
        (Matter.EMAIL, find_emails),
        (Matter.BIRTH_DATE, find_birth_dates),
        (Matter.PHONE, find_phones),
        (Matter.ADDRESS, find_addresses),
        (Matter.KNOWN_NAME, known.find),
    )
    folded = fold(text)
    taken: list[tuple[int, int]] = []
    findings: list[Finding] = []
    for matter, find in finders:
        for span in find(folded):
            if any(span[0] < end and start < span[1] for start, end in taken):
                continue
            taken.append(span)
            if section not in ALLOWED[matter]:
                findings.append(Finding(matter, severity_of(matter), *folded.span(*span), section, field))
    return tuple(sorted(findings, key=lambda item: item.start))


def scan_note(note: Note, section: str, names: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Return what does not belong in any text field of a note; `field` of a finding is the path (`$.items[0].what`)."""
    known = KnownNames(names)
    fields = tuple(text_fields(note))
    found = tuple(item for path, text in fields for item in scan_text(text, section, known, path))
    if section != PART or says_why(" ".join(text for _, text in fields)):
        return found
    path, text = fields[0]
    return (*found, Finding(Matter.NO_REASON, severity_of(Matter.NO_REASON), 0, len(text), section, path))


def scan_file_name(name: str, section: str, names: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Return what does not belong in the name of a file; `field` of a finding is `$.name`."""
    return scan_text(name, section, names, "$.name")
