// Sealing a section, by libsodium: the other half of `sections.ts`, imported only when somebody writes
// (docs/spec/sealing.md).

import sodium from "libsodium-wrappers";

import { type Bytes, concat, digestOf } from "../protocol/bytes.ts";
import { associatedData, CHUNK, KEY, keyCommitment, paddedSize, PREFIX, type SectionContext } from "./bindings.ts";
import type { Sealed } from "./sections.ts";

await sodium.ready;

// A sealed section: its own fresh key, what the entry says of it, and the ciphertext.
export interface SealedSection extends Sealed {
  readonly key: Bytes;
  readonly blob: Bytes;
}

// Seals content under a key that nothing else ever uses. Refuses `section.length`.
export function sealSection(context: SectionContext, content: Bytes): SealedSection {
  const key = crypto.getRandomValues(new Uint8Array(KEY));
  const ad = associatedData(context);
  const padded = paddedSize(content.length);
  const plain = new Uint8Array(padded);
  new DataView(plain.buffer).setBigUint64(0, BigInt(content.length));
  plain.set(content, PREFIX);
  const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
  const { crypto_secretstream_xchacha20poly1305_TAG_FINAL: FINAL } = sodium;
  const { crypto_secretstream_xchacha20poly1305_TAG_MESSAGE: MESSAGE } = sodium;
  const chunks = [header];
  for (let at = 0; at < padded; at += CHUNK) {
    const tag = at + CHUNK >= padded ? FINAL : MESSAGE;
    chunks.push(sodium.crypto_secretstream_xchacha20poly1305_push(state, plain.subarray(at, at + CHUNK), ad, tag));
  }
  const blob = concat(...chunks);
  return { key, blob, padded, ct: digestOf(blob), kc: keyCommitment(ad, key) };
}
