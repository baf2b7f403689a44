"""The code of ethics as everyone meets it before their first yes, in short sentences of daily words (article 2).

The partners' own text is theirs, a file that the rulebook names by its digest. What stands here is what it means for a
client; the version says which file is the whole of it.
"""

from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.texts.catalogue import phrase

LINES = ("told", "need", "first", "secret", "together", "danger", "complain")
"""What it means for a client, in the order in which it is read."""


def render_code(rulebook: Rulebook, language: str) -> list[str]:
    """Return the lines: a title, what it means for a client, and which version is the whole of it.

    Raises `ProtocolError` (`text.language`, `text.param`).
    """
    title = phrase(language, "code.title", huis=rulebook.name)
    lines = [phrase(language, f"code.{line}") for line in LINES]
    return [title, *lines, phrase(language, "code.whole", code=rulebook.code_version)]


def code_reminder(rulebook: Rulebook, language: str, due: str, *, late: bool) -> list[str]:
    """Return what a worker reads who has not accepted the code in force; `due` is a day in words (`texts.dates`).

    Raises as `render_code`.
    """
    key = "code-reminder.late" if late else "code-reminder.due"
    lines = [phrase(language, key, code=rulebook.code_version, due=due)]
    return [*lines, phrase(language, "code-reminder.always")] if late else lines
