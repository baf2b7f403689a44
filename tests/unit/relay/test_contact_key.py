"""The worker's private key is a file of its own, for its owner alone; the relay's keys file has the public half."""

import json

import pytest

from zegel_protocol import b64
from zegel_relay import contact_key, keys_file
from zegel_relay.storage.errors import StorageError

HUIS = b64.encode(bytes(32))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "contact-key.json"


def test_it_is_made_once_and_read_again(path):
    made = contact_key.create_or_load(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert contact_key.create_or_load(path).public == made.public
    assert contact_key.parse(contact_key.load(path)).private == made.private


def test_the_keys_file_has_the_public_half_only(path, tmp_path):
    key = contact_key.create_or_load(path)
    keys = keys_file.create(tmp_path / "keys.json", HUIS, key.public)
    assert keys.contact == keys_file.load(tmp_path / "keys.json").contact == key.public
    assert b64.encode(key.private) not in (tmp_path / "keys.json").read_text()


def test_a_keys_file_without_it_is_read_as_before(tmp_path):
    keys_file.create(tmp_path / "keys.json", HUIS)
    assert "contact_key" not in json.loads((tmp_path / "keys.json").read_text())
    assert keys_file.load(tmp_path / "keys.json").contact is None


def code_of(doing, *arguments) -> str:
    with pytest.raises(StorageError) as refused:
        doing(*arguments)
    return refused.value.code


def test_what_is_wrong_with_it_has_a_code_and_quotes_nothing(path, tmp_path):
    assert code_of(contact_key.load, path) == "keys.missing"
    assert code_of(contact_key.create_or_load, tmp_path / "nowhere" / "key.json") == "keys.unwritable"
    assert code_of(contact_key.load, tmp_path) == "keys.unreadable"
    contact_key.create_or_load(path)
    path.chmod(0o640)
    assert code_of(contact_key.load, path) == "keys.open"
    with pytest.raises(StorageError) as malformed:
        contact_key.parse(b'{"v":1,"private":"secret"}')
    assert malformed.value.code == "keys.malformed"
    assert "secret" not in malformed.value.detail
