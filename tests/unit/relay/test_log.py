"""The log in the database: it begins once, goes on with the key it began with, and never over rows that do not fit."""

import pytest
from sqlalchemy import delete, update

from zegel_keys import signing
from zegel_keys.signing import SigningKey
from zegel_protocol import b64, merkle, tlog
from zegel_protocol.errors import LogError
from zegel_relay.storage.database import writing
from zegel_relay.storage.errors import StorageError
from zegel_relay.storage.log import LogStore
from zegel_relay.storage.models import LogHead, LogNode

LEAVES = [bytes([number]) * 32 for number in range(23)]


async def append(relay, leaves, log=None):
    log = log or relay.log
    async with writing(relay.sessions) as session:
        tail = await log.lock(session)
        indexes = tail.append(leaves)
        checkpoint = tail.sign()
        proofs = [tlog.format_proof(index, tail.inclusion(index), checkpoint) for index in indexes]
        await tail.save(session, checkpoint)
    return indexes, proofs


@pytest.fixture
async def log(relay):
    async with writing(relay.sessions) as session:
        await relay.log.prepare(session)
    return relay.log


async def code_of(awaitable, kind=StorageError):
    with pytest.raises(kind) as caught:
        await awaitable
    return caught.value.code


async def prepare(relay, log):
    async with writing(relay.sessions) as session:
        await log.prepare(session)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 23])
async def test_every_leaf_is_proven_however_it_was_batched(relay, log, step):
    for start in range(0, len(LEAVES), step):
        indexes, proofs = await append(relay, LEAVES[start : start + step])
        for index, proof in zip(indexes, proofs, strict=True):
            found = tlog.verify_proof(proof, LEAVES[index], log.origin, log.public, signing.check)
            assert (found.index, found.checkpoint.size) == (index, min(start + step, len(LEAVES)))


async def test_old_leaves_and_old_sizes_are_proven_from_the_rows(relay, log):
    roots = {0: merkle.EMPTY_ROOT}
    for leaf in LEAVES:
        await append(relay, [leaf])
        async with relay.sessions() as session:
            checked = tlog.verify_checkpoint(await log.checkpoint(session), log.origin, log.public, signing.check)
        roots[checked.size] = checked.root
    async with relay.sessions() as session:
        for index in range(0, 23, 4):
            for size in range(index + 1, 24, 5):
                proof = await log.inclusion(session, index, size)
                merkle.verify_inclusion(merkle.leaf_hash(LEAVES[index]), index, size, proof, roots[size])
        for old in range(0, 24, 3):
            for new in range(old, 24, 4):
                merkle.verify_consistency(old, roots[old], new, roots[new], await log.consistency(session, old, new))


async def test_what_the_log_does_not_have_is_not_proven(relay, log):
    await append(relay, LEAVES[:5])
    async with relay.sessions() as session:
        assert await code_of(log.inclusion(session, 5, 5), LogError) == "log.inclusion"
        assert await code_of(log.inclusion(session, 0, 6), LogError) == "log.inclusion"
        assert await code_of(log.consistency(session, 2, 6), LogError) == "log.consistency"
        assert await code_of(log.consistency(session, 4, 3), LogError) == "log.consistency"


async def test_what_was_not_saved_was_never_appended(relay, log):
    await append(relay, LEAVES[:3])
    async with writing(relay.sessions) as session:
        tail = await log.lock(session)
        tail.append(LEAVES[3:6])
        assert tail.size == 6
    async with writing(relay.sessions) as session:
        assert (await log.lock(session)).size == 3


async def test_a_log_begins_once(relay, log):
    await append(relay, LEAVES[:3])
    await prepare(relay, log)
    async with relay.sessions() as session:
        assert tlog.parse_checkpoint(await log.checkpoint(session)).size == 3


async def test_another_key_or_huis_does_not_go_on_with_it(relay, log):
    others = [LogStore(SigningKey.generate(), relay.keys.huis), LogStore(relay.keys.log, b64.encode(bytes(32)))]
    assert [await code_of(prepare(relay, other)) for other in others] == ["log.foreign"] * 2


async def test_a_head_whose_checkpoint_is_of_another_epoch_does_not_go_on(relay, log):
    async with writing(relay.sessions) as session:
        await session.execute(update(LogHead).values(epoch=1))
    assert await code_of(prepare(relay, log)) == "log.foreign"


@pytest.mark.parametrize(
    "damage",
    [
        delete(LogNode).where(LogNode.level == 0),
        update(LogNode).where(LogNode.level == 1).values(hash=bytes(32)),
        update(LogHead).values(size=4),
        update(LogHead).values(size=6),
        update(LogHead).values(checkpoint="x"),
        delete(LogHead),
    ],
)
async def test_rows_that_do_not_fit_are_not_signed_over(relay, log, damage):
    await append(relay, LEAVES[:3])
    async with writing(relay.sessions) as session:
        await session.execute(damage)
    assert await code_of(append(relay, LEAVES[3:])) == "log.damaged"
    assert await code_of(prepare(relay, log)) == "log.damaged"
