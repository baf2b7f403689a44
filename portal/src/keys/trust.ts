// From the pinned id of a Huis to everything in force (docs/spec/setting.md, "Establishing").

import { type Bytes, digestOf, fromUrl, toUrl } from "../protocol/bytes.ts";
import { openEnvelope, pae, typeOf } from "../protocol/dsse.ts";
import { encode } from "../protocol/encoding.ts";
import { ProtocolError, refuse } from "../protocol/errors.ts";
import { genesis, type Kind, type Payload, possession } from "../protocol/objects.ts";
import { inForce } from "./client_keys.ts";
import { check } from "./ed25519.ts";
import type { Client } from "./evidence.ts";
import { originOf, parseProof, verifyProof } from "./log.ts";
import type { Exhibit, Place, Seen, Signed } from "./signed.ts";
import { kindOf, readPayload, verify } from "./verification.ts";

// Seconds that the clock of whoever dated a device may be ahead of the relay's.
const LEEWAY = 300;
// A place at which every root counts whose own place is not known yet.
const ANY_ROOT: Place = { index: 0, at: 0 };

// What a root says to whoever asks whose keys count.
type Root = Pick<Payload<"root">, "roots" | "threshold">;
type HeldRoot = { readonly object: Root; readonly place: Place | null };
type Device = Payload<"devices">["devices"][number];
interface Found {
  readonly place: Place;
  readonly seen: Seen;
}

export class Trust {
  readonly huis: string;
  readonly strict: boolean;
  roots: HeldRoot[] = [];
  rootChain: Signed<"root">[] = [];
  directories = new Map<string, Signed<"directory">>();
  directory: Signed<"directory"> | null = null;
  members = new Map<string, Signed<"membership">[]>();
  lists = new Map<string, Signed<"devices">[]>();
  // The membership chains of those whom the directory lists, up to what it names.
  listed: Map<string, Signed<"membership">[]> | null = null;
  epochs: Signed<"epoch">[] = [];
  clients: Map<string, Client> = new Map();
  rulebook: Signed<"rulebook"> | null = null;
  // The states of the log that receipts showed, by the `D` of their object.
  readonly seen = new Map<string, Seen>();
  // Receipts that are being checked, or were, by the `D` of their object.
  readonly found = new Map<string, Promise<Found>>();

  constructor(huis: string, strict = false) {
    this.huis = huis;
    this.strict = strict;
  }

  get relayKey(): string | undefined {
    return this.directory?.object.relay_key;
  }

  get rpId(): string {
    return this.directory?.object.rp_id ?? "";
  }

  get origins(): readonly string[] {
    return this.directory?.object.origins ?? [];
  }

  stewardRoots(place: Place | null): Root[] {
    return counting(this.roots, place).map((held) => held.object);
  }

  freshnessKey(base: string | undefined): string | undefined {
    return base === undefined ? undefined : this.directories.get(base)?.object.freshness_key;
  }

  rootKeys(partner: string, place: Place | null): string[] {
    const counted = counting(this.members.get(partner) ?? [], place).map((held) => held.object);
    return counted.filter((it) => place === null || place.at < it.not_after).map((it) => it.root_key);
  }

  // A partner that the directory lists no more has no devices now; what they signed before stays signed.
  devices(partner: string, place: Place | null): Device[] {
    const chain = this.lists.get(partner) ?? [];
    if (place === null) return this.listed?.has(partner) === false ? [] : (chain.at(-1)?.object.devices ?? []);
    const counted = upTo(chain, place)?.object;
    if (counted === undefined || place.at >= counted.expires) return [];
    return counted.devices.filter((it) => it.not_before - LEEWAY <= place.at && place.at < it.not_after);
  }

  partners(): string[] {
    return [...this.lists.keys()].sort();
  }

  client(person: string): Client | undefined {
    return this.clients.get(person);
  }

  clientKeyAt(person: string, place: Place | null): Signed<"client-key"> | undefined {
    const { keys = [], vouches = [] } = this.client(person) ?? {};
    return inForce(keys, vouches, place).counts;
  }
}

