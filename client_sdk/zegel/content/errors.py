"""What is raised when content is not what its section declares. Codes and counts, never a word of the content itself.

Content is about clients, and an error ends up in logs, tickets and tracebacks. So details are written here from facts
(a field's path, a number of characters), and the library errors that would quote the input are not chained.
"""

from enum import StrEnum
from typing import Any, SupportsIndex

from zegel_protocol.errors import ProtocolError


class ContentCode(StrEnum):
    """Why content is refused. Closed list; `docs/spec/content.md` documents each."""

    MALFORMED = "content.malformed"
    SCHEMA = "content.schema"
    TYPE = "content.type"
    FORM = "content.form"
    TOO_LONG = "content.too-long"
    NAME = "content.name"
    MEDIA = "content.media"
    TOO_LARGE = "content.too-large"
    MAGIC = "content.magic"
    TRAILING = "content.trailing"
    POLYGLOT = "content.polyglot"
    ACTIVE = "content.active"
    OPAQUE = "content.opaque"
    CHANGED = "content.changed"


class ContentError(ProtocolError):
    """Plaintext content is malformed, of another shape than declared, too much, or dangerous to open.

    `path` names a field (`$.items[0].what`). `found` and `limit` are characters (`content.too-long`) or bytes
    (`content.too-large`), and None for every other code.
    """

    def __init__(
        self, code: str, detail: str = "", path: str = "", found: int | None = None, limit: int | None = None
    ) -> None:
        super().__init__(code, detail, path)
        self.found = found
        self.limit = limit

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return type(self), (self.code, self.detail, self.path, self.found, self.limit)
