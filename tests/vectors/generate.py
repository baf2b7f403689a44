"""Writes the vectors that are not there yet, and never touches one that is: released vectors are append-only.

Run from the folder `tests`: `../.venv/bin/python -m vectors.generate`. What a case expects is stated by hand in
`vectors.making`; one that the implementation disagrees with is not written, and the run fails.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from vectors import vector_file
from vectors.making import (
    assertion_cases,
    case_cases,
    contact_cases,
    decide_cases,
    duty_cases,
    encoding_cases,
    enrolment_cases,
    envelope_cases,
    epoch_cases,
    http_cases,
    keyring_cases,
    log_cases,
    message_cases,
    notice_cases,
    object_cases,
    people_cases,
    sealing_cases,
    seed_cases,
    setting_cases,
    stop_code_cases,
    text_cases,
)
from vectors.making.case import Case
from vectors.runners import outcome
from vectors.vector_file import Vector

MODULES = (
    encoding_cases, envelope_cases, object_cases, sealing_cases, assertion_cases, text_cases, seed_cases, http_cases,
    log_cases, setting_cases, epoch_cases, case_cases, message_cases, decide_cases, duty_cases, enrolment_cases,
    contact_cases, people_cases, stop_code_cases, keyring_cases, notice_cases,
)  # fmt: skip


class Disagreement(Exception):
    """The implementation does something else than a case says."""


def all_cases() -> Iterator[Case]:
    """Yield every case; one that others refer to comes before them."""
    return chain.from_iterable(module.cases() for module in MODULES)


def build(case: Case) -> Vector:
    """Return the vector of a case, with its result. Raises `Disagreement`."""
    bare = Vector(description=case.description, format=case.format, input=case.input, expect=case.expect)
    got, result = outcome(bare)
    if got != case.expect:
        raise Disagreement(f"{case.path}: {got} where {case.expect} is expected")
    codes = sorted(item["code"] for item in (result or {}).get("refusals", ()))
    if codes != sorted(case.codes):
        raise Disagreement(f"{case.path}: refused for {codes} where {case.codes} are expected")
    return Vector(description=case.description, format=case.format, input=case.input, expect=case.expect, result=result)


def add(folder: Path, manifest: Path, cases: Iterable[Case]) -> list[str]:
    """Write the cases that have no file yet, list them in the manifest, and return their paths."""
    written = []
    for case in cases:
        file = folder / case.path
        if file.exists():
            continue
        data = vector_file.write(build(case))
        file.parent.mkdir(parents=True, exist_ok=True)
        # "x" fails on a file that appeared meanwhile: nothing here can overwrite.
        with file.open("xb") as sink:
            sink.write(data)
        with manifest.open("a", encoding="utf-8") as lines:
            lines.write(f"{hashlib.sha256(data).hexdigest()}  {case.path}\n")
        written.append(case.path)
    return written


def main() -> None:
    """Write what is new."""
    written = add(vector_file.FOLDER, vector_file.MANIFEST, all_cases())
    print("\n".join(written))
    print(f"{len(written)} new, {len(vector_file.paths()) - len(written)} left as they were", file=sys.stderr)


if __name__ == "__main__":
    main()
