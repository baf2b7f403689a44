"""The rule of each kind of object: what it is about, what it must follow, and what accepting it changes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.objects import (
    Acknowledgement,
    ClientKey,
    Consent,
    ConsentRequest,
    Contact,
    DeviceList,
    Directory,
    Epoch,
    Membership,
    Payload,
    Person,
    Prekeys,
    Revocation,
    Root,
    Rulebook,
    Vouch,
)
from zegel_protocol.records import RECORDS
from zegel_relay.services import (
    client_rules,
    consent_rules,
    contact_rules,
    epoch_rules,
    event_rules,
    record_rules,
    setting_rules,
)
from zegel_relay.services.effect import Effect
from zegel_relay.services.office import Office
from zegel_relay.storage.operation import Transaction

P = TypeVar("P", bound=Payload)


@dataclass(frozen=True)
class Facts:
    """What an object is about, and the conflict keys that order it among others."""

    subject: str
    version: int = 0
    household: str | None = None
    reads: frozenset[str] = field(default_factory=frozenset)
    writes: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Rule(Generic[P]):
    """A kind's struct, what it is about, and its judgement."""

    kind: type[P]
    facts: Callable[[P], Facts]
    judge: Callable[[Office, Transaction, Exhibit], Awaitable[Effect]]

    def read(self, exhibit: Exhibit) -> Facts:
        """Return the facts of an exhibit of this kind. Raises `MalformedError`."""
        return self.facts(read_payload(exhibit.envelope, self.kind)[0])


PEOPLE = "people"
"""Conflict key of everything known of persons. Coarse, because a consent or a message rests on people that only their
own chains name; and enough, because enrolments are rare beside messages."""


def _of_people(subject: str, version: int, household: str | None = None) -> Facts:
    return Facts(subject, version, household, writes=frozenset({f"subject:{subject}", PEOPLE}))


def _versioned(subject: str, version: int, *, setting: bool = False) -> Facts:
    return Facts(subject, version, writes=frozenset({"setting"} if setting else {f"subject:{subject}"}))


def _of_contact(person: str, version: int) -> Facts:
    return Facts(person, version, reads=frozenset({PEOPLE}), writes=frozenset({f"contact:{person}"}))


def _chained(payload: Consent | Revocation) -> Facts:
    flows = frozenset(f"chain:{link.person}|{payload.sender.key}|{payload.to.key}" for link in payload.chains)
    return Facts(payload.household, reads=frozenset({PEOPLE}), writes=flows)


def _event(payload: Acknowledgement) -> Facts:
    # A person's word is by the key that counts at its place.
    return Facts(payload.manifest, reads=frozenset({f"delivery:{payload.manifest}", PEOPLE}))


def _of_record(payload: Any) -> Facts:
    key = f"record:{payload.KIND}:{payload.subject}"
    household = getattr(payload, "household", None)
    version = getattr(payload, "version", 0)
    return Facts(payload.subject, version, household, reads=frozenset({PEOPLE}), writes=frozenset({key}))


RULES: dict[str, Rule[Any]] = {
    rule.kind.KIND: rule
    for rule in (
        Rule(Root, lambda root: _versioned("", root.version, setting=True), setting_rules.judge_root),
        Rule(Membership, lambda it: _versioned(it.partner, it.version, setting=True), setting_rules.judge_membership),
        Rule(Rulebook, lambda it: _versioned("", it.version, setting=True), setting_rules.judge_rulebook),
        Rule(Directory, lambda it: _versioned("", it.version, setting=True), setting_rules.judge_directory),
        Rule(Epoch, lambda it: _versioned("", it.number, setting=True), epoch_rules.judge_epoch),
        Rule(DeviceList, lambda it: _versioned(it.partner, it.version, setting=True), setting_rules.judge_devices),
        Rule(Prekeys, lambda it: _versioned(f"{it.partner}/{it.device}", it.version), setting_rules.judge_prekeys),
        Rule(Person, lambda it: _of_people(it.person, it.version, it.household), client_rules.judge_person),
        Rule(ClientKey, lambda it: _of_people(it.person, it.version, it.household), client_rules.judge_client_key),
        Rule(Contact, lambda it: _of_contact(it.person, it.version), contact_rules.judge_contact),
        Rule(Vouch, lambda it: _of_people(it.client_key, 0), client_rules.judge_vouch),
        Rule(ConsentRequest, lambda it: Facts(it.household, household=it.household), consent_rules.judge_request),
        Rule(Consent, _chained, consent_rules.judge_consent),
        Rule(Revocation, _chained, consent_rules.judge_revocation),
        Rule(Acknowledgement, _event, event_rules.judge_acknowledgement),
    )
} | {name: Rule(kind, _of_record, record_rules.judge_record) for name, kind in RECORDS.items()}
"""The kinds that a relay is given by themselves. A message comes with its sections and wraps: `accept_message`."""
