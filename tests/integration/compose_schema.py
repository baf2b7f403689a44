"""What of the Compose Specification the deployed file may use, as a JSON Schema: an unknown key is a mistake.

Written from the specification's reference (compose-spec/compose-spec, `05-services.md` and the others), narrower than
it: only forms that the file uses.
"""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT, "uniqueItems": True}
SECONDS = {"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"}
SIZE = {"type": "string", "pattern": "^[0-9]+[bkmg]?$"}


def _of(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _map(value: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": value}


HEALTH = {
    "oneOf": [
        _of(["disable"], disable={"const": True}),
        _of(
            ["test", "interval", "timeout", "retries"],
            test={"type": "array", "prefixItems": [{"enum": ["CMD"]}], "items": TEXT, "minItems": 2},
            interval=SECONDS, timeout=SECONDS, start_period=SECONDS, retries={"type": "integer", "minimum": 1},
        ),
    ]
}  # fmt: skip
CONDITION = {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}
SERVICE = _of(
    ["image", "networks", "restart", "logging"],
    image=TEXT,
    build=_of(["context", "dockerfile"], context=TEXT, dockerfile=TEXT),
    command=TEXTS,
    environment=_map({"type": "string"}),
    secrets={"type": "array", "items": {"oneOf": [TEXT, _of(["source", "target"], source=TEXT, target=TEXT)]}},
    volumes={"type": "array", "items": {"type": "string", "pattern": "^[^:]+:/[^:]+(:ro)?$"}},
    tmpfs=TEXTS,
    ports={"type": "array", "items": {"type": "string", "pattern": "^[0-9]+:[0-9]+$"}},
    networks=TEXTS,
    depends_on=_map(_of(["condition"], condition=CONDITION)),
    healthcheck=HEALTH,
    read_only={"type": "boolean"},
    cap_drop=TEXTS,
    security_opt=TEXTS,
    restart={"enum": ["no", "always", "on-failure", "unless-stopped"]},
    stop_grace_period=SECONDS,
    pids_limit={"type": "integer"},
    shm_size=SIZE,
    user={"type": "string", "pattern": "^[0-9]+:[0-9]+$"},
    logging=_of(["driver"], driver=TEXT, options=_map({"type": "string"})),
)
SCHEMA = _of(
    ["name", "services", "networks", "volumes", "secrets"],
    name={"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
    services=_map(SERVICE),
    networks=_map(_of([], internal={"type": "boolean"})),
    volumes=_map(_of([])),
    secrets=_map(_of(["file"], file=TEXT)),
    **{"x-zegel": {"type": "object"}, "x-relay": {"type": "object"}},
)
SCHEMA["$schema"] = "https://json-schema.org/draft/2020-12/schema"
