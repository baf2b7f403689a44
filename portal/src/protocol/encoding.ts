// The one JSON of an object (docs/spec/encoding.md): read only if writing it again gives the same bytes.

import { type Bytes, equal, fromUtf8, utf8 } from "./bytes.ts";
import { refuse } from "./errors.ts";
import { malformed, type Type } from "./struct.ts";

export const MAX_OBJECT = 512 * 1024;
export const MAX_ENVELOPE = 768 * 1024;
const MAX_DEPTH = 12;
// Half of a pair of surrogates by itself: with `u`, whole pairs are one letter and do not match.
const LONE = /[\ud800-\udfff]/u;
// Made once: making one costs more than decoding what stands between two strings.
const LATIN1 = new TextDecoder("latin1");
const latin1 = (data: Uint8Array): string => LATIN1.decode(data);

export const encode = (value: unknown): Bytes => utf8(JSON.stringify(value));

// Refuses `object.too-large`, `object.too-deep`, `object.malformed`, `object.not-canonical`.
export function decode<T>(data: Uint8Array, type: Type<T>, limit = MAX_OBJECT): T {
  if (data.length > limit) refuse("object.too-large");
  const outside = outsideStrings(data);
  if (depth(outside) > MAX_DEPTH) refuse("object.too-deep");
  const source = asText(data);
  const value = type.read(parse(source, outside));
  if (!equal(encode(value), data)) refuse("object.not-canonical");
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(source) || source !== source.normalize("NFC")) refuse("object.not-canonical");
  return value;
}

function asText(data: Uint8Array): string {
  try {
    return fromUtf8(data);
  } catch {
    return malformed("not UTF-8");
  }
}

function parse(source: string, outside: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(source, (name, item: unknown) => {
      for (const each of [name, item]) if (typeof each === "string" && LONE.test(each)) throw new SyntaxError();
      return item;
    });
  } catch {
    malformed("not JSON");
  }
  // JSON.parse makes one number of 1, 1.0 and 1e0; there are no floats, so none may be written as one.
  if (/[0-9][.eE]/.test(outside)) malformed("a fraction or exponent");
  return value;
}

// What stands outside strings, found over the raw bytes before anything is parsed.
function outsideStrings(data: Uint8Array): string {
  const kept: string[] = [];
  let from = 0;
  for (let at = 0; at < data.length; at += 1) {
    if (data[at] !== 0x22) continue;
    const end = endOfString(data, at);
    kept.push(latin1(data.subarray(from, at)));
    at = end;
    from = end + 1;
  }
  kept.push(latin1(data.subarray(from)));
  return kept.join(" ");
}

function endOfString(data: Uint8Array, start: number): number {
  for (let at = start + 1; at < data.length; at += 1) {
    if (data[at] === 0x5c) at += 1;
    else if (data[at] === 0x22) return at;
  }
  // An open string runs to the end.
  return data.length;
}

function depth(outside: string): number {
  let now = 0;
  let deepest = 0;
  for (const letter of outside) {
    if (letter === "{" || letter === "[") deepest = Math.max(deepest, (now += 1));
    else if (letter === "}" || letter === "]") now -= 1;
  }
  return deepest;
}
