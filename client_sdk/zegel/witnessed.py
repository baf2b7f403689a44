"""A yes without a phone: two workers see it, and both their devices sign the one record.

One device prepares the record; each worker's device shows what is to be read to the person, and signs; any device gives
it to the relay. A stop goes the same way. Rules: `docs/spec/rulebook.md`. Never here: a yes by passkey,
which is the client's own to make.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from typing import Literal, TypeVar

import msgspec

from zegel.errors import Refused
from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import new_nonce
from zegel_keys.keystore.identity import Identity
from zegel_protocol import dsse, encoding
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.decision import Court, consent_record
from zegel_protocol.decision.signers import judge_entitled, judge_stop
from zegel_protocol.durations import DAY
from zegel_protocol.errors import ChainError, ProtocolError
from zegel_protocol.evidence import Setting
from zegel_protocol.objects import Consent, ConsentRequest, Revocation
from zegel_protocol.objects.consent import ChainLink, ConsentEvidence, ConsentSigner, Heard, Witness, Witnessed
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope
from zegel_protocol.refusal import Code, Refusal, Step, refuse
from zegel_protocol.signed import Signed, Signer
from zegel_protocol.texts.consent_text import ConsentDraft, draft_of_flow, render_consent, text_digest

Role = Literal["self", "authority"]
"""As what someone says yes: for themselves, or as holder of authority over whom it is about."""
Means = Literal["paper", "spoken"]
"""How the yes was recorded: signed on paper, or said."""

Record = TypeVar("Record", Consent, Revocation)


class WitnessedConsents:
    """The worker's side of witnessed consents, for one device."""

    def __init__(self, identity: Identity, client: RelayClient, view: View, clock: Callable[[], int]) -> None:
        self._identity, self._client, self._view, self._clock = identity, client, view, clock

    async def prepare_witnessed(
        self,
        request: str,
        flow: int,
        *,
        persons: Iterable[str],
        witnesses: Iterable[tuple[str, str]],
        means: Means,
        signers: Mapping[str, Role] | None = None,
        types: Iterable[str] | None = None,
        not_after: int | None = None,
        replaces: Iterable[str] = (),
        heard: Heard | None = None,
    ) -> bytes:
        """Return the payload of a consent to one flow (by its number) of a `request` (`D`) of this partner's own.

        `persons`: whom it is about. `witnesses`: (partner, device id) of the workers' devices that will sign.
        `signers`: who says yes, and as what; by default each of `persons` for themselves. `types`: those of the flow,
        by default all. `not_after` (UTC seconds): at most what was asked and the rulebook allows, which is the default.
        `replaces`: `D` of consents that it takes the place of, such as the one that it renews. `heard`: the language
        that the signers understand, and who interpreted, where that is not the language of the text.

        It is judged as if signed, so that nobody is asked for a signature that will not count. Raises `Refused` with
        all reasons; `ProtocolError` (`request.unknown`, `request.flow`, `request.persons`, `request.types`,
        `request.expired`, `status.head`, `text.*`, and what verification raises); `RelayProblem`, `RelayUnreachable`.
        Nothing is signed or sent.
        """
        about = tuple(sorted(set(persons)))
        asked = await self._request(request, about)
        if not 0 <= flow < len(asked.payload.flows):
            raise ProtocolError("request.flow", "the request has no such flow")
        wanted, now = asked.payload.flows[flow], self._clock()
        case = await self._case(about, wanted.sender, wanted.to)
        rulebook = case.setting.rulebook.payload
        draft = draft_of_flow(
            wanted,
            about=about,
            not_before=now,
            signers=_signers(about, signers),
            language=asked.payload.language,
            code_version=rulebook.code_version,
        )
        end = min(wanted.until, now + rulebook.consent.witnessed_days * DAY) if not_after is None else not_after
        if end <= now:
            raise ProtocolError("request.expired", "what was asked for lies in the past")
        draft = replace(
            draft,
            types=wanted.types if types is None else _chosen(wanted.types, set(types)),
            not_after=end,
            replaces=tuple(sorted(set(replaces))),
        )
        consent = msgspec.structs.replace(self._consent(draft, asked, case, _witnessed(witnesses, means)), heard=heard)
        refusals = tuple(dict.fromkeys(_judge(consent, asked, case, now)))
        if refusals:
            raise Refused(refusals, names=_names(case.setting))
        return encoding.encode(consent)

    async def prepare_witnessed_revocation(
        self,
        consents: Iterable[str],
        *,
        sender: str,
        to: str,
        persons: Iterable[str],
        witnesses: Iterable[tuple[str, str]],
        means: Means,
        reason_code: str,
        signers: Mapping[str, Role] | None = None,
    ) -> bytes:
        """Return the payload of a revocation of `consents` (`D`s) about `persons`, from one partner to another.

        `reason_code` is of the rulebook's list. Stopping is easier than starting: one of those who may say yes is
        enough, and a passkey is no hindrance. Raises `Refused` for witnesses who are not two workers, `ProtocolError`
        (`revocation.reason`, `revocation.unknown`: a consent that is not in each of these chains), and as
        `prepare_witnessed`. Nothing is signed or sent.
        """
        about = tuple(sorted(set(persons)))
        case = await self._case(about, Party(partner=sender), Party(partner=to))
        return self.prepare_stop(
            case, consents, sender=sender, to=to, persons=about, witnesses=witnesses, means=means,
            reason_code=reason_code, signers=signers,
        )  # fmt: skip

    def prepare_stop(
        self,
        case: CaseFile,
        consents: Iterable[str],
        *,
        sender: str,
        to: str,
        persons: Iterable[str],
        witnesses: Iterable[tuple[str, str]],
        means: Means,
        reason_code: str,
        signers: Mapping[str, Role] | None = None,
    ) -> bytes:
        """Return the same, from evidence that was verified already. Raises as `prepare_witnessed_revocation`."""
        about, revokes = tuple(sorted(set(persons))), tuple(sorted(set(consents)))
        giver, taker = Party(partner=sender), Party(partner=to)
        if reason_code not in case.setting.rulebook.payload.revocation_reasons:
            raise ProtocolError("revocation.reason", "no reason of the rulebook's list")
        for person in about:
            chain = case.chains.get((person, giver.key, taker.key), ())
            if not set(revokes) <= {held.d for held in chain if isinstance(held.payload, Consent)}:
                raise ProtocolError("revocation.unknown", "a consent that is in no chain of these people")
        revocation = Revocation(
            v=1,
            huis=self._identity.huis,
            nonce=new_nonce(),
            household=case.clients[about[0]].current.household,
            sender=giver,
            to=taker,
            revokes=revokes,
            reason_code=reason_code,
            about=about,
            signers=_signers(about, signers),
            evidence=_witnessed(witnesses, means),
            at=self._clock(),
            chains=_links(case, about, giver, taker),
        )
        held = Signed("", revocation, _signing(revocation.evidence, case.setting))
        refusals = tuple(judge_stop(Court(case.setting, case.clients, self._clock()), held, "$"))
        if refusals:
            raise Refused(refusals, names=_names(case.setting))
        return encoding.encode(revocation)

    async def witnessed_text(self, payload: bytes) -> str:
        """Return the text of a witnessed consent: what is read to the person, and stands on the paper they sign.

        Rendered here, so that each witness vouches for the words and not for another device's word for them. Raises
        `ProtocolError`: `witness.payload`, `witness.text` (the record names another text), `text.*`.
        """
        consent = self._read(payload, Consent)
        setting = (await self._view.believe_now(await self._client.setting(), self._clock())).setting
        text = render_consent(consent, _names(setting))
        if text_digest(text) != consent.text_digest:
            raise ProtocolError("witness.text", "the record names another text than its fields give: do not sign it")
        return text

    def witness(self, payload: bytes) -> dsse.Signature:
        """Return this device's signature of a consent that names it as a witness.

        Raises `ProtocolError`: `witness.payload` (no witnessed record of this Huis), `witness.not-named`,
        `witness.service` (a service sees nobody).
        """
        return self._sign(payload, Consent)

    def witness_revocation(self, payload: bytes) -> dsse.Signature:
        """Return this device's signature of a revocation that names it as a witness. Raises as `witness`."""
        return self._sign(payload, Revocation)

    async def submit_witnessed(self, payload: bytes, signatures: Iterable[dsse.Signature]) -> str:
        """Give the relay a consent with all its witnesses' signatures; return its `D`.

        Raises `Refused`, `RelayProblem` (`chain.head`: something else was signed in between, prepare it anew),
        `RelayUnreachable`.
        """
        return await self._give(payload, Consent, signatures)

    async def submit_witnessed_revocation(self, payload: bytes, signatures: Iterable[dsse.Signature]) -> str:
        """Give the relay a revocation with all its witnesses' signatures; return its `D`. Raises as the above."""
        return await self._give(payload, Revocation, signatures)

    async def _request(self, d: str, persons: tuple[str, ...]) -> Signed[ConsentRequest]:
        own = Party(partner=self._identity.partner)
        query = EvidenceQuery(persons=persons, sender=own, to=own, request=d)
        case = await self._view.believe_now(await self._client.evidence(query), self._clock())
        held = case.requests.get(d)
        if held is None:
            raise ProtocolError("request.unknown", "the relay has no such request of this partner's")
        return held

    async def _case(self, persons: tuple[str, ...], sender: Party, to: Party) -> CaseFile:
        query = EvidenceQuery(persons=persons, sender=sender, to=to)
        flows = [(person, sender.key, to.key) for person in persons]
        case = await self._view.believe_now(await self._client.evidence(query), self._clock(), flows)
        if not persons or not set(persons) <= set(case.clients):
            raise ProtocolError("request.persons", "someone whom the record is about is not known")
        return case

    def _consent(
        self, draft: ConsentDraft, asked: Signed[ConsentRequest], case: CaseFile, evidence: Witnessed
    ) -> Consent:
        text = render_consent(draft, _names(case.setting))
        return Consent(
            v=1,
            huis=self._identity.huis,
            nonce=new_nonce(),
            household=asked.payload.household,
            request=asked.d,
            purpose=draft.purpose,
            sender=draft.sender,
            to=draft.to,
            types=draft.types,
            about=draft.about,
            not_before=draft.not_before,
            not_after=draft.not_after,
            signers=draft.signers,
            evidence=evidence,
            language=draft.language,
            text_digest=text_digest(text),
            rulebook=case.setting.rulebook.d,
            code_version=draft.code_version,
            replaces=draft.replaces,
            chains=_links(case, draft.about, draft.sender, draft.to),
        )

    def _read(self, payload: bytes, kind: type[Record]) -> Record:
        record = encoding.decode(payload, kind)
        if record.huis != self._identity.huis or not isinstance(record.evidence, Witnessed):
            raise ProtocolError("witness.payload", "no witnessed record of this Huis")
        return record

    def _sign(self, payload: bytes, kind: type[Record]) -> dsse.Signature:
        evidence, own = self._read(payload, kind).evidence, self._identity
        if own.worker is None:
            raise ProtocolError("witness.service", "a service sees nobody, and so witnesses nothing")
        named = isinstance(evidence, Witnessed) and any(
            (witness.partner, witness.device) == (own.partner, own.device) for witness in evidence.witnesses
        )
        if not named:
            raise ProtocolError("witness.not-named", "the record does not name this device as a witness")
        return own.signing_key.sign_object(dsse.payload_type(kind.KIND), payload)

    async def _give(self, payload: bytes, kind: type[Record], signatures: Iterable[dsse.Signature]) -> str:
        self._read(payload, kind)
        media_type = dsse.payload_type(kind.KIND)
        await self._view.submit(dsse.seal_envelope(media_type, payload, tuple(signatures)))
        return dsse.digest(media_type, payload)


