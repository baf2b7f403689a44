"""The OpenAPI 3.1 document, made from the route table and the structs that it names, so that it follows them."""

import inspect
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from zegel_protocol.api import Problem
from zegel_relay.api.endpoint import BYTES, JSON, operation_id
from zegel_relay.api.errors import MEDIA_TYPE
from zegel_relay.api.route import Auth, Route

VERSION: Final = "3.1.0"
_TEMPLATE: Final = "#/components/schemas/{name}"
_SCHEMES: Final = {
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "RFC 9421, of a device or a person, with Signature-Input; the profile is in docs/spec/http.md",
    }
}


def document(routes: Iterable[Route], server: str) -> dict[str, Any]:
    """Return the document; `server` is the relay's public origin."""
    table = list(routes)
    kinds = [kind for route in table for kind in _structs(route)]
    schemas, components = msgspec.json.schema_components([*kinds, Problem], ref_template=_TEMPLATE)
    schema_of: dict[type, dict[str, Any]] = dict(zip([*kinds, Problem], schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in table:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema_of, components)
    inner = {struct.__name__ for route in table for struct in (route.parts, route.query) if struct is not None}
    return {
        "openapi": VERSION,
        "info": {
            "title": "Zegel relay",
            "version": "1",
            "description": "Whatever writes is a signed object. Errors are problems with a stable code.",
        },
        "servers": [{"url": server or "/"}],
        "paths": paths,
        "components": {
            "schemas": {name: _clean(schema) for name, schema in sorted(components.items()) if name not in inner},
            "securitySchemes": _SCHEMES,
        },
    }


def _structs(route: Route) -> list[type]:
    return [
        kind
        for kind in (route.parts, route.query, route.request, route.response)
        if kind is not None and kind is not bytes
    ]


def _operation(route: Route, schema_of: dict[type, Any], components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "security": [{"signature": []}] if route.auth is Auth.SIGNATURE else [],
        "responses": {
            **_success(route, schema_of),
            "default": {"description": "It failed.", "content": {MEDIA_TYPE: {"schema": schema_of[Problem]}}},
        },
    }
    parameters = [
        *_parameters("path", route.parts, components),
        *_parameters("query", route.query, components),
    ]
    if parameters:
        operation["parameters"] = parameters
    if route.request is not None:
        operation["requestBody"] = {"required": not route.optional, "content": _content(route.request, schema_of)}
    return operation


def _success(route: Route, schema_of: dict[type, Any]) -> dict[str, Any]:
    if route.response is None:
        return {"204": {"description": "Done."}}
    return {"200": {"description": "Done.", "content": _content(route.response, schema_of)}}


def _content(kind: type, schema_of: dict[type, Any]) -> dict[str, Any]:
    return {BYTES: {}} if kind is bytes else {JSON: {"schema": schema_of[kind]}}


def _parameters(where: str, kind: type[msgspec.Struct] | None, components: dict[str, Any]) -> list[dict[str, Any]]:
    if kind is None:
        return []
    schema = components[kind.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": where, "required": name in required, "schema": part}
        for name, part in schema["properties"].items()
    ]


def _clean(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its description, a docstring, without the indentation of the source."""
    text = schema.get("description")
    return {**schema, "description": inspect.cleandoc(text)} if text else schema
