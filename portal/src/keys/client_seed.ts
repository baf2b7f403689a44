// A client's seed: what grows from it without a heavy library, and the ways it is kept (docs/spec/persons.md,
// keyring.md).

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as hashOf } from "@noble/hashes/sha2.js";

import { type Bytes, concat, fromUrl, sha256, toUrl, utf8 } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";

const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SEPARATORS = /[-\u2010-\u2014\u2212\s]/g;

const derive = (secret: Bytes, ...info: Bytes[]): Bytes =>
  new Uint8Array(hkdf(hashOf, secret, undefined, concat(...info), 32));

const label = (name: string): Bytes => utf8(`zegel/client-seed/${name}/1\0`);

// A key for one use that grows from the seed of 32 bytes. Refuses `seed.unopenable`.
export function keyOf(seed: Bytes, name: string): Bytes {
  if (seed.length !== 32) refuse("seed.unopenable");
  return derive(seed, label(name));
}

// The private half of the identity key (Ed25519).
export const identityOf = (seed: Bytes): Bytes => keyOf(seed, "identity");

// What the seal key grows from in its turn (`wraps.sealKey`).
export const sealSeedOf = (seed: Bytes): Bytes => keyOf(seed, "seal");

const prfKey = (prf: Bytes, credential: string): Bytes =>
  prf.length === 32 ? derive(prf, label("prf"), fromUrl(credential)) : refuse("seed.prf");

const deviceKey = (secret: Bytes, share: Bytes, credential: string): Bytes =>
  secret.length === 32 && share.length === 32
    ? derive(concat(secret, share), label("device"), fromUrl(credential))
    : refuse("seed.device");

const codeKey = (code: string): Bytes => derive(utf8(readCode(code)), label("recovery-code"));

// The seed, under what a passkey's PRF gives for it. Refuses `seed.prf`, `seed.unopenable`.
export const underPrf = async (wrapped: Bytes, prf: Bytes, credential: string): Promise<Bytes> =>
  open(prfKey(prf, credential), wrapped);

// The seed, under a device's secret and the relay's share. Refuses `seed.device`, `seed.unopenable`.
export const underDevice = async (wrapped: Bytes, secret: Bytes, share: Bytes, credential: string): Promise<Bytes> =>
  open(deviceKey(secret, share, credential), wrapped);

// The seed, under the printed code. Refuses `recovery-code.malformed`, `seed.unopenable`.
export const underCode = async (wrapped: Bytes, code: string): Promise<Bytes> => open(codeKey(code), wrapped);

// The same three the other way round: a wrap of 60 bytes that they open.
export const wrapUnderPrf = async (seed: Bytes, prf: Bytes, credential: string): Promise<Bytes> =>
  wrap(prfKey(prf, credential), seed);

export const wrapUnderDevice = async (seed: Bytes, secret: Bytes, share: Bytes, credential: string): Promise<Bytes> =>
  wrap(deviceKey(secret, share, credential), seed);

export const wrapUnderCode = async (seed: Bytes, code: string): Promise<Bytes> => wrap(codeKey(code), seed);

// The name of a printed code's entry in the keyring, and of a passkey's.
export const recoveryName = (code: string): string => toUrl(derive(utf8(readCode(code)), label("recovery-name")));
export const passkeyName = (credential: string): string =>
  toUrl(sha256(utf8("zegel/keyring/passkey/1\0"), fromUrl(credential)));

async function wrap(key: Bytes, seed: Bytes): Promise<Bytes> {
  if (seed.length !== 32) refuse("seed.unopenable");
  const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return concat(iv, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, imported, seed)));
}

async function open(key: Bytes, wrapped: Bytes): Promise<Bytes> {
  if (wrapped.length !== 60) refuse("seed.unopenable");
  const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  try {
    const parameters = { name: "AES-GCM", iv: wrapped.subarray(0, 12) };
    return new Uint8Array(await crypto.subtle.decrypt(parameters, imported, wrapped.subarray(12)));
  } catch {
    return refuse("seed.unopenable");
  }
}

// The 27 symbols of a code as it was typed. Refuses `recovery-code.malformed`.
export function readCode(typed: string): string {
  const symbols = typed
    .replace(SEPARATORS, "")
    .toUpperCase()
    .replace(/[IL]/g, "1")
    .replace(/O/g, "0");
  const values = [...symbols].map((symbol) => SYMBOLS.indexOf(symbol));
  if (values.length !== 28 || values.includes(-1)) refuse("recovery-code.malformed");
  const number = values.slice(0, 27).reduce((sum, value) => sum * 32n + BigInt(value), 0n);
  if (number % 37n !== BigInt(values[27] ?? -1)) refuse("recovery-code.malformed");
  return symbols.slice(0, 27);
}

// A new code for print: 27 random symbols and a check symbol, in groups of four. Numbers whose check would need one of
// Crockford's five further signs are drawn again, so that letters and digits suffice on every keyboard.
export function newRecoveryCode(): string {
  for (;;) {
    const random = crypto.getRandomValues(new Uint8Array(17));
    const number = random.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) >> 1n;
    const check = Number(number % 37n);
    if (check >= SYMBOLS.length) continue;
    const places = Array.from({ length: 27 }, (_, at) => Number((number >> BigInt(5 * (26 - at))) & 31n));
    const symbols = [...places, check].map((place) => SYMBOLS.charAt(place)).join("");
    return symbols.replace(/(.{4})(?=.)/g, "$1-");
  }
}
