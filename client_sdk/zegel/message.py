"""A message that was opened: every section in the clear, what it rests on, and what its checks found."""

from dataclasses import dataclass

from zegel.content.finding import Finding
from zegel.section import Section, close
from zegel_keys.casefile import CaseFile
from zegel_protocol.api import InboxPage
from zegel_protocol.objects import Entry, Manifest
from zegel_protocol.signed import Place, Signed


@dataclass(frozen=True)
class Waiting:
    """A message that waits: the log index it stands at, and its manifest's `D`.

    `urgent`: an alarm that nobody here has opened. `yours`: this device is called to it now.
    """

    index: int
    manifest: str
    urgent: bool = False
    yours: bool = False


def waiting_of(page: InboxPage) -> list[Waiting]:
    """Return what an inbox page shows, each message once, alarms first."""
    alarms = {item.manifest: Waiting(item.index, item.manifest, True, item.yours) for item in page.urgent}
    rest = [Waiting(item.index, item.manifest) for item in page.items if item.manifest not in alarms]
    return [*alarms.values(), *rest]


@dataclass(frozen=True, repr=False)
class Message:
    """An opened message. `repr` never shows content.

    `findings`: what the recipient's own checks found that does not belong there. `place`: where and when the relay
    accepted it. `receipt` and `wraps` are the `D` of what the reader was given, for acknowledgements.
    """

    d: str
    manifest: Manifest
    sender_name: str
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
    entries: tuple[Signed[Entry], ...]
    place: Place
    receipt: str
    wraps: str
    case: CaseFile

    def __repr__(self) -> str:
        return f"<Message {self.manifest.id} {self.manifest.kind} from {self.sender}: {len(self.sections)} sections>"

    def close(self) -> None:
        """Let go of its files: those that stand opened in the keystore's spool are removed. Save them before."""
        close(self.sections)

    @property
    def sender(self) -> str:
        """The sending partner's id, or the person's."""
        return self.manifest.sender.partner or self.manifest.sender.person or ""

    @property
    def thread(self) -> str:
        """The id of the message that began the conversation: this one's own if it began one."""
        return self.manifest.thread or self.manifest.id

    @property
    def from_person(self) -> bool:
        """Whether a client sent it, and not a partner."""
        return self.manifest.sender.person is not None

    @property
    def answers(self) -> Manifest | None:
        """The message that it answers by name, where the relay showed it."""
        held = self.case.manifests.get(self.manifest.answers or "")
        return held.payload if held is not None else None

    @property
    def expired_directory(self) -> bool:
        """Whether it is an alarm that came after the list of partners had expired, and no newer one was shown since.

        Only an alarm passes then. A newer list says who is a partner now, and by it this message was judged again.
        """
        return self.place.at >= self.case.setting.directory.payload.expires

    @property
    def about(self) -> tuple[str, ...]:
        """Everyone that any section is about."""
        return tuple(sorted({person for section in self.sections for person in section.about}))
