// From the pinned id of a Huis to everything in force (docs/spec/setting.md, "Establishing").

import { digestOf, fromUrl, toUrl } from "../protocol/bytes.ts";
import { inForce } from "./client_keys.ts";
import { openEnvelope, pae, typeOf } from "../protocol/dsse.ts";
import { check } from "./ed25519.ts";
import { encode } from "../protocol/encoding.ts";
import { ProtocolError, refuse } from "../protocol/errors.ts";
import { originOf, parseProof, verifyProof } from "./log.ts";
import { genesis, possession } from "../protocol/objects.ts";
import { kindOf, readPayload, verify } from "./verification.ts";

// Seconds that the clock of whoever dated a device may be ahead of the relay's.
const LEEWAY = 300;
// A place at which every root counts whose own place is not known yet.
const ANY_ROOT = { index: 0, at: 0 };

export class Trust {
  constructor(huis) {
    Object.assign(this, { huis, roots: [], directories: new Map(), members: new Map(), lists: new Map(), epochs: [] });
    Object.assign(this, { clients: new Map(), directory: null, rulebook: null, listed: null });
  }

  get relayKey() {
    return this.directory?.object.relay_key;
  }

  get rpId() {
    return this.directory?.object.rp_id ?? "";
  }

  get origins() {
    return this.directory?.object.origins ?? [];
  }

  stewardRoots(place) {
    return counting(this.roots, place).map((held) => held.object);
  }

  freshnessKey(base) {
    return base === undefined ? undefined : this.directories.get(base)?.object.freshness_key;
  }

  rootKeys(partner, place) {
    const counted = counting(this.members.get(partner) ?? [], place).map((held) => held.object);
    return counted.filter((it) => place === null || place.at < it.not_after).map((it) => it.root_key);
  }

  // A partner that the directory lists no more has no devices now; what they signed before stays signed.
  devices(partner, place) {
    const chain = this.lists.get(partner) ?? [];
    if (place === null) return this.listed?.has(partner) === false ? [] : (chain.at(-1)?.object.devices ?? []);
    const counted = upTo(chain, place)?.object;
    if (counted === undefined || place.at >= counted.expires) return [];
    return counted.devices.filter((it) => it.not_before - LEEWAY <= place.at && place.at < it.not_after);
  }

  partners() {
    return [...this.lists.keys()].sort();
  }

  client(person) {
    return this.clients.get(person);
  }

  clientKeyAt(person, place) {
    const { keys = [], vouches = [] } = this.client(person) ?? {};
    return inForce(keys, vouches, place).counts;
  }
}

// The version that counted at a place (null: the newest); more than one where the log does not tell.
function counting(chain, place) {
  if (place === null) return chain.slice(-1);
  let counted = [];
  for (const held of chain) {
    if (held.place === null) counted.push(held);
    else if (held.place.index < place.index) counted = [held];
  }
  return counted;
}

function upTo(chain, place) {
  let found;
  for (const held of chain) {
    if (place !== null && held.place !== null && held.place.index > place.index) break;
    found = held;
  }
  return found;
}

export function huisOf(roots, threshold) {
  const body = encode(genesis.read({ roots: [...roots].sort(), threshold }));
  return digestOf(pae(typeOf("genesis"), body));
}

// An envelope as it was handed over: not believed yet.
export function exhibit(data, receipt = null) {
  const { type, d } = openEnvelope(data);
  return { kind: kindOf(type), d, data, receipt };
}

export async function checkReceipt(data, d, trust, logKey) {
  const receipt = await verify(data, "receipt", trust);
  if (receipt.object.object !== d) refuse("log.receipt");
  const origin = originOfProof(receipt.object.proof, trust);
  const found = await verifyProof(receipt.object.proof, fromUrl(d, 32), origin, logKey);
  const { size, root } = found.checkpoint;
  return { receipt, place: { index: found.index, at: receipt.object.accepted_at }, seen: { size, root: toUrl(root) } };
}

// A receipt of an earlier epoch holds as far as the log was kept.
function originOfProof(proof, trust) {
  if (trust.epochs.length === 0) return originOf(trust.huis);
  const { checkpoint: head } = parseProof(proof);
  const numbers = [0, ...trust.epochs.map((held) => held.object.number)];
  const number = numbers.find((it) => originOf(trust.huis, it) === head.origin) ?? refuse("log.foreign");
  const lost = ({ object }) => number < object.number && head.size > object.last.size;
  return trust.epochs.some(lost) ? refuse("log.dropped") : head.origin;
}

export async function placeOf(trust, item) {
  if (item.receipt === null) return trust.strict ? refuse("log.receipt") : null;
  return (await checkReceipt(item.receipt, item.d, trust, trust.directory.object.log_key)).place;
}

// `strict`: every object needs a receipt, so that a relay cannot keep its place in the log to itself.
export async function establish(huis, shown, strict = false) {
  const trust = Object.assign(new Trust(huis), { strict });
  await readRoots(trust, shown);
  await readDirectories(trust, shown);
  await readEpochs(trust, shown);
  for (const held of trust.roots) {
    for (const item of shown) if (item.d === held.d) held.place = await placeOf(trust, item);
  }
  await checkDirectories(trust, shown);
  await checkEpochs(trust, shown);
  const { object: directory } = trust.directory;
  trust.members = await readChains(trust, shown, "membership", "partner");
  const inForce = membersOf(trust, directory);
  // What partners signed before they left is still to be judged, so all chains are kept; only those listed act now.
  const ofMembers = shown.filter(
    (item) => item.kind === "devices" && trust.members.has(readPayload(item.data, "devices").object.partner),
  );
  trust.lists = await readChains(trust, ofMembers, "devices", "partner");
  trust.listed = inForce;
  // A refresh cannot go back behind the directory that it refreshes.
  for (const stated of [directory, trust.directories.get(directory.base)?.object]) checkLists(trust, stated);
  for (const chain of trust.lists.values()) await checkPossession(huis, chain.at(-1).object);
  const rules = shown.find((item) => item.d === directory.rulebook) ?? refuse("directory.incomplete");
  trust.rulebook = await verify(rules.data, "rulebook", trust, await placeOf(trust, rules));
  return trust;
}

