"""The documents say what the code does: every field, code, step, word and address, and no other.

What a test here finds missing belongs in `docs/spec/`; a document that says more than the code is as wrong as one that
says less.
"""

import ast
import json
import re
import sys
import typing

import msgspec
import pytest
from msgspec import Meta

from architecture import spec_documents as spec
from architecture.source_tree import PACKAGES, ROOT, python_files, tree_of
from zegel_keys.opening_proof import OpeningProof
from zegel_protocol import api, assertion, dsse, fields, refusal
from zegel_protocol.objects import KINDS
from zegel_protocol.objects.header import Payload
from zegel_protocol.refusal import Code, Step
from zegel_protocol.rulebook.template import default_rules
from zegel_protocol.sealing import SectionContext, WrapContext
from zegel_relay.api.routes import ROUTES

DECISIONS = ROOT / "docs" / "decisions"
DOCUMENTS = sorted(file.stem for file in spec.FOLDER.glob("*.md"))
SPEC = {
    "root": "setting",
    "membership": "setting",
    "directory": "setting",
    "rulebook": "rulebook-fields",
    "epoch": "log",
    "devices": "setting",
    "prekeys": "setting",
    "declaration": "declaration",
    "person": "persons",
    "client-key": "persons",
    "vouch": "persons",
    "consent-request": "consent",
    "consent": "consent",
    "revocation": "consent",
    "status": "consent",
    "entry": "message",
    "manifest": "message",
    "wraps": "sealing",
    "notice": "receipts",
    "receipt": "receipts",
    "acknowledgement": "receipts",
    "contact": "contact",
    "contact-key": "contact",
    "partner-rules": "records",
    "countersignature": "records",
    "conference": "records",
    "objection": "records",
    "rota": "records",
    "procedure": "records",
    "stop-card": "letter",
    "assignment": "records",
    "absence": "records",
    "finding": "records",
}
HEADER = [field.encode_name for field in msgspec.structs.fields(Payload)]
EXACT = (
    "consent", "declaration", "encoding", "envelope", "message", "persons", "receipts", "records", "refusals",
    "rulebook-fields", "sealing",
)  # fmt: skip
"""Documents whose tables state type, optionality and bounds too, in words that a test can hold against the structs."""
OTHER_STRUCTS: tuple[type[msgspec.Struct], ...] = (
    dsse.Envelope, dsse.Signature, assertion.Assertion, SectionContext, WrapContext, OpeningProof, api.Submission,
    api.InlineSection, refusal.Refusal, refusal.Param, refusal.Mend,
)  # fmt: skip
"""What stands in the documents beside the kinds of objects and what these hold."""
PLAIN_TYPES = {"str": "text", "int": "integer", "bool": "boolean", "Raw": "envelope"}


def own_fields(struct: type[msgspec.Struct]) -> list[str]:
    """Return the fields of a struct as the wire names them, its tag first, without the header of every object."""
    config = struct.__struct_config__
    tag = [config.tag_field] if config.tag_field is not None else []
    names = tag + [field.encode_name for field in msgspec.structs.fields(struct)]
    return [name for name in names if name not in HEADER] if issubclass(struct, Payload) else names


def types_of(struct: type[msgspec.Struct]) -> dict[str, msgspec.inspect.Type]:
    """Return the types of a struct's fields, by their names in Python."""
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    return {field.name: field.type for field in info.fields}


def held_structs(kinds: typing.Iterable[type[msgspec.Struct]]) -> list[type[msgspec.Struct]]:
    """Return the structs that fields of these structs hold, at any depth, each once."""
    found: dict[type[msgspec.Struct], None] = {}

    def walk(node: object) -> None:
        if isinstance(node, msgspec.inspect.StructType) and node.cls not in found:
            found[node.cls] = None
            for field in node.fields:
                walk(field.type)
        for name in ("types", "item_types"):
            for item in getattr(node, name, ()):
                walk(item)
        if hasattr(node, "item_type"):
            walk(node.item_type)

    for kind in kinds:
        for node in types_of(kind).values():
            walk(node)
    return list(found)


