"""A consent record by itself: does it answer a request, last no longer than it may, say what was shown, is it signed?

Judged when a consent is accepted, and again with every message that rests on it.
"""

from collections.abc import Iterator
from functools import lru_cache

from zegel_protocol.decision import signers
from zegel_protocol.decision.case import Court
from zegel_protocol.durations import DAY
from zegel_protocol.errors import ProtocolError
from zegel_protocol.evidence import ChainObject
from zegel_protocol.objects.consent import ByPasskey, Consent
from zegel_protocol.objects.consent_request import ConsentRequest
from zegel_protocol.refusal import Code, Refusal, Step, refuse
from zegel_protocol.signed import Signed
from zegel_protocol.texts.consent_text import render_consent, text_digest


def judge(
    court: Court,
    held: Signed[Consent],
    request: Signed[ConsentRequest] | None,
    chain: tuple[ChainObject, ...],
    path: str,
    *,
    answers: bool,
) -> Iterator[Refusal]:
    """Yield what speaks against a consent whatever is sent on it.

    `request`: the request it names, if known. `chain`: the chain it stands in, or will. `answers`: the message answers
    a thread that the recipient began, so that the recipient's own vouch or witnesses do.
    """
    yield from _request(held, request, path)
    yield from _length(court, held, chain, path)
    yield from _text(court, held, path)
    yield from _heard(court, held, path)
    yield from signers.judge_signatures(court, held, path, answers=answers)
    if _pledged(court, held.payload) and not isinstance(held.payload.evidence, ByPasskey):
        yield refuse(Code.PLEDGE_SIGNED, path, Step.ASK_SIGNATURE, held.payload.about)


def _pledged(court: Court, consent: Consent) -> bool:
    """Whether either side is under a pledge, by its membership or by what its sector is: the weaker word counts."""
    sides = (court.setting.member(party.partner) for party in (consent.sender, consent.to))
    return any(side is not None and court.secrecy(side) == "pledge" for side in sides)


def _request(held: Signed[Consent], asked: Signed[ConsentRequest] | None, path: str) -> Iterator[Refusal]:
    """No consent counts that does not answer a partner's request, within what was asked, in the language shown."""
    consent = held.payload
    fits = (
        asked is not None
        and (asked.payload.household, asked.payload.language) == (consent.household, consent.language)
        and set(consent.about) <= set(asked.payload.persons)
        and any(
            (flow.purpose, flow.sender, flow.to) == (consent.purpose, consent.sender, consent.to)
            and set(consent.types) <= set(flow.types)
            and consent.not_after <= flow.until
            for flow in asked.payload.flows
        )
    )
    if not fits:
        yield refuse(Code.CONSENT_REQUEST, path, Step.ASK_CONSENT, consent=held.d)


def _length(court: Court, held: Signed[Consent], chain: tuple[ChainObject, ...], path: str) -> Iterator[Refusal]:
    consent, rules = held.payload, court.rulebook.consent
    purpose = next((rule for rule in court.rulebook.purposes if rule.id == consent.purpose), None)
    if purpose is None:
        return
    limits = [purpose.days]
    if purpose.days_highly is not None and any(court.level(item.type) == "H" for item in consent.types):
        limits.append(purpose.days_highly)
    if _pledged(court, consent):
        limits.append(rules.pledge_days)
    if not isinstance(consent.evidence, ByPasskey):
        limits.append(rules.witnessed_days)
        witnessed = [
            other.d
            for other in chain
            if isinstance(other.payload, Consent)
            and other.payload.purpose == consent.purpose
            and not isinstance(other.payload.evidence, ByPasskey)
        ]
        order = witnessed.index(held.d) if held.d in witnessed else len(witnessed)
        if order > rules.witnessed_renewals:
            yield refuse(Code.WITNESS_RENEWED, path, Step.ASK_SIGNATURE, consent.about)
    if consent.not_after - consent.not_before > min(limits) * DAY:
        yield refuse(Code.CONSENT_TOO_LONG, path, Step.ASK_CONSENT, days=str(min(limits)))


def _text(court: Court, held: Signed[Consent], path: str) -> Iterator[Refusal]:
    """What was signed is what was shown: the text, rendered again, has the digest that was signed."""
    consent, setting = held.payload, court.setting
    for sender in setting.names(consent.sender.partner) or ("",):
        for to in setting.names(consent.to.partner) or ("",):
            if _digest_of_text(consent, sender, to) == consent.text_digest:
                return
    yield refuse(Code.CONSENT_TEXT, path, Step.ASK_CONSENT, consent=held.d)


def _heard(court: Court, held: Signed[Consent], path: str) -> Iterator[Refusal]:
    """Nobody says yes to words that they do not understand, nor by the mouth of their own child (article 2)."""
    consent, heard = held.payload, held.payload.heard
    if heard is None:
        return
    if heard.interpreter is None:
        if heard.language != consent.language:
            yield refuse(Code.CONSENT_LANGUAGE, path, Step.ASK_CONSENT, consent=held.d)
    elif heard.interpreter not in court.rulebook.consent.interpreters:
        yield refuse(Code.CONSENT_INTERPRETER, path, Step.ASK_CONSENT, consent=held.d)


@lru_cache(maxsize=1024)
def _digest_of_text(consent: Consent, sender: str, to: str) -> str | None:
    """Return the digest of a consent's text with these names; None where it has no words.

    Kept, because it follows from these values alone, and a consent is judged with every message that rests on it.
    """
    names = {consent.sender.partner or "": sender, consent.to.partner or "": to}
    try:
        return text_digest(render_consent(consent, names))
    except ProtocolError:
        return None
