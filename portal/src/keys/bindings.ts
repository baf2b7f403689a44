// What sections and boxes are bound to, and their sizes: nothing here opens or seals (docs/spec/sealing.md).

import { type Bytes, concat, digestOf, sha256, utf8 } from "../protocol/bytes.ts";
import { pae, typeOf } from "../protocol/dsse.ts";
import { decode, encode } from "../protocol/encoding.ts";
import { refuse } from "../protocol/errors.ts";
import { Count, Digest, Key32, Media, Random128, Term, Uuid7 } from "../protocol/fields.ts";
import { type Entry, type Manifest, Party } from "../protocol/objects.ts";
import { ascending, type Fields, type Infer, list, optional, struct, type Struct } from "../protocol/struct.ts";

// A section is sealed in chunks, each with a tag; a header stands before them, its length before the content.
export const CHUNK = 65_536;
export const OVERHEAD = 17;
export const HEADER = 24;
export const PREFIX = 8;
export const LARGEST = 5 * 1024 ** 3;
const SMALLEST = 4096;
// A box: the encapsulated key, then the section keys, 32 bytes each, and a tag (HPKE with X-Wing, AES-256-GCM).
export const ENCAPSULATED = 1120;
export const KEY = 32;
export const TAG = 16;

const SectionContext = struct({
  huis: Digest, message: Uuid7, sender: Key32, household: optional(Random128), n: Count, type: Term, form: Term,
  about: list(Random128), media: Media,
});
const WrapContext = struct({
  manifest: Digest, sealer: Key32, reader: Party, keys: Digest, key: Digest, entries: list(Count),
});
export type SectionContext = Infer<typeof SectionContext>;
export type WrapContext = Infer<typeof WrapContext>;

// What the section of an entry is bound to; `sender` is the key that signed the manifest.
export function contextOf(manifest: Manifest, entry: Entry, sender: string): SectionContext {
  const { n, type, form, about, media } = entry;
  const { huis, id: message, household } = manifest;
  return { huis, message, sender, household, n, type, form, about, media };
}

// Written as it stands and read strictly: a context that the wire does not allow binds nothing.
function written(context: Readonly<Record<string, unknown>>, type: Struct<Fields>): Bytes {
  const inOrder: Record<string, unknown> = {};
  for (const name of Object.keys(type.fields)) if (context[name] !== undefined) inOrder[name] = context[name];
  const data = encode(inOrder);
  decode(data, type);
  return data;
}

export function associatedData(context: SectionContext): Bytes {
  const data = written(context, SectionContext);
  if (!ascending(context.about)) refuse("object.not-canonical");
  return sha256(pae(typeOf("section"), data));
}

export function keyCommitment(ad: Bytes, key: Bytes): string {
  if (key.length !== KEY) refuse("section.key-commitment");
  return digestOf(concat(utf8("zegel/key/1\0"), ad, key));
}

export function wrapInfo(context: WrapContext): Bytes {
  const data = written(context, WrapContext);
  if (context.entries.length === 0 || !ascending(context.entries)) refuse("object.not-canonical");
  return concat(utf8("zegel/wrap/1\0"), sha256(data));
}

// Padmé, in doubles: sizes stay far below 2^53, and bit operations of JavaScript end at 32 bits.
export function paddedSize(length: number): number {
  if (!Number.isInteger(length) || length < 0 || length > LARGEST) refuse("section.length");
  const size = PREFIX + length;
  const exponent = Math.floor(Math.log2(size));
  const step = 2 ** Math.max(0, exponent - (Math.floor(Math.log2(exponent)) + 1));
  return Math.max(SMALLEST, Math.ceil(size / step) * step);
}

// The length that the plaintext begins with, if it pads to `padded`. Refuses `section.malformed`.
export function statedLength(plain: Bytes, padded: number): number {
  if (plain.length < PREFIX) refuse("section.malformed");
  const stated = new DataView(plain.buffer, plain.byteOffset).getBigUint64(0);
  if (stated > BigInt(LARGEST) || paddedSize(Number(stated)) !== padded) refuse("section.malformed");
  return Number(stated);
}

export const chunkCount = (padded: number): number => Math.ceil(padded / CHUNK);

export const ciphertextSize = (padded: number): number => HEADER + padded + OVERHEAD * chunkCount(padded);

export const boxSize = (count: number): number => ENCAPSULATED + KEY * count + TAG;

// Refuses `section.key-commitment` unless the key is the one that the entry commits to; gives what the section is
// bound to.
export function checkKey(context: SectionContext, key: Bytes, kc: string): Bytes {
  const ad = associatedData(context);
  if (keyCommitment(ad, key) !== kc) refuse("section.key-commitment");
  return ad;
}