const byVersion = (items) => [...items].sort((left, right) => left.object.version - right.object.version);

const read = (shown, kind) =>
  shown.filter((item) => item.kind === kind).map((item) => ({ item, ...readPayload(item.data, kind) }));

async function readRoots(trust, shown) {
  for (const { item, object } of byVersion(read(shown, "root"))) {
    const last = trust.roots.at(-1);
    if (last === undefined) {
      if (object.version !== 1 || huisOf(object.roots, object.threshold) !== trust.huis) refuse("root.foreign");
    } else if (object.version !== last.object.version + 1 || object.prev !== last.d) {
      refuse("chain.gap");
    }
    const signer = new Trust(trust.huis);
    signer.roots = [last ?? { object, place: null }];
    trust.roots.push(await verify(item.data, "root", signer));
  }
  if (trust.roots.length === 0) refuse("root.missing");
}

async function readDirectories(trust, shown) {
  for (const { item, object } of byVersion(read(shown, "directory"))) {
    // Any root in the chain for now: which of them counted is asked once the directory's own place is known.
    const held = { ...(await verify(item.data, "directory", trust, ANY_ROOT)), place: null };
    if (object.base !== undefined) checkRefresh(object, trust.directories.get(object.base)?.object);
    trust.directories.set(held.d, held);
    trust.directory = held;
  }
  if (trust.directory === null) refuse("directory.missing");
}

function checkRefresh(now, base) {
  if (base === undefined || base.base !== undefined || base.refresh_until === undefined) refuse("directory.refresh");
  const kept = [
    "memberships", "rulebook", "relay_key", "log_key", "rp_id", "origins", "bundles", "freshness_key", "refresh_until",
  ];
  const same = kept.every((name) => JSON.stringify(now[name]) === JSON.stringify(base[name]));
  if (!same || now.version <= base.version || now.expires > base.refresh_until) refuse("directory.refresh");
}

// Before any receipt is read: they say which log one may be of.
async function readEpochs(trust, shown) {
  const found = new Map();
  for (const { item } of read(shown, "epoch")) {
    found.set(item.d, { ...(await verify(item.data, "epoch", trust, ANY_ROOT)), place: null });
  }
  const numbers = new Set([...found.values()].map((held) => held.object.number));
  if (numbers.size !== found.size) refuse("epoch.number");
  trust.epochs = [...found.values()].sort((left, right) => left.object.number - right.object.number);
}

async function checkEpochs(trust, shown) {
  for (const held of trust.epochs) {
    for (const item of shown) if (item.d === held.d) held.place = await placeOf(trust, item);
  }
  for (const held of trust.epochs) {
    if (!trust.stewardRoots(held.place).some(signedEnough(held))) refuse("signature.missing");
    if (held.place !== null && held.place.index !== held.object.last.size) refuse("log.epoch");
  }
}

function signedEnough(held) {
  const keys = new Set(held.signers.map((signer) => signer.key));
  return ({ roots, threshold }) => roots.filter((key) => keys.has(key)).length >= threshold;
}

async function checkDirectories(trust, shown) {
  for (const item of shown) {
    const held = trust.directories.get(item.d);
    if (held === undefined || held.object.base !== undefined) continue;
    const place = await placeOf(trust, item);
    if (!trust.stewardRoots(place).some(signedEnough(held))) refuse("signature.missing");
  }
}

// The membership chains up to what the directory lists: later ones are not in force yet, others no more.
function membersOf(trust, directory) {
  const named = new Set(directory.memberships);
  const found = new Map();
  for (const [partner, chain] of trust.members) {
    const last = chain.findIndex((held) => named.has(held.d));
    if (last >= 0) found.set(partner, chain.slice(0, last + 1));
  }
  return found.size === named.size ? found : refuse("directory.incomplete");
}

function checkLists(trust, directory) {
  for (const { partner, devices } of directory?.devices ?? []) {
    if (!(trust.lists.get(partner) ?? []).some((held) => held.d === devices)) refuse("directory.incomplete");
  }
}

async function readChains(trust, shown, kind, owner) {
  const chains = new Map();
  for (const { item, object } of byVersion(read(shown, kind))) {
    const chain = chains.get(object[owner]) ?? [];
    const held = await verify(item.data, kind, trust, await placeOf(trust, item));
    checkFollows(held, chain.at(-1));
    chains.set(object[owner], [...chain, held]);
  }
  return chains;
}

export function checkFollows(held, last) {
  const { version, prev } = held.object;
  if (version !== (last?.object.version ?? 0) + 1 || prev !== last?.d) refuse("chain.gap");
  if (last?.place && held.place && held.place.index <= last.place.index) refuse("chain.order");
}

async function checkPossession(huis, { partner, devices }) {
  for (const { device, worker, sign_key, proof } of devices) {
    const body = encode(possession.read({ huis, partner, device, worker, sign_key }));
    try {
      await check(sign_key, pae(typeOf("possession"), body), fromUrl(proof, 64));
    } catch (error) {
      if (error instanceof ProtocolError && error.code.startsWith("signature.")) refuse("devices.proof");
      throw error;
    }
  }
}
