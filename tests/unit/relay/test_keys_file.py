"""The relay's keys: made once, its owner's alone, and never quoted."""

import stat

import pytest

from zegel_protocol import b64, encoding
from zegel_relay import keys_file
from zegel_relay.storage.errors import StorageError

HUIS = b64.encode(bytes(32))


def code_of(function, *arguments):
    with pytest.raises(StorageError) as caught:
        function(*arguments)
    return caught.value.code


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.json"


def test_what_was_made_is_read_back(path):
    made = keys_file.create(path, HUIS)
    read = keys_file.load(path)
    assert (read.huis, read.relay.seed, read.log.seed) == (HUIS, made.relay.seed, made.log.seed)
    assert made.relay.public != made.log.public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_public_keys_and_nothing_secret_are_printed(path):
    keys = keys_file.create(path, HUIS)
    public = encoding.decode(keys.public(), dict)
    assert public == {"huis": HUIS, "relay_key": keys.relay.public, "log_key": keys.log.public}
    for text in (keys.public().decode(), repr(keys)):
        assert b64.encode(keys.relay.seed) not in text
        assert b64.encode(keys.log.seed) not in text


def test_keys_are_never_overwritten(path):
    before = keys_file.create(path, HUIS)
    assert code_of(keys_file.create, path, HUIS) == "keys.exists"
    assert keys_file.load(path).log.seed == before.log.seed


def test_a_huis_that_is_none_and_a_folder_that_is_not_there(path):
    assert code_of(keys_file.create, path, "x") == "keys.huis"
    assert not path.exists()
    assert code_of(keys_file.create, path / "deeper", HUIS) == "keys.unwritable"


def test_what_is_no_keys_file_is_refused_without_quoting_it(path):
    assert code_of(keys_file.load, path) == "keys.missing"
    keys_file.create(path, HUIS)
    path.chmod(0o640)
    assert code_of(keys_file.load, path) == "keys.open"
    path.chmod(0o600)
    whole = path.read_bytes()
    for broken in (b"", whole[:-1], whole + b" ", b"[]", b"\xff", whole.replace(b'"v":1', b'"v":2')):
        path.write_bytes(broken)
        assert code_of(keys_file.load, path) == "keys.malformed"
    assert code_of(keys_file.load, path.parent) == "keys.unreadable"
