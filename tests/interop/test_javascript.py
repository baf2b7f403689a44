"""The page's own implementation, in TypeScript and written from the specification, does with every vector what Python does."""

import pytest

from interop import node
from vectors import vector_file
from vectors.vector_file import OK, REFUSED

PATHS = vector_file.paths()
WORDS_REFUSED = [path for path in PATHS if (it := vector_file.read(path)).format == "consent-text" and it.expect != OK]
"""To render a text, and so to refuse one, is not tried in JavaScript: there a text is held against its digest."""
COMPARED = [path for path in PATHS if path not in WORDS_REFUSED]


@pytest.fixture(scope="module")
def found():
    """What JavaScript makes of each vector."""
    node.prepare()
    return node.run("check.mjs", vector_file.FOLDER)


def test_every_vector_was_looked_at(found):
    assert sorted(found) == PATHS
    assert [path for path in PATHS if found[path] is None] == WORDS_REFUSED


@pytest.mark.parametrize("path", COMPARED, ids=COMPARED)
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
