"""The client of the page, driven function by function in a browser, on a page without views (`driver.ts`)."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error

from e2e.portal.browser import Device


class Failed(Exception):
    """The client threw; `code` is its own, or the name of the browser's error."""

    def __init__(self, code: str, stack: str = "") -> None:
        super().__init__(f"{code}\n{stack}")
        self.code = code


# Every error leaves the page as its code: what a browser says of it differs.
_RUN = """async ([work, given]) => {
  const run = (0, globalThis.client.functions[work]);
  try {
    return { value: await run(given) };
  } catch (error) {
    return { code: typeof error.code === "string" ? error.code : error.name, stack: String(error.stack) };
  }
}"""


@dataclass
class Driven:
    """One phone in a browser. What it was asked last is in the page's memory, and gone with the next `visit`."""

    device: Device

    async def begin(self, address: str) -> tuple[str, ...]:
        """Answer the code on a worker's screen; return the six words to compare."""
        await self.device.visit(address)
        return tuple(await self.ask("begin", address))

    async def finish(self) -> dict[str, Any]:
        """Co-sign the record and come in; return its words and from when it counts."""
        return dict(await self.ask("finish"))

    async def log_in(self) -> str:
        """Open the page anew and come in with a passkey; return whose phone it is."""
        await self.device.visit()
        return str(await self.ask("logIn"))

    async def come_in(self, code: str) -> str:
        """Open the page anew and come in with a code from paper; return whose phone it is."""
        await self.device.visit()
        return str(await self.ask("comeIn", code))

    async def make_code(self) -> str:
        """Have a code made for paper."""
        return str(await self.ask("makeCode"))

    async def ask(self, work: str, given: object = None) -> Any:
        """Run one function of the driver. Raises `Failed`."""
        await self.device.page.wait_for_function("() => globalThis.client !== undefined")
        try:
            answer = await self.device.page.evaluate(_RUN, [work, given])
        except Error as error:
            raise Failed("page") from error
        if "code" in answer:
            raise Failed(answer["code"], answer["stack"])
        return answer.get("value")
