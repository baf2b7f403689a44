"""Zegel's SDK: send what a family agreed to share, sealed end to end, to the one partner it is for.

    async with await zegel.Partner.connect("keys/kind-en-gezin", passphrase) as partner:
        draft = partner.referral("ocmw-gent", household, [elif_id])
        ...
        sent = await partner.send(draft)

`zegel.sync.Partner` sends and receives, for software that is not asynchronous.
"""

from zegel.content.errors import ContentError
from zegel.content.finding import Finding
from zegel.content.schemas import Agreement, Contact, Cost, CostsOnly, FirstName, HandOverStep, Short, Whole, YesNo
from zegel.draft import Draft, Section
from zegel.errors import (
    ClockWrong,
    ContentFound,
    DeviceNotListed,
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
from zegel.message import Message, Waiting
from zegel.partner import Partner, Preflight, Sent
from zegel_keys.keystore.errors import KeystoreError
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects.manifest import Carried, FollowUp
from zegel_protocol.refusal import Code, Refusal

__all__ = [
    "Agreement",
    "Carried",
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
    "Families",
    "Finding",
    "FirstName",
    "FollowUp",
    "HandOverStep",
    "KeystoreError",
    "Message",
    "MessageTaken",
    "NotForThisDevice",
    "Partner",
    "PartnerClosed",
    "Preflight",
    "ProtocolError",
    "RecipientWithoutKeys",
    "Refusal",
    "Refused",
    "RelayProblem",
    "RelayUnreachable",
    "Section",
    "Sent",
    "Short",
    "Waiting",
    "Whole",
    "YesNo",
    "ZegelError",
]
