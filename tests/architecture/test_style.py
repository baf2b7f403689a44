"""Files are named for the noun they hold, say what lives in them, and packages are typed for those who embed them."""

import ast

import pytest

from architecture.source_tree import DEMO, PACKAGES, ROOT, python_files, tree_of

CATCH_ALLS = {"utils", "util", "common", "helpers", "helper", "misc", "shared", "tools"}


def test_no_file_or_folder_is_named_for_anything_and_everything():
    files = python_files(*PACKAGES.values(), DEMO, ROOT / "tests")
    named = {part.removesuffix(".py") for file in files for part in file.relative_to(ROOT).parts}
    assert named & CATCH_ALLS == set()


def test_every_module_says_what_lives_in_it():
    files = python_files(*PACKAGES.values(), DEMO)
    silent = [str(file.relative_to(ROOT)) for file in files if not ast.get_docstring(tree_of(file))]
    assert silent == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_ships_its_types(package):
    assert (PACKAGES[package] / "py.typed").is_file()


def test_the_version_stands_in_one_place():
    named = [
        str(file.relative_to(ROOT))
        for file in python_files()
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Name) and node.id == "__version__" and isinstance(node.ctx, ast.Store)
    ]
    assert named == []
