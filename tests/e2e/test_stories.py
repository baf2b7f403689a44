"""Each story that `make demo STORY=...` tells is told to its end, and ends with what each person sees."""

import asyncio
import io

import pytest
from rich.console import Console

from zegel_demo.__main__ import STORIES
from zegel_demo.telling import Teller

SAID = {
    "referral": ("consent.missing", "category.not-relevant", "matter.national-number", "revocation"),
    "alarm": ("PHONE", "desk.off-call", "alarm.about", "countersignature.same-worker", "U hoort dit later dan anders"),
    "consultation": ("conference.not-discussed", "message.withdrawn", "consent.revoked", "wiste dit niet"),
    "separated-parents": ("signer.conflict", "objection.stands", "Het zijn woorden van iemand anders"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told_to_its_end(name, tmp_path):
    heard = io.StringIO()
    asyncio.run(STORIES[name](tmp_path, Teller(Console(file=heard, width=200, highlight=False))))
    text = heard.getvalue()
    for words in SAID[name]:
        assert words.lower() in text.lower(), words
    assert "Traceback" not in text


def test_every_story_is_tried():
    assert set(SAID) == set(STORIES)
