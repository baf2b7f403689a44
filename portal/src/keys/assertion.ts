// A passkey's signature: how it travels, what it was asked to sign, and its check (docs/spec/envelope.md).

import { type Bytes, concat, equal, fromStandard, fromUrl, fromUtf8, sha256, toUrl, utf8 } from "../protocol/bytes.ts";
import { pae, type Signature } from "../protocol/dsse.ts";
import { decode } from "../protocol/encoding.ts";
import { ProtocolError, refuse } from "../protocol/errors.ts";
import { Digest } from "../protocol/fields.ts";
import { parseStrictly } from "../protocol/strict_json.ts";
import { type Infer, list, oneOf, struct, text } from "../protocol/struct.ts";
import { holds } from "./ed25519.ts";

export const KEYID = "passkey:";
export const BATCH_TYPE = "application/vnd.zegel.batch.v1";
const LOGIN = utf8("zegel/login/1\0");
const MAX_BATCH = 32;
const MAX_ASSERTION = 12 * 1024;
const [PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED, EXTENDED] = [0x01, 0x04, 0x08, 0x10, 0x40, 0x80];

const bytesText = (least: number, most: number) => text(/^[A-Za-z0-9_-]+$/, least, most);
const Assertion = struct({
  is: oneOf("passkey"), credential: bytesText(22, 1364), authenticatorData: bytesText(0, 2732),
  clientDataJSON: bytesText(0, 4096), signature: bytesText(0, 128), batch: list(Digest),
});

export type Assertion = Infer<typeof Assertion>;

// What an assertion is held against: the passkey's public half, and where it may have been made.
export interface Expected {
  readonly alg: string;
  readonly publicKey: Bytes;
  readonly rpId: string;
  readonly origins: readonly string[];
}

const fail = (code: string): never => refuse(`assertion.${code}`);

// The assertion that a signature carries; null for a signature of a key. Refuses `assertion.malformed`.
export function fromSignature(signature: Signature): Assertion | null {
  if (!signature.keyid?.startsWith(KEYID)) return null;
  const found = read(signature);
  if (signature.keyid !== KEYID + found.credential) fail("malformed");
  return found;
}

function read(signature: Signature): Assertion {
  try {
    const found = decode(fromStandard(signature.sig), Assertion, MAX_ASSERTION);
    const { credential, authenticatorData, clientDataJSON, signature: signed } = found;
    for (const part of [credential, authenticatorData, clientDataJSON, signed]) fromUrl(part);
    return found;
  } catch (error) {
    if (error instanceof ProtocolError) fail("malformed");
    throw error;
  }
}

// Refuses `assertion.batch`.
export function batchChallenge(digests: readonly string[]): Bytes {
  if (digests.length < 1 || digests.length > MAX_BATCH || new Set(digests).size !== digests.length) fail("batch");
  return sha256(pae(BATCH_TYPE, concat(...digests.map((d) => fromUrl(d, 32)))));
}

// Refuses `assertion.batch`.
export function challengeFor(d: string, batch: readonly string[]): Bytes {
  if (batch.length === 0) return fromUrl(d, 32);
  if (!batch.includes(d)) fail("batch");
  return batchChallenge(batch);
}

// Refuses `login.nonce`.
export function loginChallenge(rpId: string, nonce: Bytes): Bytes {
  if (nonce.length !== 32) refuse("login.nonce");
  return sha256(LOGIN, utf8(rpId), nonce);
}

// Refuses an `assertion.*` code, as docs/spec/errors.md lists them.
export async function checkAssertion(
  assertion: Assertion, challenge: Bytes, { alg, publicKey, rpId, origins }: Expected,
): Promise<void> {
  const authenticatorData = fromUrl(assertion.authenticatorData);
  const clientData = fromUrl(assertion.clientDataJSON);
  checkClientData(parseClientData(clientData), challenge, origins);
  checkAuthenticatorData(authenticatorData, rpId);
  const message = concat(authenticatorData, sha256(clientData));
  await checkSignature(alg, publicKey, message, fromUrl(assertion.signature));
}

