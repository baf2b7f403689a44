// Everything handed over about a message, verified up to the pinned Huis: clients, consent chains, requests, statuses,
// records. As `zegel_keys/casefile.py`, `clients.py` and `consent_chains.py`.

import { digest, typeOf } from "../protocol/dsse.ts";
import { decode } from "../protocol/encoding.ts";
import { refuse } from "../protocol/errors.ts";
import { type Kind, KINDS, type Party, partyKey, type Payload } from "../protocol/objects.ts";
import type { Bytes } from "../protocol/bytes.ts";
import { isRecord, type RecordKind, Records } from "./case_records.ts";
import { Client, Setting } from "./evidence.ts";
import type { Exhibit, Seen, Signed } from "./signed.ts";
import { checkFollows, establish, inTurn, placeOf, type Trust } from "./trust.ts";
import { readPayload, verify } from "./verification.ts";

export type ChainObject = Signed<"consent"> | Signed<"revocation">;

// Verified objects. A flow is the key of a consent chain (`flowKey`). `seen` are the states of the log that receipts
// showed, by the `D` of their object. `aside` are chains of which single links were shown, without the relay's status:
// nothing is believed of them.
export interface CaseFile {
  readonly trust: Trust;
  readonly setting: Setting;
  readonly clients: ReadonlyMap<string, Client>;
  readonly chains: ReadonlyMap<string, readonly ChainObject[]>;
  readonly requests: ReadonlyMap<string, Signed<"consent-request">>;
  readonly statuses: ReadonlyMap<string, Signed<"status">>;
  readonly manifests: ReadonlyMap<string, Signed<"manifest">>;
  readonly records: Records;
  readonly seen: ReadonlyMap<string, Seen>;
  readonly aside: ReadonlySet<string>;
}

// `strict`: every object needs a receipt. `flows` are chains to be read also where the relay states nothing of them.
export async function openCase(
  huis: string, shown: readonly Exhibit[], strict = false, flows: Iterable<string> = [],
): Promise<CaseFile> {
  const trust = await establish(huis, shown, strict);
  await readClients(trust, shown);
  const statuses = await readStatuses(trust, shown);
  const { chains, aside } = await readChains(trust, shown, new Set([...flows, ...statuses.keys()]));
  const requests = await placed(trust, shown, "consent-request");
  const manifests = await placed(trust, shown, "manifest");
  const kinds = [...new Set(shown.map((item) => item.kind).filter(isRecord))];
  const records: Signed<RecordKind>[] = [];
  for (const kind of kinds) records.push(...(await placed(trust, shown, kind)).values());
  const { directory, rulebook } = trust;
  if (directory === null || rulebook === null) return refuse("directory.missing");
  return {
    trust, statuses, chains, requests, manifests, records: new Records(records), seen: trust.seen, aside,
    setting: new Setting(directory, rulebook, trust.listed ?? new Map(), trust.lists), clients: trust.clients,
  };
}

// A consent chain by whom it is about and its two sides, the keys of parties; `readFlow` gives the three back.
export const flowOf = (person: string, from: string, to: string): string => JSON.stringify([person, from, to]);
export const flowKey = (person: string, object: { readonly from: Party; readonly to: Party }): string =>
  flowOf(person, partyKey(object.from), partyKey(object.to));
export const readFlow = (flow: string): [person: string, from: string, to: string] => JSON.parse(flow);

const ofKind = (shown: readonly Exhibit[], kind: Kind): Exhibit[] => shown.filter((item) => item.kind === kind);

async function placed<K extends Kind>(
  trust: Trust, shown: readonly Exhibit[], kind: K,
): Promise<Map<string, Signed<K>>> {
  const read = async (item: Exhibit): Promise<Signed<K>> => verify(item.data, kind, trust, await placeOf(trust, item));
  const found = await inTurn(ofKind(shown, kind), read);
  return new Map(found.map((held) => [held.d, held]));
}

function grouped(shown: readonly Exhibit[], kind: "person" | "client-key"): Map<string, Exhibit[]> {
  const found = new Map<string, { item: Exhibit; version: number }[]>();
  for (const item of ofKind(shown, kind)) {
    const { object } = readPayload(item.data, kind);
    found.set(object.person, [...(found.get(object.person) ?? []), { item, version: object.version }]);
  }
  const sorted = [...found].map(([person, items]): [string, Exhibit[]] => [
    person, items.sort((left, right) => left.version - right.version).map(({ item }) => item),
  ]);
  return new Map(sorted);
}

