// Both keys of a client's seed at once, the seal key's public half among them: HPKE comes with it, so it is imported
// only where a record of keys is made or a section is opened (docs/spec/persons.md).

import { type Bytes, toUrl } from "../protocol/bytes.ts";
import { identityOf, sealSeedOf } from "./client_seed.ts";
import { publicOf } from "./ed25519.ts";
import { sealKey } from "./wraps.ts";

// `identity_key` is base64url text, `seal_key` the digest that names the key. Refuses `seed.unopenable`.
export async function grow(seed: Bytes): Promise<{ identity_key: string; seal_key: string }> {
  const sealing = await sealKey(sealSeedOf(seed));
  return { identity_key: toUrl(publicOf(identityOf(seed))), seal_key: sealing.digest };
}
