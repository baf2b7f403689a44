// The code, the tag and the words between a client's phone and the worker who stands there (docs/spec/enrolment.md).

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as hashOf } from "@noble/hashes/sha2.js";

import LIST from "../../../protocol/zegel_protocol/texts/six_words.txt";
import { type Bytes, concat, fromUrl, hex, sha256, toUrl, utf8 } from "./bytes.ts";
import { decode, encode } from "./encoding.ts";
import { refuse } from "./errors.ts";
import { Digest, Key32, Random128, SealKey, Time } from "./fields.ts";
import { Passkey } from "./objects.ts";
import { ascending, type Infer, list, struct } from "./struct.ts";

const Context = struct({
  huis: Digest, household: Random128, person: Random128, opened: Time, passkeys: list(Passkey), identity_key: Key32,
  seal_key: SealKey,
});

// What a tag and the six words are bound to.
export type EnrolmentContext = Infer<typeof Context>;

function mac(secret: Bytes, label: string, context: EnrolmentContext): Bytes {
  if (secret.length !== 32) refuse("enrolment.secret");
  const data = encode(context);
  decode(data, Context);
  const names = context.passkeys.map((key) => key.credential);
  if (!ascending(names)) refuse("object.not-canonical");
  return new Uint8Array(hmac(hashOf, secret, concat(utf8(label), sha256(data))));
}

export const enrolmentTag = (secret: Bytes, context: EnrolmentContext): string =>
  toUrl(mac(secret, "zegel/enrol/1\0", context));

// Refuses `enrolment.tag`, `enrolment.expired`.
export function checkTag(secret: Bytes, context: EnrolmentContext, tag: string, now: number): string {
  const expected = enrolmentTag(secret, context);
  if (expected !== tag) refuse("enrolment.tag");
  if (now < context.opened || now > context.opened + 600) refuse("enrolment.expired");
  return expected;
}

function words(data: Bytes): string[] {
  const list = LIST.trimEnd().split("\n");
  const bits = [...data.subarray(0, 8)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return Array.from({ length: 6 }, (_, at) => list[Number.parseInt(bits.slice(at * 10, at * 10 + 10), 2)] ?? "");
}

export const wordsOfEnrolment = (secret: Bytes, context: EnrolmentContext): string[] =>
  words(mac(secret, "zegel/words/enrol/1\0", context));

export async function wordsOfRecord(d: string): Promise<string[]> {
  const secret = await crypto.subtle.importKey("raw", fromUrl(d, 32), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: utf8("zegel/words/record/1\0"), iterations: 100_000 };
  return words(new Uint8Array(await crypto.subtle.deriveBits(how, secret, 256)));
}

const ADDRESS = /^(https?:\/\/[a-z0-9.-]+(?::[0-9]{1,5})?)\/enrol#([A-Za-z0-9_-]{140})$/;

function bytesOf(fragment: string): Bytes {
  try {
    return fromUrl(fragment, 105);
  } catch {
    return refuse("enrolment.code");
  }
}

// What the address of a QR code says. `secret` and `mailbox` are base64url text, `opened` UTC seconds.
export interface EnrolmentCode {
  readonly origin: string;
  readonly huis: string;
  readonly household: string;
  readonly person: string;
  readonly opened: number;
  readonly secret: string;
  readonly mailbox: string;
}

// Refuses `enrolment.code`.
export function readAddress(address: string): EnrolmentCode {
  const [, origin = "", fragment = ""] = ADDRESS.exec(address) ?? refuse("enrolment.code");
  const packed = bytesOf(fragment);
  const opened = Number(new DataView(packed.buffer).getBigUint64(65));
  if (packed[0] !== 1 || opened > 253_402_300_799) refuse("enrolment.code");
  const secret = packed.subarray(73);
  return {
    origin, huis: toUrl(packed.subarray(1, 33)), household: hex(packed.subarray(33, 49)),
    person: hex(packed.subarray(49, 65)), opened, secret: toUrl(secret),
    mailbox: toUrl(sha256(utf8("zegel/mailbox/1\0"), secret)),
  };
}
