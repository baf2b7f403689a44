"""Zegel's SDK: send what a family agreed to share, sealed end to end, to the one partner it is for.

    async with await zegel.Partner.connect("keys/kind-en-gezin", passphrase) as partner:
        draft = partner.referral("ocmw-gent", household, [elif_id])
        ...
        sent = await partner.send(draft)

`zegel.sync.Partner` sends and receives, for software that is not asynchronous.
"""

from zegel.alarm_seen import AlarmSeen
from zegel.alarms import AlarmProcedure, Alarms, AlarmWaits, DeskState
from zegel.conferences import ConferenceError, Conferences, Reached
from zegel.contacts import Choice
from zegel.content.errors import ContentError
from zegel.content.finding import Finding
from zegel.content.schemas import (
    Agreement,
    Contact,
    Cost,
    CostsOnly,
    FirstName,
    HandOverStep,
    PlannedStep,
    Short,
    Steps,
    Whole,
    YesNo,
)
from zegel.dispatch import Sent
from zegel.draft import Draft
from zegel.enrolments import Enrolled, EnrolmentError, OpenEnrolment, WaitingKeys
from zegel.epochs import LogSetBack
from zegel.erasures import Erased, ErasureError, Erasures, Owed
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
from zegel.ethics import Acceptance, CodeStatus, Ethics, EthicsError
from zegel.families import ClientKeys, Families
from zegel.inbox_desk import Assigned, Due, InboxDesk
from zegel.kept_draft import Kept
from zegel.letter import Letter
from zegel.letters import Letters
from zegel.message import Message, Waiting
from zegel.own_rules import NextRules, OwnRules
from zegel.partner import Partner
from zegel.preflight import Preflight
from zegel.progress import Meter, Progress
from zegel.received import ReceivedMessage
from zegel.reminding import SecrecyNotAcknowledged
from zegel.section import Section
from zegel.sent import SentMessage
from zegel.stop_codes import Stop, StopCase
from zegel.talks import Step, Talks
from zegel.telling import Duty, Untold
from zegel_keys.keystore.errors import KeystoreError
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects.desk import Shift
from zegel_protocol.objects.manifest import Carried, Delay, FollowUp, PlanStep
from zegel_protocol.objects.partner_rules import Closed
from zegel_protocol.refusal import Code, Refusal

__all__ = [
    "Acceptance",
    "Agreement",
    "AlarmProcedure",
    "AlarmSeen",
    "AlarmWaits",
    "Alarms",
    "Assigned",
    "Carried",
    "Choice",
    "ClientKeys",
    "ClockWrong",
    "Closed",
    "Code",
    "CodeStatus",
    "ConferenceError",
    "Conferences",
    "Contact",
    "ContentError",
    "ContentFound",
    "Cost",
    "CostsOnly",
    "Delay",
    "DeskState",
    "DeviceNotListed",
    "Draft",
    "DraftUnknown",
    "Due",
    "Duty",
    "Enrolled",
    "EnrolmentError",
    "Erased",
    "ErasureError",
    "Erasures",
    "Ethics",
    "EthicsError",
    "Families",
    "Finding",
    "FirstName",
    "FollowUp",
    "HandOverStep",
    "InboxDesk",
    "Kept",
    "KeystoreError",
    "Letter",
    "Letters",
    "LogSetBack",
    "Message",
    "MessageTaken",
    "Meter",
    "NextRules",
    "NotForThisDevice",
    "OpenEnrolment",
    "Owed",
    "OwnRules",
    "Partner",
    "PartnerClosed",
    "PlanStep",
    "PlannedStep",
    "Preflight",
    "Progress",
    "ProtocolError",
    "Reached",
    "ReceivedMessage",
    "RecipientWithoutKeys",
    "Refusal",
    "Refused",
    "RelayProblem",
    "RelayUnreachable",
    "SecrecyNotAcknowledged",
    "Section",
    "Sent",
    "SentMessage",
    "Shift",
    "Short",
    "Step",
    "Steps",
    "Stop",
    "StopCase",
    "Talks",
    "Untold",
    "Waiting",
    "WaitingKeys",
    "Whole",
    "YesNo",
    "ZegelError",
]
