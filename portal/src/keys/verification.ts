// Verifying an envelope: its type, its encoding, its Huis, and each signature against the keys that the role gives.

import { challengeFor, checkAssertion, fromSignature } from "./assertion.ts";
import { fromStandard, fromUrl } from "../protocol/bytes.ts";
import { openEnvelope, pae, typeOf } from "../protocol/dsse.ts";
import { check, holds } from "./ed25519.ts";
import { decode } from "../protocol/encoding.ts";
import { refuse } from "../protocol/errors.ts";
import { KINDS } from "../protocol/objects.ts";
import { candidates, requireEnough } from "./roles.ts";

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
    await check(hinted.key, message, raw);
    return hinted;
  }
  for (const candidate of keys) if (await holds(fromUrl(candidate.key, 32), message, raw)) return candidate;
  return refuse("signature.unknown");
}
