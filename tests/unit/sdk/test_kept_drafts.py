"""Kept drafts: whole when they come back, unreadable on the disk, swept when a program ended, sent by one program."""

import os

import pytest

from zegel import Agreement, Carried, ContentError, Draft, FollowUp
from zegel.compose import INLINE_BYTES
from zegel.errors import DraftUnknown
from zegel.kept_draft import names_of
from zegel.kept_drafts import KeptDrafts
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.identity import Identity
from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.errors import SealError
from zegel_protocol.objects.root import Genesis, huis_id

NOW = 1_790_000_000
PASSPHRASE = "a long enough passphrase"
PDF = b"%PDF-1.7\nsecret of the family "


def unheard(_count):
    """Take no notice."""


@pytest.fixture
def folder(tmp_path):
    root = SigningKey.generate().public
    genesis = Genesis(roots=(root,), threshold=1)
    identity = Identity(
        huis=huis_id(genesis.roots, genesis.threshold), partner="ocmw", partner_name="Het OCMW", worker="2" * 32,
        function="social-worker", device="1" * 32, seed=b64.encode(os.urandom(32)), relay="http://127.0.0.1:1",
        genesis=genesis,
    )  # fmt: skip
    Keystore.create(tmp_path / "keystore", PASSPHRASE, identity, cost="interactive").close()
    return tmp_path / "keystore"


@pytest.fixture
def keystore(folder):
    with Keystore.open(folder, PASSPHRASE) as opened:
        yield opened


@pytest.fixture
def kept(keystore):
    return KeptDrafts(keystore)


@pytest.fixture
def draft(tmp_path):
    """A draft with all there can be: notes, a small file and a large one, people kept out, a follow-up."""
    person = "a" * 32
    made = Draft(
        "referral", "referral", "clb", "b" * 32, (person,), names=("Elif",), carried=Carried(how="with-client"),
        follow_up=(FollowUp(code="first-contact", due=NOW),), notice_by="clb", thread=None,
    )  # fmt: skip
    made.note("money", "secret of the family", withheld={"c" * 32: "safety"})
    made.note("agreement", Agreement(text="Morgen.", ask="Sara", with_client=True, steps=()))
    for name, size in (("klein.pdf", 100), ("groot.pdf", 300_000)):
        path = tmp_path / name
        path.write_bytes(PDF + os.urandom(size))
        made.file("money", path)
    return made


def same(one, other):
    fields = ("kind", "purpose", "to", "household", "about", "names", "carried", "follow_up", "notice_by", "thread")
    assert [getattr(one, name) for name in fields] == [getattr(other, name) for name in fields]
    for left, right in zip(one.sections, other.sections, strict=True):
        assert (left.type, left.form, left.about, left.media) == (right.type, right.form, right.about, right.media)
        assert (left.note, left.name, left.data, left.withheld) == (
            right.note, right.name, right.data, right.withheld,
        )  # fmt: skip


def test_a_draft_comes_back_whole_without_its_files(kept, draft, keystore):
    before = [section.data for section in draft.sections]
    counted: list[int] = []
    identifier = kept.keep(draft, NOW, counted.append)
    assert sum(counted) >= 300_000
    taken = kept.restored(kept.get(identifier))
    same(taken, draft)
    for section in draft.sections:
        if section.file is not None:
            section.file.path.unlink()
    again = kept.restored(kept.get(identifier))
    assert [section.data for section in again.sections] == before
    (large,) = [section for section in again.sections if section.file is not None]
    assert large.size > INLINE_BYTES
    assert large.file.path.parent == keystore.paths.spool
    assert large.file.path.stat().st_mode & 0o777 == 0o600
    for section in (*taken.sections, *again.sections):
        section.close()
    assert len(list(keystore.paths.spool.iterdir())) == 1


def test_nothing_of_it_stands_in_the_clear(kept, draft, folder):
    kept.keep(draft, NOW, unheard)
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert sum(map(len, files)) > 300_000
    for words in (b"secret of the family", b"groot.pdf", b"clb"):
        assert not any(words in data for data in files)


def test_what_a_worker_sees_of_them_oldest_first(kept, draft):
    later = kept.keep(draft, NOW + 1, unheard)
    first = kept.keep(draft, NOW, unheard)
    assert [(item.id, item.to, item.purpose, item.created) for item in kept.shown()] == [
        (first, "clb", "referral", NOW), (later, "clb", "referral", NOW + 1),
    ]  # fmt: skip
    kept.note(first, "consent.missing", ())
    assert [item.problem for item in kept.shown()] == ["consent.missing", ""]
    kept.discard(first)
    assert [item.id for item in kept.shown()] == [later]
    kept.note(first, "consent.missing", ())
    for gone in (kept.discard, kept.get):
        with pytest.raises(DraftUnknown):
            gone(first)


def test_discarding_takes_its_files_too(kept, draft, keystore):
    identifier = kept.keep(draft, NOW, unheard)
    assert len(list(keystore.paths.spool.iterdir())) == 1
    kept.discard(identifier)
    assert list(keystore.paths.spool.iterdir()) == []


def test_a_file_that_is_gone_keeps_nothing(kept, draft, keystore):
    draft.sections[-1].file.path.unlink()
    with pytest.raises((ContentError, OSError)):
        kept.keep(draft, NOW, unheard)
    assert kept.all() == []
    assert list(keystore.paths.spool.iterdir()) == []


def test_stopping_half_way_keeps_nothing(kept, draft, keystore):
    def stop(_count):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        kept.keep(draft, NOW, stop)
    assert kept.all() == []
    assert list(keystore.paths.spool.iterdir()) == []


def test_a_copy_that_was_damaged_is_not_given_out(kept, draft, keystore):
    identifier = kept.keep(draft, NOW, unheard)
    (path,) = keystore.paths.spool.iterdir()
    data = bytearray(path.read_bytes())
    data[70_000] ^= 1
    path.write_bytes(data)
    with pytest.raises(SealError) as damaged:
        kept.restored(kept.get(identifier))
    assert damaged.value.code == "section.digest"
    assert list(keystore.paths.spool.iterdir()) == [path]


def test_a_sweep_leaves_what_drafts_need(kept, draft, keystore):
    kept.keep(draft, NOW, unheard)
    name, file = keystore.spool.create()
    file.close()
    assert keystore.spool.sweep(lambda found: found in names_of(kept.all()), NOW) == 1
    assert not keystore.spool.path(name).exists()
    assert len(list(keystore.paths.spool.iterdir())) == 1
