"""What went wrong, for people and for software: sentences, and for a refusal or a finding each reason apart.

The sentences of a refusal come from `zegel_protocol.texts`; nothing here ever holds what was found in a text.
"""

from collections.abc import Iterable
from typing import Any, Final

from zegel.cli.language import spoken
from zegel.content.errors import ContentError
from zegel.content.finding import Finding, Matter
from zegel.errors import ContentFound, Refused, RelayProblem, ZegelError
from zegel_keys.keystore.errors import KeystoreError
from zegel_protocol.errors import ProtocolError

_KNOWN: Final[dict[str, tuple[str, ...]]] = {
    "directory.missing": (
        "No directory of this Huis is in force yet.",
        "Nothing was sent.",
        "The steward publishes it (`zegel steward publish`); then try again.",
    ),
    "root.missing": (
        "This relay has nothing of the Huis yet.",
        "Nothing was sent.",
        "Check the relay's address; the steward begins with `zegel steward admit --relay`.",
    ),
    "root.foreign": (
        "These are not the roots that this Huis was founded with: the relay is of another Huis, or it lies.",
        "It was not used, and nothing was changed.",
        "Check the relay's address (--relay, ZEGEL_RELAY) and huis.json.",
    ),
    "log.split": (
        "This relay has shown two logs that are not one: it, or somebody on the line, is lying.",
        "What was opened before stays as it was; nothing more is believed of it.",
        "Keep this keystore as it is, and tell the steward.",
    ),
    "request.unknown": (
        "This partner asked for no such consent, or not of these people.",
        "Nothing was signed or sent.",
        "Ask first: `zegel consent ask`; give --about the people that it asked.",
    ),
}
"""What to do where a code leaves no doubt."""


_DO: Final[dict[str, str]] = {
    "log.set-back": "Try again; `zegel sent --lost` shows which of your messages the relay lost: send those anew.",
}
"""What to do in the words of this command, where the SDK's own name its functions."""


def explain(error: Exception) -> tuple[str, tuple[str, ...]]:
    """Return an expected error's code and sentences."""
    if isinstance(error, Refused):
        return error.code, refusal_lines(error)
    if isinstance(error, RelayProblem):
        return error.code, (f"The relay did not do it: {error.what.rstrip('.')} ({error.code}).",)
    if isinstance(error, ContentFound):
        return error.code, (*map(finding_line, error.findings), error.safe, error.do)
    if isinstance(error, ZegelError):
        return error.code, tuple(part for part in (error.what, error.safe, _DO.get(error.code, error.do)) if part)
    if isinstance(error, KeystoreError):
        return error.code, (error.detail,)
    if isinstance(error, ProtocolError) and error.code in _KNOWN:
        return error.code, _KNOWN[error.code]
    if isinstance(error, ContentError):
        # Also met when reading: so nothing is said here of what was sent.
        return error.code, (f"The content is not as it should be: {error.detail} ({error.code}).",)
    if isinstance(error, ProtocolError):
        where = f" at {error.path}" if error.path else ""
        what = f"What was given or fetched does not hold{where}: {error.detail or error.code} ({error.code})."
        return error.code, (
            what,
            "It was not used, and nothing was changed.",
            "Mend it, or get it anew from its maker.",
        )
    if isinstance(error, OSError) and error.filename is not None:
        what = f"{error.filename} cannot be used: {error.strerror or type(error).__name__}."
        return "file.unusable", (what, "Check its name, and who may read and write it.")
    what = getattr(error, "strerror", None) or str(error)
    return "system.failed", (f"The system could not do it: {what}.", "Mend that, and try again.")


def more_of(error: Exception) -> dict[str, Any]:
    """Return what software needs of an error beside its code and words."""
    if isinstance(error, Refused):
        return {"refusals": refusal_facts(error)}
    if isinstance(error, ContentFound):
        return {"findings": finding_facts(error.findings)}
    if isinstance(error, ZegelError):
        return {"what": error.what, "safe": error.safe, "do": error.do}
    return {}


def refusal_lines(refused: Refused) -> tuple[str, ...]:
    """Return a refusal as people read it: each reason with its step and code, then once what is safe."""
    lines, safe = [], []
    for refusal, sentence in zip(refused.refusals, refused.said(spoken()), strict=True):
        lines.append(f"\u2717 {sentence.what}\n  \u2192 {sentence.do}\n  ({refusal.code.value} at {refusal.path})")
        safe.append(sentence.safe)
    return (*dict.fromkeys(lines), *dict.fromkeys(safe))


def refusal_facts(refused: Refused) -> list[dict[str, Any]]:
    """Return each refusal as JSON has it: code, place, parameters, the step, and the three sentences."""
    return [
        {
            "code": refusal.code.value,
            "path": refusal.path,
            "params": {param.name: param.value for param in refusal.params},
            "step": refusal.mend.step.value,
            "about": list(refusal.mend.what),
            "what": sentence.what,
            "safe": sentence.safe,
            "do": sentence.do,
        }
        for refusal, sentence in zip(refused.refusals, refused.said(spoken()), strict=True)
    ]


def finding_facts(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as JSON has them: where they stand, never what they say."""
    return [
        {
            "code": item.code.value, "severity": item.severity, "section": item.section, "field": item.field,
            "start": item.start, "end": item.end,
        }
        for item in findings
    ]  # fmt: skip


_MATTER: Final = {
    Matter.NATIONAL_NUMBER: "a national number",
    Matter.IBAN: "a bank account number",
    Matter.EMAIL: "an e-mail address",
    Matter.PHONE: "a telephone number",
    Matter.ADDRESS: "an address",
    Matter.KNOWN_NAME: "a name of the client",
    Matter.BIRTH_DATE: "a date of birth",
    Matter.NO_REASON: "a motivation that does not say why",
}


def finding_line(finding: Finding) -> str:
    """Return a finding as people read it; what was found is not repeated."""
    field, unit = finding.field.removeprefix("$."), "bytes" if finding.field == "data" else "characters"
    where = f"{finding.section}, {field}, {unit} {finding.start + 1} to {finding.end}"
    ends = " It may not be sent." if finding.severity == "refuse" else ""
    return f"- {where}: this looks like {_MATTER[finding.code]}.{ends}"
