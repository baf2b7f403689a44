// The tag that ties a client's new keys to the worker who stands before them (docs/spec/enrolment.md).

import { createHmac } from "node:crypto";

import { concat, sha256, toUrl, utf8 } from "./bytes.js";
import { decode, encode } from "./encoding.js";
import { refuse } from "./errors.js";
import { Digest, Key32, Random128, SealKey, Time } from "./fields.js";
import { Passkey } from "./objects.js";
import { list, struct } from "./struct.js";

const Context = struct({
  huis: Digest, household: Random128, person: Random128, opened: Time, passkeys: list(Passkey), identity_key: Key32,
  seal_key: SealKey,
});

export function enrolmentTag(secret, context) {
  if (secret.length !== 32) refuse("enrolment.secret");
  const data = encode(context);
  decode(data, Context);
  const names = context.passkeys.map((key) => key.credential);
  if (names.some((name, at) => at > 0 && names[at - 1] >= name)) refuse("object.not-canonical");
  const body = concat(utf8("zegel/enrol/1\0"), sha256(data));
  return toUrl(createHmac("sha256", secret).update(body).digest());
}

export function checkTag(secret, context, tag, now) {
  const expected = enrolmentTag(secret, context);
  if (expected !== tag) refuse("enrolment.tag");
  if (now < context.opened || now > context.opened + 600) refuse("enrolment.expired");
  return expected;
}
