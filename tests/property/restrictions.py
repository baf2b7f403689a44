"""Ways to restrict: a person, the steward or the passing of time takes something away. None may make a refusal go away.

Each takes a draft, or its evidence, and gives it back with one restriction more, or unchanged where there is nothing to
take. What puts a fault right is no restriction and is left alone: shortening a consent that was too long, taking out
the one type for which it was too long, or no longer naming a consent or a thread that does not belong here.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
from hypothesis import strategies as st

from property import oracle
from property.acts import Asked, No, Yes
from property.huis import DAY, HEADER, NOW, d, device_list, hex_id, member
from property.worlds import Draft
from zegel_protocol.evidence import Client, Evidence
from zegel_protocol.objects import Conference, Declaration, Objection, Payload
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.records import Records
from zegel_protocol.signed import Signed

OnDraft = Callable[[st.DrawFn, Draft], Draft]
OnEvidence = Callable[[st.DrawFn, Evidence], Evidence]
edit = msgspec.structs.replace


def _pick(draw: st.DrawFn, items: Any) -> Any:
    return draw(st.sampled_from(tuple(items)))


def _consent(draw: st.DrawFn, draft: Draft) -> Yes:
    return _pick(draw, [act for act in draft.acts if isinstance(act, Yes)])  # type: ignore[no-any-return]


def _sound(yes: Yes) -> bool:
    """Whether its length and its request are right, so that making it smaller puts nothing right."""
    most = oracle.WITNESSED_DAYS if yes.witnesses else oracle.PLEDGE_DAYS
    return yes.ends - yes.begins <= most * DAY and (yes.asked is None or yes.asked == Asked())


def _put(draft: Draft, old: Yes, new: Yes) -> Draft:
    return replace(draft, acts=tuple(new if act is old else act for act in draft.acts))


def fewer_types(draw: st.DrawFn, draft: Draft) -> Draft:
    yes = _consent(draw, draft)
    gone = _pick(draw, yes.types)
    if len(yes.types) == 1 or not _sound(yes) or (yes.witnesses and oracle.LEVELS.get(gone[0]) == "H"):
        return draft
    return _put(draft, yes, replace(yes, types=tuple(item for item in yes.types if item != gone)))


def narrower_form(draw: st.DrawFn, draft: Draft) -> Draft:
    yes = _consent(draw, draft)
    category, _ = old = _pick(draw, yes.types)
    form = _pick(draw, oracle.FORMS[1:])
    if old[1] != "whole" or (yes.asked is not None and yes.asked.types is not None):
        return draft
    return _put(
        draft, yes, replace(yes, types=tuple(sorted({item for item in yes.types if item != old} | {(category, form)})))
    )


def shorter(draw: st.DrawFn, draft: Draft) -> Draft:
    yes = _consent(draw, draft)
    by = draw(st.integers(1, 30 * DAY))
    if not _sound(yes) or yes.ends - by <= yes.begins:
        return draft
    return _put(draft, yes, replace(yes, ends=yes.ends - by))


def later(draw: st.DrawFn, draft: Draft) -> Draft:
    yes = _consent(draw, draft)
    by = draw(st.integers(1, 30 * DAY))
    if not _sound(yes) or yes.begins + by >= yes.ends:
        return draft
    return _put(draft, yes, replace(yes, begins=yes.begins + by))


def fewer_named(draw: st.DrawFn, draft: Draft) -> Draft:
    yes = _consent(draw, draft)
    named = draft.named or ()
    about = {name for section in draft.sections for name in section.about}
    if len(named) == 1 or (yes.sender, yes.to) != (draft.sender, draft.to) or not about & set(yes.about):
        return draft
    return replace(draft, named=tuple(label for label in named if label != yes.label))


def revoked(draw: st.DrawFn, draft: Draft) -> Draft:
    yes = _consent(draw, draft)
    return replace(draft, acts=(*draft.acts, No("more", (yes.label,), yes.about, yes.signers, yes.sender, yes.to)))


def replaced(draw: st.DrawFn, draft: Draft) -> Draft:
    yes = _consent(draw, draft)
    return replace(
        draft, acts=(*draft.acts, replace(yes, label="more", types=(("lang", "whole"),), replaces=(yes.label,)))
    )


def unsigned(draw: st.DrawFn, draft: Draft) -> Draft:
    yes = _consent(draw, draft)
    return _put(draft, yes, replace(yes, signed=False))


def unasked(draw: st.DrawFn, draft: Draft) -> Draft:
    yes = _consent(draw, draft)
    return _put(draft, yes, replace(yes, asked=None))


def one_signer_fewer(draw: st.DrawFn, draft: Draft) -> Draft:
    # Who signs no longer has a passkey that a witnessed consent would pass over, or a key that nobody else vouched for.
    yes = _consent(draw, draft)
    if len(yes.signers) == 1 or yes.witnesses or any("-a" in one.vouched[0] for one in draft.people):
        return draft
    gone = _pick(draw, yes.signers)
    return _put(draft, yes, replace(yes, signers=tuple(item for item in yes.signers if item != gone)))


def one_witness_fewer(draw: st.DrawFn, draft: Draft) -> Draft:
    yes = _consent(draw, draft)
    return _put(draft, yes, replace(yes, witnesses=yes.witnesses[1:])) if len(yes.witnesses) > 1 else draft


def older_status(draw: st.DrawFn, draft: Draft) -> Draft:
    return replace(draft, status_age=draft.status_age + draw(st.integers(1, 5000)))


def no_status(draw: st.DrawFn, draft: Draft) -> Draft:
    return replace(draft, stated=False)


def no_thread(draw: st.DrawFn, draft: Draft) -> Draft:
    # A referral begins a conversation: one that names a thread is put right by leaving it out.
    return replace(draft, thread=False) if draft.kind != "referral" else draft


def no_follow_up(draw: st.DrawFn, draft: Draft) -> Draft:
    return replace(draft, **_pick(draw, [{"carried": False}, {"follow_up": False}, {"notice_by": None}]))


ON_DRAFT: dict[str, OnDraft] = {
    item.__name__: item
    for item in (
        fewer_types, narrower_form, shorter, later, fewer_named, revoked, replaced, unsigned, unasked, one_signer_fewer,
        one_witness_fewer, older_status, no_status, no_thread, no_follow_up,
    )
}  # fmt: skip


def _under(evidence: Evidence, rules: Rulebook) -> Evidence:
    old = evidence.setting.rulebook
    return replace(evidence, setting=replace(evidence.setting, rulebook=replace(old, payload=rules)))


def _used(draw: st.DrawFn, evidence: Evidence, field: str) -> tuple[Rulebook, Any]:
    """Pick a rule of the rulebook, mostly one that the message meets."""
    rules = evidence.setting.rulebook.payload
    message = evidence.manifest.payload
    sector = (member_.sector if (member_ := evidence.setting.member(message.to.partner)) else "", message.purpose)
    met = {message.purpose, message.kind, *(entry.payload.type for entry in evidence.entries), *sector}
    items = getattr(rules, field)
    if field == "relevance":
        close = [item for item in items if (item.sector, item.purpose) == sector]
    else:
        close = [item for item in items if getattr(item, "id", getattr(item, "type", None)) in met]
    return rules, _pick(draw, close or items)


def _without(draw: st.DrawFn, evidence: Evidence, field: str) -> Evidence:
    rules, gone = _used(draw, evidence, field)
    return _under(evidence, edit(rules, **{field: tuple(item for item in getattr(rules, field) if item is not gone)}))


def _with(draw: st.DrawFn, evidence: Evidence, field: str, change: Callable[[st.DrawFn, Any], Any]) -> Evidence:
    rules, old = _used(draw, evidence, field)
    new = change(draw, old)
    return _under(
        evidence, edit(rules, **{field: tuple(new if item is old else item for item in getattr(rules, field))})
    )


def _fewer(draw: st.DrawFn, rule: Any, field: str) -> Any:
    items = getattr(rule, field)
    gone = _pick(draw, items) if items else None
    return edit(rule, **{field: tuple(item for item in items if item is not gone)})


def no_rule(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    fields = ("purposes", "kinds", "sectors", "forms", "categories", "parts", "relevance", "report_back")
    return _without(draw, evidence, _pick(draw, fields))


def fewer_in_a_rule(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    name, field = _pick(
        draw, [("purposes", "kinds"), ("kinds", "senders"), ("categories", "forms"), ("relevance", "types"),
               ("report_back", "forms"), ("categories", "files")],
    )  # fmt: skip
    return _with(draw, evidence, name, lambda draw, rule: _fewer(draw, rule, field))


def stricter_allowance(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    def change(draw: st.DrawFn, row: Any) -> Any:
        old = _pick(draw, row.types)
        new = _pick(draw, [edit(old, signed=True), edit(old, condition="court-ordered"), _fewer(draw, old, "forms")])
        return edit(row, types=tuple(new if item is old else item for item in row.types))

    return _with(draw, evidence, "relevance", change)


def stricter_kind(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    # Whether a kind answers a thread is no restriction either way: a kind that must may carry what others may not.
    more = _pick(draw, [{"carried": True}, {"follow_up": True}, {"parts": ("agreement", "report")}])
    return _with(draw, evidence, "kinds", lambda _, rule: edit(rule, **more))


def stricter_category(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    def change(draw: st.DrawFn, rule: Any) -> Any:
        higher = {"O": "S", "S": "H", "H": "H"}[rule.level]
        return edit(
            rule, **_pick(draw, [{"level": higher}, {"limit": rule.limit // 2}, {"file_count": 0}, {"file_bytes": 0}])
        )

    return _with(draw, evidence, "categories", change)


def shorter_durations(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    rules = evidence.setting.rulebook.payload
    days = draw(st.integers(0, 60))
    field = _pick(draw, ["pledge_days", "witnessed_days", "witnessed_renewals", "status_seconds", "at_12_days", "days"])
    if field == "days":
        return _with(draw, evidence, "purposes", lambda _, rule: edit(rule, days=min(days, rule.days), days_highly=0))
    section = "persons" if field == "at_12_days" else "consent"
    old = getattr(rules, section)
    return _under(evidence, edit(rules, **{section: edit(old, **{field: min(days, getattr(old, field))})}))


def stricter_witnessing(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    rules = evidence.setting.rulebook.payload
    levels = _fewer(draw, rules.consent, "witnessed_levels")
    more = _pick(draw, [levels, edit(rules.consent, witnesses=min(4, rules.consent.witnesses + 1))])
    return _under(evidence, edit(rules, consent=more))


def both_parents_for_all(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    rules = evidence.setting.rulebook.payload
    return _under(evidence, edit(rules, persons=edit(rules.persons, conflict_levels=("H", "O", "S"))))


def _members(draw: st.DrawFn, evidence: Evidence) -> str:
    message = evidence.manifest.payload
    return str(_pick(draw, [message.to.partner, message.sender.partner]))


def membership_ends(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    partner = _members(draw, evidence)
    old = evidence.setting.member(partner)
    if old is None:
        return evidence
    chain = _pick(
        draw, [(), (member(partner, old.sector, old.secrecy, NOW),), (member(partner, old.sector, "pledge"),),
               (member(partner, "police", old.secrecy),)],
    )  # fmt: skip
    return replace(
        evidence, setting=replace(evidence.setting, memberships={**evidence.setting.memberships, partner: chain})
    )


def devices_removed(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    partner = _members(draw, evidence)
    held = device_list(partner)
    none = replace(held, payload=edit(held.payload, devices=()))
    chain = _pick(draw, [(), (none,), (held, none)])
    return replace(evidence, setting=replace(evidence.setting, devices={**evidence.setting.devices, partner: chain}))


def directory_ends(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    held = evidence.setting.directory
    ended = replace(held, payload=edit(held.payload, expires=NOW))
    return replace(evidence, setting=replace(evidence.setting, directory=ended))


def _next_version(evidence: Evidence, person: str, **changes: Any) -> Evidence:
    client = evidence.clients[person]
    last = client.versions[-1]
    payload = edit(last.payload, version=last.payload.version + 1, prev=last.d, **changes)
    versions = (*client.versions, Signed(f"{last.d[:-2]}AA", payload, last.signers, last.place))
    return replace(evidence, clients={**evidence.clients, person: Client(versions, client.keys, client.vouches)})


def conflict_known(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    return _next_version(evidence, _pick(draw, sorted(evidence.clients)), conflict=True)


def parent_silenced(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    # Where both must sign, one parent fewer is one signature fewer: silencing restricts only without conflict.
    person = _pick(draw, sorted(evidence.clients))
    known = evidence.clients[person].current
    if known.conflict or not known.authority:
        return evidence
    return _next_version(evidence, person, silenced=tuple(sorted({*known.silenced, _pick(draw, known.authority)})))


def only_the_recipient_vouched(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    person = _pick(draw, sorted(evidence.clients))
    client = evidence.clients[person]
    to = evidence.manifest.payload.to.partner
    keys = tuple(replace(key, payload=edit(key.payload, partner=to)) for key in client.keys)
    return replace(evidence, clients={**evidence.clients, person: Client(client.versions, keys)})


def person_unknown(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    about = {person for entry in evidence.entries for person in entry.payload.about}
    gone = _pick(draw, sorted(about))
    return replace(evidence, clients={name: held for name, held in evidence.clients.items() if name != gone})


def unsigned_message(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    return replace(evidence, manifest=replace(evidence.manifest, signers=frozenset()))


def objected(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    about = {person for entry in evidence.entries for person in entry.payload.about}
    made = _pick(draw, sorted(about))
    maker = _pick(draw, [made, *sorted(evidence.clients)])
    message = evidence.manifest.payload
    flow = _pick(draw, [{}, {"sender": message.sender.party}, {"to": message.to}, {"to": Party(partner="mental-b")}])
    payload = Objection(
        **HEADER,
        household=message.household or hex_id("home"),
        person=maker,
        about=(made,),
        by=Sender(person=maker),
        at=NOW,
        **flow,
    )
    held: Signed[Payload] = Signed(d(f"objection {made}"), payload, frozenset())
    return replace(evidence, records=Records.of_all((*evidence.records.items, held)))


def table_cleared(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    """Somebody gets up from the table, or it closes, or is not shown."""
    message = evidence.manifest.payload
    held = evidence.records.newest(Conference, message.thread or "")
    if held is None:
        return evidence
    left = [party for party in held.payload.invitees if party.partner != held.payload.chair]
    gone = _pick(draw, left)
    # With nobody of the family left there must be more in the message, never less.
    stayed = tuple(party for party in held.payload.invitees if party != gone)
    payload = _pick(draw, [edit(held.payload, ended=True), edit(held.payload, about=(hex_id("nobody"),)), None])
    if len(stayed) > 1 and draw(st.booleans()):
        payload = edit(held.payload, invitees=stayed)
    others = [item for item in evidence.records.items if item.d != held.d]
    kept = others if payload is None else [*others, replace(held, payload=payload)]
    return replace(evidence, records=Records.of_all(kept))


def undeclared(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    kept = [item for item in evidence.records.items if not isinstance(item.payload, Declaration)]
    return replace(evidence, records=Records.of_all(kept))


def request_lost(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    gone = _pick(draw, [*sorted(evidence.requests), None])
    return replace(evidence, requests={name: held for name, held in evidence.requests.items() if name != gone})


def chain_lost(draw: st.DrawFn, evidence: Evidence) -> Evidence:
    gone = _pick(draw, [*sorted(evidence.chains), None])
    return replace(evidence, chains={flow: held for flow, held in evidence.chains.items() if flow != gone})


ON_EVIDENCE: dict[str, OnEvidence] = {
    item.__name__: item
    for item in (
        no_rule, fewer_in_a_rule, stricter_allowance, stricter_kind, stricter_category, shorter_durations,
        stricter_witnessing, both_parents_for_all, membership_ends, devices_removed, directory_ends, conflict_known,
        parent_silenced, only_the_recipient_vouched, person_unknown, unsigned_message, request_lost, chain_lost,
        objected, table_cleared, undeclared,
    )
}  # fmt: skip