def _signers(about: Iterable[str], roles: Mapping[str, Role] | None) -> tuple[ConsentSigner, ...]:
    """Return who says yes: by default everyone for themselves."""
    if roles is None:
        return tuple(ConsentSigner(person=person, role="self") for person in about)
    return tuple(ConsentSigner(person=person, role=role) for person, role in sorted(roles.items()))


def _chosen(asked: Iterable[Scope], types: Set[str]) -> tuple[Scope, ...]:
    chosen = tuple(scope for scope in asked if scope.type in types)
    if not chosen or {scope.type for scope in chosen} != types:
        raise ProtocolError("request.types", "nothing, or a type that nobody asked for")
    return chosen


def _witnessed(witnesses: Iterable[tuple[str, str]], means: Means) -> Witnessed:
    named = sorted(set(witnesses), key="/".join)
    return Witnessed(witnesses=tuple(Witness(partner=partner, device=device) for partner, device in named), means=means)


def _names(setting: Setting) -> dict[str, str]:
    return {partner: setting.names(partner)[0] for partner in setting.memberships}


def _links(case: CaseFile, about: Iterable[str], sender: Party, to: Party) -> tuple[ChainLink, ...]:
    """Return the next place in each person's chain, if the relay states that it ends where we see it end."""
    links = []
    for person in about:
        flow = (person, sender.key, to.key)
        chain, status = case.chains.get(flow, ()), case.statuses.get(flow)
        head = chain[-1].d if chain else None
        if status is None or (status.payload.head_seq, status.payload.head) != (len(chain), head):
            raise ChainError("status.head", "a consent chain ends elsewhere than the relay states")
        links.append(ChainLink(person=person, seq=len(chain) + 1, prev=head))
    return tuple(links)


