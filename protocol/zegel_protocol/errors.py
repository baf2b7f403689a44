"""The one family of errors that a parse or a check of foreign bytes may raise.

Whatever crosses a trust boundary fails as a `ProtocolError` with a stable code; no `ValueError`, `UnicodeDecodeError`,
`RecursionError` or library error leaks out of this package. Decisions about *allowed* or *refused* are not errors: they
are values, see `zegel_protocol.refusal`.
"""


class ProtocolError(Exception):
    """Foreign bytes or a foreign claim are not what the format says.

    `code` is stable and is what tests and callers compare; `detail` is for people and may change; `path` names the
    part of the object, where there is one.
    """

    def __init__(self, code: str, detail: str = "", path: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.path = path

    def __reduce__(self) -> tuple[type["ProtocolError"], tuple[str, str, str]]:
        return type(self), (self.code, self.detail, self.path)


class MalformedError(ProtocolError):
    """Bytes are not the one canonical encoding of an object (`docs/spec/encoding.md`)."""


class SignatureError(ProtocolError):
    """A signature is missing, wrong, or made by a key that the role does not have."""


class ChainError(ProtocolError):
    """An object does not follow the one before it: dropped, reordered, older than seen, or of another Huis."""


class LogError(ProtocolError):
    """A checkpoint or a proof of the transparency log does not hold (RFC 9162)."""


class SealError(ProtocolError):
    """A sealed section or a wrapped key does not open to what the manifest promised."""
