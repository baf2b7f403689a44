// Everything handed over about a message, verified up to the pinned Huis: clients, consent chains, requests, statuses.

import { digest, typeOf } from "../protocol/dsse.ts";
import { decode } from "../protocol/encoding.ts";
import { refuse } from "../protocol/errors.ts";
import { KINDS, partyKey } from "../protocol/objects.ts";
import { checkFollows, establish, placeOf } from "./trust.ts";
import { readPayload, verify } from "./verification.ts";

export async function openCase(huis, shown, strict = false) {
  const trust = await establish(huis, shown, strict);
  await readClients(trust, shown);
  const statuses = await readStatuses(trust, shown);
  const chains = await readChains(trust, shown, statuses);
  const requests = new Map();
  for (const item of shown.filter((each) => each.kind === "consent-request")) {
    requests.set(item.d, await verify(item.data, item.kind, trust, await placeOf(trust, item)));
  }
  const manifests = [];
  for (const item of shown.filter((each) => each.kind === "manifest")) {
    manifests.push(await verify(item.data, item.kind, trust, await placeOf(trust, item)));
  }
  return { trust, statuses, chains, requests, manifests };
}

const flowKey = (person, object) => JSON.stringify([person, partyKey(object.from), partyKey(object.to)]);

function grouped(shown, kind) {
  const found = new Map();
  for (const item of shown.filter((each) => each.kind === kind)) {
    const { object } = readPayload(item.data, kind);
    found.set(object.person, [...(found.get(object.person) ?? []), { item, version: object.version }]);
  }
  for (const items of found.values()) items.sort((left, right) => left.version - right.version);
  return found;
}

async function readClients(trust, shown) {
  const versions = grouped(shown, "person");
  const keys = grouped(shown, "client-key");
  const vouches = [];
  for (const item of shown.filter((each) => each.kind === "vouch")) {
    vouches.push(await verify(item.data, "vouch", trust, await placeOf(trust, item)));
  }
  const clients = new Map();
  for (const [person, items] of versions) {
    const client = { versions: [], keys: [], vouches };
    for (const { item } of items) {
      const held = await verify(item.data, "person", trust, await placeOf(trust, item));
      checkFollows(held, client.versions.at(-1));
      client.versions.push(held);
    }
    const { household } = client.versions[0].object;
    if (client.versions.some((held) => held.object.household !== household)) refuse("person.household");
    // A first version is held against itself without trusted adults: adding one is a change at any time.
    checkChange({ ...client.versions[0].object, trusted: [] }, client.versions[0]);
    client.versions.slice(1).forEach((held, at) => checkChange(client.versions[at].object, held));
    // Each key is verified with those before it known: the one in force signs, or is given days to object.
    trust.clients = new Map([[person, client]]);
    for (const { item } of keys.get(person) ?? []) {
      const held = await verify(item.data, "client-key", trust, await placeOf(trust, item));
      checkFollows(held, client.keys.at(-1));
      if (held.object.household !== household) refuse("person.household");
      client.keys.push(held);
    }
    client.vouches = vouches.filter((vouch) => client.keys.some((held) => held.d === vouch.object.client_key));
    clients.set(person, client);
  }
  trust.clients = clients;
}

// Any partner may add what protects; what loosens who is told, or who must say yes, takes workers of two partners.
function checkChange(last, { object, signers }) {
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

async function readStatuses(trust, shown) {
  const found = new Map();
  for (const item of shown.filter((each) => each.kind === "status")) {
    const held = await verify(item.data, "status", trust);
    const flow = flowKey(held.object.person, held.object);
    if (!found.has(flow) || found.get(flow).object.as_of < held.object.as_of) found.set(flow, held);
  }
  return found;
}

async function readChains(trust, shown, wanted) {
  const links = new Map();
  for (const item of shown.filter((each) => each.kind === "consent" || each.kind === "revocation")) {
    const held = await verify(item.data, item.kind, trust, await placeOf(trust, item));
    for (const link of held.object.chains) {
      const flow = flowKey(link.person, held.object);
      if (wanted.has(flow)) links.set(flow, [...(links.get(flow) ?? []), { link, held }]);
    }
  }
  const chains = new Map();
  for (const [flow, items] of links) chains.set(flow, inOrder(items));
  return chains;
}

function inOrder(items) {
  items.sort((left, right) => left.link.seq - right.link.seq);
  const chain = [];
  for (const { link, held } of items) {
    const last = chain.at(-1);
    if (link.seq !== chain.length + 1 || link.prev !== last?.d) refuse("chain.gap");
    // What has no place yet comes after everything that has.
    if (last?.place && (held.place?.index ?? Infinity) <= last.place.index) refuse("chain.order");
    chain.push(held);
  }
  return chain;
}

export function readEntries(manifest, payloads, whole) {
  const found = new Map();
  for (const body of payloads) {
    const d = digest(typeOf("entry"), body);
    if (!manifest.entries.includes(d)) refuse("entry.foreign");
    const object = decode(body, KINDS.entry);
    if (object.n !== manifest.entries.indexOf(d)) refuse("entry.number");
    if (object.huis !== manifest.huis) refuse("huis.foreign");
    found.set(d, object);
  }
  if (whole && found.size !== manifest.entries.length) refuse("entry.missing");
  return manifest.entries.filter((d) => found.has(d)).map((d) => found.get(d));
}