// Does the same for each, at the same time, and fails as the first of them in their order that fails.
export async function inTurn<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const done = await Promise.allSettled(items.map(run));
  return done.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

// The version that counted at a place (null: the newest); more than one where the log does not tell.
function counting<T extends { readonly place: Place | null }>(chain: readonly T[], place: Place | null): T[] {
  if (place === null) return chain.slice(-1);
  let counted: T[] = [];
  for (const held of chain) {
    if (held.place === null) counted.push(held);
    else if (held.place.index < place.index) counted = [held];
  }
  return counted;
}

function upTo<T extends { readonly place: Place | null }>(chain: readonly T[], place: Place | null): T | undefined {
  let found: T | undefined;
  for (const held of chain) {
    if (place !== null && held.place !== null && held.place.index > place.index) break;
    found = held;
  }
  return found;
}

export function huisOf(roots: readonly string[], threshold: number): string {
  const body = encode(genesis.read({ roots: [...roots].sort(), threshold }));
  return digestOf(pae(typeOf("genesis"), body));
}

// An envelope as it was handed over: not believed yet.
export function exhibit(data: Bytes, receipt: Bytes | null = null): Exhibit {
  const { type, d } = openEnvelope(data);
  return { kind: kindOf(type), d, data, receipt };
}

export async function checkReceipt(
  data: Bytes, d: string, trust: Trust, logKey: string,
): Promise<Found & { readonly receipt: Signed<"receipt"> }> {
  const receipt = await verify(data, "receipt", trust);
  if (receipt.object.object !== d) refuse("log.receipt");
  const origin = originOfProof(receipt.object.proof, trust);
  const found = await verifyProof(receipt.object.proof, fromUrl(d, 32), origin, logKey);
  const { size, root } = found.checkpoint;
  return { receipt, place: { index: found.index, at: receipt.object.accepted_at }, seen: { size, root: toUrl(root) } };
}

// A receipt of an earlier epoch holds as far as the log was kept.
function originOfProof(proof: string, trust: Trust): string {
  if (trust.epochs.length === 0) return originOf(trust.huis);
  const { checkpoint: head } = parseProof(proof);
  const numbers = [0, ...trust.epochs.map((held) => held.object.number)];
  const number = numbers.find((it) => originOf(trust.huis, it) === head.origin) ?? refuse("log.foreign");
  const lost = ({ object }: Signed<"epoch">): boolean => number < object.number && head.size > object.last.size;
  return trust.epochs.some(lost) ? refuse("log.dropped") : head.origin;
}

// The origin of the log that counts now.
export const originNow = (trust: Trust): string => originOf(trust.huis, trust.epochs.at(-1)?.object.number ?? 0);

// Whether whoever saw the log like that, in an object they made at `madeAt` (seconds), saw what was lost since.
export const isDropped = (trust: Trust, seen: Seen, madeAt: number): boolean =>
  trust.epochs.some(({ object }) => madeAt < object.at && seen.size > object.last.size);

// Where an object stands in the log, by its receipt; each receipt is checked once.
export async function placeOf(trust: Trust, item: Exhibit): Promise<Place | null> {
  if (item.receipt === null) return trust.strict ? refuse("log.receipt") : null;
  const { place, seen } = await foundOf(trust, item, item.receipt);
  trust.seen.set(item.d, seen);
  return place;
}

function foundOf(trust: Trust, item: Exhibit, receipt: Bytes): Promise<Found> {
  const known = trust.found.get(item.d);
  if (known !== undefined) return known;
  const logKey = trust.directory?.object.log_key ?? refuse("log.receipt");
  const found = checkReceipt(receipt, item.d, trust, logKey);
  trust.found.set(item.d, found);
  // Whoever asks for it hears of a failure; until then it is nobody's.
  found.catch(() => undefined);
  return found;
}

