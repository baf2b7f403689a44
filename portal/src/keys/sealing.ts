// What sections and boxes are bound to, the strict reader of a section, and HPKE (docs/spec/sealing.md).

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import sodium from "libsodium-wrappers";

import { concat, digestOf, fromUrl, sha256, toUrl, utf8 } from "../protocol/bytes.ts";
import { pae, typeOf } from "../protocol/dsse.ts";
import { decode, encode } from "../protocol/encoding.ts";
import { refuse } from "../protocol/errors.ts";
import { Count, Digest, Key32, Media, Random128, Term, Uuid7 } from "../protocol/fields.ts";
import { ascending, Party } from "../protocol/objects.ts";
import { list, optional, struct } from "../protocol/struct.ts";

await sodium.ready;

const [CHUNK, OVERHEAD, HEADER, PREFIX] = [65_536, 17, 24, 8];
const SMALLEST = 4096;
export const LARGEST = 5 * 1024 ** 3;
const { crypto_secretstream_xchacha20poly1305_TAG_FINAL: FINAL } = sodium;
const { crypto_secretstream_xchacha20poly1305_TAG_MESSAGE: MESSAGE } = sodium;

const SectionContext = struct({
  huis: Digest, message: Uuid7, sender: Key32, household: optional(Random128), n: Count, type: Term, form: Term,
  about: list(Random128), media: Media,
});
const WrapContext = struct({
  manifest: Digest, sealer: Key32, reader: Party, keys: Digest, key: Digest, entries: list(Count),
});

// Written as it stands and read strictly: a context that the wire does not allow binds nothing.
function written(context, type) {
  const inOrder = {};
  for (const name of Object.keys(type.fields)) if (context[name] !== undefined) inOrder[name] = context[name];
  const data = encode(inOrder);
  decode(data, type);
  return data;
}

export function associatedData(context) {
  const data = written(context, SectionContext);
  if (!ascending(context.about)) refuse("object.not-canonical");
  return sha256(pae(typeOf("section"), data));
}

export function keyCommitment(ad, key) {
  if (key.length !== 32) refuse("section.key-commitment");
  return digestOf(concat(utf8("zegel/key/1\0"), ad, key));
}

export function wrapInfo(context) {
  const data = written(context, WrapContext);
  if (context.entries.length === 0 || !ascending(context.entries)) refuse("object.not-canonical");
  return concat(utf8("zegel/wrap/1\0"), sha256(data));
}

// Padmé, in doubles: sizes stay far below 2^53, and bit operations of JavaScript end at 32 bits.
export function paddedSize(length) {
  if (!Number.isInteger(length) || length < 0 || length > LARGEST) refuse("section.length");
  const size = PREFIX + length;
  const exponent = Math.floor(Math.log2(size));
  const step = 2 ** Math.max(0, exponent - (Math.floor(Math.log2(exponent)) + 1));
  return Math.max(SMALLEST, Math.ceil(size / step) * step);
}

export const chunkCount = (padded) => Math.ceil(padded / CHUNK);

export const ciphertextSize = (padded) => HEADER + padded + OVERHEAD * chunkCount(padded);

export function checkKey(context, key, kc) {
  const ad = associatedData(context);
  if (keyCommitment(ad, key) !== kc) refuse("section.key-commitment");
  return ad;
}

// The gates in their order: key, digest, size, and then chunk by chunk.
export function openSection(context, key, blob, { ct, kc, padded }) {
  const ad = checkKey(context, key, kc);
  if (digestOf(blob) !== ct) refuse("section.digest");
  if (padded < 1 || blob.length !== ciphertextSize(padded)) refuse("section.malformed");
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(blob.subarray(0, HEADER), key);
  const chunks = chunkCount(padded);
  const plain = [];
  for (let at = 0; at < chunks; at += 1) {
    const start = HEADER + at * (CHUNK + OVERHEAD);
    const pulled = pull(state, blob.subarray(start, start + CHUNK + OVERHEAD), ad);
    if (!pulled) refuse(at === 0 ? "section.unopenable" : "section.malformed");
    if (pulled.tag !== (at === chunks - 1 ? FINAL : MESSAGE)) refuse("section.malformed");
    plain.push(pulled.message);
  }
  return unpad(concat(...plain), padded);
}

function pull(state, chunk, ad) {
  try {
    return sodium.crypto_secretstream_xchacha20poly1305_pull(state, chunk, ad);
  } catch {
    return false;
  }
}

function unpad(plain, padded) {
  const length = new DataView(plain.buffer, plain.byteOffset).getBigUint64(0);
  if (length > BigInt(LARGEST) || paddedSize(Number(length)) !== padded) refuse("section.malformed");
  const end = PREFIX + Number(length);
  if (plain.subarray(end).some((byte) => byte !== 0)) refuse("section.malformed");
  return plain.slice(PREFIX, end);
}

const kem = new XWing();
const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });

// The pair that a seed of 32 bytes grows into. Copied, because the library reads the whole buffer under a view.
export async function sealKey(seed) {
  if (seed.length !== 32) refuse("seal-key.malformed");
  const pair = await kem.generateKeyPairDerand(Uint8Array.from(seed));
  const data = new Uint8Array(await kem.serializePublicKey(pair.publicKey));
  return { pair, text: toUrl(data), digest: digestOf(data) };
}

export async function unwrap(box, seed, info, count) {
  const data = fromUrl(box);
  if (count < 1 || data.length !== 1120 + 32 * count + 16) refuse("wrap.malformed");
  const { pair } = await sealKey(seed);
  let joined;
  try {
    joined = new Uint8Array(
      await suite.open({ recipientKey: pair.privateKey, enc: data.slice(0, 1120), info }, data.slice(1120)),
    );
  } catch {
    refuse("wrap.unopenable");
  }
  return Array.from({ length: count }, (_, at) => joined.slice(32 * at, 32 * at + 32));
}
