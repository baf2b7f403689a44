"""Whether a Content-Security-Policy (CSP, level 3) lets a page of the portal do more than it needs."""

from collections.abc import Iterable, Mapping
from typing import Final

_NONE: Final = frozenset({"'none'"})
_SELF: Final = frozenset({"'self'"})
_MUST: Final[Mapping[str, frozenset[str]]] = {
    "default-src": _NONE,
    "base-uri": _NONE,
    "form-action": _NONE,
    "frame-ancestors": _NONE,
}
_MAY: Final[Mapping[str, frozenset[str]]] = {"style-src": _SELF, "img-src": _SELF, "font-src": _SELF}
_SCRIPT_MUST: Final[Mapping[str, frozenset[str]]] = {
    "require-trusted-types-for": frozenset({"'script'"}),
    "trusted-types": _NONE,
}
_SCRIPT_MAY: Final[Mapping[str, frozenset[str]]] = {
    "script-src": frozenset({"'self'", "'wasm-unsafe-eval'"}),
    "connect-src": _SELF,
    "manifest-src": _SELF,
}


def policy_allows_too_much(policies: Iterable[str], *, script: bool) -> bool:
    """Return whether none of these policies, one a header, is narrow enough; `script`: for a page that runs script.

    Of several a browser keeps to each, so one that is narrow enough does.
    """
    must = {**_MUST, **(_SCRIPT_MUST if script else {})}
    may = {**_MAY, **(_SCRIPT_MAY if script else {})}
    return not any(_narrow(policy, must, may) for policy in policies)


def _narrow(policy: str, must: Mapping[str, frozenset[str]], may: Mapping[str, frozenset[str]]) -> bool:
    said: dict[str, frozenset[str]] = {}
    for part in policy.split(";"):
        name, *values = part.split()[:50] or [""]
        # Of two directives of one name a browser keeps the first.
        said.setdefault(name.lower(), frozenset(values))
    said.pop("", None)
    if any(said.get(name) != values for name, values in must.items()):
        return False
    # Whatever is not known here could loosen what is: a `script-src-elem` stands before a `script-src`.
    return all(values <= may.get(name, frozenset()) for name, values in said.items() if name not in must)
