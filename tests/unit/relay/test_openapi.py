"""The OpenAPI document: 3.1 in shape, every route in it, every reference met."""

import json
import re
from collections import Counter

import pytest

from zegel_protocol import encoding
from zegel_relay.api import openapi
from zegel_relay.api.errors import MEDIA_TYPE
from zegel_relay.api.route import Auth
from zegel_relay.api.routes import ROUTES

DOCUMENT = json.loads(encoding.encode(openapi.document(ROUTES, "https://relay.example")))
OPERATIONS = [
    (path, method, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
]
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from references(item)


def test_it_has_the_shape_of_openapi_3_1():
    assert re.fullmatch(r"3\.1\.\d+", DOCUMENT["openapi"])
    assert set(DOCUMENT) == {"openapi", "info", "servers", "paths", "components"}
    assert {"title", "version"} <= set(DOCUMENT["info"])
    assert DOCUMENT["servers"] == [{"url": "https://relay.example"}]
    assert all(path.startswith("/v1/") for path in DOCUMENT["paths"])
    assert {method for _, method, _ in OPERATIONS} <= METHODS


def test_every_route_is_there_and_nothing_else():
    assert sorted((path, method.upper()) for path, method, _ in OPERATIONS) == sorted(
        (route.path, route.method) for route in ROUTES
    )
    assert {("GET", "/v1/health"), ("GET", "/v1/openapi.json"), ("GET", "/v1/log/checkpoint")} <= {
        (route.method, route.path) for route in ROUTES
    }


def test_every_reference_leads_somewhere_and_every_schema_is_used():
    named = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set(references(DOCUMENT)) == named
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in DOCUMENT["components"]["schemas"])


def test_operations_are_named_once():
    assert Counter(operation["operationId"] for _, _, operation in OPERATIONS).most_common(1)[0][1] == 1


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[f"{m} {p}" for p, m, _ in OPERATIONS])
def test_an_operation_is_whole(path, method, operation):
    assert operation["summary"]
    parameters = operation.get("parameters", [])
    inside = {item["name"] for item in parameters if item["in"] == "path"}
    assert inside == set(re.findall(r"\{(\w+)\}", path))
    for item in parameters:
        assert set(item) == {"name", "in", "required", "schema"}
        assert item["in"] in {"path", "query"}
        assert item["required"] or item["in"] == "query"
        assert "type" in item["schema"] or "$ref" in item["schema"]
    responses = operation["responses"]
    assert all(code == "default" or re.fullmatch(r"[1-5]\d\d", code) for code in responses)
    assert all(response["description"] for response in responses.values())
    assert responses["default"]["content"] == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for scheme in operation["security"]:
        assert set(scheme) <= set(DOCUMENT["components"]["securitySchemes"])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_security_and_bodies_are_those_of_the_route(route):
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    assert bool(operation["security"]) == (route.auth is Auth.SIGNATURE)
    assert ("requestBody" in operation) == (route.request is not None)
    assert ("204" in operation["responses"]) == (route.response is None)


def test_a_blob_is_described_as_bytes_and_the_consistency_query_as_two_numbers():
    put = DOCUMENT["paths"]["/v1/blobs/{ct}"]["put"]
    assert put["requestBody"] == {"required": True, "content": {"application/octet-stream": {}}}
    query = DOCUMENT["paths"]["/v1/log/consistency"]["get"]["parameters"]
    assert [(item["name"], item["schema"]["type"]) for item in query] == [("old", "integer"), ("new", "integer")]


def test_descriptions_carry_no_indentation_of_the_source():
    texts = [schema.get("description", "") for schema in DOCUMENT["components"]["schemas"].values()]
    assert [text for text in texts if "\n    " in text] == []
