"""The text of a consent: known to the byte, true for each who signs, and made again from what was signed."""

import re
import unicodedata
from dataclasses import replace

import pytest

from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects.consent import ByPasskey, ChainLink, Consent, ConsentSigner
from zegel_protocol.objects.consent_request import Flow
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope
from zegel_protocol.rulebook.template import default_rulebook
from zegel_protocol.texts.catalogue import LANGUAGES
from zegel_protocol.texts.civil_time import LAST_SECOND
from zegel_protocol.texts.consent_text import ConsentDraft, draft_of_flow, render_consent, text_digest

D = "A" * 43
BOOK = default_rulebook(D, "A" * 22, 1_795_509_600, "Huis van het Kind Gent", "2026-1", D)
ELIF, CHILD, OTHER = "0" * 32, "1" * 32, "2" * 32
NAMES = {"kg-gent": "Kind en Gezin", "ocmw-gent": "OCMW Gent"}
TUESDAY = 1_795_509_600
"""Tuesday 24 November 2026, 9.40 in Belgium."""
DAY = 86_400


def scope(*pairs):
    return tuple(Scope(type=kind, form=form) for kind, form in pairs)


def signer(person, role="self"):
    return ConsentSigner(person=person, role=role)


DRAFT = ConsentDraft(
    purpose="referral",
    sender=Party(partner="kg-gent"),
    to=Party(partner="ocmw-gent"),
    types=scope(("health", "costs-only"), ("lang", "whole"), ("money", "whole"), ("who", "whole")),
    about=(ELIF,),
    not_before=TUESDAY,
    not_after=TUESDAY + 90 * DAY,
    signers=(signer(ELIF),),
    language="nl",
    code_version="2026-1",
)
DUTCH = """Mag Kind en Gezin informatie geven aan OCMW Gent?
Over wie? Over u.
Waarom? Om op een andere plaats hulp te starten.
Wat?
- uw naam (volledig)
- uw taal
- uw geld en schulden
- uw gezondheid (alleen de kosten)
Dit is heel gevoelig: uw gezondheid. Zeg alleen ja als u dat echt wilt.
Wat niet? Al de rest. Dit ja geldt alleen voor wat hierboven staat.
Vanaf wanneer? Dinsdag 24 november 2026, 9.40 uur.
Tot wanneer? Maandag 22 februari 2027, 9.40 uur. Daarna stopt het vanzelf.
U mag nee zeggen. U mag later ook stoppen.
Stopt u? Dan krijgt OCMW Gent niets nieuws.
Wat al gelezen is, kan niemand ongelezen maken. Soms moet een dossier blijven bestaan, door de wet.
De afspraken van het Huis van het Kind gelden: versie 2026-1."""


def consent(**changes) -> Consent:
    fields = {
        "v": 1, "huis": D, "nonce": "A" * 22, "household": "f" * 32, "request": D, "purpose": DRAFT.purpose,
        "sender": DRAFT.sender, "to": DRAFT.to, "types": DRAFT.types, "about": DRAFT.about,
        "not_before": DRAFT.not_before, "not_after": DRAFT.not_after, "signers": DRAFT.signers, "evidence": ByPasskey(),
        "language": "nl", "text_digest": D, "rulebook": D, "code_version": "2026-1", "replaces": (),
        "chains": (ChainLink(person=ELIF, seq=1),),
    }  # fmt: skip
    return Consent(**{**fields, **changes})


def test_the_text_of_a_consent_is_known():
    assert render_consent(DRAFT, NAMES) == DUTCH
    assert text_digest(DUTCH) == "HKuASXLekSGXT2QDI0qdze_O9duAptDQhJNIdIUvugU"


def test_the_signed_consent_renders_to_what_its_draft_showed():
    assert render_consent(consent(), NAMES) == DUTCH
    flow = Flow(purpose="referral", sender=DRAFT.sender, to=DRAFT.to, types=DRAFT.types, until=DRAFT.not_after)
    again = draft_of_flow(
        flow, about=(ELIF,), not_before=TUESDAY, signers=DRAFT.signers, language="nl", code_version="2026-1"
    )
    assert again == DRAFT


