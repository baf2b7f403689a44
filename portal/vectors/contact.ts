// A contact address in its sealed box (docs/spec/contact.md).

import sodium from "libsodium-wrappers";

import { hex } from "../src/protocol/bytes.ts";
import { refuse } from "../src/protocol/errors.ts";

await sodium.ready;

const PERSON = 16;
const LONGEST = 254;
const ADDRESS = /^(?!.*=\?)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*$/;

function opened(key, sealed) {
  try {
    return sodium.crypto_box_seal_open(sealed, sodium.crypto_scalarmult_base(key), key);
  } catch {
    return refuse("contact.unopenable");
  }
}

export function openAddress(key, person, sealed) {
  const plain = opened(key, sealed);
  const length = plain[PERSON] * 256 + plain[PERSON + 1];
  const text = new TextDecoder("latin1").decode(plain.subarray(PERSON + 2, PERSON + 2 + length));
  const rest = plain.subarray(PERSON + 2 + length);
  const whole = plain.length === PERSON + 2 + LONGEST && length <= LONGEST && rest.every((byte) => byte === 0);
  if (!whole || hex(plain.subarray(0, PERSON)) !== person || !ADDRESS.test(text)) refuse("contact.unopenable");
  return text;
}
