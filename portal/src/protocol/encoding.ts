// The one JSON of an object (docs/spec/encoding.md): read only if writing it again gives the same bytes.

import { equal, fromUtf8, utf8 } from "./bytes.ts";
import { refuse } from "./errors.ts";
import { malformed } from "./struct.ts";

export const MAX_OBJECT = 512 * 1024;
export const MAX_ENVELOPE = 768 * 1024;
const MAX_DEPTH = 12;
// Half of a pair of surrogates by itself: with `u`, whole pairs are one letter and do not match.
const LONE = /[\ud800-\udfff]/u;
const latin1 = (data) => new TextDecoder("latin1").decode(data);

export const encode = (value) => utf8(JSON.stringify(value));

export function decode(data, type, limit = MAX_OBJECT) {
  if (data.length > limit) refuse("object.too-large");
  const outside = outsideStrings(data);
  if (depth(outside) > MAX_DEPTH) refuse("object.too-deep");
  const source = asText(data);
  const value = type.read(parse(source, outside));
  if (!equal(encode(value), data)) refuse("object.not-canonical");
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(source) || source !== source.normalize("NFC")) refuse("object.not-canonical");
  return value;
}

function asText(data) {
  try {
    return fromUtf8(data);
  } catch {
    return malformed("not UTF-8");
  }
}

function parse(source, outside) {
  let value;
  try {
    value = JSON.parse(source, (name, item) => {
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
function outsideStrings(data) {
  const kept = [];
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

function endOfString(data, start) {
  for (let at = start + 1; at < data.length; at += 1) {
    if (data[at] === 0x5c) at += 1;
    else if (data[at] === 0x22) return at;
  }
  // An open string runs to the end.
  return data.length;
}

function depth(outside) {
  let now = 0;
  let deepest = 0;
  for (const letter of outside) {
    if (letter === "{" || letter === "[") deepest = Math.max(deepest, (now += 1));
    else if (letter === "}" || letter === "]") now -= 1;
  }
  return deepest;
}
