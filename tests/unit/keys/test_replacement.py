"""Lost keys are replaced by two partners in days, and whoever still holds them is given those days to stop it."""

import pytest

from unit.keys.replacing import DAY, NEW, NURSE, OLD, OTHER, SARA, Story, code_of
from zegel_protocol.client_keys import REPLACEMENT_DELAY, REPLACEMENT_LATEST
from zegel_protocol.signed import Place

WEEK = REPLACEMENT_DELAY


@pytest.fixture
def story():
    return Story()


@pytest.fixture
def replacing(story):
    """A replacement that began now, with the second partner's vouch a day after."""
    story.key(NEW, NURSE, NEW, wait=WEEK)
    story.at += DAY
    story.vouch(story.digests[-1], "ocmw-gent", SARA)
    return story


def test_the_old_key_counts_until_the_moment_and_the_new_one_from_then_on(replacing):
    begins = replacing.records[-1].effective_at
    assert [replacing.counts(at) for at in (replacing.at, begins - 1, begins, begins + DAY)] == [
        "old", "old", "new", "new",
    ]  # fmt: skip


def test_what_waits_is_seen_until_it_counts(replacing):
    client, begins = replacing.client(), replacing.records[-1].effective_at
    assert client.waiting_now(begins - 1).d == replacing.digests[-1]
    assert client.waiting_now(begins) is None
    assert client.waiting_at(None).d == replacing.digests[-1]
    assert client.key_at(None).payload.identity_key == OLD.public


def test_a_place_in_the_log_decides_for_old_objects(replacing):
    client, begins = replacing.client(), replacing.records[-1].effective_at
    assert client.key_at(Place(2, begins + DAY)).payload.identity_key == OLD.public
    assert client.key_at(Place(99, begins - 1)).payload.identity_key == OLD.public
    assert client.key_at(Place(99, begins)).payload.identity_key == NEW.public


def test_without_a_second_partner_it_never_counts(story):
    story.key(NEW, NURSE, NEW, wait=WEEK)
    assert story.counts(story.at + 10 * WEEK) == "old"


@pytest.mark.parametrize(
    ("partner", "key", "after"),
    [
        ("kind-en-gezin", NURSE, DAY),
        ("school", NURSE, DAY),
        ("ocmw-gent", SARA, WEEK),
        ("ocmw-gent", SARA, WEEK + DAY),
    ],
    ids=["the same partner", "the same worker at another partner", "at the moment itself", "after it"],
)
def test_a_vouch_that_does_not_count(story, partner, key, after):
    story.key(NEW, NURSE, NEW, wait=WEEK)
    story.at += after
    story.vouch(story.digests[-1], partner, key)
    assert story.counts(story.at + WEEK) == "old"


def test_a_vouch_in_the_last_second_counts(story):
    story.key(NEW, NURSE, NEW, wait=WEEK)
    story.at += WEEK - 1
    story.vouch(story.digests[-1], "ocmw-gent", SARA)
    assert (story.counts(story.at), story.counts(story.at + 1)) == ("old", "new")


@pytest.mark.parametrize("wait", [0, WEEK - 1, REPLACEMENT_LATEST + 1])
def test_a_replacement_leaves_a_week_and_sleeps_no_longer_than_a_month(story, wait):
    story.key(NEW, NURSE, NEW, wait=wait)
    assert code_of(story) == "client-key.delay"


def test_the_bounds_themselves_are_allowed(story):
    story.key(NEW, NURSE, NEW, wait=WEEK)
    story.key(OTHER, NURSE, OTHER, wait=REPLACEMENT_LATEST)
    assert story.client().waiting_now(story.at).payload.identity_key == OTHER.public


@pytest.mark.parametrize(
    "signers", [(NURSE,), (NEW,), (NEW, OLD)], ids=["no phone", "no worker", "the old key instead"]
)
def test_a_replacement_is_signed_by_a_worker_and_by_the_new_keys(story, signers):
    story.key(NEW, *signers, wait=WEEK)
    assert code_of(story) == "signature.missing"


def test_the_old_key_alone_stops_it_for_good(replacing):
    replacing.restate(0, OLD)
    begins = replacing.records[1].effective_at
    client = replacing.client()
    assert client.waiting_now(replacing.at) is None
    assert replacing.counts(begins + 10 * WEEK) == "old"
    # Who vouched for these keys before still does: a stop costs nobody their yes.
    assert client.vouchers(client.key_now(begins)) == {"kind-en-gezin"}


def test_stopping_needs_the_old_key(replacing):
    replacing.restate(0, SARA)
    assert code_of(replacing) == "signature.unknown"


def test_only_a_word_for_word_restatement_needs_no_worker(replacing):
    replacing.restate(0, OLD, means="id-card")
    assert code_of(replacing) == "signature.missing"


def test_keys_are_restated_only_where_something_waits(story):
    story.restate(0, OLD)
    assert code_of(story) == "signature.missing"


def test_the_old_key_stops_nothing_once_the_new_one_counts(replacing):
    replacing.at = replacing.records[-1].effective_at
    replacing.restate(0, OLD)
    assert code_of(replacing) == "signature.missing"


def test_the_new_key_goes_on_once_it_counts(replacing):
    replacing.at = replacing.records[-1].effective_at
    replacing.key(OTHER, NURSE, OTHER, NEW)
    assert replacing.counts() == "other"


def test_the_new_key_does_nothing_before(replacing):
    replacing.key(OTHER, NURSE, OTHER, NEW)
    assert code_of(replacing) == "signature.unknown"


def test_a_record_that_the_old_key_signs_ends_what_waits(replacing):
    """Somebody found their phone, and a worker adds a passkey: the keys that are there go on."""
    replacing.key(OTHER, NURSE, OTHER, OLD)
    assert replacing.counts(replacing.at + 10 * WEEK) == "other"


def test_a_later_replacement_ends_an_earlier_one_and_waits_its_own_week(replacing):
    replacing.at += DAY
    replacing.key(OTHER, SARA, OTHER, wait=WEEK, partner="ocmw-gent")
    replacing.vouch(replacing.digests[-1], "kind-en-gezin", NURSE)
    begins = replacing.records[-1].effective_at
    assert (replacing.counts(begins - 1), replacing.counts(begins)) == ("old", "other")


def test_a_vouch_for_one_replacement_is_none_for_the_next(replacing):
    replacing.key(OTHER, NURSE, OTHER, wait=WEEK)
    assert replacing.counts(replacing.at + 10 * WEEK) == "old"


def test_a_first_record_is_no_replacement_and_counts_at_once():
    story = Story(first=False)
    story.key(NEW, NURSE, NEW, wait=0)
    assert story.counts() == "new"


def test_the_chain_has_no_gaps(replacing):
    replacing.shown = [item for item in replacing.shown if item.d != replacing.digests[1]]
    replacing.restate(0, OLD)
    assert code_of(replacing) == "signature.missing"
