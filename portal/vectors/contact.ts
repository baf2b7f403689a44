// A contact address in its sealed box (docs/spec/contact.md).

import sodium from "libsodium-wrappers";

import { ADDRESS, LONGEST, PERSON } from "../src/keys/contact_box.ts";
import { type Bytes, hex } from "../src/protocol/bytes.ts";
import { refuse } from "../src/protocol/errors.ts";

await sodium.ready;


function opened(key: Bytes, sealed: Bytes): Uint8Array {
  try {
    return sodium.crypto_box_seal_open(sealed, sodium.crypto_scalarmult_base(key), key);
  } catch {
    return refuse("contact.unopenable");
  }
}

// Refuses `contact.unopenable`.
export function openAddress(key: Bytes, person: string, sealed: Bytes): string {
  const plain = opened(key, sealed);
  const length = (plain[PERSON] ?? 0) * 256 + (plain[PERSON + 1] ?? 0);
  const text = new TextDecoder("latin1").decode(plain.subarray(PERSON + 2, PERSON + 2 + length));
  const rest = plain.subarray(PERSON + 2 + length);
  const whole = plain.length === PERSON + 2 + LONGEST && length <= LONGEST && rest.every((byte) => byte === 0);
  if (!whole || hex(plain.subarray(0, PERSON)) !== person || !ADDRESS.test(text)) refuse("contact.unopenable");
  return text;
}
