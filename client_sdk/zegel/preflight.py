"""What a draft meets before anything is sealed: the refusals of the rules and the findings of the checks."""

from dataclasses import dataclass

from zegel.content.finding import Finding
from zegel_protocol.refusal import Refusal


@dataclass(frozen=True)
class Preflight:
    """What stands between a draft and its sending: rules that refuse it, and matter that does not belong in it.

    `findings` of severity *warn* are questions to the worker; they do not stop it.
    """

    refusals: tuple[Refusal, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether it may be sent as it is."""
        return not self.refusals and not any(item.severity == "refuse" for item in self.findings)