EXACT_KINDS = [kind for kind in KINDS.values() if SPEC[kind.KIND] in EXACT]
EXACT_STRUCTS = [*EXACT_KINDS, *dict.fromkeys([*held_structs(EXACT_KINDS), *OTHER_STRUCTS])]


def table_of(struct: type[msgspec.Struct]) -> spec.Table:
    """Return the table of a struct: under the heading of its kind, or with its name in the first column's title."""
    kind = getattr(struct, "KIND", "")
    title, heading = f"field of `{struct.__name__}`", f"`{kind}`"
    found = [
        table
        for name in EXACT
        for table in spec.tables(name)
        if table.columns[0] == title or (kind and table.columns[0] == "field" and table.heading == heading)
    ]
    if struct is dsse.Envelope or struct is assertion.Assertion:
        found = [table for table in spec.tables("envelope") if table.names == own_fields(struct)]
    assert len(found) == 1, f"{len(found)} tables for {struct.__name__}"
    return found[0]


def test_every_kind_has_a_document():
    assert set(SPEC) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_object_stands_in_its_document_in_order(kind):
    tables = [
        [name for name in table.names if name not in HEADER]
        for table in spec.tables(SPEC[kind])
        if table.columns[0].startswith("field")
    ]
    assert own_fields(KINDS[kind]) in tables


@pytest.mark.parametrize("struct", EXACT_STRUCTS, ids=lambda struct: struct.__name__)
def test_a_table_has_the_fields_of_its_struct_in_order(struct):
    assert table_of(struct).names == own_fields(struct)


def type_words(annotation: ast.expr) -> list[set[str]]:
    """Return what the type cell of a field has to say: of each set, one word at least.

    A name stands for itself, a plain type for its JSON word, a literal for its value.
    """
    if isinstance(annotation, ast.Constant):
        return [] if annotation.value is None else [{str(annotation.value)}]
    if isinstance(annotation, ast.Name):
        return [{PLAIN_TYPES.get(annotation.id, annotation.id)}]
    if isinstance(annotation, ast.BinOp):
        return type_words(annotation.left) + type_words(annotation.right)
    if not isinstance(annotation, ast.Subscript):
        return []
    outer = ast.unparse(annotation.value)
    inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    if outer == "tuple":
        return [{"list", "set"}, *type_words(inner[0])]
    if outer == "Annotated":
        return type_words(inner[0])
    return [words for item in inner for words in type_words(item)]


def bounds(node: msgspec.inspect.Type) -> set[str]:
    """Return how a table writes the bounds of a number or a text."""
    if isinstance(node, msgspec.inspect.VarTupleType):
        return bounds(node.item_type)
    if isinstance(node, msgspec.inspect.IntType) and node.le is not None:
        return {f"{node.ge} to {'2³¹' if node.le == 2**31 else f'{node.le:,}'}"}
    return {f"at most {node.max_length:,}"} if isinstance(node, msgspec.inspect.StrType) else set()


def alias_words(struct: type, word: str) -> set[str]:
    """Return what an alias of a struct's module stands for: a plain type, its literals, or the structs of its union."""
    alias = getattr(sys.modules[struct.__module__], word, None)
    members = typing.get_args(alias)
    names = {item.__name__ if isinstance(item, type) else str(item) for item in members if not isinstance(item, Meta)}
    return {PLAIN_TYPES.get(name, name) for name in names}


