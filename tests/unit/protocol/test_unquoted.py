"""What does not decode is told without quoting it: an error ends up in answers, logs and tickets."""

from typing import Literal

import msgspec
import pytest

from zegel_protocol import encoding
from zegel_protocol.errors import MalformedError

SECRET = "hij slaat haar"


class Kind(msgspec.Struct, tag="kind", tag_field="is", forbid_unknown_fields=True, kw_only=True):
    word: Literal["yes", "no"]


class Other(msgspec.Struct, tag="other", tag_field="is", forbid_unknown_fields=True, kw_only=True):
    number: int


class Whole(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    items: tuple[Kind | Other, ...]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ('{"items":[{"is":"kind","word":"%s"}]}', "$.items[0].word"),
        ('{"items":[{"is":"%s"}]}', "$.items[0].is"),
        ('{"items":[{"is":"kind","word":"yes","%s":1}]}', "$.items[0]"),
        ('{"items":[],"%s":1}', ""),
        ('{"%s":[]}', ""),
        ('{"items":"%s"}', "$.items"),
        ('"%s"', ""),
        ('{"items":[{"is":"other","number":"%s"}]}', "$.items[0].number"),
        ("%s", ""),
    ],
)
def test_an_error_says_where_and_what_and_not_what_stood_there(body, path):
    with pytest.raises(MalformedError) as error:
        encoding.decode((body % SECRET).encode(), Whole)
    assert error.value.code == "object.malformed"
    assert error.value.path == path
    assert error.value.detail
    assert SECRET not in str(error.value)


def test_what_looks_like_a_path_in_a_name_is_no_path():
    with pytest.raises(MalformedError) as error:
        encoding.decode(b'{"items":[],"x - at `$.SECRET":1}', Whole)
    assert "SECRET" not in str(error.value) + error.value.path
