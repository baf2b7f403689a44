"""Passkeys come and go by the identity key in force alone, whatever came before; nothing else does."""

import pytest

from unit.keys.replacing import DAY, NEW, NURSE, OLD, OTHER, SARA, Story, code_of
from zegel_protocol import b64
from zegel_protocol.client_keys import REPLACEMENT_DELAY
from zegel_protocol.objects.client_key import Passkey

ONE, TWO = (Passkey(credential=b64.encode(bytes([n]) * 32), alg="eddsa", public_key=OTHER.public) for n in (1, 2))


@pytest.fixture
def story():
    return Story()


def listed(story: Story) -> tuple[Passkey, ...]:
    held = story.client().key_now(story.at)
    assert held is not None
    return held.payload.passkeys


def test_one_more_one_less_and_another(story):
    for passkeys in ((ONE,), (ONE, TWO), (TWO,), (ONE,)):
        story.restate(-1, OLD, passkeys=passkeys)
        assert listed(story) == passkeys


@pytest.mark.parametrize("signers", [(OTHER,), (SARA,), (NURSE,), (NEW, NURSE)])
def test_nobody_else_says_so(story, signers):
    story.restate(0, *signers, passkeys=(ONE,))
    assert code_of(story) in {"signature.missing", "signature.unknown"}


@pytest.mark.parametrize(
    "changes",
    [
        {"means": "id-card"},
        {"partner": "ocmw-gent"},
        {"passkeys": ()},
        {"effective_at": 1_000_000 + 8 * DAY},
        {"identity_key": NEW.public},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_nothing_else_changes_with_them(story, changes):
    signers = (OLD, NEW) if "identity_key" in changes else (OLD,)
    story.restate(0, *signers, **{"passkeys": (ONE,), **changes})
    assert code_of(story) == "signature.missing"


def test_the_keys_that_replaced_lost_ones_say_it_once_they_count(story):
    story.key(NEW, NURSE, NEW, wait=REPLACEMENT_DELAY)
    story.vouch(story.digests[-1], "ocmw-gent", SARA)
    story.at += REPLACEMENT_DELAY
    story.restate(1, NEW, passkeys=(ONE,))
    assert listed(story) == (ONE,)
    client = story.client()
    assert client.vouchers(client.keys[-1]) == {"kind-en-gezin", "ocmw-gent"}


def test_the_keys_that_wait_do_not(story):
    story.key(NEW, NURSE, NEW, wait=REPLACEMENT_DELAY)
    story.restate(1, NEW, passkeys=(ONE,))
    assert code_of(story) == "signature.missing"


def test_it_ends_a_replacement_that_waits(story):
    story.key(NEW, NURSE, NEW, wait=REPLACEMENT_DELAY)
    story.vouch(story.digests[-1], "ocmw-gent", SARA)
    story.restate(0, OLD, passkeys=(ONE,))
    assert story.client().waiting_now(story.at) is None
    assert story.counts(story.at + 2 * REPLACEMENT_DELAY) == "old"


def test_a_vouch_is_for_whose_keys_these_are(story):
    story.vouch(story.digests[-1], "ocmw-gent", SARA)
    story.restate(0, OLD, passkeys=(ONE,))
    client = story.client()
    assert client.vouchers(client.keys[-1]) == {"kind-en-gezin", "ocmw-gent"}
    # Of other keys nobody but their own worker said anything.
    story.key(NEW, NURSE, OLD, NEW)
    client = story.client()
    assert client.vouchers(client.keys[-1]) == {"kind-en-gezin"}
