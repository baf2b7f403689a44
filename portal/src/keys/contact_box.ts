// A contact address in its sealed box, for the relay's worker alone (docs/spec/contact.md). libsodium: loaded when
// used.

import sodium from "libsodium-wrappers";

import { type Bytes, concat, fromHex, utf8 } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";

await sodium.ready;

export const PERSON = 16;
export const LONGEST = 254;
export const ADDRESS =
  /^(?!.*=\?)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*$/;

// An e-mail address of a person (32 hex digits), sealed to a public key of 32 bytes: 320 bytes, whatever the address.
// Refuses `contact.address`.
export function sealAddress(key: Bytes, person: string, address: string): Bytes {
  if (address.length > LONGEST || !ADDRESS.test(address)) refuse("contact.address");
  const text = utf8(address);
  const length = Uint8Array.of(text.length >> 8, text.length & 0xff);
  const plain = concat(fromHex(person), length, text, new Uint8Array(LONGEST - text.length));
  return concat(sodium.crypto_box_seal(plain, key));
}
