"""The court and the case: the evidence with the rules that apply to it looked up once."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from zegel_protocol.evidence import Client, Evidence, Setting
from zegel_protocol.fields import MAX_INT
from zegel_protocol.objects.client_key import ClientKey
from zegel_protocol.objects.manifest import Manifest, OnConsent
from zegel_protocol.objects.membership import Membership, Secrecy
from zegel_protocol.objects.person import Person
from zegel_protocol.objects.rulebook import (
    BasisRule,
    CategoryRule,
    KindRule,
    PartRule,
    PurposeRule,
    RelevanceRule,
    Rulebook,
)
from zegel_protocol.signed import Place, Signed


class Court:
    """The rules in force and the people they are about: what a consent is judged by, with or without a message."""

    def __init__(self, setting: Setting, clients: Mapping[str, Client], at: int) -> None:
        self.setting, self.clients, self.at = setting, clients, at

    @property
    def rulebook(self) -> Rulebook:
        """The rules in force."""
        return self.setting.rulebook.payload

    @cached_property
    def categories(self) -> dict[str, CategoryRule]:
        """Category rules by id."""
        return {rule.id: rule for rule in self.rulebook.categories}

    @cached_property
    def parts(self) -> dict[str, PartRule]:
        """Part rules by id."""
        return {rule.id: rule for rule in self.rulebook.parts}

    def client(self, person: str) -> Client | None:
        """What is known of a person, or None."""
        found = self.clients.get(person)
        return found if found is not None and found.versions else None

    def key(self, person: str, place: Place | None) -> Signed[ClientKey] | None:
        """Return the key of somebody that counted at `place` (None: that counts at the time judged at), or None."""
        client = self.client(person)
        return client.key_at(place or Place(MAX_INT, self.at)) if client is not None else None

    def level(self, category: str) -> str:
        """How sensitive a category is (O, S, H); an unknown one counts as highly sensitive."""
        rule = self.categories.get(category)
        return rule.level if rule is not None else "H"

    def secrecy(self, member: Membership) -> Secrecy:
        """The duty that a partner's people are under (`Setting.secrecy`)."""
        return self.setting.secrecy(member)


class Case(Court):
    """One message judged at time `at` (seconds).

    `place`: None judges by everything the evidence holds (now); a place judges by what stood in the log before it
    (what the relay could know when it accepted).
    """

    def __init__(self, evidence: Evidence, at: int, place: Place | None) -> None:
        super().__init__(evidence.setting, evidence.clients, at)
        self.evidence, self.place = evidence, place

    @property
    def manifest(self) -> Manifest:
        """The message's manifest."""
        return self.evidence.manifest.payload

    @cached_property
    def kind(self) -> KindRule | None:
        """The rule of the message's kind, or None when the rulebook has none."""
        return self.rulebook.kind_rule(self.manifest.kind)

    @cached_property
    def purpose(self) -> PurposeRule | None:
        """The rule of the message's purpose, or None."""
        return next((rule for rule in self.rulebook.purposes if rule.id == self.manifest.purpose), None)

    @cached_property
    def sender(self) -> Membership | None:
        """The sending partner's membership, or None (unknown, or a person sends)."""
        return self.evidence.setting.member(self.manifest.sender.partner)

    @cached_property
    def recipient(self) -> Membership | None:
        """The receiving partner's membership, or None."""
        return self.evidence.setting.member(self.manifest.to.partner)

    @property
    def urgent(self) -> bool:
        """Whether it is an alarm."""
        return self.kind is not None and self.kind.urgent

    @cached_property
    def basis_rule(self) -> BasisRule | None:
        """The rule of the basis that the message rests on, where that is not consent and its kind lists it; or None."""
        basis = self.manifest.basis
        if basis is None or isinstance(basis, OnConsent) or self.kind is None:
            return None
        name = basis.__struct_config__.tag
        return next((rule for rule in self.rulebook.bases if rule.id == name and name in self.kind.bases), None)

    @property
    def to_host(self) -> bool:
        """Whether the recipient stands behind the sender: a volunteer tells their organisation."""
        return self.sender is not None and self.sender.host is not None and self.sender.host == self.manifest.to.partner

    @property
    def has_stranger(self) -> bool:
        """Whether a partner sends or receives that is no member: then the message is refused, whatever else holds."""
        sides = ((self.manifest.sender.partner, self.sender), (self.manifest.to.partner, self.recipient))
        return any(partner is not None and member is None for partner, member in sides)

    @cached_property
    def relevance(self) -> RelevanceRule | None:
        """The row of the relevance matrix for this purpose and the recipient's sector, or None: closed."""
        if self.recipient is None:
            return None
        wanted = (self.manifest.purpose, self.recipient.sector)
        return next((rule for rule in self.rulebook.relevance if (rule.purpose, rule.sector) == wanted), None)

    @cached_property
    def sent_at(self) -> int:
        """When the message was accepted; before that, the time judged at. Who reads it is settled then, for good."""
        place = self.evidence.manifest.place
        return place.at if place is not None else self.at

    def person(self, person: str) -> Person | None:
        """The version of a person that counted when the message was accepted, or None for somebody unknown."""
        client = self.client(person)
        return client.version_at(self.evidence.manifest.place) if client is not None else None

    def people(self, persons: Iterable[str]) -> tuple[Person, ...]:
        """The versions of these people that counted when the message was accepted, without those who are unknown."""
        return tuple(known for person in persons if (known := self.person(person)) is not None)

    def has_keys(self, person: str) -> bool:
        """Whether somebody had keys to read with when the message was accepted."""
        return self.key(person, self.evidence.manifest.place) is not None

    @property
    def free(self) -> bool:
        """Whether the matrix does not bind: what persons send about themselves. Rules bind partners, not families."""
        return self.purpose is not None and self.purpose.any_category and self.manifest.sender.person is not None

    @cached_property
    def answers_own_thread(self) -> bool:
        """Whether the message answers a conversation that its recipient began with its sender.

        Never at a conference: its thread is a table, and a message that has its name began nothing.
        """
        thread = self.evidence.thread
        if thread is None or self.kind is None or self.kind.thread != "required" or self.kind.conference:
            return False
        began = thread.payload
        return (
            began.id == self.manifest.thread
            and began.huis == self.manifest.huis
            and began.household == self.manifest.household
            and began.purpose == self.manifest.purpose
            and self.manifest.to.partner is not None
            and self.manifest.sender.partner is not None
            and began.sender.partner == self.manifest.to.partner
            and began.to.partner == self.manifest.sender.partner
        )
