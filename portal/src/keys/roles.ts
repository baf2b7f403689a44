// Whose keys may sign which kind, and how many are enough (docs/spec/envelope.md, "Who signs").

import { refuse } from "../protocol/errors.ts";
import type {
  AnyPayload, ClientKey, Consent, Kind, Payload, Person, Revocation, Root, Sender, Vouch,
} from "../protocol/objects.ts";
import { changesPasskeys, checkDelay, inForce, isReplacement, restates } from "./client_keys.ts";
import type { Candidate, Place, Signer } from "./signed.ts";
import type { Trust } from "./trust.ts";

type At = Place | null;
type Signers = readonly Signer[];

const missing = (): never => refuse("signature.missing");

// An object was read as its kind, so that each tells the other.
const named = <K extends Kind>(kind: K, object: Payload<K>): AnyPayload => ({ kind, object }) as unknown as AnyPayload;

// Candidates are {role, key, ...}; one with a `passkey` is a WebAuthn credential, every other an Ed25519 key.
export function candidates<K extends Kind>(kind: K, object: Payload<K>, trust: Trust, place: At): Candidate[] {
  const it = named(kind, object);
  switch (it.kind) {
    case "root":
    case "membership":
    case "rulebook":
    case "epoch":
    case "finding":
      return stewards(trust, place);
    case "directory": {
      const key = trust.freshnessKey(it.object.base);
      return key === undefined ? stewards(trust, place) : [{ role: "freshness", key }];
    }
    case "devices":
    case "partner-rules":
      return trust.rootKeys(it.object.partner, place).map((key) => ({ role: "partner-root", key }));
    case "prekeys":
      return devices(trust, it.object.partner, place, it.object.device);
    case "declaration":
      return it.object.what === "pledge"
        ? trust.rootKeys(it.object.partner, place).map((key) => ({ role: "partner-root", key }))
        : devices(trust, it.object.partner, place);
    case "person":
      // A change that loosens something is signed by a second partner too, whichever that is.
      return it.object.version === 1 && (it.object.trusted ?? []).length === 0
        ? devices(trust, it.object.partner, place)
        : [...new Set([it.object.partner, ...trust.partners()])].flatMap((partner) => devices(trust, partner, place));
    case "vouch":
    case "consent-request":
    case "countersignature":
    case "rota":
    case "procedure":
    case "assignment":
    case "absence":
    case "stop-card":
      return devices(trust, it.object.partner, place);
    case "conference":
      return devices(trust, it.object.chair, place);
    case "client-key":
      return clientKeys(it.object, trust, place);
    case "consent":
    case "revocation":
      return consenters(it.object, trust, place);
    case "manifest":
      return sender(it.object.from, trust, place);
    case "wraps":
      return sender(it.object.sealer, trust, place);
    case "acknowledgement":
      return it.object.event === "told" && it.object.by.person !== undefined
        ? [...sender(it.object.by, trust, place), ...passkeys(it.object.by.person, trust, place)]
        : sender(it.object.by, trust, place);
    case "contact":
    case "objection":
      return sender(it.object.by, trust, place);
    case "status":
    case "notice":
    case "receipt":
    case "contact-key":
      return trust.relayKey === undefined ? [] : [{ role: "relay", key: trust.relayKey }];
    default:
      return [];
  }
}

// Refuses `signature.missing`, `signature.service`, `client-key.delay`.
export function requireEnough<K extends Kind>(
  kind: K, object: Payload<K>, signers: Signers, trust: Trust, place: At,
): void {
  const it = named(kind, object);
  switch (it.kind) {
    case "root":
    case "membership":
    case "rulebook":
    case "epoch":
    case "finding":
      return threshold(signers, trust, place);
    case "directory":
      return signers.some((signer) => signer.role === "freshness") ? undefined : threshold(signers, trust, place);
    case "client-key":
      noService(signers);
      return identities(it.object, signers, trust, place);
    case "person":
    case "vouch":
      return workers(it, signers);
    case "consent":
    case "revocation":
      return everyone(it.object, signers);
    case "countersignature":
    case "conference":
    case "rota":
    case "procedure":
    case "assignment":
    case "absence":
    case "stop-card":
      return signers.length === 0 ? missing() : noService(signers);
    case "contact":
    case "objection":
    case "acknowledgement":
      return speaksFor(it, signers);
    default:
      return signers.length === 0 ? missing() : undefined;
  }
}

function stewards(trust: Trust, place: At): Candidate[] {
  const keys = new Set(trust.stewardRoots(place).flatMap((root) => root.roots));
  return [...keys].map((key) => ({ role: "steward", key }));
}