def _judge(consent: Consent, asked: Signed[ConsentRequest], case: CaseFile, now: int) -> Iterator[Refusal]:
    """Yield what will speak against a consent once its witnesses have signed it."""
    held = Signed("", consent, _signing(consent.evidence, case.setting))
    court = Court(case.setting, case.clients, now)
    for person in consent.about:
        chain = case.chains.get((person, consent.sender.key, consent.to.key), ())
        # Whether the recipient's own witnesses are enough depends on the message: an answer in its thread may do.
        yield from consent_record.judge(court, held, asked, chain, "$", answers=True)
        for scope in consent.types:
            yield from judge_entitled(court, held, person, court.level(scope.type), "$")
    yield from _levels(court, consent.types)


def _levels(court: Court, types: Iterable[Scope]) -> Iterator[Refusal]:
    allowed = court.rulebook.consent.witnessed_levels
    for number, scope in enumerate(types):
        if court.level(scope.type) not in allowed:
            path = f"$.types[{number}]"
            yield refuse(Code.WITNESS_LEVEL, path, Step.LEAVE_OUT, (scope.type,), type=scope.type)


def _signing(evidence: ConsentEvidence, setting: Setting) -> frozenset[Signer]:
    """The signers that a record will have: the devices that it names, as far as they are devices."""
    found: set[Signer] = set()
    for named in evidence.witnesses if isinstance(evidence, Witnessed) else ():
        device = setting.device_at(named.partner, named.device, None)
        if device is not None:
            found.add(Signer("device", device.sign_key, named.partner, named.device, device.worker))
    return frozenset(found)
