"""The page's TypeScript: imports run one way, heavy libraries come only when needed, and the house style holds."""

import re

import pytest

from architecture.portal_source import LAYERS, PORTAL, files, imports, loaded_with, mentions, target

TEXTS = files()
HEAVY = ("libsodium-wrappers", "@hpke/core", "@hpke/hybridkem-x-wing")
"""What opens and seals: together many times the weight of everything else."""
ENTRY = "page/app.ts"
LONGEST, WIDEST = 400, 120


def wrong_way(texts):
    """Return each import that runs from a layer to one above it, or that names no file with its ending."""
    found = []
    for file, text in texts.items():
        for named in mentions(text):
            other = target(file, named)
            upward = other is not None and LAYERS.index(other.split("/")[0]) < LAYERS.index(file.split("/")[0])
            if upward or (named.startswith(".") and not named.endswith((".ts", ".txt"))) or named.startswith("node:"):
                found.append((file, named))
    return found


def test_imports_run_one_way():
    assert wrong_way(TEXTS) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("protocol/a.ts", 'import { b } from "../keys/b.ts";'),
        ("keys/a.ts", 'import type { B } from "../client/b.ts";'),
        ("client/a.ts", 'const later = () => import("../page/b.ts");'),
        ("client/a.ts", 'import {\n  b,\n} from "./b";'),
        ("client/a.ts", 'import { readFileSync } from "node:fs";'),
    ],
)
def test_an_import_the_wrong_way_is_seen(file, line):
    assert len(wrong_way({file: line})) == 1


def test_only_keys_name_the_heavy_libraries():
    assert {file for file, text in TEXTS.items() if set(mentions(text)) & set(HEAVY)} <= {
        file for file in TEXTS if file.startswith("keys/")
    }
    assert {name for text in TEXTS.values() for name in imports(text)} >= set(HEAVY)


def test_the_first_page_loads_none_of_them():
    loaded = loaded_with(ENTRY, TEXTS)
    assert {"page/app.ts", "protocol/texts/catalogue.ts"} <= loaded
    assert loaded.isdisjoint(HEAVY)


def test_a_heavy_library_behind_two_files_is_seen():
    behind = {
        ENTRY: 'import { a } from "../client/a.ts";',
        "client/a.ts": 'import {\n  type T, b,\n} from "../keys/b.ts";',
        "keys/b.ts": 'import sodium from "libsodium-wrappers";',
    }
    assert "libsodium-wrappers" in loaded_with(ENTRY, behind)
    later = {**behind, "client/a.ts": 'import type { B } from "../keys/b.ts"; const b = () => import("../keys/b.ts");'}
    assert "libsodium-wrappers" not in loaded_with(ENTRY, later)


def test_files_are_short_and_say_what_they_hold():
    assert {file for file, text in TEXTS.items() if len(text.splitlines()) > LONGEST} == set()
    assert {file for file, text in TEXTS.items() if not text.startswith("// ")} == set()


def test_lines_are_at_most_120_columns():
    checked = {**TEXTS, **{file.name: file.read_text("utf-8") for file in sorted(PORTAL.glob("vectors/*.ts"))}}
    wide = [
        f"{file}:{number}"
        for file, text in checked.items()
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > WIDEST
    ]
    assert wide == []


FORBIDDEN = {
    "": r"[:<] ?any\b|\bas any\b|@ts-(?:ignore|nocheck|expect-error)|\binnerHTML\b|\bouterHTML\b|\binsertAdjacentHTML\b"
    r"|\bdocument\.write|\beval\(|\bnew Function\b|\bconsole\.",
    "protocol/": r"\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bgetRandomValues\b|\bfetch\(|\blocalStorage\b"
    r"|\bdocument\.",
}
"""What stands in no file whose path begins so: nothing untyped, no markup from text; in protocol no clock or chance."""


def forbidden(texts):
    """Return each place of what must not stand there; comments are not read."""
    code = {file: re.sub(r"(?m)^\s*//.*$", "", text) for file, text in texts.items()}
    return [
        (file, found[0])
        for folder, pattern in FORBIDDEN.items()
        for file, text in code.items()
        if file.startswith(folder)
        for found in re.finditer(pattern, text)
    ]


def test_nothing_untyped_nothing_rendered_from_text_and_no_clock_in_protocol():
    assert forbidden(TEXTS) == []
    made = {"page/a.ts": "node.innerHTML = text;\nconst a: any = 1;", "protocol/b.ts": "// Date.now\nDate.now();"}
    assert [file for file, _ in forbidden(made)] == ["page/a.ts", "page/a.ts", "protocol/b.ts"]
