"""What is shared, as the tables write it: `money: three bailiffs; ask (short): a buddy; growth of Noor: sleeps badly`.

Items stand apart by a semicolon. `money file: letter.pdf` is a real PDF of that name. `parenting of Noor kept from
father (other-parents-words): ...` is withheld from him for that reason. Never here: who sends it, and why.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from fpdf import FPDF

from e2e.scenarios.tables import names_in
from zegel import Draft

_ITEM = re.compile(
    r"(?P<type>[a-z-]+)(?P<file> file)?(?: \((?P<form>[a-z ]+)\))?(?: of (?P<about>[\w, ]+?))?"
    r"(?: kept from (?P<kept>\w+) \((?P<reason>[a-z-]+)\))?: (?P<text>.+)",
    re.DOTALL,
)


def write(draft: Draft, what: str, people: Mapping[str, str], folder: Path) -> Draft:
    """Add what a cell says to a draft; `people` are ids by name, files are made in `folder`. Raises `ValueError`."""
    for item in filter(None, (part.strip() for part in what.split(";"))):
        found = _ITEM.fullmatch(item)
        if found is None:
            raise ValueError(f"this says nothing that can be shared: {item!r}")
        about = [people[name] for name in names_in(found["about"])] if found["about"] else None
        withheld = {people[found["kept"]]: found["reason"]} if found["kept"] else None
        if found["file"]:
            draft.file(found["type"], _letter(folder, found["text"]), about=about, withheld=withheld)
        else:
            form = (found["form"] or "whole").replace(" ", "-")
            draft.note(found["type"], found["text"], form=form, about=about, withheld=withheld)
    return draft


def scopes(what: str) -> list[tuple[str, str]]:
    """Return the (type, form) pairs of a list such as `who, contact, ask (short)`."""
    found = re.findall(r"([a-z-]+)(?: \(([a-z ]+)\))?", what)
    return [(kind, (form or "whole").replace(" ", "-")) for kind, form in found]


def _letter(folder: Path, name: str) -> Path:
    path = folder / name
    letter = FPDF(format="A4")
    letter.add_page()
    letter.set_font("helvetica", size=11)
    letter.cell(0, 8, f"A letter: {path.stem}")
    letter.output(str(path))
    return path
