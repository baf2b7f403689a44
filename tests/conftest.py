"""What every test shares: the Hypothesis profiles. Helpers of one kind of test live beside those tests."""

import os

from hypothesis import settings

# A deadline would measure the machine. In CI the examples are the same on every run, so that a failure there is one
# of the change; at a desk they vary, and what they found is kept.
settings.register_profile("desk", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True, database=None, print_blob=True)
# By hand, before a release: HYPOTHESIS_PROFILE=long
settings.register_profile("long", deadline=None, max_examples=5000)

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "desk"))


LONGEST_ID = 24


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes and long text by their parameter.

    Keys and codes are made anew for each run: as part of a test's name they would differ between two workers, which
    pytest-xdist refuses, and would stand in reports.
    """
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_ID) else None
