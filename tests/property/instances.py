"""Valid instances of every struct of the wire, as Hypothesis strategies read off the struct types themselves.

Field patterns and ranges come from msgspec's own description of a type, so a new field needs nothing here. What a
struct's `__post_init__` asks across fields (sets are sorted, `prev` from the second version on) is put right in
`REPAIRS`; whatever still does not hold is drawn again.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache, partial
from typing import Any

import msgspec
from hypothesis import assume
from hypothesis import strategies as st

from zegel_protocol.fields import MAX_TIME
from zegel_protocol.objects import (
    acknowledgement,
    client_key,
    conference,
    consent,
    consent_request,
    contact,
    countersignature,
    declaration,
    desk,
    devices,
    directory,
    entry,
    finding,
    inbox_share,
    manifest,
    membership,
    notice,
    objection,
    parties,
    partner_rules,
    person,
    prekeys,
    root,
    rulebook,
    scope,
    stop_card,
    wraps,
)

B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
MOST = 3
"""Members of a list: enough for order and repeats, few enough to be quick."""
MOST_OF: dict[type[Any], int] = {rulebook.Rulebook: 1}
"""Where there are so many lists that most of what is drawn would be too large, and drawn again."""

_BINARY = re.compile(r"\^\[A-Za-z0-9_-\]\{(\d+)\}(?:\[(\w+)\])?\$\(\?!\\n\)")
Fields = dict[str, Any]
_STRUCTS: dict[type[Any], st.SearchStrategy[Any]] = {}


def _binary(full: int, last: str) -> st.SearchStrategy[str]:
    # Few different characters for long keys: a thousand draws for one field would leave no entropy for the rest.
    varied = min(full, 22)
    head = st.text(B64, min_size=varied, max_size=varied).map(lambda text: text + "A" * (full - varied))
    return st.builds(str.__add__, head, st.sampled_from(last)) if last else head


@cache
def _text(pattern: str | None, least: int | None, most: int | None) -> st.SearchStrategy[str]:
    if pattern is None:
        letters = st.characters(codec="utf-8", exclude_characters="\0")
        drawn = st.text(letters, min_size=least or 0, max_size=min(most or 40, 40))
        # The one form of a text; normalising lengthens a few letters threefold, so it is held against the bound again.
        return drawn.map(partial(unicodedata.normalize, "NFC")).filter(lambda text: most is None or len(text) <= most)
    if found := _BINARY.fullmatch(pattern):
        return _binary(int(found[1]), found[2] or "")
    if pattern.startswith("^[A-Za-z0-9_-]"):
        size = (least or 0) + 8 - (least or 0) % 4
        return st.text(B64, min_size=size, max_size=size)
    # Only what JSON and the wire may hold: patterns are ASCII, and `$` alone would let a newline end the text.
    drawn = st.from_regex(re.compile(pattern, re.ASCII)).filter(lambda text: not text.endswith("\n"))
    return drawn.map(lambda text: text[:most]).filter(lambda text: re.search(pattern, text) is not None)


def of(info: msgspec.inspect.Type, most: int = MOST) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of a type, as msgspec describes it."""
    match info:
        case msgspec.inspect.StrType():
            return _text(info.pattern, info.min_length, info.max_length)
        case msgspec.inspect.IntType():
            return st.integers(info.ge if info.ge is not None else 0, info.le)
        case msgspec.inspect.BoolType():
            return st.booleans()
        case msgspec.inspect.NoneType():
            return st.none()
        case msgspec.inspect.LiteralType():
            return st.sampled_from(info.values)
        case msgspec.inspect.UnionType():
            return st.one_of([of(item) for item in info.types])
        case msgspec.inspect.VarTupleType():
            return st.lists(of(info.item_type), max_size=most).map(tuple)
        case msgspec.inspect.StructType():
            return struct(info.cls)
        case _:
            raise TypeError(f"no strategy for {type(info).__name__}: say here how its values are drawn")


