// Ed25519 (RFC 8032): the browser's own check where it has one, else noble's; both behind what libsodium refuses too.
//
// Keys and nonces of small order are refused first, and keys with more than one spelling: WebCrypto takes both, and two
// parties that judge one signature differently are a split. Signing is noble's, with a key that grows from the seed.

import { getPublicKey, hashes, sign as signWith, verify as verifyWith } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";

import { type Bytes, concat, digestOf, fromUrl, hex, sha256 } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";

hashes.sha512 = (data) => sha512(data);

// y of the points of order 1, 2, 4 and 8, little-endian without the sign bit, in each of their spellings.
const SMALL_ORDER = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

const weak = (point: Uint8Array): boolean => {
  const y = Uint8Array.from(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  // From p = 2^255 - 19 on, y is written a second time.
  const second = y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff) && (y[0] ?? 0) >= 0xed;
  return second || SMALL_ORDER.has(hex(y));
};

// The order of the group, little-endian: s must be smaller, or one signature would have two spellings.
const ORDER = fromUrl("7dP1XBpjEljWnPei3vneFAAAAAAAAAAAAAAAAAAAABA");

function reduced(s: Uint8Array): boolean {
  for (let at = 31; at >= 0; at -= 1) {
    const [own, bound] = [s[at] ?? 0, ORDER[at] ?? 0];
    if (own !== bound) return own < bound;
  }
  return false;
}

let native: Promise<boolean> | undefined;

// Asked once: a browser that does not know the algorithm says so by refusing the key.
const hasNative = (): Promise<boolean> =>
  (native ??= crypto.subtle
    .importKey("raw", getPublicKey(new Uint8Array(32).fill(1)), "Ed25519", false, ["verify"])
    .then(() => true, () => false));

// Signatures that held, newest last: what is believed again on the next view is not computed again. A key has 32 bytes
// and a signature 64, so one digest names all three.
const held = new Set<string>();
const MOST_HELD = 8192;

export async function holds(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  const name = digestOf(concat(key, signature, sha256(message)));
  if (held.has(name)) return true;
  if (!(await holdsNow(key, message, signature))) return false;
  for (const oldest of held) {
    if (held.size < MOST_HELD) break;
    held.delete(oldest);
  }
  held.add(name);
  return true;
}

async function holdsNow(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  if (weak(key) || weak(signature.subarray(0, 32))) return false;
  if (!reduced(signature.subarray(32))) return false;
  if (!(await hasNative())) return verifyWith(signature, message, key, { zip215: false });
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, message);
  } catch {
    // A key that is no point of the curve.
    return false;
  }
}

// Refuses `signature.invalid`. `key` is base64url text.
export async function check(key: string, message: Bytes, signature: Bytes): Promise<void> {
  if (!(await holds(fromUrl(key, 32), message, signature))) refuse("signature.invalid");
}

export const publicOf = (seed: Bytes): Bytes => new Uint8Array(getPublicKey(seed));

export const sign = (seed: Bytes, message: Bytes): Bytes => new Uint8Array(signWith(message, seed));
