// The formats of evidence: what is verified up to the pinned id of a Huis.

import { openCase, readEntries, readFlow } from "../src/keys/casefile.ts";
import { checkDelay, inForce, isReplacement } from "../src/keys/client_keys.ts";
import { openMessage } from "../src/keys/message.ts";
import type { Exhibit, Place, Signed } from "../src/keys/signed.ts";
import { checkReceipt, establish, exhibit, Trust } from "../src/keys/trust.ts";
import { verify } from "../src/keys/verification.ts";
import type { ClientKey, Directory, Kind, Party, Payload, Root, Vouch } from "../src/protocol/objects.ts";
import { consentText } from "./texts.ts";
import { asBytes, type Objects, objectsOf, type Written } from "./vectors.ts";

const shownOf = (given: { readonly objects: Objects }): Exhibit[] =>
  Object.values(objectsOf(given.objects)).map((item) =>
    exhibit(asBytes(item.object), item.receipt === undefined ? null : asBytes(item.receipt)));

function sorted<T, R>(map: Iterable<readonly [string, T]>, value: (item: T) => R): Record<string, R> {
  const inOrder = [...map].sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(inOrder.map(([key, item]) => [key, value(item)]));
}

const byFlow = <T, R>(map: ReadonlyMap<string, T>, value: (item: T) => R): (string | R)[][] =>
  [...map]
    .map(([flow, item]) => ({ flow: readFlow(flow), said: value(item) }))
    .sort((left, right) => (left.flow.join("\0") < right.flow.join("\0") ? -1 : 1))
    .map(({ flow, said }) => [...flow, said]);

interface SignedGiven extends Pick<Root, "huis" | "roots" | "threshold"> {
  readonly envelope: Written;
  readonly kind: Kind;
}

export async function signed({ envelope: data, kind, huis, roots, threshold }: SignedGiven) {
  const trust = new Trust(huis);
  trust.roots = [{ object: { roots, threshold }, place: null }];
  const held = await verify(asBytes(data), kind, trust);
  return { D: held.d, signers: held.signers.map((signer) => signer.key).sort() };
}

interface ReceiptGiven {
  readonly receipt: Written;
  readonly D: string;
  readonly huis: string;
  readonly directory: Directory;
}

export async function receipt(given: ReceiptGiven) {
  const trust = new Trust(given.huis);
  // Believed as it is.
  trust.directory = { kind: "directory", d: "", object: given.directory, signers: [], place: null };
  const found = await checkReceipt(asBytes(given.receipt), given.D, trust, given.directory.log_key);
  return { D: found.receipt.d, ...found.place, ...found.seen };
}

interface Shown {
  readonly huis: string;
  readonly objects: Objects;
}

export async function setting(given: Shown) {
  const trust = await establish(given.huis, shownOf(given));
  const listed = trust.listed ?? new Map<string, readonly Signed<"membership">[]>();
  return {
    directory: trust.directory?.d,
    rulebook: trust.rulebook?.d,
    memberships: sorted(listed, (chain) => chain.at(-1)?.d),
    devices: sorted([...trust.lists].filter(([partner]) => listed.has(partner)), (chain) => chain.at(-1)?.d),
  };
}

export async function caseFile(given: Shown & { readonly strict?: boolean }) {
  const found = await openCase(given.huis, shownOf(given), given.strict);
  const consents = [...found.chains.values()].flat().filter((held) => held.kind === "consent");
  const byDigest = new Map(consents.map((held) => [held.d, held]));
  const names = sorted(found.trust.members, (chain) => chain.at(-1)?.object.name ?? "");
  return {
    clients: sorted(found.trust.clients, (client) => client.keys.map((held) => held.d)),
    chains: byFlow(found.chains, (chain) => chain.map((held) => held.d)),
    requests: [...found.requests.keys()].sort(),
    statuses: byFlow(found.statuses, (held) => held.object.head_seq),
    texts: sorted(byDigest, (held) => textOf(held, names)),
  };
}

// The words that a consent says were shown; null where its digest is of others.
function textOf({ object }: Signed<"consent">, names: Readonly<Record<string, string>>): string | null {
  const { text, text_digest: rendered } = consentText({ terms: object, names });
  return rendered === object.text_digest ? text : null;
}

interface MessageGiven extends Shown {
  readonly message: {
    readonly manifest: Written;
    readonly entries: readonly Written[];
    readonly wraps: Written;
    readonly receipt: Written;
    readonly sections: Readonly<Record<string, Written>>;
  };
  readonly reader: Party;
  readonly seed: Written;
  readonly whole: boolean;
}

export async function message(given: MessageGiven) {
  const { manifest, wraps, receipt: held, entries, sections } = given.message;
  return openMessage({
    huis: given.huis,
    shown: shownOf(given),
    delivered: {
      manifest: asBytes(manifest),
      wraps: asBytes(wraps),
      receipt: asBytes(held),
      entries: entries.map(asBytes),
      sections: Object.fromEntries(Object.entries(sections).map(([ct, blob]) => [ct, asBytes(blob)])),
    },
    reader: given.reader,
    seed: asBytes(given.seed),
    whole: given.whole,
  });
}

// Deciding is not done here; that everything which a decision rests on verifies is.
interface DecideGiven extends Shown {
  readonly message: { readonly manifest: Written; readonly entries: readonly Written[]; readonly receipt?: Written };
}

export async function decide(given: DecideGiven) {
  const { trust, setting: known } = await openCase(given.huis, shownOf(given));
  const { manifest: data, receipt: held, entries } = given.message;
  const { d } = exhibit(asBytes(data));
  const logKey = known.directory.object.log_key;
  const place = held === undefined ? null : (await checkReceipt(asBytes(held), d, trust, logKey)).place;
  const manifest = await verify(asBytes(data), "manifest", trust, place);
  return { entries: readEntries(manifest.object, entries.map(asBytes), true).length };
}

type Dated = { readonly D: string; readonly index: number; readonly at: number; readonly worker: string };

function heldAs<K extends "client-key" | "vouch">(kind: K, given: Dated & Payload<K>): Signed<K> {
  const { D: d, index, at, worker, ...object } = given;
  const signers = [{ role: "device" as const, key: "", worker }];
  return { kind, d, object: object as unknown as Payload<K>, signers, place: { index, at } };
}

interface KeysGiven {
  readonly keys: readonly (Dated & ClientKey)[];
  readonly vouches: readonly (Dated & Vouch)[];
  readonly place: Place | null;
}

export function keysInForce({ keys, vouches, place }: KeysGiven) {
  const records = keys.map((item) => heldAs("client-key", item));
  records.filter(({ object }) => isReplacement(object)).forEach(({ object, place: own }) => checkDelay(object, own));
  const { counts, waits } = inForce(records, vouches.map((item) => heldAs("vouch", item)), place);
  return { counts: counts?.d ?? "", waits: waits?.d ?? "" };
}
