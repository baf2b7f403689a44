"""Did the right people say yes? Whose signature counts for whom, witnessed or by passkey. `docs/spec/decide.md`."""

from collections.abc import Generator, Iterator

from zegel_protocol.decision.age import Age, age, month_start, who_signs
from zegel_protocol.decision.case import Court
from zegel_protocol.durations import DAY
from zegel_protocol.objects.consent import ByPasskey, Consent, Revocation, Witnessed
from zegel_protocol.objects.person import Person
from zegel_protocol.refusal import Code, Refusal, Step, refuse
from zegel_protocol.signed import Signed


def judge_entitled(court: Court, held: Signed[Consent], person: str, level: str, path: str) -> Iterator[Refusal]:
    """Yield a refusal unless the signers of a consent may say yes for `person` to something of this level (O, S, H)."""
    client = court.client(person)
    if client is None:
        return
    consent, now = held.payload, client.current
    then = client.version_at(held.place)
    signed_at = held.place.at if held.place is not None else court.at
    selves = {signer.person for signer in consent.signers if signer.role == "self"}
    holders = {signer.person for signer in consent.signers if signer.role == "authority"}
    needed = who_signs(now, court.at)
    if needed == {person}:
        if person in selves:
            return
        if not _parental_grace(court, now, then, signed_at):
            yield refuse(Code.SIGNER_NOT_ENTITLED, path, Step.ASK_SIGNATURE, (person,), person=person)
            return
        # What was given for the child goes by the rules for the child until its days are over.
        needed = frozenset(then.authority) - frozenset(now.silenced)
    if not holders & needed:
        yield refuse(Code.SIGNER_NOT_ENTITLED, path, Step.ASK_SIGNATURE, tuple(sorted(needed)), person=person)
    elif now.conflict and level in court.rulebook.persons.conflict_levels and not needed <= holders:
        missing = tuple(sorted(needed - holders))
        yield refuse(Code.SIGNER_CONFLICT, path, Step.ASK_SIGNATURE, missing, person=person)


def _parental_grace(court: Court, now: Person, then: Person, signed_at: int) -> bool:
    """Whether a parent's yes, given before the twelfth birthday, still counts: for some days after it, never at 18."""
    if age(now, court.at) is not Age.YOUNG or age(then, signed_at) is not Age.CHILD or now.turns12 is None:
        return False
    return court.at < month_start(now.turns12) + court.rulebook.persons.at_12_days * DAY


def judge_signatures(court: Court, held: Signed[Consent], path: str, *, answers: bool) -> Iterator[Refusal]:
    """Yield refusals about the signatures themselves: passkeys of every signer, or enough independent witnesses.

    `answers`: for a message that answers a thread which the recipient began, the recipient's own vouch or witnesses do.
    """
    if isinstance(held.payload.evidence, ByPasskey):
        yield from _passkeys(court, held, path, answers)
    else:
        yield from _witnesses(court, held, held.payload.evidence, path, answers)


def judge_stop(court: Court, held: Signed[Revocation], path: str) -> Iterator[Refusal]:
    """Yield refusals about the witnesses of a revocation: two workers, of whichever partners.

    It may be witnessed also for someone who has a passkey: a lost phone must not keep anybody from stopping.
    """
    if isinstance(held.payload.evidence, Witnessed):
        yield from _two_workers(court, held, held.payload.evidence, path)


def _passkeys(court: Court, held: Signed[Consent], path: str, answers: bool) -> Iterator[Refusal]:
    touched = {signer.person for signer in held.signed_by("passkey")}
    to = held.payload.to.partner
    for signer in held.payload.signers:
        if signer.person not in touched:
            yield refuse(Code.SIGNER_SIGNATURE, path, Step.ASK_SIGNATURE, (signer.person,), person=signer.person)
        client = court.client(signer.person)
        key = court.key(signer.person, held.place)
        if client is None or key is None:
            continue
        if client.vouchers(key) <= {to} and not answers:
            # Whoever enrols a key could enrol one of its own making, and then say yes to itself.
            yield refuse(Code.RECIPIENT_OWN_VOUCH, path, Step.SECOND_VOUCH, (signer.person,), person=signer.person)


def _witnesses(court: Court, held: Signed[Consent], evidence: Witnessed, path: str, answers: bool) -> Iterator[Refusal]:
    enough = yield from _two_workers(court, held, evidence, path)
    needed, to = court.rulebook.consent.witnesses, held.payload.to.partner
    outside = {worker for worker in _workers(court, held, evidence) if worker[0] != to}
    if enough and len(outside) < needed and not answers:
        yield refuse(Code.RECIPIENT_OWN_WITNESS, path, Step.OTHER_WITNESS, needed=str(needed))
    for signer in held.payload.signers:
        key = court.key(signer.person, held.place)
        if key is not None and key.payload.passkeys:
            yield refuse(Code.WITNESS_HAS_PASSKEY, path, Step.ASK_SIGNATURE, (signer.person,), person=signer.person)


def _workers(court: Court, held: Signed[Consent] | Signed[Revocation], evidence: Witnessed) -> list[tuple[str, str]]:
    """Return (partner, worker) of each named witness who is a worker, counted at that place, and signed."""
    signing = {(signer.partner, signer.device) for signer in held.signed_by("device")}
    found: list[tuple[str, str]] = []
    for witness in evidence.witnesses:
        device = court.setting.device_at(witness.partner, witness.device, held.place)
        if device is not None and device.worker is not None and (witness.partner, witness.device) in signing:
            found.append((witness.partner, device.worker))
    return found


def _two_workers(
    court: Court, held: Signed[Consent] | Signed[Revocation], evidence: Witnessed, path: str
) -> Generator[Refusal, None, bool]:
    """Yield refusals unless enough different workers witnessed; return whether they did."""
    needed, workers = court.rulebook.consent.witnesses, _workers(court, held, evidence)
    for witness in evidence.witnesses:
        device = court.setting.device_at(witness.partner, witness.device, held.place)
        signed = any(
            (signer.partner, signer.device) == (witness.partner, witness.device) for signer in held.signed_by("device")
        )
        if device is None or device.worker is None or not signed:
            yield refuse(Code.WITNESS_NOT_WORKER, path, Step.OTHER_WITNESS, (witness.device,), device=witness.device)
    if len(workers) < needed:
        yield refuse(Code.WITNESS_COUNT, path, Step.OTHER_WITNESS, needed=str(needed))
    elif len(set(workers)) < needed:
        yield refuse(Code.WITNESS_SAME_WORKER, path, Step.OTHER_WITNESS, needed=str(needed))
    else:
        return True
    return False
