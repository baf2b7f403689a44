"""The portal as a browser meets it: headers of every route, files, pages without script, and the way out."""

import dataclasses
import json
import re
from html.parser import HTMLParser

import pytest
from aiohttp.test_utils import TestClient, TestServer

from servers.built_page import build_page, digest
from zegel_protocol.texts.catalogue import LANGUAGES, phrase
from zegel_relay.api.app import HEADERS, create_app
from zegel_relay.portal.headers import PUBLIC_POLICY, SHELL_POLICY
from zegel_relay.portal.languages import choose
from zegel_relay.portal.shell import ShellError, read

PAGES = ("/code", "/help", "/contact")
COMMON = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "zegel",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.fixture
def files(settings):
    return build_page(settings.folder / "shell")


@pytest.fixture
async def site(relay, settings, files):
    relay.settings = dataclasses.replace(settings, shell_folder=settings.folder / "shell")
    async with TestClient(TestServer(create_app(relay))) as client:
        yield client


@dataclasses.dataclass
class Answer:
    """What was answered, read to its end."""

    headers: object
    content_type: str
    body: bytes

    @property
    def text(self):
        return self.body.decode()


async def get(site, path, status=200, method="GET", **headers):
    async with site.request(method, path, headers=headers, allow_redirects=False) as response:
        assert response.status == status, path
        return Answer(response.headers, response.content_type, await response.read())