@pytest.mark.parametrize("struct", EXACT_STRUCTS, ids=lambda struct: struct.__name__)
def test_a_table_says_type_optionality_and_bounds(struct):
    table = table_of(struct)
    assert table.columns[1] == "type"
    encoded = {field.name: field for field in msgspec.structs.fields(struct)}
    inspected = types_of(struct)
    for name, annotation in spec.annotations(struct):
        field = encoded[name]
        if field.encode_name in HEADER:
            continue
        cell = table.row(field.encode_name)[1]
        where = f"{struct.__name__}.{field.encode_name}: {cell}"
        assert cell.endswith(", optional") == (not field.required), where
        for words in type_words(annotation):
            if not any(word in cell for word in words):
                known = {item for word in words for item in alias_words(struct, word)}
                assert known, f"{where} lacks {words}"
                assert all(item in cell for item in known), f"{where} lacks {known}"
        if "Annotated" in ast.unparse(annotation):
            assert all(words in cell for words in bounds(inspected[name])), where
    for name, (least, most) in spec.sets_of(struct).items():
        field = next(item for item in encoded.values() if name in {item.name, item.encode_name})
        cell = table.row(field.encode_name)[1]
        assert cell.startswith("set of "), f"{struct.__name__}.{name}: {cell}"
        assert f"{least} to {most:,}" in cell, f"{struct.__name__}.{name}: {cell}"


def test_tags_of_unions_stand_in_their_tables():
    tagged = [struct for struct in EXACT_STRUCTS if struct.__struct_config__.tag_field is not None]
    assert len(tagged) > 5
    for struct in tagged:
        config = struct.__struct_config__
        assert f"`{config.tag}`" in table_of(struct).row(str(config.tag_field))[1]


def test_every_event_has_a_row():
    (event,) = (field for field in msgspec.structs.fields(KINDS["acknowledgement"]) if field.name == "event")
    events = typing.get_args(event.type)
    rows = [table for table in spec.tables("receipts") if table.columns[0] == "event"]
    assert [name for table in rows for name in table.names] == list(events)


def test_every_type_of_field_is_described():
    tree = tree_of(PACKAGES["zegel_protocol"] / "fields.py")
    names = [ast.unparse(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)]
    types = [name for name in names if name[0].isupper() and not name.isupper()]
    assert [table.names for table in spec.tables("encoding") if table.columns[0] == "type"] == [types]
    for name in types:
        alias = getattr(fields, name)
        limits = [meta.max_length for meta in alias.__metadata__ if meta.max_length is not None]
        row = spec.rows_of("encoding", "type")[name]
        assert all(f"{limit:,}" in row[1] for limit in limits), name


def test_every_refusal_and_step_is_documented_and_no_other():
    assert list(spec.rows_of("refusals", "code")) == [code.value for code in Code]
    assert list(spec.rows_of("refusals", "step")) == [step.value for step in Step]
    reasons = [table for table in spec.tables("refusals") if "why" in table.columns]
    assert [name for table in reasons for name in table.names] == [code.value for code in Code]


def refuse_calls() -> dict[str, list[tuple[str, str, set[str]]]]:
    """Return (path or "", step, names of parameters) of each place that refuses, by code."""
    found: dict[str, list[tuple[str, str, set[str]]]] = {}
    for file in python_files():
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "refuse":
                code, path, step = node.args[:3]
                name = ast.unparse(code).removeprefix("Code.")
                literal = str(ast.literal_eval(path)) if isinstance(path, ast.Constant) else ""
                parameters = {str(item.arg) for item in node.keywords}
                made = (literal, Step[ast.unparse(step).removeprefix("Step.")].value, parameters)
                found.setdefault(Code[name].value, []).append(made)
    return found


def test_path_parameters_and_step_of_every_refusal_are_those_of_the_code():
    made = refuse_calls()
    assert set(made) == {code.value for code in Code}
    rows = {name: row for table in spec.tables("refusals") if "why" in table.columns for name in table.names
            for row in [table.row(name)]}  # fmt: skip
    for code, calls in made.items():
        _, article, _, path, parameters, mend = rows[code]
        assert re.fullmatch(r"–|(?:\d+, )*\d+", article), code
        assert all(int(number) <= 10 for number in re.findall(r"\d+", article)), code
        assert spec.words_in(parameters) == {name for _, _, names in calls for name in names}, code
        steps = {step for _, step, _ in calls}
        assert spec.words_in(mend) & {step.value for step in Step} == steps, code
        assert {literal for literal, _, _ in calls if literal} <= spec.words_in(path), code


