"""What goes wrong on the relay's own side: the database, the disk, or that it is stopping.

Never the fault of who asks, so never a `ProtocolError`: the API answers 503, and the same bytes may be sent again.
"""


class StorageError(Exception):
    """The relay could not store or read. `code` is stable; `detail` is for people and holds nothing of a request."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class NotMigrated(StorageError):
    """The tables are missing, or are not of this version."""


class Unavailable(StorageError):
    """Nothing was acknowledged; whether it was stored may be unknown, so the same bytes are to be sent again."""
