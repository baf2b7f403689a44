"""A relay in memory, for commands that ask and give: what it takes and shows is what a relay takes and shows.

It keeps the contract of `RelayClient`, and fails in both ways: without having stored what it was given, and with.
"""

from msgspec import Raw

from zegel.errors import RelayProblem, RelayUnreachable
from zegel.steward.known import read_known
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.trust import establish
from zegel_keys.verification import read_payload
from zegel_protocol.api import Bundle, Held
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Directory, Rulebook


class MemoryRelay:
    """`held` is what it accepted, in order. `fails`: how the next submission fails, `before` or `after` storing."""

    def __init__(self, huis: str) -> None:
        self.huis = huis
        self.held: list[Exhibit] = []
        self.asked: list[str] = []
        self.fails: str | None = None

    def __call__(self, origin: str) -> "MemoryRelay":
        """Stand in for `relay_access.visitor`."""
        self.asked.append(origin)
        return self

    async def __aenter__(self) -> "MemoryRelay":
        return self

    async def __aexit__(self, *error: object) -> None:
        return None

    async def check_clock(self) -> None:
        return None

    async def submit_object(self, envelope: bytes) -> bytes:
        failing, self.fails = self.fails, None
        if failing == "before":
            raise RelayUnreachable("The relay does not answer.", "It is kept.", "Try again.")
        item = read(envelope)
        if item.d not in {held.d for held in self.held}:
            self._judge(item)
            self.held.append(item)
        if failing == "after":
            raise RelayUnreachable("The relay does not answer.", "It is kept.", "Try again.")
        return b"{}"

    def _judge(self, item: Exhibit) -> None:
        try:
            if item.kind == Directory.KIND:
                made, last = read_payload(item.envelope, Directory)[0], self.directories()[-1:]
                if last and made.version != read_payload(last[0].envelope, Directory)[0].version + 1:
                    raise RelayProblem(409, "chain.gap", "A directory follows the one before it.")
                establish(self.huis, [*self.held, item], lambda _trust, _item: None)
            else:
                others = [held for held in self.held if held.kind != Directory.KIND]
                read_known(self.huis, [*others, item])
        except ProtocolError as error:
            raise RelayProblem(409, error.code, "The relay did not take it. Nothing was stored.") from error

    def directories(self) -> list[Exhibit]:
        return [item for item in self.held if item.kind == Directory.KIND]

    async def setting(self) -> Bundle:
        """Show roots, memberships and lists; the newest directory, its base, and the rulebook that it names."""
        newest = self.directories()[-1:]
        named = [read_payload(item.envelope, Directory)[0] for item in newest]
        wanted = {d for made in named for d in (made.rulebook, made.base)}
        shown = [item for item in self.held if item.kind not in (Directory.KIND, Rulebook.KIND) or item.d in wanted]
        return Bundle(items=tuple(Held(object=Raw(item.envelope)) for item in [*shown, *newest]))
