// A client's seed: the keys that grow from it, and the two ways it is kept (docs/spec/persons.md).

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as hashOf } from "@noble/hashes/sha2.js";

import { concat, fromUrl, toUrl, utf8 } from "../protocol/bytes.ts";
import { publicOf } from "./ed25519.ts";
import { refuse } from "../protocol/errors.ts";
import { sealKey } from "./sealing.ts";

const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SEPARATORS = /[-\u2010-\u2014\u2212\s]/g;

const derive = (secret, ...info) =>
  new Uint8Array(hkdf(hashOf, secret, undefined, concat(...info), 32));

const label = (name) => utf8(`zegel/client-seed/${name}/1\0`);

export async function grow(seed) {
  if (seed.length !== 32) refuse("seed.unopenable");
  const identity = derive(seed, label("identity"));
  const sealing = await sealKey(derive(seed, label("seal")));
  return { identity_key: toUrl(publicOf(identity)), seal_key: sealing.digest };
}

export const underPrf = (wrapped, prf, credential) => open(derive(prf, label("prf"), fromUrl(credential)), wrapped);

export const underCode = (wrapped, code) => open(derive(utf8(readCode(code)), label("recovery-code")), wrapped);

async function open(key, wrapped) {
  if (wrapped.length !== 60) refuse("seed.unopenable");
  const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  try {
    const parameters = { name: "AES-GCM", iv: wrapped.subarray(0, 12) };
    return new Uint8Array(await crypto.subtle.decrypt(parameters, imported, wrapped.subarray(12)));
  } catch {
    return refuse("seed.unopenable");
  }
}

export function readCode(typed) {
  const symbols = typed
    .replace(SEPARATORS, "")
    .toUpperCase()
    .replace(/[IL]/g, "1")
    .replace(/O/g, "0");
  const values = [...symbols].map((symbol) => SYMBOLS.indexOf(symbol));
  if (values.length !== 28 || values.includes(-1)) refuse("recovery-code.malformed");
  const number = values.slice(0, 27).reduce((sum, value) => sum * 32n + BigInt(value), 0n);
  if (number % 37n !== BigInt(values[27])) refuse("recovery-code.malformed");
  return symbols.slice(0, 27);
}
