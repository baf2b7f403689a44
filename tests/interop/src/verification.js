// Verifying an envelope: its type, its encoding, its Huis, and each signature against the keys that the role gives.

import { challengeFor, checkAssertion, fromSignature } from "./assertion.js";
import { fromStandard, fromUrl } from "./bytes.js";
import { openEnvelope, pae, typeOf } from "./dsse.js";
import { check, holds } from "./ed25519.js";
import { decode } from "./encoding.js";
import { refuse } from "./errors.js";
import { KINDS } from "./objects.js";
import { candidates, requireEnough } from "./roles.js";

export function kindOf(type) {
  const kind = Object.keys(KINDS).find((name) => typeOf(name) === type);
  return kind ?? refuse("envelope.type");
}

// The payload of an envelope and its D, with no signature checked: to find out whose keys to ask for.
export function readPayload(data, kind) {
  const { type, body, d } = openEnvelope(data);
  if (type !== typeOf(kind)) refuse("envelope.type");
  return { object: decode(body, KINDS[kind]), d };
}

export async function verify(data, kind, trust, place = null) {
  const { type, body, signatures, d } = openEnvelope(data);
  if (type !== typeOf(kind)) refuse("envelope.type");
  const object = decode(body, KINDS[kind]);
  if (object.huis !== trust.huis) refuse("huis.foreign");
  const allowed = candidates(kind, object, trust, place);
  const message = pae(type, body);
  const signers = new Map();
  for (const signature of signatures) {
    const { passkey, ...signer } = await signerOf(signature, allowed, d, message, trust);
    signers.set(JSON.stringify(signer), signer);
  }
  const counted = [...signers.values()];
  requireEnough(kind, object, counted, trust, place);
  return { kind, d, object, signers: counted, place };
}

async function signerOf(signature, allowed, d, message, trust) {
  const assertion = fromSignature(signature);
  if (assertion !== null) {
    const found = allowed.find((candidate) => candidate.passkey?.credential === assertion.credential);
    if (found === undefined) refuse("signature.unknown");
    const { alg, public_key: key } = found.passkey;
    const challenge = challengeFor(d, assertion.batch);
    const site = { rpId: trust.rpId, origins: trust.origins };
    await checkAssertion(assertion, challenge, { alg, publicKey: fromUrl(key), ...site });
    return found;
  }
  const raw = fromStandard(signature.sig);
  const keys = allowed.filter((candidate) => candidate.passkey === undefined);
  const hinted = keys.find((candidate) => candidate.key === signature.keyid);
  if (hinted !== undefined) {
    check(hinted.key, message, raw);
    return hinted;
  }
  return keys.find((candidate) => holds(fromUrl(candidate.key, 32), message, raw)) ?? refuse("signature.unknown");
}
