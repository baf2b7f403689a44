"""What `zegel` exports is a promise to those who embed it: an addition or a removal is made here too, on purpose."""

import pytest

import zegel

EXPORTED = [
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


def test_exported_members():
    assert zegel.__all__ == EXPORTED


@pytest.mark.parametrize("name", EXPORTED)
def test_what_is_exported_is_there_and_says_what_it_is(name):
    assert getattr(zegel, name).__doc__


def test_nothing_of_the_insides_is_exported_under_another_name():
    public = {name for name in vars(zegel) if not name.startswith("_")}
    modules = {name for name in public if type(getattr(zegel, name)).__name__ == "module"}
    assert public - modules == set(EXPORTED)
