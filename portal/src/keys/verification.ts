// Verifying an envelope: its type, its encoding, its Huis, and each signature against the keys that the role gives.

import { type Bytes, fromStandard, fromUrl } from "../protocol/bytes.ts";
import { openEnvelope, pae, typeOf } from "../protocol/dsse.ts";
import { decode } from "../protocol/encoding.ts";
import { refuse } from "../protocol/errors.ts";
import { isKind, type Kind, KINDS, kindType, type Payload } from "../protocol/objects.ts";
import { challengeFor, checkAssertion, fromSignature } from "./assertion.ts";
import { check, holds } from "./ed25519.ts";
import { candidates, requireEnough } from "./roles.ts";
import type { Candidate, Place, Signed, Signer } from "./signed.ts";
import type { Trust } from "./trust.ts";

interface Signature {
  readonly keyid?: string | undefined;
  readonly sig: string;
}

export function kindOf(type: string): Kind {
  const name = Object.keys(KINDS).find((each) => typeOf(each) === type) ?? "";
  return isKind(name) ? name : refuse("envelope.type");
}

// The payload of an envelope and its D, with no signature checked: to find out whose keys to ask for.
export function readPayload<K extends Kind>(data: Bytes, kind: K): { object: Payload<K>; d: string } {
  const { type, body, d } = openEnvelope(data);
  if (type !== typeOf(kind)) refuse("envelope.type");
  return { object: decode(body, kindType(kind)), d };
}

export async function verify<K extends Kind>(
  data: Bytes, kind: K, trust: Trust, place: Place | null = null,
): Promise<Signed<K>> {
  const { type, body, signatures, d } = openEnvelope(data);
  if (type !== typeOf(kind)) refuse("envelope.type");
  const object: Payload<K> = decode(body, kindType(kind));
  if (object.huis !== trust.huis) refuse("huis.foreign");
  const allowed: Candidate[] = candidates(kind, object, trust, place);
  const message = pae(type, body);
  const signers = new Map<string, Signer>();
  for (const signature of signatures) {
    const { passkey: _, ...signer } = await signerOf(signature, allowed, d, message, trust);
    signers.set(JSON.stringify(signer), signer);
  }
  const counted = [...signers.values()];
  requireEnough(kind, object, counted, trust, place);
  return { kind, d, object, signers: counted, place };
}

async function signerOf(
  signature: Signature, allowed: readonly Candidate[], d: string, message: Bytes, trust: Trust,
): Promise<Candidate> {
  const assertion = fromSignature(signature);
  if (assertion !== null) {
    const found = allowed.find((candidate) => candidate.passkey?.credential === assertion.credential);
    const passkey = found?.passkey;
    if (found === undefined || passkey === undefined) return refuse("signature.unknown");
    const challenge = challengeFor(d, assertion.batch);
    const site = { rpId: trust.rpId, origins: trust.origins };
    await checkAssertion(assertion, challenge, { alg: passkey.alg, publicKey: fromUrl(passkey.public_key), ...site });
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
