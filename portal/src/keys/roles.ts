// Whose keys may sign which kind, and how many are enough (docs/spec/envelope.md, "Who signs").

import { checkDelay, inForce, isReplacement, restates } from "./client_keys.ts";
import { refuse } from "../protocol/errors.ts";

const missing = () => refuse("signature.missing");

// Candidates are {role, key, ...}; one with a `passkey` is a WebAuthn credential, every other an Ed25519 key.
export function candidates(kind, object, trust, place) {
  switch (kind) {
    case "root":
    case "membership":
    case "rulebook":
    case "epoch":
    case "finding":
      return stewards(trust, place);
    case "directory": {
      const key = trust.freshnessKey(object.base);
      return key === undefined ? stewards(trust, place) : [{ role: "freshness", key }];
    }
    case "devices":
    case "partner-rules":
      return trust.rootKeys(object.partner, place).map((key) => ({ role: "partner-root", key }));
    case "prekeys":
      return devices(trust, object.partner, place, object.device);
    case "declaration":
      return object.what === "pledge"
        ? trust.rootKeys(object.partner, place).map((key) => ({ role: "partner-root", key }))
        : devices(trust, object.partner, place);
    case "person":
      // A change that loosens something is signed by a second partner too, whichever that is.
      return object.version === 1 && (object.trusted ?? []).length === 0
        ? devices(trust, object.partner, place)
        : [...new Set([object.partner, ...trust.partners()])].flatMap((partner) => devices(trust, partner, place));
    case "vouch":
    case "consent-request":
    case "countersignature":
    case "rota":
    case "procedure":
    case "assignment":
    case "absence":
      return devices(trust, object.partner, place);
    case "conference":
      return devices(trust, object.chair, place);
    case "client-key":
      return clientKeys(object, trust, place);
    case "consent":
    case "revocation":
      return consenters(object, trust, place);
    case "manifest":
      return sender(object.from, trust, place);
    case "wraps":
      return sender(object.sealer, trust, place);
    case "acknowledgement":
      return object.event === "told" && object.by.person !== undefined
        ? [...sender(object.by, trust, place), ...passkeys(object.by.person, trust, place)]
        : sender(object.by, trust, place);
    case "contact":
    case "objection":
      return sender(object.by, trust, place);
    case "status":
    case "notice":
    case "receipt":
    case "contact-key":
      return trust.relayKey === undefined ? [] : [{ role: "relay", key: trust.relayKey }];
    default:
      return [];
  }
}

export function requireEnough(kind, object, signers, trust, place) {
  switch (kind) {
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
      return identities(object, signers, trust, place);
    case "person":
    case "vouch":
      return workers(kind, object, signers);
    case "consent":
    case "revocation":
      return everyone(object, signers);
    case "countersignature":
    case "conference":
    case "rota":
    case "procedure":
    case "assignment":
    case "absence":
      return signers.length === 0 ? missing() : noService(signers);
    case "contact":
    case "objection":
    case "acknowledgement":
      return speaksFor(kind, object, signers);
    default:
      return signers.length === 0 ? missing() : undefined;
  }
}

function stewards(trust, place) {
  const keys = new Set(trust.stewardRoots(place).flatMap((root) => root.roots));
  return [...keys].map((key) => ({ role: "steward", key }));
}

function threshold(signers, trust, place) {
  const keys = new Set(signers.filter((signer) => signer.role === "steward").map((signer) => signer.key));
  const enough = (root) => root.roots.filter((key) => keys.has(key)).length >= root.threshold;
  if (!trust.stewardRoots(place).some(enough)) missing();
}

function devices(trust, partner, place, only = null) {
  return trust
    .devices(partner, place)
    .filter((device) => only === null || device.device === only)
    .map(({ sign_key: key, device, worker }) => ({ role: "device", key, partner, device, worker }));
}

function sender(from, trust, place) {
  if (from.partner !== undefined) return devices(trust, from.partner, place, from.device);
  const held = trust.clientKeyAt(from.person, place);
  return held === undefined ? [] : [{ role: "identity", key: held.object.identity_key, person: from.person }];
}

// The keys that a record of keys follows, the one in force then, and the one that waits.
function before(object, trust, place) {
  const { keys = [], vouches = [] } = trust.client(object.person) ?? {};
  const earlier = keys.slice(0, keys.findIndex((key) => key.d === object.prev) + 1);
  return { earlier, ...inForce(earlier, vouches, place) };
}

function clientKeys(object, trust, place) {
  const { person } = object;
  const { counts } = before(object, trust, place);
  const own = [object.identity_key, ...(counts === undefined ? [] : [counts.object.identity_key])];
  const identity = [...new Set(own)].map((key) => ({ role: "identity", key, person }));
  return [...devices(trust, object.partner, place), ...identity];
}

function passkeys(person, trust, place) {
  const held = trust.clientKeyAt(person, place)?.object.passkeys ?? [];
  return held.map((passkey) => ({ role: "passkey", key: passkey.credential, person, passkey }));
}

function consenters(object, trust, place) {
  if (object.evidence.by === "passkey") {
    return object.signers.flatMap((signer) => passkeys(signer.person, trust, place));
  }
  return object.evidence.witnesses.flatMap((witness) => devices(trust, witness.partner, place, witness.device));
}

function noService(signers) {
  if (signers.some((signer) => signer.role === "device" && signer.worker === undefined)) refuse("signature.service");
}

function workers(kind, object, signers) {
  noService(signers);
  const found = signers.filter((signer) => signer.role === "device");
  const needed = kind === "person" && object.capability !== undefined ? 2 : 1;
  const own = found.filter((signer) => signer.partner === object.partner);
  if (new Set(own.map((signer) => signer.worker)).size < needed) missing();
}

function identities(object, signers, trust, place) {
  const { earlier, counts, waits } = before(object, trust, place);
  if (object.prev !== undefined && earlier.length === 0) missing();
  // Whoever holds the keys in force stops a replacement alone, by stating them once more.
  if (waits === undefined || !restates(object, counts?.object)) workers("client-key", object, signers);
  const needed = [object.identity_key];
  if (isReplacement(object)) checkDelay(object, place);
  else if (counts !== undefined) needed.push(counts.object.identity_key);
  const keys = new Set(signers.filter((signer) => signer.role === "identity").map((signer) => signer.key));
  if (!needed.every((key) => keys.has(key))) missing();
}

function speaksFor(kind, object, signers) {
  if (signers.length === 0) missing();
  const forPerson = kind !== "acknowledgement" || object.reader.person !== undefined;
  const service = signers.some((signer) => signer.role === "device" && signer.worker === undefined);
  if (forPerson && service) refuse("signature.service");
}

function everyone(object, signers) {
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
