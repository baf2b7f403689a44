"""The text of a consent: the very words that a client reads, or hears, before saying yes.

Made from the signed fields of the consent and the names of organisations alone, so that whoever checks a consent makes
the same text and compares its digest: what is signed is what was shown. No name of a person stands in it. What each
line says, and when it stands there, is in `docs/spec/texts.md`; another text is another template.
"""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from zegel_protocol import b64
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects.consent import ConsentSigner
from zegel_protocol.objects.consent_request import Flow
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope
from zegel_protocol.texts.catalogue import enumeration, phrase
from zegel_protocol.texts.dates import moment_in_words
from zegel_protocol.texts.labels import HIGHLY_SENSITIVE, Voice, reading_order, scope_in_words, type_in_words

TEMPLATE = "consent-1"
"""`ConsentRequest.template` of this text."""


class ConsentTerms(Protocol):
    """The fields of a consent that its text is made from; a `Consent` has them, and so has a `ConsentDraft`."""

    @property
    def purpose(self) -> str:
        """The one purpose."""

    @property
    def sender(self) -> Party:
        """Who shares."""

    @property
    def to(self) -> Party:
        """Who receives."""

    @property
    def types(self) -> Sequence[Scope]:
        """What may be shared, in which form."""

    @property
    def about(self) -> Sequence[str]:
        """Whom it is about."""

    @property
    def not_before(self) -> int:
        """Begin, in UTC seconds."""

    @property
    def not_after(self) -> int:
        """End, in UTC seconds."""

    @property
    def signers(self) -> Sequence[ConsentSigner]:
        """Who says yes, and as what."""

    @property
    def code_version(self) -> str:
        """The version of the code of ethics that was met."""

    @property
    def language(self) -> str:
        """The language of the text."""

    @property
    def replaces(self) -> Sequence[str]:
        """Consents that this one takes the place of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDraft:
    """What a consent will say, before its text digest and chains are known."""

    purpose: str
    sender: Party
    to: Party
    types: tuple[Scope, ...]
    about: tuple[str, ...]
    not_before: int
    not_after: int
    signers: tuple[ConsentSigner, ...]
    language: str
    code_version: str
    replaces: tuple[str, ...] = ()


def draft_of_flow(
    flow: Flow,
    *,
    about: tuple[str, ...],
    not_before: int,
    signers: tuple[ConsentSigner, ...],
    language: str,
    code_version: str,
    replaces: tuple[str, ...] = (),
) -> ConsentDraft:
    """Return what a consent to one flow of a request will say, if it is given as asked. Times in UTC seconds."""
    return ConsentDraft(
        purpose=flow.purpose,
        sender=flow.sender,
        to=flow.to,
        types=flow.types,
        about=about,
        not_before=not_before,
        not_after=flow.until,
        signers=signers,
        language=language,
        code_version=code_version,
        replaces=replaces,
    )


def text_digest(text: str) -> str:
    """Return SHA-256 of the text in NFC and UTF-8, as base64url: `Consent.text_digest`."""
    return b64.encode(hashlib.sha256(unicodedata.normalize("NFC", text).encode("utf-8")).digest())


def render_consent(terms: ConsentTerms, names: Mapping[str, str]) -> str:
    """Return the text of a consent in its language, lines separated by U+000A, in NFC.

    `names` are organisations' names by partner id, as their memberships named them when the consent was given. Raises
    `ProtocolError`: `text.language`, `text.missing` (a name, or words for a term), `text.param` (a name that is not
    plain text), `time.range`.
    """
    language = terms.language

    def say(key: str, **params: str) -> str:
        return phrase(language, f"consent.{key}", **params)

    sender = _party(terms.sender, terms, names)
    to = _party(terms.to, terms, names)
    about, voice = _about(terms)
    types = sorted(terms.types, key=lambda scope: scope.key.encode())
    ordered = [
        scope for kind in reading_order({scope.type for scope in types}) for scope in types if scope.type == kind
    ]
    highly = reading_order(HIGHLY_SENSITIVE.intersection(scope.type for scope in types))

    lines = [
        say("title", **{"from": sender, "to": to}),
        say("about", about=about),
        say("why", why=phrase(language, f"purpose-why.{terms.purpose}")),
        say("what"),
    ]
    lines += [say("item", item=scope_in_words(language, item.type, item.form, voice)) for item in ordered]
    if highly:
        items = [type_in_words(language, kind, voice) for kind in highly]
        lines.append(say("highly", items=enumeration(language, items)))
    lines += [
        say("not"),
        say("begin", begin=moment_in_words(language, terms.not_before, first=True)),
        say("until", until=moment_in_words(language, terms.not_after, first=True)),
    ]
    if terms.replaces:
        lines.append(say("replaces"))
    lines += [say("no"), say("stop", to=to), say("read"), say("code", code=terms.code_version)]
    return unicodedata.normalize("NFC", "\n".join(lines))


def _party(party: Party, terms: ConsentTerms, names: Mapping[str, str]) -> str:
    if party.partner is not None:
        name = names.get(party.partner)
        if name is None:
            raise ProtocolError("text.missing", f"no name of the partner {party.partner!r}")
        return name
    you = any(signer.person == party.person for signer in terms.signers)
    return phrase(terms.language, "party.you" if you else "party.family")


def _about(terms: ConsentTerms) -> tuple[str, Voice]:
    """Return whom the consent is about, as its signers read it, and the voice of its categories.

    One text is read by all who sign, so a young person with a parent beside them, or several adults, are named in a way
    that is true for each.
    """
    language = terms.language
    signers = {signer.person for signer in terms.signers}
    own = signers.intersection(terms.about)
    children = set(terms.about) - signers
    if children:
        word = "child" if len(children) == 1 else "children"
        if own:
            return phrase(language, f"about.you-and-{word}"), "plain"
        return phrase(language, f"about.{word}"), "child" if word == "child" else "plain"
    if signers - own:
        return phrase(language, "about.young-person"), "plain"
    return (
        (phrase(language, "about.you"), "yours") if len(own) == 1 else (phrase(language, "about.each-of-you"), "plain")
    )
