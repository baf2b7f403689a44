// A section that is too large to hold twice: opened chunk by chunk from wherever its ciphertext lies, after its digest
// was taken piece by piece. The same four gates as `sections.ts` (docs/spec/sealing.md); what is given to the sink
// before the end is the caller's to throw away when a later chunk fails.

import sodium from "libsodium-wrappers";

import { type Bytes, concat } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";
import {
  checkKey, CHUNK, chunkCount, ciphertextSize, HEADER, OVERHEAD, PREFIX, type SectionContext, statedLength,
} from "./bindings.ts";
import { pull, type Sealed } from "./sections.ts";

const { crypto_secretstream_xchacha20poly1305_TAG_FINAL: FINAL } = sodium;
const { crypto_secretstream_xchacha20poly1305_TAG_MESSAGE: MESSAGE } = sodium;

// Where a ciphertext lies: its size and digest in bytes as they are, and `read(start, end)` for a part of it.
export interface Source {
  readonly size: number;
  readonly digest: string;
  readonly read: (start: number, end: number) => Promise<Bytes>;
}

// Gives the content to `sink` in order, and returns its length. Refuses as `openSection`.
export async function openLarge(
  context: SectionContext,
  key: Bytes,
  source: Source,
  { ct, kc, padded }: Sealed,
  sink: (piece: Bytes) => void,
): Promise<number> {
  const ad = checkKey(context, key, kc);
  if (source.digest !== ct) refuse("section.digest");
  if (padded < 1 || source.size !== ciphertextSize(padded)) refuse("section.malformed");
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(await source.read(0, HEADER), key);
  const chunks = chunkCount(padded);
  let length = 0;
  let given = 0;
  for (let at = 0; at < chunks; at += 1) {
    const start = HEADER + at * (CHUNK + OVERHEAD);
    const sealed = await source.read(start, Math.min(start + CHUNK + OVERHEAD, source.size));
    const pulled = pull(state, sealed, ad);
    if (!pulled) return refuse(at === 0 ? "section.unopenable" : "section.malformed");
    if (pulled.tag !== (at === chunks - 1 ? FINAL : MESSAGE)) refuse("section.malformed");
    let plain = concat(pulled.message);
    if (at === 0) {
      length = statedLength(plain, padded);
      plain = plain.slice(PREFIX);
    }
    const content = plain.subarray(0, Math.max(0, length - given));
    if (plain.subarray(content.length).some((byte) => byte !== 0)) refuse("section.malformed");
    sink(content);
    given += content.length;
  }
  return length;
}
