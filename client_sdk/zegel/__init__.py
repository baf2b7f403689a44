"""Zegel's SDK: send what a family agreed to share, sealed end to end, to the one partner it is for.

    async with await zegel.Partner.connect("keys/kind-en-gezin", passphrase) as partner:
        draft = partner.referral("ocmw-gent", household, [elif_id])
        ...
        sent = await partner.send(draft)

`zegel.sync.Partner` sends and receives, for software that is not asynchronous.
"""

from zegel.contacts import Choice
from zegel.content.errors import ContentError
from zegel.content.finding import Finding
from zegel.content.schemas import Agreement, Contact, Cost, CostsOnly, FirstName, HandOverStep, Short, Whole, YesNo
from zegel.dispatch import Sent
from zegel.draft import Draft
from zegel.enrolments import Enrolled, EnrolmentError, OpenEnrolment, WaitingKeys
from zegel.epochs import LogSetBack
from zegel.errors import (
    ClockWrong,
    ContentFound,
    DeviceNotListed,
    DraftUnknown,
    MessageTaken,
    NotForThisDevice,
    PartnerClosed,
    RecipientWithoutKeys,
    Refused,
    RelayProblem,
    RelayUnreachable,
    ZegelError,
)
from zegel.families import ClientKeys, Families
from zegel.kept_draft import Kept
from zegel.message import Message, Waiting
from zegel.partner import Partner
from zegel.preflight import Preflight
from zegel.progress import Meter, Progress
from zegel.section import Section
from zegel.sent import SentMessage
from zegel.telling import Duty, Untold
from zegel_keys.keystore.errors import KeystoreError
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects.manifest import Carried, FollowUp
from zegel_protocol.refusal import Code, Refusal

__all__ = [
    "Agreement",
    "Carried",
    "Choice",
    "ClientKeys",
    "ClockWrong",
    "Code",
    "Contact",
    "ContentError",
    "ContentFound",
    "Cost",
    "CostsOnly",
    "DeviceNotListed",
    "Draft",
    "DraftUnknown",
    "Duty",
    "Enrolled",
    "EnrolmentError",
    "Families",
    "Finding",
    "FirstName",
    "FollowUp",
    "HandOverStep",
    "Kept",
    "KeystoreError",
    "LogSetBack",
    "Message",
    "MessageTaken",
    "Meter",
    "NotForThisDevice",
    "OpenEnrolment",
    "Partner",
    "PartnerClosed",
    "Preflight",
    "Progress",
    "ProtocolError",
    "RecipientWithoutKeys",
    "Refusal",
    "Refused",
    "RelayProblem",
    "RelayUnreachable",
    "Section",
    "Sent",
    "SentMessage",
    "Short",
    "Untold",
    "Waiting",
    "WaitingKeys",
    "Whole",
    "YesNo",
    "ZegelError",
]
