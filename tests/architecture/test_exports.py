"""What `zegel` exports is a promise to those who embed it: an addition or a removal is made here too, on purpose."""

import pytest

import zegel

EXPORTED = [
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


def test_exported_members():
    assert zegel.__all__ == EXPORTED


@pytest.mark.parametrize("name", EXPORTED)
def test_what_is_exported_is_there_and_says_what_it_is(name):
    assert getattr(zegel, name).__doc__


def test_nothing_of_the_insides_is_exported_under_another_name():
    public = {name for name in vars(zegel) if not name.startswith("_")}
    modules = {name for name in public if type(getattr(zegel, name)).__name__ == "module"}
    assert public - modules == set(EXPORTED)
