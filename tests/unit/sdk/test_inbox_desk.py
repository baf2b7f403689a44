"""Due days in words, and who deals with the messages of who is away."""

import pytest

from zegel.inbox_desk import deals_with, when
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Absence
from zegel_protocol.records import Records
from zegel_protocol.signed import Signed

OCMW = "ocmw-gent"


@pytest.mark.parametrize(
    ("due", "state", "said"),
    [
        (1_000, "open", "within a day"), (1_000 + 3 * DAY, "open", "in 3 days"), (999, "overdue", "late since today"),
        (1_000 - 2 * DAY, "overdue", "2 days late"), (1_000, "done", "done"), (1_000, "lapsed", "lapsed"),
    ],
)  # fmt: skip
def test_days_in_words(due, state, said):
    assert when(due, 1_000, state) == said


def test_two_who_stand_in_for_each_other_leave_it_where_it_was():
    one, two, three = "1" * 32, "2" * 32, "3" * 32

    def away(worker, substitute, begins=0, ends=100, at=0):
        payload = Absence(
            v=1, huis="A" * 43, nonce="A" * 22, partner=OCMW, worker=worker, substitute=substitute, begins=begins,
            ends=ends, at=at,
        )  # fmt: skip
        return Signed(f"{worker}{at}", payload, frozenset())

    chain = Records((away(one, two), away(two, three)))
    assert deals_with(chain, OCMW, one, 50) == three
    assert deals_with(chain, OCMW, one, 100) == one
    assert deals_with(Records((away(one, two), away(two, one))), OCMW, one, 50) == one
    # The newest counts: who came back early is back.
    assert deals_with(Records((away(one, two), away(one, two, 0, 10, 1))), OCMW, one, 50) == one