def test_refusals_and_steps_say_what_the_catalogues_say():
    folder = PACKAGES["zegel_protocol"] / "texts"
    catalogues = [json.loads((folder / f"{language}.json").read_text("utf-8")) for language in ("nl", "en")]
    sentences = next(table for table in spec.tables("refusals") if table.columns == ("code", "Nederlands", "English"))
    for code in Code:
        assert list(sentences.row(code.value)[1:]) == [catalogue["refusal"][code.value] for catalogue in catalogues]
    for step in Step:
        row = spec.rows_of("refusals", "step")[step.value]
        assert list(row[-2:]) == [catalogue["step"][step.value] for catalogue in catalogues]


PROTOCOL_AND_KEYS = PACKAGES["zegel_protocol"], PACKAGES["zegel_keys"]
RELAY_AND_SDK = PACKAGES["zegel_relay"], PACKAGES["zegel"]


def test_every_error_code_of_protocol_and_keys_is_documented():
    codes = spec.error_codes(*PROTOCOL_AND_KEYS)
    assert len(codes) > 80
    assert codes.get("?") is None, "an error whose code no reader of the source can tell"
    assert sorted(set(codes) - set(spec.rows_of("errors", "code"))) == []


def test_every_error_code_of_relay_and_sdk_is_documented():
    codes = spec.error_codes(*RELAY_AND_SDK)
    assert len(codes) > 60
    documented = {word for name in ("errors", "http", "content", "setting") for word in spec.rows_of(name, "code")}
    assert {code: places for code, places in codes.items() if code not in {*documented, "?"}} == {}


def test_no_error_code_is_documented_that_nobody_raises():
    codes = {**spec.error_codes(*PROTOCOL_AND_KEYS), **spec.error_codes(*RELAY_AND_SDK)}
    assert sorted(set(spec.rows_of("errors", "code")) - set(codes)) == []


def test_every_word_of_the_default_rulebook_is_documented():
    rules = msgspec.to_builtins(default_rules())
    document = spec.text("rulebook")
    lists = ("purposes", "kinds", "sectors", "categories", "forms", "parts")
    words = [rule["id"] for name in lists for rule in rules[name]]
    assert len(words) > 60
    assert [word for word in words if f"`{word}`" not in document] == []


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_address_is_documented(route):
    row = spec.rows_of("http", "address")[f"{route.method} {route.path}"]
    assert {"none": "everyone", "object": "object", "signature": "signature"}[route.auth.value] in row[1]
    for side, cell in ((route.request, row[2]), (route.response, row[3])):
        name = getattr(side, "__name__", "")
        assert side in {None, bytes} or name in {"Envelope", "dict"} or f"`{name}`" in cell


def test_every_document_is_linked_from_the_index():
    index = spec.text("README")
    assert [name for name in DOCUMENTS if name != "README" and f"({name}.md)" not in index] == []


def test_every_folder_of_vectors_is_named_in_the_index():
    vectors = ROOT / "tests" / "vectors"
    folders = {file.relative_to(vectors).parts[0] for file in vectors.rglob("*.json")}
    [table] = [table for table in spec.tables("README") if table.columns[0] == "document"]
    named = {word.rstrip("/") for row in table.rows for word in spec.words_in(row[-1])}
    assert not folders or folders == named


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_names_only_documents_that_exist(name):
    named = set(re.findall(r"(?<![\w/.-])([a-z-]+)\.md", spec.text(name)))
    assert sorted(named - set(DOCUMENTS)) == []


@pytest.mark.parametrize("file", sorted(DECISIONS.glob("*.md")), ids=lambda file: file.stem)
def test_a_decision_has_its_three_parts(file):
    lines = file.read_text("utf-8").splitlines()
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+", file.stem)
    assert lines[0].startswith(f"# {file.stem[:4]}: ")
    assert [line for line in lines if line.startswith("## ")] == ["## Context", "## Decision", "## Consequence"]
    assert len(lines) <= 40


def test_decisions_are_numbered_without_gaps():
    numbers = [int(file.stem[:4]) for file in sorted(DECISIONS.glob("*.md"))]
    assert len(numbers) >= 15
    assert numbers == list(range(1, len(numbers) + 1))
