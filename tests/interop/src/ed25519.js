// Ed25519 through libsodium, which refuses keys of small order and signatures that are not reduced.

import sodium from "libsodium-wrappers";

import { fromUrl } from "./bytes.js";
import { refuse } from "./errors.js";

await sodium.ready;

export function holds(key, message, signature) {
  if (key.length !== sodium.crypto_sign_PUBLICKEYBYTES || signature.length !== sodium.crypto_sign_BYTES) return false;
  return sodium.crypto_sign_verify_detached(signature, message, key);
}

export function check(key, message, signature) {
  if (!holds(fromUrl(key, 32), message, signature)) refuse("signature.invalid");
}

export const publicOf = (seed) => sodium.crypto_sign_seed_keypair(seed).publicKey;

export const sign = (seed, message) =>
  sodium.crypto_sign_detached(message, sodium.crypto_sign_seed_keypair(seed).privateKey);
