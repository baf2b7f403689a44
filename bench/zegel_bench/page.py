"""The family's page in a real browser: what it weighs, how long until a notice can be read, how many taps a stop takes.

Elif's phone has the page of twelve days (`zegel_demo.stories.at_home`). What is weighed is counted by the browser as it
came over the wire, with its headers, from an empty cache; a slow phone is a processor that is throttled four times.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playwright.async_api import Browser

from e2e.portal.browser import Device, new_device, open_browser
from e2e.portal.pages import PATIENCE, Visitor
from zegel_demo.ports import free_port
from zegel_demo.stories.at_home import AtHome, at_home

SLOW = 4
_WATCH = """() => {
  let began = 0;
  const seen = new Promise((tell) => {
    new MutationObserver((_, watch) => {
      if (document.querySelector("article.told") === null) return;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => tell(performance.now() - began)));
    }).observe(document.body, {childList: true, subtree: true});
  });
  addEventListener("click", () => { began ||= performance.now(); }, {capture: true});
  window.firstNotice = seen;
}"""


@dataclass
class Weight:
    """What came over the wire: bytes of the page's `files` in so many `requests`, and of the relay's `data`."""

    files: int = 0
    requests: int = 0
    data: int = 0
    asked: int = 0


@dataclass(frozen=True)
class Seen:
    """What was measured of the page."""

    locked: Weight
    first: Weight
    first_notice_ms: list[float]
    first_notice_ms_slow: list[float]
    taps_to_revoke: int


@dataclass
class Wire:
    """The bytes of each request of a tab, by what it asked for."""

    urls: dict[str, str] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)

    @classmethod
    async def of(cls, device: Device) -> "Wire":
        """Begin to count, with an empty cache."""
        wire, session = cls(), device.session
        session.on("Network.requestWillBeSent", lambda it: wire.urls.update({it["requestId"]: it["request"]["url"]}))
        session.on(
            "Network.loadingFinished", lambda it: wire.bytes.update({it["requestId"]: int(it["encodedDataLength"])})
        )
        await session.send("Network.enable")
        await session.send("Network.clearBrowserCache")
        return wire

    def weight(self) -> Weight:
        """Return what came so far."""
        found = Weight()
        for request, size in self.bytes.items():
            url = self.urls.get(request, "")
            if not url.startswith("http"):
                continue
            if "/v1/" in url:
                found.data, found.asked = found.data + size, found.asked + 1
            else:
                found.files, found.requests = found.files + size, found.requests + 1
        return found


async def measure(rounds: int) -> Seen:
    """Return what is measured in so many rounds."""
    with tempfile.TemporaryDirectory(prefix="zegel-bench-page-") as folder:
        async with open_browser() as browser, at_home(Path(folder), free_port()) as home:
            visitor = await _phone(browser, home)
            wire = await Wire.of(visitor.device)
            await _locked(visitor)
            locked = wire.weight()
            times = [await _first_notice(visitor)]
            first = wire.weight()
            times += [await _again(visitor) for _ in range(rounds - 1)]
            await visitor.device.session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
            slow = [await _again(visitor) for _ in range(rounds)]
            await visitor.device.session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
            return Seen(locked, first, times, slow, await _taps(visitor, home))


async def _phone(browser: Browser, home: AtHome) -> Visitor:
    """Return Elif's phone: it came in with her printed code, and has a passkey of its own."""
    device = await new_device(browser, home.huis.origin)
    visitor = Visitor(device, home.household, home.elif_id)
    await device.visit("/#/paper")
    await device.page.locator("#code").fill(home.codes["Elif"])
    await device.page.locator("form button[type=submit]").click()
    await visitor.shown("h2", visitor.say("remember"))
    await visitor.press("remember-yes")
    await visitor.heading("page-timeline.title")
    return visitor


async def _locked(visitor: Visitor) -> None:
    await visitor.device.visit()
    await visitor.heading("welcome")
    await visitor.page.wait_for_load_state("networkidle")


async def _first_notice(visitor: Visitor) -> float:
    """Return the milliseconds from the tap that opens until a notice can be read."""
    await visitor.page.evaluate(_WATCH)
    await visitor.press("open")
    return float(await visitor.page.evaluate("window.firstNotice"))


async def _again(visitor: Visitor) -> float:
    """The same on a phone that was here before."""
    await _locked(visitor)
    return await _first_notice(visitor)


async def _taps(visitor: Visitor, home: AtHome) -> int:
    """Stop a yes, from the first page on; return how often was pressed. Raises `RuntimeError` if it stands."""
    before = len(await home.elif_phone.given())
    await _again(visitor)
    pressed = 0
    for key in ("go-yes", "stop", "stop-yes"):
        await visitor.press(key)
        pressed += 1
    done = visitor.page.locator("[role=status]", has_text=visitor.say("done-stopped"))
    await done.wait_for(timeout=PATIENCE)
    standing = [item for item in await home.elif_phone.given() if item.counts_for]
    if len(standing) >= before:
        raise RuntimeError("the relay has no revocation")
    return pressed


def figures(seen: Seen) -> dict[str, object]:
    """Return what is written as JSON; kB are thousands of bytes."""
    return {
        "portal.locked_kb": round(seen.locked.files / 1000, 1),
        "portal.locked_requests": seen.locked.requests,
        "portal.kb": round(seen.first.files / 1000, 1),
        "portal.requests": seen.first.requests,
        "portal.data_kb": round(seen.first.data / 1000, 1),
        "portal.data_requests": seen.first.asked,
        "portal.first_notice_ms": round(median(seen.first_notice_ms)),
        "portal.first_notice_ms_slow": round(median(seen.first_notice_ms_slow)),
        "portal.taps_to_revoke": seen.taps_to_revoke,
    }