class Markup(HTMLParser):
    """All tags and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.found, self.text = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def values(self, name):
        return [found[name] for _, found in self.found if name in found]


async def test_every_route_has_the_portals_headers_and_none_sets_a_cookie(site, files):
    assets = [f"/{path}" for path in files if path.startswith("assets/")]
    shell = ["/", "/enrol", "/files.json", *assets]
    for path in [*shell, *PAGES, "/leave", "/favicon.ico", "/nothing", "/assets/none.js", "/v1x"]:
        for method in ("GET", "HEAD", "POST"):
            async with site.request(method, path, allow_redirects=False) as response:
                headers = response.headers
                assert {name: headers[name] for name in COMMON} == COMMON, path
                of_shell = path in shell and method != "POST"
                assert headers["Content-Security-Policy"] == (SHELL_POLICY if of_shell else PUBLIC_POLICY), path
                assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]
                assert "Set-Cookie" not in headers
                assert response.status == 405 or method != "POST" or path in {"/nothing", "/v1x"}
                assert "Allow" in headers or response.status != 405
                assert method != "HEAD" or await response.read() == b""


async def test_no_route_of_the_api_sets_a_cookie_or_loses_its_own_headers(site):
    for route in list(site.server.app.router.routes()):
        path = re.sub(r"\{[^}]+\}", "x", route.resource.canonical)
        async with site.request(
            route.method if route.method != "*" else "GET", path, allow_redirects=False
        ) as response:
            assert "Set-Cookie" not in response.headers
            if path.startswith("/v1/"):
                assert {name: response.headers[name] for name in HEADERS} == HEADERS
                assert "X-Frame-Options" not in response.headers


async def test_what_nobody_knows_is_a_problem_of_the_api_and_a_page_elsewhere(site):
    for path in ("/v1", "/v1/nothing", "/%76%31/nothing"):
        assert (await get(site, path, 404)).content_type == "application/problem+json"
    for path in ("/nothing", "/v1x", "/assets/", "/assets/../index.html", "/assets/%2e%2e%2findex.html", "/code/x"):
        response = await get(site, path, 404, **{"Accept-Language": "en"})
        assert response.content_type == "text/html", path
        assert phrase("en", "page-public.missing") in response.text


async def test_the_shell_is_served_as_it_was_built(site, files, settings):
    for path in ("/", "/enrol"):
        response = await get(site, path)
        assert digest(response.body) == files["index.html"]
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-cache"
    for path, expected in files.items():
        if path != "index.html":
            response = await get(site, f"/{path}")
            assert digest(response.body) == expected
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert json.loads((await get(site, "/files.json")).body) == files
    await get(site, "/index.html", 404)
    icon = await get(site, "/favicon.ico")
    assert (icon.content_type, icon.headers["Cache-Control"]) == ("image/svg+xml", "no-cache")


async def test_files_come_compressed_to_who_takes_that_and_answers_of_the_api_never(site, files):
    script = next(path for path in files if path.endswith(".js"))
    squeezed = await get(site, f"/{script}", **{"Accept-Encoding": "br, gzip;q=0.5"})
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert digest(squeezed.body) == files[script]
    for accepted in ("identity", "gzip;q=0", "br"):
        plain = await get(site, f"/{script}", **{"Accept-Encoding": accepted})
        assert "Content-Encoding" not in plain.headers
        assert plain.headers["ETag"] != squeezed.headers["ETag"]
    assert squeezed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    for path in ("/v1/health", "/v1/openapi.json", "/help"):
        assert "Content-Encoding" not in (await get(site, path, **{"Accept-Encoding": "gzip"})).headers


async def test_a_file_that_is_known_is_not_sent_again(site, files):
    first = await get(site, "/")
    for known in (first.headers["ETag"], f'"x", W/{first.headers["ETag"]}', "*", f'"{files["index.html"]}"'):
        again = await get(site, "/", 304, **{"If-None-Match": known})
        assert again.body == b""
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Content-Security-Policy"] == SHELL_POLICY
    await get(site, "/", 200, **{"If-None-Match": '"x"'})


async def test_leaving_leads_to_another_site_and_leaves_nothing_cached(site, settings):
    response = await get(site, "/leave", 303)
    assert response.headers["Location"] == settings.leave_url == "https://www.meteo.be/"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_without_script_is_in_the_readers_language(site, path, language):
    response = await get(site, f"{path}?language={language}", **{"Accept-Language": "nl"})
    text = response.text
    page = Markup(text)
    assert dict(page.found)["html"] == {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}
    assert response.headers["Content-Language"] == language
    assert response.headers["Cache-Control"] == "no-store"
    assert phrase(language, "page-public.leave") in page.text
    links = page.values("href")
    assert "/leave" in links
    assert {f"{path}?language={other}" for other in LANGUAGES} <= set(links)
    assert all(re.match(r"/[^/]|/$|tel:[0-9+]+$", link) for link in links)
    assert not {tag for tag, _ in page.found} & {"script", "iframe", "object", "embed", "form", "style", "img"}
    assert not [name for _, found in page.found for name in found if name.startswith("on") or name in {"src", "style"}]


async def test_what_is_asked_for_is_never_shown_again(site):
    for path in (
        "/help?language=<script>x7f3a</script>",
        "/x7f3a",
        "/help?x7f3a=1",
        "/contact?language=xx",
    ):
        async with site.get(path, headers={"Accept-Language": "x7f3a"}) as response:
            assert "x7f3a" not in await response.text()


@pytest.mark.parametrize(
    ("asked", "accepts", "chosen"),
    [
        ("en", "nl", "en"), ("xx", "en-GB,en;q=0.8", "en"), (None, "de, en;q=0.3, nl;q=0.9", "nl"), (None, "", "nl"),
        (None, "en;q=0", "nl"), (None, "en;q=x", "nl"), (None, "*", "nl"), ("", "en;q=nan", "nl"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_asked_for_else_the_browsers_else_dutch(asked, accepts, chosen):
    assert choose(asked, accepts) == chosen


@pytest.mark.parametrize("broken", ["missing", "list", "digest", "gone", "foreign"])
async def test_a_page_that_is_not_built_is_said_so_and_the_relay_stays(relay, settings, broken):
    folder = settings.folder / "shell"
    if broken != "missing":
        files = build_page(folder)
        script = next(path for path in files if path.endswith(".js"))
        if broken == "list":
            (folder / "files.json").write_text("{}")
        elif broken == "digest":
            (folder / script).write_text("other")
        elif broken == "gone":
            (folder / script).unlink()
        else:
            (folder / "files.json").write_text('{"index.html": "%s", "../keys.json": "%s"}' % (("A" * 43,) * 2))
    with pytest.raises(ShellError):
        read(folder)
    relay.settings = dataclasses.replace(settings, shell_folder=folder)
    async with TestClient(TestServer(create_app(relay))) as client:
        for path in ("/", "/enrol", "/files.json"):
            response = await get(client, path, 503, **{"Accept-Language": "en"})
            assert phrase("en", "page-public.unbuilt") in response.text
        await get(client, "/assets/app.js", 404)
        await get(client, "/help")
        await get(client, "/favicon.ico")
        await get(client, "/v1/health")