// What the browser says that it did: of its members only these are looked at.
interface ClientData {
  readonly type?: unknown;
  readonly challenge?: unknown;
  readonly origin?: unknown;
  readonly crossOrigin?: unknown;
}

function parseClientData(data: Bytes): ClientData {
  let value: unknown;
  try {
    value = parseStrictly(fromUtf8(data));
  } catch {
    return fail("malformed");
  }
  return value === null || typeof value !== "object" || Array.isArray(value) ? fail("malformed") : value;
}

function checkClientData(client: ClientData, challenge: Bytes, origins: readonly string[]): void {
  if (client.type !== "webauthn.get") fail("type");
  if (client.challenge !== toUrl(challenge)) fail("challenge");
  if (!origins.some((origin) => origin === client.origin)) fail("origin");
  if (("crossOrigin" in client && client.crossOrigin !== false) || "topOrigin" in client) fail("cross-origin");
}

function checkAuthenticatorData(data: Bytes, rpId: string): void {
  if (data.length < 37) fail("malformed");
  if (!equal(data.subarray(0, 32), sha256(utf8(rpId)))) fail("rp");
  const flags = data[32] ?? 0;
  if (!(flags & PRESENT)) fail("user-present");
  if (!(flags & VERIFIED)) fail("user-verified");
  if ((flags & BACKED_UP && !(flags & ELIGIBLE)) || flags & ATTESTED) fail("malformed");
  const rest = data.subarray(37);
  // A CBOR map is major type 5.
  if (Boolean(flags & EXTENDED) !== rest.length > 0) fail("malformed");
  if (rest.length > 0 && (rest[0] ?? 0) >> 5 !== 5) fail("malformed");
}

async function checkSignature(alg: string, key: Bytes, message: Bytes, signature: Bytes): Promise<void> {
  if (alg === "eddsa") {
    if (key.length !== 32) fail("algorithm");
    if (!(await holds(key, message, signature))) fail("signature");
  } else if (alg === "es256") {
    const imported = await importPoint(key);
    const pair = fromDer(signature);
    const curve = { name: "ECDSA", hash: "SHA-256" };
    if (pair === null || !(await crypto.subtle.verify(curve, imported, pair, message))) fail("signature");
  } else {
    fail("algorithm");
  }
}

async function importPoint(point: Bytes): Promise<CryptoKey> {
  if (point.length !== 65 || point[0] !== 4) fail("algorithm");
  try {
    return await crypto.subtle.importKey("raw", point, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  } catch {
    return fail("algorithm");
  }
}

// WebAuthn signs in DER, WebCrypto verifies r ‖ s. Null for whatever is not the one DER of two positive integers.
function fromDer(der: Bytes): Bytes | null {
  if (der.length < 8 || der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const first = derInteger(der, 2);
  const second = first && derInteger(der, first.end);
  if (!second || second.end !== der.length) return null;
  return concat(first.value, second.value);
}

function derInteger(der: Bytes, start: number): { value: Bytes; end: number } | null {
  const size = der[start + 1] ?? 0;
  const body = der.subarray(start + 2, start + 2 + size);
  if (der[start] !== 0x02 || !(size >= 1) || body.length !== size || (body[0] ?? 0) & 0x80) return null;
  if (size > 1 && body[0] === 0 && !((body[1] ?? 0) & 0x80)) return null;
  const digits = body[0] === 0 ? body.subarray(1) : body;
  if (digits.length > 32) return null;
  return { value: concat(new Uint8Array(32 - digits.length), digits), end: start + 2 + size };
}

// r ‖ s, as WebCrypto signs, in the DER of WebAuthn.
export function toDer(pair: Bytes): Bytes {
  const parts = [pair.subarray(0, 32), pair.subarray(32)].map((half) => {
    let at = 0;
    while (at < 31 && half[at] === 0) at += 1;
    const digits = half.subarray(at);
    const body = (digits[0] ?? 0) & 0x80 ? concat(Uint8Array.of(0), digits) : digits;
    return concat(Uint8Array.of(0x02, body.length), body);
  });
  const joined = concat(...parts);
  return concat(Uint8Array.of(0x30, joined.length), joined);
}
