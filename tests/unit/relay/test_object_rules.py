"""What an object rests on is committed before it is judged: by the conflict keys of its kind."""

import asyncio
from types import SimpleNamespace

import pytest

from zegel_protocol import b64
from zegel_protocol.objects import Acknowledgement, ClientKey, Vouch
from zegel_relay.services.object_rules import PEOPLE, RULES
from zegel_relay.storage.batch import Batch, Waiting
from zegel_relay.storage.operation import Outcome

DIGEST, PERSON = b64.encode(b"\x07" * 32), "0" * 32
FIELDS: dict[str, dict[str, object]] = {
    "vouch": {"client_key": DIGEST},
    "word": {"manifest": DIGEST},
    "key": {"person": PERSON, "version": 2, "household": PERSON},
}
KINDS = {"vouch": Vouch.KIND, "word": Acknowledgement.KIND, "key": ClientKey.KIND}


def submitted(name):
    """Return an operation that has the conflict keys of an object."""
    facts = RULES[KINDS[name]].facts(SimpleNamespace(**FIELDS[name]))
    return SimpleNamespace(reads=facts.reads | {"setting"}, writes=facts.writes)


async def batch_of(name):
    batch = Batch()
    batch.add(Waiting(submitted(name), asyncio.get_running_loop().create_future()), Outcome(DIGEST, (), ()))
    return batch


@pytest.mark.parametrize(("first", "second"), [("key", "vouch"), ("key", "word"), ("vouch", "key")])
async def test_what_is_said_of_keys_or_by_them_waits_for_other_keys(first, second):
    assert (await batch_of(first)).meets(submitted(second))
    assert PEOPLE in submitted(first).writes


async def test_words_of_readers_do_not_wait_for_each_other():
    assert not (await batch_of("word")).meets(submitted("word"))
