// Boxes of section keys, by HPKE with X-Wing: a module of its own weight, imported only when one is opened or the seal
// key is grown (docs/spec/sealing.md).

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";

import { type Bytes, concat, digestOf, fromUrl, toUrl } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";
import { boxSize, ENCAPSULATED, KEY } from "./bindings.ts";

const kem = new XWing();
const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });

// The pair that a seed of 32 bytes grows into: `text` is the public half, `digest` names it. Refuses
// `seal-key.malformed`. The seed is copied, because the library reads the whole buffer under a view.
export async function sealKey(seed: Bytes): Promise<{ pair: CryptoKeyPair; text: string; digest: string }> {
  if (seed.length !== 32) refuse("seal-key.malformed");
  const pair = await kem.generateKeyPairDerand(Uint8Array.from(seed));
  const data = new Uint8Array(await kem.serializePublicKey(pair.publicKey));
  return { pair, text: toUrl(data), digest: digestOf(data) };
}

// The section keys of a box, `count` of them. Refuses `wrap.malformed`, `wrap.unopenable`.
export async function unwrap(box: string, seed: Bytes, info: Bytes, count: number): Promise<Bytes[]> {
  const data = fromUrl(box);
  if (count < 1 || data.length !== boxSize(count)) refuse("wrap.malformed");
  const { pair } = await sealKey(seed);
  const joined = await open(pair.privateKey, data, info);
  return Array.from({ length: count }, (_, at) => joined.slice(KEY * at, KEY * at + KEY));
}

async function open(recipientKey: CryptoKey, data: Bytes, info: Bytes): Promise<Bytes> {
  try {
    const box = { recipientKey, enc: data.slice(0, ENCAPSULATED), info };
    return new Uint8Array(await suite.open(box, data.slice(ENCAPSULATED)));
  } catch {
    return refuse("wrap.unopenable");
  }
}

// A box of section keys for the holder of a public seal key (base64url text), as base64url text; `info` is made from
// the digest that names the key. Refuses `seal-key.malformed`.
export async function wrap(
  keys: readonly Bytes[], sealKeyText: string, info: (digest: string) => Bytes,
): Promise<{ box: string; digest: string }> {
  const data = fromUrl(sealKeyText);
  const digest = digestOf(data);
  const recipientPublicKey = await kem.deserializePublicKey(data).catch(() => refuse("seal-key.malformed"));
  const { ct, enc } = await suite.seal({ recipientPublicKey, info: info(digest) }, concat(...keys));
  return { box: toUrl(concat(new Uint8Array(enc), new Uint8Array(ct))), digest };
}
