"""Whether a page that is served is the one that the steward signed: every file, by its digest in the directory.

From outside, as any browser would get it (`docs/spec/portal.md`): who serves the page serves the list of its files too,
so the directory holds the digest of that list, and the list says which file has which name.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

import msgspec

from zegel.steward.errors import SetupError
from zegel.steward.page_policy import policy_allows_too_much
from zegel.steward.page_source import INDEX, LIST, Found, Get
from zegel_protocol import b64
from zegel_protocol.fields import Digest
from zegel_protocol.objects.directory import MAX_BUNDLES

ENTRIES: Final = ("/", "/enrol")
"""Where the page begins: both are its index."""
PLAIN: Final = ("/code", "/help", "/contact")
"""Pages that run no script."""
_LINK: Final = re.compile(r"/(?:leave|(?:code|help|contact)(?:\?language=[a-z]{2})?)?")
_FILE: Final = re.compile(r"index\.html|assets/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was signed: a stable code, the path, and a sentence for people."""

    code: str
    path: str
    what: str


async def read_digests(get: Get) -> dict[str, str]:
    """Return the digest of each file of a page and of its list, for the directory's `bundles`.

    Raises `SetupError` (`page.list`: not a built page; `page.changed`: a file is not what its list says;
    `page.too-many`: more files than a directory lists), or as `get`.
    """
    found = await get(f"/{LIST}")
    listed = _read_list(found)
    if listed is None:
        raise SetupError(
            "page.list", f"There is no {LIST} of a built page.", "Build it first: npm run build in portal/."
        )
    for path, digest in listed.items():
        if digest != _digest(await get(_address(path))):
            what = f"{path} is not what {LIST} says."
            raise SetupError("page.changed", what, "Build the page anew, and sign what comes of it.")
    if len(listed) + 1 > MAX_BUNDLES:
        what = f"The page has {len(listed)} files and their list; a directory has room for {MAX_BUNDLES}."
        raise SetupError("page.too-many", what, "Build it into fewer files.")
    return {**listed, LIST: _digest(found) or ""}


async def check_page(get: Get, bundles: Iterable[str]) -> list[Difference]:
    """Return every difference between the page that `get` reads and the directory's `bundles`; none: it is that page.

    Raises as `get`.
    """
    signed, found = frozenset(bundles), await get(f"/{LIST}")
    listed = _read_list(found)
    if listed is None:
        return [Difference("page.list", f"/{LIST}", f"/{LIST} is not there, or is no list of files.")]
    differences: list[Difference] = []
    if (digest := _digest(found)) not in signed:
        differences.append(_not_signed(f"/{LIST}"))
    seen = {digest}
    indexes = {path: await get(path) for path in ENTRIES}
    for path, index in indexes.items():
        differences += _compare(path, index, listed.get(INDEX), signed)
        differences += _policy(path, index, script=True)
        differences += _names(path, index, listed)
        seen.add(_digest(index))
    for name in sorted(listed.keys() - {INDEX}):
        file = await get(f"/{name}")
        differences += _compare(f"/{name}", file, listed[name], signed)
        differences += _policy(f"/{name}", file, script=True)
        seen.add(_digest(file))
    for path in PLAIN:
        differences += _policy(path, await get(path), script=False)
    for digest in sorted(signed - seen):
        what = f"The directory lists a file with the digest {digest}, which is not served."
        differences.append(Difference("page.missing", "", what))
    return differences


def _read_list(found: Found) -> Mapping[str, str] | None:
    if not found.here:
        return None
    try:
        listed = msgspec.json.decode(found.body, type=dict[str, Digest])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return listed if INDEX in listed and all(_FILE.fullmatch(path) for path in listed) else None


def _compare(path: str, found: Found, listed: str | None, signed: frozenset[str]) -> list[Difference]:
    if not found.here:
        return [Difference("page.missing", path, f"{path} is not served.")]
    digest = _digest(found)
    if digest not in signed:
        return [_not_signed(path)]
    if digest != listed:
        return [Difference("page.swapped", path, f"{path} is another file of the page than the one of that name.")]
    return []


def _not_signed(path: str) -> Difference:
    return Difference("page.digest", path, f"{path} is served with other content than the directory lists.")


def _policy(path: str, found: Found, *, script: bool) -> list[Difference]:
    differences: list[Difference] = []
    if found.here and policy_allows_too_much(found.headers.get("content-security-policy", ()), script=script):
        what = f"{path} is served without the policy that keeps other script out."
        differences.append(Difference("page.policy", path, what))
    if "set-cookie" in found.headers:
        differences.append(Difference("page.cookie", path, f"{path} sets a cookie."))
    return differences


def _names(path: str, index: Found, listed: Mapping[str, str]) -> list[Difference]:
    """Return what an index names that is neither a file of the list nor one of the page's own links."""
    named = _Named()
    named.feed(index.body.decode("utf-8", "replace"))
    strange = [item for item in named.found if item.removeprefix("/") not in listed and not _LINK.fullmatch(item)]
    return [Difference("page.names", path, f"{path} names {item!r}, which is no file of the page.") for item in strange]


class _Named(HTMLParser):
    """Every address that a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element names."""
        self.found += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]


def _digest(found: Found) -> str:
    return b64.encode(hashlib.sha256(found.body).digest()) if found.here else ""


def _address(path: str) -> str:
    return "/" if path == INDEX else f"/{path}"
