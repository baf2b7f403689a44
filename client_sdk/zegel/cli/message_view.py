"""An opened message as the command shows it: to people in lines, to software as JSON. Content goes nowhere else."""

from collections.abc import Mapping
from typing import Any

import msgspec

from zegel.cli.console import moment
from zegel.cli.reasons import finding_facts, finding_line
from zegel.message import Message
from zegel.section import Section
from zegel_protocol.objects.manifest import PlanStep


def facts_of(message: Message, saved: Mapping[int, str], acknowledged: bool) -> dict[str, Any]:
    """Return the message as JSON; `saved`: where the files were saved, by the section's place."""
    manifest = message.manifest
    return {
        "manifest": message.d, "id": manifest.id, "kind": manifest.kind, "purpose": manifest.purpose,
        "from": message.sender, "from_name": message.sender_name, "accepted_at": message.place.at,
        "household": manifest.household, "about": list(message.about), "thread": message.thread,
        "from_person": message.from_person, "answers": manifest.answers,
        "steps": msgspec.to_builtins(manifest.steps),
        "carried": msgspec.to_builtins(manifest.carried), "follow_up": msgspec.to_builtins(manifest.follow_up),
        "sections": [
            section_facts(section, n, saved.get(place))
            for place, (section, n) in enumerate(zip(message.sections, _numbers(message), strict=True))
        ],
        "findings": finding_facts(message.findings), "acknowledged": acknowledged,
        "expired_directory": message.expired_directory,
    }  # fmt: skip


def _numbers(message: Message) -> list[int]:
    """Return the entry number of each section, in their order."""
    return [held.payload.n for held in message.entries if message.manifest.to in held.payload.readers]


def section_facts(section: Section, n: int | None, saved: str | None) -> dict[str, Any]:
    """Return a section as JSON; `n` is its number in the message, `saved` where its file was saved."""
    facts: dict[str, Any] = {
        "n": n, "type": section.type, "form": section.form, "about": list(section.about),
        "withheld": dict(section.withheld),
    }  # fmt: skip
    if section.note is not None:
        return {**facts, "note": msgspec.to_builtins(section.note)}
    return {**facts, "file": {"name": section.name, "media": section.media, "size": section.size, "saved": saved}}


def lines_of(message: Message, saved: Mapping[int, str]) -> list[str]:
    """Return the message as people read it."""
    manifest = message.manifest
    sender = f"the client {message.sender}" if message.from_person else f"{message.sender_name} ({message.sender})"
    lines = [
        f"From     {sender}",
        f"What     {manifest.kind}, for {manifest.purpose}, accepted {moment(message.place.at)}",
        f"About    {', '.join(message.about)}",
    ]
    if message.expired_directory:
        lines.append("Mind     the directory of the Huis has expired; only an alarm goes on. Phone to be sure")
    lines += [f"Agreed   {item.code}{f' by {moment(item.due)}' if item.due else ''}" for item in manifest.follow_up]
    if manifest.answers is not None:
        kind = message.answers.kind if message.answers is not None else "message"
        lines.append(f"Answers  the {kind} {manifest.answers}")
    lines += [_step_line(step) for step in manifest.steps]
    for place, (section, n) in enumerate(zip(message.sections, _numbers(message), strict=True)):
        lines += ["", *section_lines(section, n, saved.get(place))]
    if message.findings:
        lines += ["", "Look at this before you copy it anywhere:", *map(finding_line, message.findings)]
    return lines


def _step_line(step: PlanStep) -> str:
    """Return who takes a step, with whom and by when; what it is stands in the part `steps`."""
    named = [item.partner or "the client" for item in (step.by, *step.others)]
    together = f" with {', '.join(named[1:])}" if named[1:] else ""
    return f"Step {step.n}   {named[0]}{together}, by {moment(step.due)}"


def section_lines(section: Section, n: int | None, saved: str | None) -> list[str]:
    """Return a section as people read it."""
    number = "" if n is None else f"{n}. "
    lines = [f"{number}{section.type}{'' if section.form == 'whole' else f' ({section.form})'}"]
    if section.note is None:
        lines.append(f"  {section.name}, {size_in_words(section.size)}: {saved or 'not saved'}")
    else:
        lines += [f"  {line}" for line in _note_lines(msgspec.to_builtins(section.note))]
    return lines + [f"  kept from {person}: {reason}" for person, reason in section.withheld.items()]


def _note_lines(fields: Mapping[str, Any]) -> list[str]:
    """Return a note's text, then what else it says, field by field."""
    lines = str(fields.get("text", "")).splitlines()
    for name, value in fields.items():
        if name == "text" or value is None or value in ([], ()):
            continue
        if isinstance(value, (list, tuple)):
            lines += [f"{name}: {', '.join(f'{key} {item}' for key, item in part.items())}" for part in value]
        else:
            said = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
            lines.append(f"{name.replace('_', ' ')}: {said}")
    return lines


def size_in_words(size: int) -> str:
    """Return a number of bytes as people read it: `12 bytes`, `34 kB`, `1.2 GB`."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= step:
            return f"{size / step:.1f} {unit}" if size < 10 * step else f"{size // step} {unit}"
    return f"{size} bytes"
