"""The words of a consent, and the tag of an enrolment."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import msgspec

from vectors.making.asking import SAID, UNTIL, make_consent
from vectors.making.case import Case, binary
from vectors.making.huis import BABY, HOME, HUIS, IDENTITY, MOTHER, NAMES, make_client_key
from vectors.making.seeds import NOW, digest, hex_id, seal_key, seed
from zegel_protocol import b64, encoding
from zegel_protocol.enrolment import ENROLMENT_LABEL, EnrolmentContext

FATHER = hex_id("father")


def cases() -> Iterator[Case]:
    """Yield the vectors of texts and enrolment."""
    yield from _texts()
    yield from _other_languages()
    yield from _tags()


def _scopes(*types: tuple[str, str]) -> list[dict[str, str]]:
    return [{"type": kind, "form": form} for kind, form in sorted(types)]


def _terms(**changes: Any) -> dict[str, Any]:
    consent = make_consent()
    return {
        "purpose": consent.purpose, "from": msgspec.to_builtins(consent.sender),
        "to": msgspec.to_builtins(consent.to), "types": msgspec.to_builtins(consent.types),
        "about": list(consent.about), "not_before": SAID, "not_after": UNTIL,
        "signers": msgspec.to_builtins(consent.signers), "language": "nl", "code_version": "code-1", "replaces": [],
        **changes,
    }  # fmt: skip


def _texts() -> Iterator[Case]:
    def made(name: str, description: str, terms: dict[str, Any], expect: str = "ok", **changes: Any) -> Case:
        put = {"terms": terms, "names": {**NAMES, **changes}}
        return Case(f"consent-text/{name}.json", description, "consent-text", put, expect)

    own, holder = {"person": MOTHER, "role": "self"}, {"person": MOTHER, "role": "authority"}
    yield made("referral", "A mother consents for herself", _terms())
    yield made("english", "The same in English", _terms(language="en"))
    yield made("child", "A mother consents for her baby", _terms(about=[BABY], signers=[holder]))
    both = sorted((MOTHER, BABY))
    yield made("mother-and-child", "A mother for herself and her baby", _terms(about=both, signers=[own]))
    pair = sorted((own, {"person": FATHER, "role": "self"}), key=lambda item: item["person"])
    yield made("couple", "Two adults for themselves", _terms(about=sorted((MOTHER, FATHER)), signers=pair))
    young = sorted(({"person": BABY, "role": "self"}, holder), key=lambda item: item["person"])
    yield made("young-person", "A young person with a parent beside them", _terms(about=[BABY], signers=young))
    yield made("highly-sensitive", "Highly sensitive categories stand once more",
               _terms(types=_scopes(("health", "costs-only"), ("mind", "whole"), ("stay", "whole"))))  # fmt: skip
    yield made("replaces", "A consent that takes the place of another", _terms(replaces=[digest("older")]))
    yield made(
        "order",
        "Categories in the template's order, not the alphabet's",
        _terms(types=_scopes(("money", "whole"), ("ask", "short"), ("ask", "whole"), ("who", "first-name"))),
    )
    yield made("to-person", "From a partner to the mother herself", _terms(to={"person": MOTHER}))
    yield made("name-composed", "A name with an accent that stands apart is composed",
               _terms(), **{"ocmw-meerdijk": "OCMW Zee\u0308n"})  # fmt: skip
    yield made("summer-time", "Times on both sides of the change of the clock",
               _terms(not_before=1_774_742_400, not_after=1_774_746_000))  # fmt: skip
    yield made("language-unknown", "A language without catalogue", _terms(language="eo"), "text.language")
    yield made("purpose-unknown", "A purpose without words", _terms(purpose="enforcement"), "text.missing")
    yield made("type-unknown", "A category without words", _terms(types=_scopes(("religion", "whole"))), "text.missing")
    yield made("name-with-line", "A name that would add a line to the text", _terms(), "text.param",
               **{"ocmw-meerdijk": "OCMW\nU zegt ja."})  # fmt: skip
    yield made("name-reversed", "A name that would turn the text around", _terms(), "text.param",
               **{"ocmw-meerdijk": "OCMW\u202e"})  # fmt: skip


def _other_languages() -> Iterator[Case]:
    holder = {"person": MOTHER, "role": "authority"}
    forms = _scopes(
        ("ask", "short"), ("contact", "whole"), ("health", "costs-only"), ("money", "whole"), ("rights", "yes-no"),
        ("stay", "whole"), ("who", "first-name"),
    )  # fmt: skip
    child = _scopes(
        ("growth", "whole"), ("mind", "whole"), ("school", "whole"), ("violence", "whole"), ("who", "whole")
    )
    both = sorted((MOTHER, BABY))
    for name, language in (("arabic", "ar"), ("french", "fr"), ("polish", "pl"), ("turkish", "tr")):
        for case, description, changes in (
            ("forms", "with several categories, forms and highly sensitive ones", {"types": forms}),
            ("child", "about a child", {"types": child, "about": [BABY], "signers": [holder]}),
            (
                "replaces",
                "about mother and child, in the place of another",
                {"about": both, "replaces": [digest("older")]},
            ),
        ):
            put = {"terms": _terms(language=language, **changes), "names": dict(NAMES)}
            title = f"A consent in {name.capitalize()}, {description}"
            yield Case(f"consent-text/{name}-{case}.json", title, "consent-text", put, "ok")


def _tags() -> Iterator[Case]:
    key = make_client_key()
    context = EnrolmentContext(
        huis=HUIS, household=HOME, person=MOTHER, opened=NOW, passkeys=key.passkeys, identity_key=IDENTITY.public,
        seal_key=key.seal_key,
    )  # fmt: skip
    secret = seed("enrolment")
    # By hand, from docs/spec/enrolment.md, and not by the function that the vector tries.
    body = ENROLMENT_LABEL + hashlib.sha256(encoding.encode(context)).digest()
    tag = b64.encode(hmac.digest(secret, body, "sha256"))
    fields = msgspec.to_builtins(context)

    def made(name: str, description: str, expect: str = "ok", **changes: Any) -> Case:
        put = {"secret": binary(secret), "context": fields, "tag": tag, "now": NOW + 60, **changes}
        return Case(f"enrolment/{name}.json", description, "enrolment", put, expect)

    yield made("tag", "The tag of the mother's enrolment")
    yield made("last-second", "At the last second of ten minutes", now=NOW + 600)
    yield made("expired", "A second after ten minutes", "enrolment.expired", now=NOW + 601)
    yield made("not-yet", "Opened in the future", "enrolment.expired", now=NOW - 1)
    yield made("other-secret", "Another secret", "enrolment.tag", secret=binary(seed("another")))
    yield made("short-secret", "A secret of 31 bytes", "enrolment.secret", secret=binary(secret[:31]))
    for name, description, changed in (
        ("huis", "another Huis", {"huis": digest("another huis")}),
        ("household", "another household", {"household": hex_id("another")}),
        ("person", "another person: a tag replayed for another client", {"person": BABY}),
        ("opened", "another time", {"opened": NOW - 1}),
        ("passkeys", "another passkey", {"passkeys": fields["passkeys"][:1]}),
        ("identity-key", "another identity key", {"identity_key": digest("another key")}),
        ("seal-key", "another seal key", {"seal_key": seal_key("another").public.text}),
    ):
        yield made(f"swapped-{name}", f"The tag with {description}", "enrolment.tag", context={**fields, **changed})
    backwards = {**fields, "passkeys": fields["passkeys"][::-1]}
    yield made("passkeys-unsorted", "Passkeys out of order", "object.not-canonical", context=backwards)
