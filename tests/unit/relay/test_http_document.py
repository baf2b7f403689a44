"""The specification of HTTP says what the code does: its example verifies, its codes and profile are the code's."""

import ast
import re
from pathlib import Path

from zegel_keys import http_signature
from zegel_keys.http_signature import verify_request
from zegel_keys.signing import SigningKey

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "spec" / "http.md").read_text("utf-8")
CODE = re.compile(r"(?:http|request|blob|relay)\.[a-z]+(?:-[a-z]+)*")


def test_the_example_verifies():
    block = re.search(r"```\n(GET .*?)```", DOCUMENT, re.DOTALL)
    assert block
    target, _, headers = re.sub(r"\n  ", "", block[1]).partition("\n\n")
    method, _, path = target.partition(" ")
    fields = dict(line.split(": ", 1) for line in headers.splitlines())
    key = SigningKey(bytes(range(32)))
    keyid = "device:ocmw-gent/0123456789abcdef0123456789abcdef"
    url = "https://relay.example" + path
    assert verify_request(method, url, fields, {keyid: key.public}.get, 1_790_000_000) == keyid


def test_every_code_of_the_http_face_is_documented():
    files = [*(ROOT / "relay" / "zegel_relay").rglob("*.py"), Path(http_signature.__file__)]
    texts = {
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }
    assert len(texts) > 15
    assert sorted(code for code in texts if f"`{code}`" not in DOCUMENT) == []


def test_the_profile_is_that_of_the_code():
    for text in (http_signature.LABEL, http_signature.TAG, *http_signature.PARAMETERS):
        assert f"`{text}`" in DOCUMENT
    assert " ".join(f'"{name}"' for name in http_signature.COMPONENTS) in DOCUMENT
    assert f"created + {http_signature.WINDOW}" in DOCUMENT
    assert f"{http_signature.MAX_HEADER:,} characters" in DOCUMENT
