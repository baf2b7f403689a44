"""axe-core in a browser: it looks at a page from a world of its own, which the page does not see.

The page's policy stays in force: a browser lets its debugger make an isolated world, with other globals over the same
document, and nothing is put into the page. So what is looked at is the page as families get it.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import CDPSession, Page

from e2e.portal.shell_build import PORTAL

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""WCAG 2.2 at level AA, as axe-core names its rules."""
LOOKS = ("color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable")
"""The rules whose outcome hangs on how wide a page is and which colours it has."""
_SOURCE = PORTAL / "node_modules/axe-core/axe.min.js"
_RUN = """axe.run(document, {runOnly: %s, resultTypes: ["violations", "incomplete", "passes"]}).then((found) => {
  const why = (node) => [...node.any, ...node.all, ...node.none].map((check) => check.message).join();
  const each = (rule) => rule.nodes.map((node) => [rule.id, node.target.join(" "), why(node)]);
  const of = (kind) => found[kind].flatMap(each);
  return {violations: of("violations"), incomplete: of("incomplete"), rules: found.passes.map((rule) => rule.id)};
})"""


@dataclass(frozen=True)
class Seen:
    """What axe found: (rule, element, why) of each violation and of what it could not decide; the rules that passed."""

    violations: tuple[tuple[str, str, str], ...]
    incomplete: tuple[tuple[str, str, str], ...]
    passed: frozenset[str]


@dataclass
class Axe:
    """axe-core for one tab; each document that it looks at has its own world."""

    page: Page
    session: CDPSession
    _worlds: dict[str, int] = field(default_factory=dict)

    @classmethod
    async def of(cls, page: Page) -> "Axe":
        """Return axe for a tab."""
        return cls(page, await page.context.new_cdp_session(page))

    async def look(self, *, rules: tuple[str, ...] | None = None) -> Seen:
        """Look at what stands there. `rules`: these alone, instead of all of level AA."""
        only = {"type": "rule", "values": list(rules)} if rules is not None else {"type": "tag", "values": list(TAGS)}
        found = await self._in_own_world(_RUN % json.dumps(only))
        return Seen(
            tuple(tuple(each) for each in found["violations"]),
            tuple(tuple(each) for each in found["incomplete"]),
            frozenset(found["rules"]),
        )

    async def _in_own_world(self, expression: str) -> Any:
        tree = await self.session.send("Page.getFrameTree")
        frame = tree["frameTree"]["frame"]
        document = f"{frame['id']} {frame['loaderId']}"
        if document not in self._worlds:
            made = await self.session.send("Page.createIsolatedWorld", {"frameId": frame["id"], "worldName": "axe"})
            self._worlds[document] = made["executionContextId"]
            await self._evaluate(document, _SOURCE.read_text("utf-8"))
        return await self._evaluate(document, expression)

    async def _evaluate(self, document: str, expression: str) -> Any:
        asked = {
            "expression": expression, "contextId": self._worlds[document], "awaitPromise": True, "returnByValue": True,
        }  # fmt: skip
        answer = await self.session.send("Runtime.evaluate", asked)
        if "exceptionDetails" in answer:
            raise AssertionError(f"axe did not run: {answer['exceptionDetails']}")
        return answer["result"].get("value")
