// The strict reader of a sealed section, by libsodium: a module of its own weight, imported only when one is opened
// (docs/spec/sealing.md).

import sodium, { type StateAddress } from "libsodium-wrappers";

import { type Bytes, concat, digestOf } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";
import {
  checkKey, CHUNK, chunkCount, ciphertextSize, HEADER, OVERHEAD, PREFIX, type SectionContext, statedLength,
} from "./bindings.ts";

await sodium.ready;

const { crypto_secretstream_xchacha20poly1305_TAG_FINAL: FINAL } = sodium;
const { crypto_secretstream_xchacha20poly1305_TAG_MESSAGE: MESSAGE } = sodium;

// What an entry says of its ciphertext.
export interface Sealed {
  readonly ct: string;
  readonly kc: string;
  readonly padded: number;
}

// The gates in their order: key, digest, size, and then chunk by chunk. Refuses `section.key-commitment`,
// `section.digest`, `section.malformed`, `section.unopenable`.
export function openSection(context: SectionContext, key: Bytes, blob: Bytes, { ct, kc, padded }: Sealed): Bytes {
  const ad = checkKey(context, key, kc);
  if (digestOf(blob) !== ct) refuse("section.digest");
  if (padded < 1 || blob.length !== ciphertextSize(padded)) refuse("section.malformed");
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(blob.subarray(0, HEADER), key);
  const chunks = chunkCount(padded);
  const plain: Uint8Array[] = [];
  for (let at = 0; at < chunks; at += 1) {
    const start = HEADER + at * (CHUNK + OVERHEAD);
    const pulled = pull(state, blob.subarray(start, start + CHUNK + OVERHEAD), ad);
    if (!pulled) return refuse(at === 0 ? "section.unopenable" : "section.malformed");
    if (pulled.tag !== (at === chunks - 1 ? FINAL : MESSAGE)) refuse("section.malformed");
    plain.push(pulled.message);
  }
  return unpad(concat(...plain), padded);
}

export function pull(state: StateAddress, chunk: Uint8Array, ad: Bytes) {
  try {
    return sodium.crypto_secretstream_xchacha20poly1305_pull(state, chunk, ad);
  } catch {
    return false;
  }
}

function unpad(plain: Bytes, padded: number): Bytes {
  const end = PREFIX + statedLength(plain, padded);
  if (plain.subarray(end).some((byte) => byte !== 0)) refuse("section.malformed");
  return plain.slice(PREFIX, end);
}