def test_the_digest_is_of_the_normal_form():
    assert text_digest("cafe\u0301") == text_digest("caf\u00e9")
    decomposed = {"kg-gent": "Cafe\u0301", "ocmw-gent": "O"}
    assert unicodedata.is_normalized("NFC", render_consent(DRAFT, decomposed))


def test_every_field_that_is_signed_changes_the_text():
    changed = [
        replace(DRAFT, purpose="care"),
        replace(DRAFT, sender=DRAFT.to, to=DRAFT.sender),
        replace(DRAFT, types=DRAFT.types[1:]),
        replace(DRAFT, types=scope(("health", "whole"), ("lang", "whole"), ("money", "whole"), ("who", "whole"))),
        replace(DRAFT, about=(CHILD,), signers=(signer(ELIF, "authority"),)),
        replace(DRAFT, not_before=TUESDAY + 60),
        replace(DRAFT, not_after=DRAFT.not_after - 60),
        replace(DRAFT, language="en"),
        replace(DRAFT, code_version="2026-2"),
        replace(DRAFT, replaces=(D,)),
    ]
    rendered = {render_consent(item, NAMES) for item in (DRAFT, *changed)}
    assert len(rendered) == len(changed) + 1


@pytest.mark.parametrize(
    ("about", "signers", "words", "name"),
    [
        ((ELIF,), (signer(ELIF),), "Over u.", "uw naam"),
        ((CHILD,), (signer(ELIF, "authority"),), "Over uw kind.", "de naam van uw kind"),
        ((CHILD,), (signer(ELIF, "authority"), signer(OTHER, "authority")), "Over uw kind.", "de naam van uw kind"),
        ((CHILD, OTHER), (signer(ELIF, "authority"),), "Over uw kinderen.", "de naam"),
        ((ELIF, CHILD), (signer(ELIF, "authority"),), "Over u en uw kind.", "de naam"),
        ((ELIF, CHILD, OTHER), (signer(ELIF, "authority"),), "Over u en uw kinderen.", "de naam"),
        ((ELIF, OTHER), (signer(ELIF), signer(OTHER)), "Over ieder van u.", "de naam"),
        ((CHILD,), (signer(ELIF, "authority"), signer(CHILD)), "Over de jongere die mee tekent.", "de naam"),
    ],
)
def test_whom_a_consent_is_about_is_true_for_each_who_signs(about, signers, words, name):
    text = render_consent(replace(DRAFT, about=about, signers=signers), NAMES)
    assert f"Over wie? {words}" in text
    assert f"- {name} (volledig)" in text
    assert not re.search(r"[0-9a-f]{32}", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", [item.id for item in BOOK.purposes])
def test_every_category_and_form_can_be_consented_to(language, purpose):
    every = scope(*sorted((item.id, form) for item in BOOK.categories for form in item.forms))
    text = render_consent(replace(DRAFT, purpose=purpose, types=every, language=language), NAMES)
    assert text.count("\n- ") == len(every)
    assert "{" not in text


@pytest.mark.parametrize(
    ("changes", "names", "code"),
    [
        ({}, {"kg-gent": "K"}, "text.missing"),
        ({}, {"kg-gent": "K", "ocmw-gent": ""}, "text.param"),
        ({}, {"kg-gent": "K", "ocmw-gent": "O?\nOver wie? Over u."}, "text.param"),
        ({"language": "eo"}, NAMES, "text.language"),
        ({"purpose": "research"}, NAMES, "text.missing"),
        ({"types": scope(("gossip", "whole"))}, NAMES, "text.missing"),
        ({"types": scope(("who", "upside-down"))}, NAMES, "text.missing"),
        ({"not_after": LAST_SECOND + 1}, NAMES, "time.range"),
    ],
)
def test_what_cannot_be_said_cannot_be_consented_to(changes, names, code):
    with pytest.raises(ProtocolError) as caught:
        render_consent(replace(DRAFT, **changes), names)
    assert caught.value.code == code
