"""The steward's look at a page: every way in which what is served can differ from what was signed."""

import dataclasses
import json

import pytest

from servers.built_page import build_page, digest
from zegel.steward.errors import SetupError
from zegel.steward.page_check import PLAIN, check_page, read_digests
from zegel.steward.page_policy import policy_allows_too_much
from zegel.steward.page_source import Found, built
from zegel_relay.portal.headers import PUBLIC_POLICY, SHELL_POLICY


class Server:
    """A page that is served as it was built, with what a test changed about it."""

    def __init__(self, folder):
        self.changed, self.read = {}, built(folder)

    async def __call__(self, path):
        if path in self.changed:
            return self.changed[path]
        found = await self.read("/" if path == "/enrol" else path) if path not in PLAIN else Found(200)
        policy = PUBLIC_POLICY if path in PLAIN else SHELL_POLICY
        return dataclasses.replace(found, headers={"content-security-policy": (policy,)})

    async def change(self, path, body=None, status=200, **headers):
        found = await self(path)
        named = {name.replace("_", "-"): (value,) for name, value in headers.items()}
        self.changed[path] = Found(status, found.body if body is None else body, {**found.headers, **named})


@pytest.fixture
def server(tmp_path):
    build_page(tmp_path / "page")
    return Server(tmp_path / "page")


@pytest.fixture
async def signed(server):
    return set((await read_digests(server)).values())


async def codes(server, signed):
    return {(item.code, item.path) for item in await check_page(server, signed)}


async def path_of(server, suffix):
    listed = json.loads((await server("/files.json")).body)
    return next(f"/{path}" for path in listed if path.endswith(suffix))


async def test_the_page_that_was_signed_is_found_to_be_it(server, signed):
    assert await check_page(server, signed) == []
    assert len(signed) == 5


@pytest.mark.parametrize("path", ["/", "/enrol"])
async def test_another_index_is_found_at_either_of_its_addresses(server, signed, path):
    await server.change(path, (await server(path)).body + b"<!-- -->")
    assert await codes(server, signed) == {("page.digest", path)}


async def test_another_script_is_found_also_when_the_list_of_files_names_it(server, signed):
    path = await path_of(server, ".js")
    await server.change(path, b"steal()")
    # The one file that was signed and is not served any more is named too.
    assert await codes(server, signed) == {("page.digest", path), ("page.missing", "")}
    listed = json.loads((await server("/files.json")).body) | {path[1:]: digest(b"steal()")}
    await server.change("/files.json", json.dumps(listed).encode())
    assert {("page.digest", path), ("page.digest", "/files.json")} <= await codes(server, signed)


async def test_files_that_changed_places_are_found(server, signed):
    script, style = await path_of(server, ".js"), await path_of(server, ".css")
    bodies = (await server(script)).body, (await server(style)).body
    await server.change(script, bodies[1])
    await server.change(style, bodies[0])
    assert await codes(server, signed) == {("page.swapped", script), ("page.swapped", style)}


async def test_a_file_that_is_gone_is_found(server, signed):
    path = await path_of(server, ".svg")
    await server.change(path, status=404)
    assert await codes(server, signed) == {("page.missing", path), ("page.missing", "")}


@pytest.mark.parametrize("body", [b"{}", b"[]", b"\xff", b'{"index.html": "x"}', b"[" * 100_000])
async def test_a_list_that_is_none_is_found(server, signed, body):
    await server.change("/files.json", body)
    assert await codes(server, signed) == {("page.list", "/files.json")}
    with pytest.raises(SetupError) as caught:
        await read_digests(server)
    assert caught.value.code == "page.list"


async def test_an_index_that_names_a_file_of_its_own_is_found(server, signed):
    html = (await server("/")).body.replace(
        b"</head>", b'<script src="https://elsewhere.example/x.js"></script></head>'
    )
    await server.change("/", html)
    assert await codes(server, {*signed, digest(html)}) >= {("page.names", "/")}


async def test_headers_that_let_other_script_in_are_found(server, signed):
    script = await path_of(server, ".js")
    for path in ("/", script, "/help"):
        await server.change(path, content_security_policy="default-src 'self'")
    await server.change("/enrol", set_cookie="a=b")
    assert await codes(server, signed) == {
        ("page.policy", "/"), ("page.policy", script), ("page.policy", "/help"), ("page.cookie", "/enrol"),
    }  # fmt: skip


async def test_a_page_of_more_files_than_a_directory_lists_is_not_signed(tmp_path):
    folder = tmp_path / "large"
    listed = build_page(folder)
    for number in range(64 - len(listed)):
        (folder / "assets" / f"part-{number}.js").write_bytes(b"x")
        listed[f"assets/part-{number}.js"] = digest(b"x")
    (folder / "files.json").write_text(json.dumps(listed))
    with pytest.raises(SetupError) as caught:
        await read_digests(built(folder))
    assert caught.value.code == "page.too-many"


async def test_a_folder_whose_files_are_not_what_its_list_says_is_not_signed(server):
    await server.change(await path_of(server, ".js"), b"other")
    with pytest.raises(SetupError) as caught:
        await read_digests(server)
    assert caught.value.code == "page.changed"


@pytest.mark.parametrize(
    "policy",
    [
        "", "default-src 'none'", SHELL_POLICY.replace("'wasm-unsafe-eval'", "'unsafe-eval'"),
        SHELL_POLICY + "; script-src-elem *", SHELL_POLICY.replace("connect-src 'self'", "connect-src *"),
        "script-src *; " + SHELL_POLICY, SHELL_POLICY.replace("base-uri 'none'; ", ""),
        SHELL_POLICY.replace("trusted-types 'none'", "trusted-types *"), SHELL_POLICY + "; worker-src blob:",
    ],
)  # fmt: skip
def test_a_policy_that_is_too_wide_is_seen(policy):
    assert policy_allows_too_much([policy], script=True)
    assert not policy_allows_too_much([policy, SHELL_POLICY], script=True)
    assert policy_allows_too_much([SHELL_POLICY], script=False)
    assert not policy_allows_too_much([PUBLIC_POLICY], script=False)
