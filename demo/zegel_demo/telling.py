"""How a story is told in a terminal: short scenes, what each party sees, plain also without colour."""

from collections.abc import Iterable

from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from zegel import Refused
from zegel_protocol.texts.catalogue import has
from zegel_protocol.texts.labels import type_in_words
from zegel_protocol.texts.refusal_text import Sentence


class Teller:
    """Tells a story; whatever it prints was given to it by what really happened."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._scene = 0

    def title(self, text: str, below: str) -> None:
        """Print the title of the story."""
        self._console.print()
        self._console.print(Text(text, style="bold"))
        self._console.print(Text(below, style="dim"))

    def scene(self, text: str) -> None:
        """Begin a scene."""
        self._scene += 1
        self._console.print()
        self._console.print(Rule(Text(f"{self._scene}. {text}", style="bold"), align="left", style="dim"))

    def say(self, text: str) -> None:
        """Print a sentence of the story."""
        self._indented(Text(text), 0)

    def fact(self, name: str, value: object) -> None:
        """Print something that can be checked: a size, a code, an id."""
        line = Text(f"{name}: ", style="dim")
        line.append(str(value), style="cyan")
        self._indented(line, 3)

    def page(self, heading: str, lines: Iterable[str]) -> None:
        """Print what somebody reads on their screen, as they read it."""
        body = Text("\n".join(lines))
        self._console.print(Panel(body, title=Text(heading), title_align="left", border_style="green", padding=(0, 2)))

    def refused(self, by: str, refusal: Refused) -> None:
        """Print every reason of a refusal, with the step that would mend it."""
        self._console.print(Text(f"   Refused by {by}:", style="bold red"))
        for item, sentence in zip(refusal.refusals, refusal.sentences, strict=True):
            self._reason(item.code.value, item.path, sentence)

    def _reason(self, code: str, path: str, sentence: Sentence) -> None:
        line = Text("   ✗ ", style="red")
        line.append(code, style="bold red")
        line.append(f"  at {path}", style="dim")
        self._console.print(line)
        self._indented(Text(f"{sentence.what} {sentence.safe}"), 5)
        self._indented(Text(f"→ {sentence.do}", style="green"), 5)

    def _indented(self, text: Text, spaces: int) -> None:
        """Print text with every line indented, and no blanks at its end."""
        for line in text.wrap(self._console, self._console.width - spaces):
            line.rstrip()
            self._console.print(Text(" " * spaces).append_text(line))


def titled(kind: str, content: str) -> str:
    """Return a part as people read it: `Geld en schulden: ...`; a file has its own name, which stays as it is."""
    known = has("nl", f"part.{kind}") or has("nl", f"category-plain.{kind}")
    if not known:
        return f"{kind}: {content}"
    words = type_in_words("nl", kind, "plain")
    return f"{words[:1].upper()}{words[1:]}: {content}"