function threshold(signers: Signers, trust: Trust, place: At): void {
  const keys = new Set(signers.filter((signer) => signer.role === "steward").map((signer) => signer.key));
  const enough = (root: Pick<Root, "roots" | "threshold">): boolean =>
    root.roots.filter((key) => keys.has(key)).length >= root.threshold;
  if (!trust.stewardRoots(place).some(enough)) missing();
}

function devices(trust: Trust, partner: string, place: At, only: string | null = null): Candidate[] {
  return trust
    .devices(partner, place)
    .filter((device) => only === null || device.device === only)
    .map(({ sign_key: key, device, worker }) => ({ role: "device", key, partner, device, worker }));
}

function sender(from: Sender, trust: Trust, place: At): Candidate[] {
  if (from.partner !== undefined) return devices(trust, from.partner, place, from.device ?? "");
  const { person = "" } = from;
  const held = trust.clientKeyAt(person, place);
  return held === undefined ? [] : [{ role: "identity", key: held.object.identity_key, person }];
}

// The keys that a record of keys follows, the one in force then, and the one that waits.
function before(object: ClientKey, trust: Trust, place: At) {
  const { keys = [], vouches = [] } = trust.client(object.person) ?? {};
  const earlier = keys.slice(0, keys.findIndex((key) => key.d === object.prev) + 1);
  return { earlier, ...inForce(earlier, vouches, place) };
}

function clientKeys(object: ClientKey, trust: Trust, place: At): Candidate[] {
  const { person } = object;
  const { counts } = before(object, trust, place);
  const own = [object.identity_key, ...(counts === undefined ? [] : [counts.object.identity_key])];
  const identity = [...new Set(own)].map((key): Candidate => ({ role: "identity", key, person }));
  return [...devices(trust, object.partner, place), ...identity];
}

function passkeys(person: string, trust: Trust, place: At): Candidate[] {
  const held = trust.clientKeyAt(person, place)?.object.passkeys ?? [];
  return held.map((passkey) => ({ role: "passkey", key: passkey.credential, person, passkey }));
}

function consenters(object: Consent | Revocation, trust: Trust, place: At): Candidate[] {
  if (object.evidence.by === "passkey") {
    return object.signers.flatMap((signer) => passkeys(signer.person, trust, place));
  }
  return object.evidence.witnesses.flatMap((witness) => devices(trust, witness.partner, place, witness.device));
}

function noService(signers: Signers): void {
  if (signers.some((signer) => signer.role === "device" && signer.worker === undefined)) refuse("signature.service");
}

type OfWorkers =
  | { kind: "person"; object: Person }
  | { kind: "vouch"; object: Vouch }
  | { kind: "client-key"; object: ClientKey };

function workers(it: OfWorkers, signers: Signers): void {
  noService(signers);
  const found = signers.filter((signer) => signer.role === "device");
  const needed = it.kind === "person" && it.object.capability !== undefined ? 2 : 1;
  const own = found.filter((signer) => signer.partner === it.object.partner);
  if (new Set(own.map((signer) => signer.worker)).size < needed) missing();
}

function identities(object: ClientKey, signers: Signers, trust: Trust, place: At): void {
  const { earlier, counts, waits } = before(object, trust, place);
  if (object.prev !== undefined && earlier.length === 0) missing();
  // Whoever holds the keys in force stops a replacement alone, by stating them once more.
  const stopping = waits !== undefined && restates(object, counts?.object);
  // And says alone which passkeys count.
  if (!stopping && !changesPasskeys(object, counts?.object)) workers({ kind: "client-key", object }, signers);
  const needed = [object.identity_key];
  if (isReplacement(object)) checkDelay(object, place);
  else if (counts !== undefined) needed.push(counts.object.identity_key);
  const keys = new Set(signers.filter((signer) => signer.role === "identity").map((signer) => signer.key));
  if (!needed.every((key) => keys.has(key))) missing();
}

type Speaking = Extract<AnyPayload, { kind: "contact" | "objection" | "acknowledgement" }>;

function speaksFor(it: Speaking, signers: Signers): void {
  if (signers.length === 0) missing();
  const forPerson = it.kind !== "acknowledgement" || it.object.reader.person !== undefined;
  const service = signers.some((signer) => signer.role === "device" && signer.worker === undefined);
  if (forPerson && service) refuse("signature.service");
}

function everyone(object: Consent | Revocation, signers: Signers): void {
  if (object.evidence.by === "passkey") {
    const touched = new Set(signers.filter((signer) => signer.role === "passkey").map((signer) => signer.person));
    if (!object.signers.every((signer) => touched.has(signer.person))) missing();
  } else {
    const signed = new Set(
      signers.filter((signer) => signer.role === "device").map((signer) => `${signer.partner}/${signer.device}`),
    );
    if (!object.evidence.witnesses.every((item) => signed.has(`${item.partner}/${item.device}`))) missing();
  }
}
