"""A real browser for the family's page: Chromium without a window, with an authenticator that answers by itself.

One browser serves many tests; each `Device` in it is a phone of its own: its storage, its passkeys, one tab.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, async_playwright

CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


@dataclass
class Device:
    """A phone: a browser profile with one tab and one authenticator. `trouble`: what its page wrote to the console.

    The authenticator is the tab's, so a phone that is put away and taken up again opens its page anew in the same tab
    (`visit`): nothing of the page's memory is left then, and all of the browser's storage.
    """

    context: BrowserContext
    page: Page
    origin: str
    session: CDPSession
    authenticator: str
    trouble: list[str] = field(default_factory=list)

    async def visit(self, address: str = "/") -> Page:
        """Open an address of the portal, a path or as a QR code holds it, with nothing left of the page before."""
        await self.page.goto("about:blank")
        await self.page.goto(address if address.startswith("http") else self.origin + address)
        return self.page

    async def passkeys(self) -> list[dict[str, Any]]:
        """Return the passkeys in the authenticator, as the browser describes them."""
        held = await self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return list(held["credentials"])

    async def touches(self, *, answers: bool) -> None:
        """Have the person touch whatever asks, or turn away from it."""
        asked = {"authenticatorId": self.authenticator, "isUserVerified": answers}
        await self.session.send("WebAuthn.setUserVerified", asked)

    async def close(self) -> None:
        """Throw the phone away."""
        await self.context.close()


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Yield a running browser; end it afterwards."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


async def new_device(browser: Browser, origin: str, *, prf: bool = True, language: str = "nl-BE") -> Device:
    """Return a phone that nothing was done with yet. `prf`: whether its authenticator knows that extension."""
    context = await browser.new_context(locale=language, viewport={"width": 390, "height": 844})
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "hasPrf": prf, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    device = Device(context, page, origin, session, str(made["authenticatorId"]))
    page.on("pageerror", lambda error: device.trouble.append(str(error)))
    page.on("console", lambda line: device.trouble.append(line.text) if _is_trouble(line) else None)
    return device


async def without_script(browser: Browser) -> Page:
    """Return a tab in a profile of its own that runs no script."""
    context = await browser.new_context(
        locale="nl-BE", viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    return await context.new_page()


def _is_trouble(line: ConsoleMessage) -> bool:
    # A browser notes every 401: a phone asks until its keys are known.
    return line.type == "error" and "status of 401" not in line.text
