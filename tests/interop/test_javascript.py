"""The page's own implementation, written from the specification, does with every vector what Python does."""

import pytest

from interop import node
from vectors import vector_file
from vectors.vector_file import OK, REFUSED

PATHS = vector_file.paths()


@pytest.fixture(scope="module")
def found():
    """What JavaScript makes of each vector."""
    node.prepare()
    return node.run("check.mjs", vector_file.FOLDER)


def test_every_vector_was_looked_at(found):
    assert sorted(found) == PATHS


@pytest.mark.parametrize("path", PATHS, ids=PATHS)
def test_javascript_does_what_the_vector_says(found, path):
    vector = vector_file.read(path)
    if vector.format == "decide":
        # The decision is Python's; that all it rests on verifies is JavaScript's too.
        assert vector.expect in {OK, REFUSED}
        assert found[path] == {"code": OK, "result": {"entries": len(vector.input["message"]["entries"])}}
    elif vector.expect == OK:
        assert found[path] == {"code": OK, "result": vector.result}
    else:
        assert found[path] == {"code": vector.expect}
