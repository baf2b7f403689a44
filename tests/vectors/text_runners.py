"""The texts that no digest depends on: notice pages, what is owed, the code of ethics, in words that a vector brings.

These words may be made better at any time, so a vector holds those that it was made with: what it fixes is which lines
stand, in which order, and how they are filled in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import msgspec

from zegel_protocol import encoding
from zegel_protocol.api import DeadlineItem
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Conference, Consent, Countersignature, Entry, Manifest, Rulebook
from zegel_protocol.texts import catalogue
from zegel_protocol.texts.code_text import render_code
from zegel_protocol.texts.notice_facts import Line, NoticeFacts, Opened, Said
from zegel_protocol.texts.notice_text import render_notice
from zegel_protocol.texts.owed_text import owed_in_words, state_in_words

Fields = dict[str, Any]


def run_notice_text(given: Fields) -> Fields:
    """The notice page of one message for one person."""
    with spoken(given):
        return {"lines": [line_fields(line) for line in notice_of(given)]}


def run_owed_text(given: Fields) -> Fields:
    """What somebody owes by when, and how it stands."""
    with spoken(given):
        owed = owed_in_words(
            given["language"],
            given["kind"],
            given.get("due"),
            owner=given["owner"],
            other=given.get("other", ""),
            number=given.get("number", 0),
        )
        return {"text": state_in_words(given["language"], owed, given["state"])}


def run_code_text(given: Fields) -> Fields:
    """The code of ethics as everyone meets it."""
    with spoken(given):
        return {"lines": render_code(_read(given["rulebook"], Rulebook), given["language"])}


def notice_of(given: Fields) -> list[Line]:
    """Return the lines of a notice page, from the fields of the wire and of `NoticeFacts`."""
    manifest, rulebook = _read(given["manifest"], Manifest), _read(given["rulebook"], Rulebook)
    entries = [_read(entry, Entry) for entry in given["entries"]]
    return render_notice(manifest, entries, _facts(given["facts"]), rulebook, given["language"])


def line_fields(line: Line) -> Fields:
    """Return a line as vectors write it."""
    fields = {"section": line.section, "text": line.text}
    return {**fields, "action": line.action} if line.action is not None else fields


@contextmanager
def spoken(given: Fields) -> Iterator[None]:
    """Let the vector's own words be all the words that there are."""
    words = {f"{section}.{key}": text for section, keys in given["words"].items() for key, text in keys.items()}

    def of(language: str) -> dict[str, str]:
        if language != given["language"]:
            raise ProtocolError("text.language", f"no words of {language!r}")
        return words

    with mock.patch.object(catalogue, "catalogue", of):
        yield


def _read(fields: Fields, kind: type[Any]) -> Any:
    return encoding.decode(encoding.encode(fields), kind)


def _facts(given: Fields) -> NoticeFacts:
    conference = given.get("conference")
    return NoticeFacts(
        person=given["person"],
        children=frozenset(given.get("children", ())),
        accepted_at=given["accepted_at"],
        now=given["now"],
        names=given["names"],
        functions=given["functions"],
        sector=given.get("sector"),
        consents=[_read(item, Consent) for item in given.get("consents", ())],
        opened=[Opened(**item) for item in given.get("opened", ())],
        codes=given.get("codes", ()),
        done=given.get("done", ()),
        said=msgspec.convert(given.get("said", ()), list[Said]),
        deadlines=msgspec.convert(given.get("deadlines", ()), list[DeadlineItem]),
        conference=None if conference is None else _read(conference, Conference),
        stopped=given.get("stopped", False),
        looked=[_read(item, Countersignature) for item in given.get("looked", ())],
    )