def struct(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for valid instances of a struct type."""
    if kind not in _STRUCTS:
        _STRUCTS[kind] = _struct(kind)
    return _STRUCTS[kind]


def _struct(kind: type[Any]) -> st.SearchStrategy[Any]:
    described = msgspec.inspect.type_info(kind)
    assert isinstance(described, msgspec.inspect.StructType)
    most = MOST_OF.get(kind, MOST)
    drawn = {field.name: _later(field.type, most) for field in described.fields}

    def build(fields: Fields) -> Any:
        for repair in REPAIRS.get(kind, ()):
            repair(fields)
        try:
            return kind(**fields)
        except ValueError:
            assume(False)
            raise

    return st.fixed_dictionaries(drawn).map(build)


def _later(info: msgspec.inspect.Type, most: int) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: of(info, most))


def _set(name: str, key: Callable[[Any], str] = str) -> Callable[[Fields], None]:
    def repair(fields: Fields) -> None:
        unique = {key(item): item for item in fields[name]}
        fields[name] = tuple(unique[text] for text in sorted(unique, key=lambda text: text.encode("utf-8")))

    return repair


def _some(name: str, sample: Any, key: Callable[[Any], str] | None = None) -> Callable[[Fields], None]:
    """A list that must not be empty: one fixed member is added, and the set sorted again."""

    def repair(fields: Fields) -> None:
        fields[name] = (*fields[name], sample)
        if key is not None:
            _set(name, key)(fields)

    return repair


def _chained(fields: Fields) -> None:
    fields["prev"] = None if fields.get("version", fields.get("seq")) == 1 else fields["prev"] or _DIGEST


def _either(first: str, *rest: str) -> Callable[[Fields], None]:
    """Exactly one side is set: the first field, or all of the rest."""

    def repair(fields: Fields) -> None:
        if fields[first] is not None or any(fields[name] is None for name in rest):
            fields[first] = fields[first] or _ID
            fields.update(dict.fromkeys(rest))

    return repair


def _ordered(low: str, high: str) -> Callable[[Fields], None]:
    def repair(fields: Fields) -> None:
        first, second = sorted((fields[low], fields[high]))
        fields[low], fields[high] = (first, second) if first < second else (0, max(second, 1))

    return repair


def _links(fields: Fields) -> None:
    fields["about"] = tuple(sorted({*fields["about"], _ID}))
    fields["chains"] = tuple(consent.ChainLink(person=item, seq=1) for item in fields["about"])


def _wrap(fields: Fields) -> None:
    fields["entries"] = tuple(sorted({*fields["entries"], 0}))


def _directory(fields: Fields) -> None:
    fields["issued"] = min(fields["issued"], MAX_TIME - directory.MAX_LIFE)
    fields["expires"] = fields["issued"] + 1 + fields["expires"] % directory.MAX_LIFE
    if fields["freshness_key"] is None or fields["refresh_until"] is None:
        fields["freshness_key"] = fields["refresh_until"] = None


def _person(fields: Fields) -> None:
    fields["authority"] = tuple(sorted(set(fields["authority"]) - {fields["person"]}))
    fields["silenced"] = fields["authority"][:1]
    fields["trusted"] = tuple(sorted(set(fields["trusted"]) - {fields["person"], *fields["silenced"]}))
    fields["turns18"] = fields["turns18"] or fields["turns12"]


def _prekeys(fields: Fields) -> None:
    periods = enumerate((*fields["keys"], _PREKEY))
    fields["keys"] = tuple(
        msgspec.structs.replace(key, not_before=place, not_after=place + 1) for place, key in periods
    )


def _root(fields: Fields) -> None:
    fields["roots"] = tuple(sorted({*fields["roots"], _DIGEST}))
    fields["threshold"] = 1 + fields["threshold"] % len(fields["roots"])


def _manifest(fields: Fields) -> None:
    fields["entries"] = tuple(dict.fromkeys((*fields["entries"], _DIGEST)))
    if fields["sender"].partner is None:
        fields["devices"] = None
    else:
        fields["devices"] = fields["devices"] or _DIGEST
    fields["steps"] = tuple(msgspec.structs.replace(step, n=n) for n, step in enumerate(fields["steps"], 1))


def _step(fields: Fields) -> None:
    others = {item.key: item for item in fields["others"] if item != fields["by"]}
    fields["others"] = tuple(others[key] for key in sorted(others))


def _conference(fields: Fields) -> None:
    chair = parties.Party(partner=fields["chair"])
    seats = {item.key: item for item in (*fields["invitees"], chair, _PARTY, parties.Party(person=_ID))}
    fields["invitees"] = tuple(seats[key] for key in sorted(seats))


def _objection(fields: Fields) -> None:
    if fields["by"].person is not None:
        fields["person"] = fields["by"].person


def _closed(fields: Fields) -> None:
    if not any(fields[name] for name in ("purpose", "kind", "type", "sector")):
        fields["sector"] = "ocmw"


def _shift(fields: Fields) -> None:
    fields["devices"] = tuple(dict.fromkeys((*fields["devices"], _ID)))


def _rota(fields: Fields) -> None:
    shifts = {shift.opens: shift for shift in fields["shifts"]}
    fields["shifts"] = tuple(shifts[opens] for opens in sorted(shifts))


def _absence(fields: Fields) -> None:
    if fields["substitute"] == fields["worker"]:
        fields["substitute"] = _ID if fields["worker"] != _ID else "0" * 32


def _until(fields: Fields) -> None:
    fields["until"] = (fields["until"] or 0) if fields["what"] == "delay" and fields["agrees"] else None


def _hosted(fields: Fields) -> None:
    if fields["host"] == fields["partner"]:
        fields["host"] = None


def _withheld(fields: Fields) -> None:
    readers = {reader.person for reader in fields["readers"]}
    fields["withheld"] = tuple(item for item in fields["withheld"] if item.person not in readers)


def _status(fields: Fields) -> None:
    fields["head"] = None if fields["head_seq"] == 0 else fields["head"] or _DIGEST


def _only_when(flag: str, value: Any, name: str, default: Any) -> Callable[[Fields], None]:
    def repair(fields: Fields) -> None:
        fields[name] = (fields[name] if fields[name] is not None else default) if fields[flag] == value else None

    return repair


def _day(fields: Fields) -> None:
    try:
        date.fromisoformat(fields["on"] or "2026-11-24")
    except ValueError:
        fields["on"] = "2026-11-24"


def _told(fields: Fields) -> None:
    if fields["event"] != "told" or fields["reader"].person is None:
        fields["notice"] = None


def _hours(fields: Fields) -> None:
    opens, closes = sorted((fields["opens"], fields["closes"]))
    fields["opens"], fields["closes"] = (opens, closes) if opens < closes else (opens - 1, closes)


def _contact(fields: Fields) -> None:
    if fields["wording"] == "none":
        fields["key"] = fields["sealed"] = None
    else:
        fields["key"] = fields["key"] or _DIGEST
        fields["sealed"] = fields["sealed"] or "A" * 427
    if fields["by"].person is not None:
        fields["person"] = fields["by"].person


def _due(fields: Fields) -> None:
    fields["due"] = None if fields["code"] == "none-ask" else fields["due"] or 0


_DIGEST = "A" * 43
_ID = "ef" * 16
_SCOPE = scope.Scope(type="plan", form="whole")
_PARTY = parties.Party(partner="clb-gent")
_PREKEY = prekeys.Prekey(seal_key="A" * 1622, not_before=0, not_after=1)

_SCOPES = _some("types", _SCOPE, lambda item: str(item.key))
_SIGNERS = _some("signers", consent.ConsentSigner(person=_ID, role="self"), lambda item: str(item.person))
_WITNESSES = _some(
    "witnesses", consent.Witness(partner="clb-gent", device=_ID), lambda item: f"{item.partner}/{item.device}"
)
_FLOWS = _some("flows", consent_request.Flow(purpose="care", sender=_PARTY, to=_PARTY, types=(_SCOPE,), until=1))
_READERS = _some("readers", _PARTY, lambda item: str(item.key))
_WRAPS = _some("wraps", wraps.Wrap(source=_DIGEST, key=_DIGEST, entries=(0,), box="AAAA"))


def _by_id(item: Any) -> str:
    return str(item.id)


def _by_person(item: Any) -> str:
    return str(item.person)


REPAIRS: dict[type[Any], tuple[Callable[[Fields], None], ...]] = {
    acknowledgement.Acknowledgement: (_set("codes"), _told),
    conference.Conference: (_some("about", _ID, str), _conference, _chained),
    client_key.ClientKey: (_set("passkeys", lambda item: str(item.credential)), _chained),
    contact.Contact: (_contact, _chained),
    contact.Hours: (_hours,),
    consent.ChainLink: (_chained,),
    consent.Consent: (_SCOPES, _SIGNERS, _links, _set("replaces"), _ordered("not_before", "not_after")),
    consent.Revocation: (_some("revokes", _DIGEST, str), _SIGNERS, _links),
    consent.Status: (_status,),
    consent.Witnessed: (_WITNESSES,),
    consent_request.ConsentRequest: (_some("persons", _ID, str), _FLOWS),
    consent_request.Flow: (_SCOPES,),
    countersignature.Countersignature: (_set("codes"), _until),
    declaration.Declaration: (_only_when("what", "secrecy", "manifest", _DIGEST),),
    desk.Procedure: (_set("trained", lambda item: str(item.worker)), _chained),
    desk.Rota: (_rota, _chained),
    desk.Shift: (_ordered("opens", "closes"), _shift),
    devices.Device: (_only_when("service", False, "worker", _ID),),
    devices.DeviceList: (_set("devices", lambda item: str(item.device)), _chained),
    directory.Directory: (
        _set("memberships"), _set("devices", lambda item: str(item.partner)), _set("origins"), _set("bundles"),
        _directory,
    ),
    entry.Entry: (_set("about"), _READERS, _set("withheld", _by_person), _withheld),
    finding.Finding: (_set("codes"),),
    inbox_share.Absence: (_ordered("begins", "ends"), _absence),
    manifest.PlanStep: (_step,),
    manifest.Carried: (_only_when("how", "in-consultation", "on", "2026-11-24"), _day),
    manifest.FollowUp: (_due,),
    manifest.Manifest: (_manifest, _set("follow_up", lambda item: str(item.code))),
    manifest.OnConsent: (_some("consents", _DIGEST, str),),
    membership.Membership: (_chained, _hosted),
    notice.Notice: (_set("codes"),),
    notice.Receipt: (_set("wraps"), _set("notices")),
    objection.Objection: (_some("about", _ID, str), _objection),
    partner_rules.Closed: (_closed,),
    partner_rules.PartnerRules: (_set("closed", lambda item: str(item.key)), _chained),
    parties.Party: (_either("person", "partner"),),
    parties.Sender: (_either("person", "partner", "device"),),
    person.Person: (_set("attesting"), _person, _chained),
    prekeys.Prekeys: (_prekeys,),
    root.Root: (_root, _chained),
    rulebook.RelevanceRule: (_set("types", lambda item: str(item.type)),),
    rulebook.Rulebook: (
        _some("languages", "nl", str),
        *(_set(name, _by_id) for name in ("purposes", "kinds", "sectors", "forms", "categories", "parts", "bases",
                                          "phones")),
        _set("relevance", lambda item: f"{item.purpose}\x01{item.sector}"), _set("report_back", lambda item: item.type),
        _set("holidays"),
    ),
    stop_card.StopCard: (_some("about", _ID, str), _some("consents", _DIGEST, str), _ordered("at", "until")),
    wraps.Wrap: (_wrap,),
    wraps.Wraps: (_WRAPS,),
}  # fmt: skip
