"""The relay's own log lines: one JSON object a line on standard error, from a closed list of fields.

Nothing of a request but its method, the *template* of its route, its status and how long it took. A message of an
exception may quote what a client sent, so it never gets here: the type and the places in the code do.
"""

import json
import logging
import sys
import traceback
from typing import Final

FIELDS: Final = ("method", "route", "status", "ms", "code", "stage", "error", "accepted", "address")
"""What a log line may say besides time, level, logger and event; set through `extra`."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Arguments are not merged in, except for the database's statements, which hold none."""
        line: dict[str, object] = {
            "at": round(record.created, 3),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": str(record.msg) if record.name.startswith("zegel_relay") else _foreign(record),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["where"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=True)


def configure(trace: bool) -> None:
    """Send all logs to standard error as JSON lines; with `trace` also batches and SQL statements."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("zegel_relay").setLevel(logging.DEBUG if trace else logging.INFO)
    # The engine hides parameters (`storage.database`), so a statement is text of this program.
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO if trace else logging.WARNING)


def _foreign(record: logging.LogRecord) -> str:
    """Return what a library's record may say here: a statement of the database, else the unfilled template.

    Of a template only the first line: asyncio adds the text of a lost exception in the lines that follow.
    """
    if record.name.startswith("sqlalchemy.engine"):
        return record.getMessage()
    return str(record.msg).partition("\n")[0]