// `strict`: every object needs a receipt, so that a relay cannot keep its place in the log to itself.
export async function establish(huis: string, shown: readonly Exhibit[], strict = false): Promise<Trust> {
  const trust = new Trust(huis, strict);
  await readRoots(trust, shown);
  await readDirectories(trust, shown);
  await readEpochs(trust, shown);
  // All receipts at once: checking them is most of the work, and a browser does that beside this thread.
  for (const item of shown) if (item.receipt !== null) void foundOf(trust, item, item.receipt);
  const placed = async (held: Signed<"root">) => ({ ...held, place: await placeIn(trust, shown, held) });
  trust.rootChain = await inTurn(trust.rootChain, placed);
  trust.roots = [...trust.rootChain];
  await checkDirectories(trust, shown);
  await checkEpochs(trust, shown);
  const directory = trust.directory?.object ?? refuse("directory.missing");
  trust.members = await readChains(trust, shown, "membership");
  const listed = membersOf(trust, directory);
  // What partners signed before they left is still to be judged, so all chains are kept; only those listed act now.
  const ofMembers = shown.filter(
    (item) => item.kind === "devices" && trust.members.has(readPayload(item.data, "devices").object.partner),
  );
  trust.lists = await readChains(trust, ofMembers, "devices");
  trust.listed = listed;
  // A refresh cannot go back behind the directory that it refreshes.
  for (const stated of [directory, trust.directories.get(directory.base ?? "")?.object]) checkLists(trust, stated);
  await inTurn([...trust.lists.values()], (chain) => checkPossession(huis, chain.at(-1)?.object));
  const rules = shown.find((item) => item.d === directory.rulebook) ?? refuse("directory.incomplete");
  trust.rulebook = await verify(rules.data, "rulebook", trust, await placeOf(trust, rules));
  return trust;
}

async function placeIn(trust: Trust, shown: readonly Exhibit[], held: Signed): Promise<Place | null> {
  const item = shown.find((one) => one.d === held.d);
  return item === undefined ? held.place : placeOf(trust, item);
}

type Versioned = "root" | "directory" | "membership" | "devices";
interface Read<K extends Kind> {
  readonly item: Exhibit;
  readonly object: Payload<K>;
  readonly d: string;
}

const read = <K extends Kind>(shown: readonly Exhibit[], kind: K): Read<K>[] =>
  shown.filter((item) => item.kind === kind).map((item) => ({ item, ...readPayload(item.data, kind) }));

const byVersion = <K extends Versioned>(items: readonly Read<K>[]): Read<K>[] =>
  [...items].sort((left, right) => left.object.version - right.object.version);

async function readRoots(trust: Trust, shown: readonly Exhibit[]): Promise<void> {
  for (const { item, object } of byVersion(read(shown, "root"))) {
    const last = trust.rootChain.at(-1);
    if (last === undefined) {
      if (object.version !== 1 || huisOf(object.roots, object.threshold) !== trust.huis) refuse("root.foreign");
    } else if (object.version !== last.object.version + 1 || object.prev !== last.d) {
      refuse("chain.gap");
    }
    const signer = new Trust(trust.huis);
    signer.roots = [last ?? { object, place: null }];
    trust.rootChain.push(await verify(item.data, "root", signer));
  }
  if (trust.rootChain.length === 0) refuse("root.missing");
  trust.roots = [...trust.rootChain];
}

async function readDirectories(trust: Trust, shown: readonly Exhibit[]): Promise<void> {
  for (const { item, object } of byVersion(read(shown, "directory"))) {
    // Any root in the chain for now: which of them counted is asked once the directory's own place is known.
    const held = { ...(await verify(item.data, "directory", trust, ANY_ROOT)), place: null };
    if (object.base !== undefined) checkRefresh(object, trust.directories.get(object.base)?.object);
    trust.directories.set(held.d, held);
    trust.directory = held;
  }
  if (trust.directory === null) refuse("directory.missing");
}

const KEPT = [
  "memberships", "rulebook", "relay_key", "log_key", "rp_id", "origins", "bundles", "freshness_key", "refresh_until",
] as const;

function checkRefresh(now: Payload<"directory">, base: Payload<"directory"> | undefined): void {
  if (base === undefined || base.base !== undefined || base.refresh_until === undefined) {
    return refuse("directory.refresh");
  }
  const same = KEPT.every((name) => JSON.stringify(now[name]) === JSON.stringify(base[name]));
  if (!same || now.version <= base.version || now.expires > base.refresh_until) refuse("directory.refresh");
}

