"""The objects of the wire, one module a noun, and the registry from kind to struct."""

from zegel_protocol.objects.acknowledgement import Acknowledgement
from zegel_protocol.objects.client_key import ClientKey, Vouch
from zegel_protocol.objects.conference import Conference
from zegel_protocol.objects.consent import Consent, Revocation, Status
from zegel_protocol.objects.consent_request import ConsentRequest
from zegel_protocol.objects.contact import Contact, ContactKey
from zegel_protocol.objects.countersignature import Countersignature
from zegel_protocol.objects.declaration import Declaration
from zegel_protocol.objects.desk import Procedure, Rota
from zegel_protocol.objects.devices import DeviceList
from zegel_protocol.objects.directory import Directory
from zegel_protocol.objects.entry import Entry
from zegel_protocol.objects.epoch import Epoch
from zegel_protocol.objects.finding import Finding
from zegel_protocol.objects.header import Payload
from zegel_protocol.objects.inbox_share import Absence, Assignment
from zegel_protocol.objects.manifest import Manifest
from zegel_protocol.objects.membership import Membership
from zegel_protocol.objects.notice import Notice, Receipt
from zegel_protocol.objects.objection import Objection
from zegel_protocol.objects.partner_rules import PartnerRules
from zegel_protocol.objects.person import Person
from zegel_protocol.objects.prekeys import Prekeys
from zegel_protocol.objects.root import Root
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.objects.stop_card import StopCard
from zegel_protocol.objects.wraps import Wraps

KINDS: dict[str, type[Payload]] = {
    kind.KIND: kind
    for kind in (
        Root, Membership, Directory, Rulebook, Epoch, DeviceList, Prekeys, Declaration, Person, ClientKey, Vouch,
        ConsentRequest, Consent, Revocation, Status, Entry, Manifest, Wraps, Notice, Receipt, Acknowledgement,
        Contact, ContactKey, PartnerRules, Countersignature, Conference, Objection, Rota, Procedure, Assignment,
        Absence, Finding, StopCard,
    )
}  # fmt: skip
"""Every kind of object of version 1, by the word in its payload type."""

__all__ = [
    "KINDS",
    "Absence",
    "Acknowledgement",
    "Assignment",
    "ClientKey",
    "Conference",
    "Consent",
    "ConsentRequest",
    "Contact",
    "ContactKey",
    "Countersignature",
    "Declaration",
    "DeviceList",
    "Directory",
    "Entry",
    "Epoch",
    "Finding",
    "Manifest",
    "Membership",
    "Notice",
    "Objection",
    "PartnerRules",
    "Payload",
    "Person",
    "Prekeys",
    "Procedure",
    "Receipt",
    "Revocation",
    "Root",
    "Rota",
    "Rulebook",
    "Status",
    "StopCard",
    "Vouch",
    "Wraps",
]