async function readClients(trust: Trust, shown: readonly Exhibit[]): Promise<void> {
  const versions = grouped(shown, "person");
  const keys = grouped(shown, "client-key");
  const vouches = [...(await placed(trust, shown, "vouch")).values()];
  const clients = new Map<string, Client>();
  for (const [person, items] of versions) {
    const chain = await inTurn(items, async (item) => verify(item.data, "person", trust, await placeOf(trust, item)));
    chain.forEach((held, at) => checkFollows(held, chain[at - 1]));
    const household = chain[0]?.object.household;
    if (chain.some((held) => held.object.household !== household)) refuse("person.household");
    // A first version is held against itself without trusted adults: adding one is a change at any time.
    chain.forEach((held, at) => checkChange(chain[at - 1]?.object ?? { ...held.object, trusted: [] }, held));
    const held = await readKeys(trust, new Client(chain, [], vouches), keys.get(person) ?? []);
    const own = vouches.filter((vouch) => held.some((key) => key.d === vouch.object.client_key));
    clients.set(person, new Client(chain, held, own));
  }
  trust.clients = clients;
}

// Each key is verified with those before it known: the one in force signs, or is given days to object.
async function readKeys(trust: Trust, known: Client, items: readonly Exhibit[]): Promise<Signed<"client-key">[]> {
  const { person, household } = known.current;
  const found: Signed<"client-key">[] = [];
  for (const item of items) {
    trust.clients = new Map([[person, new Client(known.versions, found, known.vouches)]]);
    const held = await verify(item.data, "client-key", trust, await placeOf(trust, item));
    checkFollows(held, found.at(-1));
    if (held.object.household !== household) refuse("person.household");
    found.push(held);
  }
  return found;
}

// Any partner may add what protects; what loosens who is told, or who must say yes, takes workers of two partners.
function checkChange(last: Payload<"person">, { object, signers }: Signed<"person">): void {
  const loosens =
    object.turns12 !== last.turns12 ||
    object.turns18 !== last.turns18 ||
    object.authority.some((holder) => !last.authority.includes(holder)) ||
    last.silenced.some((holder) => object.authority.includes(holder) && !object.silenced.includes(holder)) ||
    (last.conflict && !object.conflict) ||
    (object.trusted ?? []).some((adult) => !(last.trusted ?? []).includes(adult));
  const workers = signers.filter((signer) => signer.role === "device" && signer.worker !== undefined);
  if (loosens && new Set(workers.map((signer) => signer.partner)).size < 2) refuse("person.two-partners");
}

async function readStatuses(trust: Trust, shown: readonly Exhibit[]): Promise<Map<string, Signed<"status">>> {
  const found = new Map<string, Signed<"status">>();
  for (const held of await inTurn(ofKind(shown, "status"), (item) => verify(item.data, "status", trust))) {
    const flow = flowKey(held.object.person, held.object);
    const before = found.get(flow);
    if (before === undefined || before.object.as_of < held.object.as_of) found.set(flow, held);
  }
  return found;
}

type Link = { readonly link: ChainObject["object"]["chains"][number]; readonly held: ChainObject };

async function readChains(
  trust: Trust, shown: readonly Exhibit[], wanted: ReadonlySet<string>,
): Promise<{ chains: Map<string, ChainObject[]>; aside: Set<string> }> {
  const links = new Map<string, Link[]>();
  const aside = new Set<string>();
  const items = shown.filter((each) => each.kind === "consent" || each.kind === "revocation");
  const read = async (item: Exhibit): Promise<ChainObject> => {
    const place = await placeOf(trust, item);
    return item.kind === "consent"
      ? verify(item.data, "consent", trust, place)
      : verify(item.data, "revocation", trust, place);
  };
  for (const held of await inTurn(items, read)) {
    for (const link of held.object.chains) {
      const flow = flowKey(link.person, held.object);
      if (wanted.has(flow)) links.set(flow, [...(links.get(flow) ?? []), { link, held }]);
      else aside.add(flow);
    }
  }
  return { chains: new Map([...links].map(([flow, each]) => [flow, inOrder(each)])), aside };
}

function inOrder(items: Link[]): ChainObject[] {
  items.sort((left, right) => left.link.seq - right.link.seq);
  const chain: ChainObject[] = [];
  for (const { link, held } of items) {
    const last = chain.at(-1);
    if (link.seq !== chain.length + 1 || link.prev !== last?.d) refuse("chain.gap");
    // What has no place yet comes after everything that has.
    if (last?.place && (held.place?.index ?? Infinity) <= last.place.index) refuse("chain.order");
    chain.push(held);
  }
  return chain;
}

// The entries whose payloads were handed over, in the manifest's order. `whole`: all that it names must be there.
export function readEntries(
  manifest: Payload<"manifest">, payloads: readonly Bytes[], whole: boolean,
): Payload<"entry">[] {
  const found = new Map<string, Payload<"entry">>();
  for (const body of payloads) {
    const d = digest(typeOf("entry"), body);
    if (!manifest.entries.includes(d)) refuse("entry.foreign");
    const object = decode(body, KINDS.entry);
    if (object.n !== manifest.entries.indexOf(d)) refuse("entry.number");
    if (object.huis !== manifest.huis) refuse("huis.foreign");
    found.set(d, object);
  }
  if (whole && found.size !== manifest.entries.length) refuse("entry.missing");
  return manifest.entries.map((d) => found.get(d)).filter((entry) => entry !== undefined);
}