// Before any receipt is read: they say which log one may be of.
async function readEpochs(trust: Trust, shown: readonly Exhibit[]): Promise<void> {
  const found = new Map<string, Signed<"epoch">>();
  for (const { item } of read(shown, "epoch")) {
    found.set(item.d, { ...(await verify(item.data, "epoch", trust, ANY_ROOT)), place: null });
  }
  const numbers = new Set([...found.values()].map((held) => held.object.number));
  if (numbers.size !== found.size) refuse("epoch.number");
  trust.epochs = [...found.values()].sort((left, right) => left.object.number - right.object.number);
}

async function checkEpochs(trust: Trust, shown: readonly Exhibit[]): Promise<void> {
  trust.epochs = await inTurn(trust.epochs, async (held) => ({ ...held, place: await placeIn(trust, shown, held) }));
  for (const held of trust.epochs) {
    if (!trust.stewardRoots(held.place).some(signedEnough(held))) refuse("signature.missing");
    if (held.place !== null && held.place.index !== held.object.last.size) refuse("log.epoch");
  }
}

function signedEnough(held: Signed): (root: Root) => boolean {
  const keys = new Set(held.signers.map((signer) => signer.key));
  return ({ roots, threshold }) => roots.filter((key) => keys.has(key)).length >= threshold;
}

async function checkDirectories(trust: Trust, shown: readonly Exhibit[]): Promise<void> {
  for (const item of shown) {
    const held = trust.directories.get(item.d);
    if (held === undefined || held.object.base !== undefined) continue;
    const place = await placeOf(trust, item);
    if (!trust.stewardRoots(place).some(signedEnough(held))) refuse("signature.missing");
  }
}

// The membership chains up to what the directory lists: later ones are not in force yet, others no more.
function membersOf(trust: Trust, directory: Payload<"directory">): Map<string, Signed<"membership">[]> {
  const named = new Set(directory.memberships);
  const found = new Map<string, Signed<"membership">[]>();
  for (const [partner, chain] of trust.members) {
    const last = chain.findIndex((held) => named.has(held.d));
    if (last >= 0) found.set(partner, chain.slice(0, last + 1));
  }
  return found.size === named.size ? found : refuse("directory.incomplete");
}

function checkLists(trust: Trust, directory: Payload<"directory"> | undefined): void {
  for (const { partner, devices } of directory?.devices ?? []) {
    if (!(trust.lists.get(partner) ?? []).some((held) => held.d === devices)) refuse("directory.incomplete");
  }
}

async function readChains<K extends "membership" | "devices">(
  trust: Trust, shown: readonly Exhibit[], kind: K,
): Promise<Map<string, Signed<K>[]>> {
  const chains = new Map<string, Signed<K>[]>();
  const items = byVersion(read(shown, kind));
  const held = await inTurn(items, async ({ item }) => verify(item.data, kind, trust, await placeOf(trust, item)));
  for (const one of held) {
    const chain = chains.get(one.object.partner) ?? [];
    checkFollows(one, chain.at(-1));
    chains.set(one.object.partner, [...chain, one]);
  }
  return chains;
}

interface Follows {
  readonly object: { readonly version: number; readonly prev?: string | undefined };
  readonly d: string;
  readonly place: Place | null;
}

export function checkFollows(held: Follows, last: Follows | undefined): void {
  const { version, prev } = held.object;
  if (version !== (last?.object.version ?? 0) + 1 || prev !== last?.d) refuse("chain.gap");
  if (last?.place && held.place && held.place.index <= last.place.index) refuse("chain.order");
}

async function checkPossession(huis: string, list: Payload<"devices"> | undefined): Promise<void> {
  await inTurn(list?.devices ?? [], async ({ device, worker, sign_key, proof }) => {
    const body = encode(possession.read({ huis, partner: list?.partner, device, worker, sign_key }));
    try {
      await check(sign_key, pae(typeOf("possession"), body), fromUrl(proof, 64));
    } catch (error) {
      if (error instanceof ProtocolError && error.code.startsWith("signature.")) refuse("devices.proof");
      throw error;
    }
  });
}
