"""Consents and revocations in a few words, and the chains, requests and texts that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from property.huis import DAY, HEADER, NOW, Someone, d, device_signer, hex_id, the_rulebook, the_setting
from zegel_protocol.errors import ProtocolError
from zegel_protocol.evidence import ChainObject, Flow
from zegel_protocol.objects import consent_request
from zegel_protocol.objects.consent import (
    ByPasskey,
    ChainLink,
    Consent,
    ConsentEvidence,
    ConsentSigner,
    Revocation,
    Witness,
    Witnessed,
)
from zegel_protocol.objects.consent_request import ConsentRequest
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope
from zegel_protocol.signed import Place, Signed
from zegel_protocol.texts.consent_text import TEMPLATE, render_consent, text_digest

NAMES: Mapping[str, str] = {partner: chain[-1].payload.name for partner, chain in the_setting().memberships.items()}

Type = tuple[str, str]
"""A type and its form."""


@dataclass(frozen=True)
class Asked:
    """Where a request differs from the consent that answers it; what is None is as the consent says."""

    purpose: str | None = None
    sender: str | None = None
    to: str | None = None
    types: tuple[Type, ...] | None = None
    until: int | None = None
    about: tuple[str, ...] | None = None
    language: str | None = None


@dataclass(frozen=True)
class Yes:
    """A consent. `signers` are (name, role); without `witnesses` (partner, device) it is by passkey.

    `signed` False: the signatures of those named are not there. `asked` None: the request is not in evidence.
    """

    label: str
    types: tuple[Type, ...]
    about: tuple[str, ...] = ("mother",)
    signers: tuple[tuple[str, str], ...] = (("mother", "self"),)
    purpose: str = "care"
    sender: str = "caw-b"
    to: str = "health-a"
    begins: int = NOW - 5 * DAY
    ends: int = NOW + 20 * DAY
    witnesses: tuple[tuple[str, str], ...] = ()
    signed: bool = True
    asked: Asked | None = Asked()
    shown: bool = True
    replaces: tuple[str, ...] = ()
    household: str = "home"
    place: int | None = None

    @property
    def d(self) -> str:
        """The consent's digest."""
        return d(f"consent {self.label}")


@dataclass(frozen=True)
class No:
    """A revocation of consents, named by their labels."""

    label: str
    revokes: tuple[str, ...]
    about: tuple[str, ...] = ("mother",)
    signers: tuple[tuple[str, str], ...] = (("mother", "self"),)
    sender: str = "caw-b"
    to: str = "health-a"
    at: int = NOW - DAY
    place: int | None = None

    @property
    def d(self) -> str:
        """The revocation's digest."""
        return d(f"revocation {self.label}")


Act = Yes | No


def person_id(name: str) -> str:
    return hex_id(f"person {name}")


def ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(person_id(name) for name in names))


def _scopes(types: tuple[Type, ...]) -> tuple[Scope, ...]:
    return tuple(sorted((Scope(type=kind, form=form) for kind, form in types), key=lambda item: item.key))


Record = tuple[Mapping[Flow, tuple[ChainObject, ...]], Mapping[str, Signed[ConsentRequest]]]


@lru_cache(maxsize=8192)
def record(acts: tuple[Act, ...]) -> Record:
    """Return the chains of these acts, in their order, and the requests that the consents answer."""
    chains: dict[Flow, tuple[ChainObject, ...]] = {}
    requests: dict[str, Signed[ConsentRequest]] = {}
    for at, act in enumerate(acts):
        place = Place(act.place if act.place is not None else 100 + at, act.begins if isinstance(act, Yes) else act.at)
        flows = [(person, f"partner:{act.sender}", f"partner:{act.to}") for person in ids(act.about)]
        links = tuple(_link(flow[0], chains.get(flow, ())) for flow in flows)
        made: ChainObject = _consent(act, links, place) if isinstance(act, Yes) else _revocation(act, links, place)
        for flow in flows:
            chains[flow] = (*chains.get(flow, ()), made)
        if isinstance(act, Yes) and act.asked is not None:
            requests[d(f"request {act.label}")] = _request(act, act.asked)
    return chains, requests


def _link(person: str, chain: tuple[ChainObject, ...]) -> ChainLink:
    return ChainLink(person=person, seq=len(chain) + 1, prev=chain[-1].d if chain else None)


def _consent_signers(signers: tuple[tuple[str, str], ...]) -> tuple[ConsentSigner, ...]:
    made = [
        ConsentSigner(person=person_id(name), role="self" if role == "self" else "authority") for name, role in signers
    ]
    return tuple(sorted(made, key=lambda item: item.person))


def _consent(act: Yes, links: tuple[ChainLink, ...], place: Place) -> Signed[Consent]:
    evidence: ConsentEvidence = ByPasskey()
    signers = {Someone(name).touch() for name, _ in act.signers}
    if act.witnesses:
        signed = [device_signer(partner, device) for partner, device in act.witnesses]
        signers = set(signed)
        named = {(item.partner or "", item.device or "") for item in signed}
        evidence = Witnessed(
            witnesses=tuple(Witness(partner=partner, device=device) for partner, device in sorted(named)), means="paper"
        )
    payload = Consent(
        **HEADER,
        household=hex_id(act.household),
        request=d(f"request {act.label}"),
        purpose=act.purpose,
        sender=Party(partner=act.sender),
        to=Party(partner=act.to),
        types=_scopes(act.types),
        about=ids(act.about),
        not_before=act.begins,
        not_after=act.ends,
        signers=_consent_signers(act.signers),
        evidence=evidence,
        language="nl",
        text_digest=d("a text that was not shown"),
        rulebook=the_rulebook().d,
        code_version="code-1",
        replaces=tuple(sorted(d(f"consent {label}") for label in act.replaces)),
        chains=links,
    )
    if act.shown:
        payload = _with_text(payload)
    return Signed(act.d, payload, frozenset(signers) if act.signed else frozenset(), place)


def _with_text(payload: Consent) -> Consent:
    """Return the consent with the digest of its own text; as it is where no text can say it, such as a term unknown."""
    try:
        text = render_consent(payload, NAMES)
    except ProtocolError:
        return payload
    return msgspec.structs.replace(payload, text_digest=text_digest(text))


def _revocation(act: No, links: tuple[ChainLink, ...], place: Place) -> Signed[Revocation]:
    payload = Revocation(
        **HEADER,
        household=hex_id("home"),
        sender=Party(partner=act.sender),
        to=Party(partner=act.to),
        revokes=tuple(sorted(d(f"consent {label}") for label in act.revokes)),
        reason_code="changed-mind",
        about=ids(act.about),
        signers=_consent_signers(act.signers),
        evidence=ByPasskey(),
        at=act.at,
        chains=links,
    )
    return Signed(act.d, payload, frozenset(Someone(name).touch() for name, _ in act.signers), place)


def _request(act: Yes, asked: Asked) -> Signed[ConsentRequest]:
    flow = consent_request.Flow(
        purpose=asked.purpose or act.purpose,
        sender=Party(partner=asked.sender or act.sender),
        to=Party(partner=asked.to or act.to),
        types=_scopes(asked.types or act.types),
        until=asked.until or act.ends,
    )
    payload = ConsentRequest(
        **HEADER,
        household=hex_id(act.household),
        partner=act.sender,
        persons=ids(asked.about or act.about),
        flows=(flow,),
        language=asked.language or "nl",
        template=TEMPLATE,
        rulebook=the_rulebook().d,
        created=act.begins - DAY,
    )
    return Signed(
        d(f"request {act.label}"), payload, frozenset({device_signer(act.sender)}), Place(90, payload.created)
    )
