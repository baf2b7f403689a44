"""One yes that several people give together: the very same bytes, touched by each on a phone of their own.

Parents in known conflict both sign for what is sensitive about their child (`docs/spec/decide.md`). What another phone
prepared is a proposal and no more: each phone checks it against the request, the chains and the rules, renders the text
itself, and only then asks for the touch. The relay keeps nothing before everyone signed.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from zegel_demo.asked import Asked, read_request, text_of
from zegel_demo.consent_answer import Yes, chosen, consents_of, evidence_for
from zegel_demo.consent_chains import Heads
from zegel_demo.phone import Family, Phone
from zegel_demo.touch import Answer, submit_signed, touch
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import digest_of
from zegel_protocol import dsse
from zegel_protocol.errors import ChainError, ProtocolError
from zegel_protocol.objects import Consent
from zegel_protocol.objects.consent import ByPasskey, ConsentSigner
from zegel_protocol.texts.consent_text import ConsentDraft, text_digest

CLOCK_LEEWAY = 300
"""Seconds that two phones' clocks may differ: a yes that begins later than that was not prepared just now."""


@dataclass(frozen=True)
class Joint:
    """A yes in the making, handed from phone to phone: consents about children, and who touched so far, by person.

    It holds no secret, and counts for nothing until everyone who is named in it signed.
    """

    consents: tuple[Consent, ...]
    touched: Mapping[str, dsse.Signature]

    @property
    def missing(self) -> frozenset[str]:
        """Who is named as signing and did not touch yet."""
        return frozenset(signer.person for consent in self.consents for signer in consent.signers) - set(self.touched)


async def begin(phone: Phone, asked: Asked, others: Iterable[str], only: Mapping[int, Set[str]] | None = None) -> Joint:
    """Prepare and touch a yes about one's children to a request, to be signed by `others` (person ids) as well.

    `only` narrows it, as for `consent_answer.accept`. Raises `ProtocolError`: `consent.not-asked`, `consent.nothing`
    (the request asks nothing about a child), `text.*`, and what verification raises; then nothing was signed.
    """
    family = await phone.family()
    signers = tuple(ConsentSigner(person=person, role="authority") for person in sorted({phone.person, *others}))
    heads, yeses = Heads(), list[Yes]()
    for draft, _ in chosen(asked, only or {}):
        if draft.about == (phone.person,):
            # For oneself nobody else signs: that part of the request is answered alone.
            continue
        case = await evidence_for(phone, family, draft.sender, draft.to, heads)
        final = replace(draft, signers=signers)
        request = asked.request
        yeses.append(Yes(final, text_of(final, case.setting), request.payload.household, request.d))
    if not yeses:
        raise ProtocolError("consent.nothing", "the request asks nothing about a child of this person")
    consents = tuple(consent for consent, _ in consents_of(phone, yeses, heads, family.case))
    return Joint(consents, {phone.person: touch(phone, [digest_of(consent) for consent in consents])})


async def read(phone: Phone, joint: Joint) -> tuple[str, ...]:
    """Return the texts of a joint yes as this phone renders them, once they hold what it would offer itself.

    Raises `ProtocolError`: `consent.not-asked` (wider than a request that this person can answer, or not theirs to
    sign), `chain.head` (something else was signed meanwhile: begin again), `consent.text-changed`, and what
    verification raises.
    """
    _, texts = await _check(phone, joint)
    return texts


async def co_sign(phone: Phone, joint: Joint) -> Joint:
    """Touch what another phone prepared, after checking it as `read` does. Raises as `read`."""
    await _check(phone, joint)
    signature = touch(phone, [digest_of(consent) for consent in joint.consents])
    return replace(joint, touched={**joint.touched, phone.person: signature})


async def give(phone: Phone, joint: Joint) -> tuple[Answer, ...]:
    """Give the relay a yes that everyone signed.

    Raises `ProtocolError` (`consent.signers`: someone did not touch yet; or as `read`), `Refused`, `RelayProblem`,
    `RelayUnreachable`; what was accepted before that stands.
    """
    if joint.missing:
        raise ProtocolError("consent.signers", f"{len(joint.missing)} of those who are named did not sign yet")
    case, texts = await _check(phone, joint)
    signatures = tuple(joint.touched[person] for person in sorted(joint.touched))
    return await submit_signed(phone, list(zip(joint.consents, texts, strict=True)), signatures, case)


async def _check(phone: Phone, joint: Joint) -> tuple[CaseFile, tuple[str, ...]]:
    family = await phone.family()
    heads, texts = Heads(), list[str]()
    for consent in joint.consents:
        _check_asked(phone, family, consent)
        sender, to = consent.sender.key, consent.to.key
        case = await evidence_for(phone, family, consent.sender, consent.to, heads)
        if consent.chains != heads.links(consent.about, sender, to):
            raise ChainError("chain.head", "something else was signed in between: begin again")
        heads.append(consent.about, sender, to, digest_of(consent))
        text = text_of(_draft(consent), case.setting)
        if text_digest(text) != consent.text_digest or consent.rulebook != case.setting.rulebook.d:
            raise ProtocolError("consent.text-changed", "the text or the rules read otherwise on this phone")
        texts.append(text)
    return family.case, tuple(texts)


def _check_asked(phone: Phone, family: Family, consent: Consent) -> None:
    """Return if the consent is no wider than what this phone would offer its own person for the same request."""
    request = family.case.requests.get(consent.request)
    now = phone.clock()
    asked = read_request(request, family, phone.person, now) if request is not None else None
    offers = [offer.draft for offer in asked.offers] if asked is not None else []
    fits = (
        (consent.huis, consent.household) == (phone.huis, phone.household)
        and ConsentSigner(person=phone.person, role="authority") in consent.signers
        and consent.evidence == ByPasskey()
        and not consent.replaces
        and consent.not_before <= now + CLOCK_LEEWAY
        and any(_within(consent, offered) for offered in offers)
    )
    if not fits:
        raise ProtocolError("consent.not-asked", "this is not what a request asks this person for")


def _within(consent: Consent, offered: ConsentDraft) -> bool:
    stated = (consent.purpose, consent.sender, consent.to, consent.about, consent.language, consent.code_version)
    own = (offered.purpose, offered.sender, offered.to, offered.about, offered.language, offered.code_version)
    # Where an end follows from the beginning it moves with the clock, so another phone's may lie a little later.
    return (
        stated == own
        and set(consent.types) <= set(offered.types)
        and consent.not_after <= offered.not_after + CLOCK_LEEWAY
    )


def _draft(consent: Consent) -> ConsentDraft:
    return ConsentDraft(
        purpose=consent.purpose,
        sender=consent.sender,
        to=consent.to,
        types=consent.types,
        about=consent.about,
        not_before=consent.not_before,
        not_after=consent.not_after,
        signers=consent.signers,
        language=consent.language,
        code_version=consent.code_version,
        replaces=consent.replaces,
    )
