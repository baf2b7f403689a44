"""The case file: everything handed over about a message, verified up to the pinned Huis, as evidence for `decide()`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from zegel_keys.clients import read_clients
from zegel_keys.consent_chains import read_chains, read_requests, read_statuses
from zegel_keys.exhibit import Exhibit
from zegel_keys.receipts import check_receipt
from zegel_keys.trust import Trust, establish
from zegel_keys.verification import verify
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.errors import ChainError, LogError, MalformedError
from zegel_protocol.evidence import ChainObject, Client, Evidence, Flow, Setting
from zegel_protocol.objects import ConsentRequest, Entry, Manifest, Payload, Status
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.records import RECORDS, Records
from zegel_protocol.signed import Place, Signed


@dataclass(frozen=True)
class CaseFile:
    """Verified objects. `seen` are the log states that receipts showed, by the `D` of their object.

    `aside` are chains of which single links were shown, without the relay's status: nothing is believed of them.
    """

    trust: Trust
    clients: Mapping[str, Client]
    chains: Mapping[Flow, tuple[ChainObject, ...]]
    requests: Mapping[str, Signed[ConsentRequest]]
    statuses: Mapping[Flow, Signed[Status]]
    manifests: Mapping[str, Signed[Manifest]]
    records: Records = field(default_factory=Records)
    seen: Mapping[str, Seen] = field(default_factory=dict)
    aside: frozenset[Flow] = frozenset()

    @property
    def setting(self) -> Setting:
        """What is in force in the Huis."""
        if self.trust.setting is None:
            raise ChainError("directory.missing", "no directory came with the evidence")
        return self.trust.setting

    def evidence(self, manifest: Signed[Manifest], entries: Iterable[Signed[Entry]]) -> Evidence:
        """Return the evidence for one message."""
        thread = manifest.payload.thread
        began = next((held for held in self.manifests.values() if held.payload.id == thread), None)
        return Evidence(
            setting=self.setting,
            manifest=manifest,
            entries=tuple(entries),
            clients=self.clients,
            chains=self.chains,
            requests=self.requests,
            statuses=self.statuses,
            thread=began if thread is not None and manifest.payload.id != thread else None,
            answered=self.manifests.get(manifest.payload.answers or ""),
            records=self.records,
        )


class Reader:
    """Gives exhibits their place: by their own, or by checking their receipt against the relay that is trusted.

    `strict`: an object without either is refused, so that a relay cannot keep its place in the log to itself.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict
        self.seen: dict[str, Seen] = {}

    def place(self, trust: Trust, exhibit: Exhibit) -> Place | None:
        """Return where an exhibit stands in the log; None for one that no relay accepted yet.

        Raises `LogError` and verification errors for a receipt that does not hold.
        """
        if exhibit.place is not None:
            return exhibit.place
        if exhibit.receipt is None:
            if self._strict:
                raise LogError("log.receipt", "the relay shows an object and no receipt for it")
            return None
        if trust.directory is None:
            raise LogError("log.receipt", "no directory says which relay may give receipts")
        _, place, seen = check_receipt(exhibit.receipt, exhibit.d, trust, trust.directory.payload.log_key)
        self.seen[exhibit.d] = seen
        return place


def open_case(
    huis: str,
    exhibits: Iterable[Exhibit],
    known: Trust | None = None,
    flows: Iterable[Flow] = (),
    *,
    strict: bool = False,
) -> CaseFile:
    """Return the case file of the exhibits. `known` is trust established before; then its setting is used as it is.

    `strict`: every object needs a place or a receipt (see `Reader`). Consent chains are read for `flows`, and
    for every flow that the exhibits hold the relay's status of.

    Raises `ProtocolError` for whatever does not verify: a case file holds nothing else.
    """
    shown, reader = tuple(exhibits), Reader(strict=strict)
    trust = known if known is not None else establish(huis, shown, reader.place)
    clients = read_clients(trust, shown, reader.place)
    trust = trust.with_clients(clients)
    statuses = read_statuses(trust, shown)
    chains, aside = read_chains(trust, shown, reader.place, {*flows, *statuses})
    return CaseFile(
        trust=trust,
        clients=clients,
        chains=chains,
        requests=read_requests(trust, shown, reader.place),
        statuses=statuses,
        manifests=_manifests(trust, shown, reader),
        records=_records(trust, shown, reader),
        seen=reader.seen,
        aside=aside,
    )


def _manifests(trust: Trust, shown: tuple[Exhibit, ...], reader: Reader) -> dict[str, Signed[Manifest]]:
    found: dict[str, Signed[Manifest]] = {}
    for item in shown:
        if item.kind == Manifest.KIND:
            found[item.d] = verify(item.envelope, Manifest, trust, reader.place(trust, item))
    return found


def _records(trust: Trust, shown: tuple[Exhibit, ...], reader: Reader) -> Records:
    found: list[Signed[Payload]] = []
    for item in shown:
        kind = RECORDS.get(item.kind)
        if kind is not None:
            place = reader.place(trust, item)
            found.append(replace(verify(item.envelope, kind, trust, place), place=place))
    return Records.of_all(found)


def read_entries(manifest: Manifest, payloads: Iterable[str], *, whole: bool) -> tuple[Signed[Entry], ...]:
    """Return the entries whose payloads (base64url) were handed over, in the manifest's order.

    `whole`: all that the manifest names must be there (sender and relay); else some may be kept from this reader.
    Raises `MalformedError` (`entry.foreign`: not named by the manifest; `entry.missing`; `entry.number`).
    """
    media_type = dsse.payload_type(Entry.KIND)
    found: dict[str, Signed[Entry]] = {}
    for text in payloads:
        body = b64.decode(text)
        d = dsse.digest(media_type, body)
        if d not in manifest.entries:
            raise MalformedError("entry.foreign", "an entry that its manifest does not name")
        payload = encoding.decode(body, Entry)
        if payload.n != manifest.entries.index(d):
            raise MalformedError("entry.number", "an entry stands at another place than its number says")
        if payload.huis != manifest.huis:
            raise ChainError("huis.foreign", "an entry of another Huis")
        found[d] = Signed(d, payload, frozenset())
    if whole and len(found) != len(manifest.entries):
        raise MalformedError("entry.missing", "an entry that the manifest names is missing")
    return tuple(found[d] for d in manifest.entries if d in found)


__all__ = ["CaseFile", "Reader", "open_case", "read_entries"]
