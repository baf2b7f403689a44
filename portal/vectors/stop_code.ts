// The name of a printed letter's stop code (docs/spec/letter.md). Partners' software derives it; no page needs it.

import { pbkdf2 } from "@noble/hashes/pbkdf2.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, fromUrl, toUrl, utf8 } from "../src/protocol/bytes.ts";
import { refuse } from "../src/protocol/errors.ts";

const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SEPARATORS = /[-\u2010-\u2014\u2212\s]/g;
const ROUNDS = 600_000;

// The card's name for a code as it was typed, in the Huis with this id. Refuses `stop-code.malformed`.
export function nameOf(huis: string, typed: string): string {
  const salt = concat(utf8("zegel/stop-code/1\0"), fromUrl(huis, 32));
  return toUrl(pbkdf2(sha256, utf8(read(typed)), salt, { c: ROUNDS, dkLen: 32 }));
}

function read(typed: string): string {
  const symbols = typed.replace(SEPARATORS, "").toUpperCase().replace(/[IL]/g, "1").replace(/O/g, "0");
  const values = [...symbols].map((symbol) => SYMBOLS.indexOf(symbol));
  if (values.length !== 16 || values.includes(-1)) return refuse("stop-code.malformed");
  const number = values.slice(0, 15).reduce((sum, value) => sum * 32n + BigInt(value), 0n);
  if (number % 37n !== BigInt(values[15] ?? -1)) return refuse("stop-code.malformed");
  return symbols.slice(0, 15);
}
