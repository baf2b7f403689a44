"""The sync face has a twin of everything that the asynchronous one offers, with the same parameters."""

import inspect
from typing import Any

import pytest

import zegel
from zegel import sync
from zegel.enrolments import OpenEnrolment

OFFERED = sorted(name for name, value in vars(zegel.Partner).items() if inspect.isfunction(value) and name[0] != "_")


def test_nothing_is_missing_and_nothing_is_of_its_own():
    twins = {name for name, value in vars(sync.Partner).items() if inspect.isfunction(value) and name[0] != "_"}
    assert twins == set(OFFERED)


@pytest.mark.parametrize("name", OFFERED)
def test_a_twin_takes_the_same_and_blocks(name):
    method, twin = getattr(zegel.Partner, name), getattr(sync.Partner, name)
    assert inspect.signature(twin) == inspect.signature(method)
    assert not inspect.iscoroutinefunction(twin)


def test_families_have_all_of_theirs_and_the_open_enrolment_s():
    class Nobody(zegel.Families):
        def __init__(self):
            pass

    class Loop(sync._Loop):
        def __init__(self):
            pass

        def blocking(self, method):
            return method

    twins = {name for name in vars(sync.Families(Loop(), Nobody())) if name[0] != "_"}
    offered = {name for name, _ in inspect.getmembers(zegel.Families, inspect.isfunction) if name[0] != "_"}
    enrolment = {name for name, _ in inspect.getmembers(OpenEnrolment, inspect.iscoroutinefunction) if name[0] != "_"}
    assert twins == offered | enrolment


@pytest.mark.parametrize("face", ["Alarms", "Conferences", "Erasures", "Ethics", "InboxDesk", "OwnRules", "Talks"])
def test_a_face_has_all_of_its_own_and_blocks(face):
    kind: Any = getattr(zegel, face)

    class Nobody(kind):  # type: ignore[misc]
        def __init__(self):
            pass

    class Loop(sync._Loop):
        def __init__(self):
            self.blocked = set()

        def blocking(self, method):
            self.blocked.add(method.__name__)
            return method

    loop = Loop()
    twins = {name for name in vars(getattr(sync, face)(loop, Nobody())) if name[0] != "_"}
    assert twins == {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"}
    assert loop.blocked == {name for name, _ in inspect.getmembers(kind, inspect.iscoroutinefunction) if name[0] != "_"}
