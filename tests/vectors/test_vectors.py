"""Every vector, through the Python implementation: the same code, or the same values."""

import pytest

from vectors import vector_file
from vectors.runners import RUNNERS, outcome
from vectors.vector_file import OK, REFUSED
from zegel_protocol.objects import KINDS

PATHS = vector_file.paths()


@pytest.mark.parametrize("path", PATHS, ids=PATHS)
def test_python_does_what_the_vector_says(path):
    vector = vector_file.read(path)
    assert outcome(vector) == (vector.expect, vector.result)


def test_every_vector_says_what_it_tries_and_what_follows():
    vectors = {path: vector_file.read(path) for path in PATHS}
    assert [path for path, vector in vectors.items() if not vector.description] == []
    told = {path for path, vector in vectors.items() if vector.result is not None}
    assert told == {path for path, vector in vectors.items() if vector.expect in {OK, REFUSED}}


def test_every_format_has_what_is_accepted_and_what_is_refused():
    met = {(vector.format, vector.expect == OK) for vector in map(vector_file.read, PATHS)}
    assert met == {(name, accepted) for name in RUNNERS for accepted in (True, False)}


def test_every_kind_of_object_has_what_is_accepted_and_what_is_refused():
    found = [vector_file.read(path) for path in PATHS if path.startswith("objects/")]
    met = {(vector.input["kind"], vector.expect == OK) for vector in found}
    assert met == {(kind, accepted) for kind in KINDS for accepted in (True, False)}
