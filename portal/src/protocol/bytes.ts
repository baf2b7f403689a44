// Bytes: UTF-8, joining, comparing, SHA-256, and the two kinds of base64, each with one spelling a value.

import { sha256 as hashOf } from "@noble/hashes/sha2.js";

import { refuse } from "./errors.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

export const utf8 = (text: string): Bytes => encoder.encode(text);

// A byte order mark stays where it is, so that JSON.parse refuses it.
export const fromUtf8 = (data: Uint8Array): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export const equal = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, at) => byte === right[at]);

export const sha256 = (...parts: readonly Uint8Array[]): Bytes => {
  const hash = hashOf.create();
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

export const hex = (data: Uint8Array): string => [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// Bytes of lower-case hex digits; refuses `binary.malformed`.
export function fromHex(text: string): Bytes {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) refuse("binary.malformed");
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

// In pieces, because an argument list has an end.
const PIECE = 8192;

export function toStandard(data: Uint8Array): string {
  let letters = "";
  for (let at = 0; at < data.length; at += PIECE) letters += String.fromCharCode(...data.subarray(at, at + PIECE));
  return btoa(letters);
}

export const toUrl = (data: Uint8Array): string =>
  toStandard(data).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// `atob` skips white space and drops stray bits: writing again and comparing refuses both.
function read(standard: string): Bytes | null {
  try {
    const letters = atob(standard);
    // A loop, for each rulebook comes this way: calling back for every letter takes a slow phone half a second.
    const data = new Uint8Array(letters.length);
    for (let at = 0; at < data.length; at += 1) data[at] = letters.charCodeAt(at);
    return data;
  } catch {
    return null;
  }
}

// Bytes of base64url text without padding; refuses `binary.malformed`, also where there are not `size` of them.
export function fromUrl(text: string, size: number | null = null): Bytes {
  const data = read(text.replaceAll("-", "+").replaceAll("_", "/"));
  const fits = data !== null && toUrl(data) === text && (size === null || data.length === size);
  return fits ? data : refuse("binary.malformed");
}

export function fromStandard(text: string, code = "envelope.malformed"): Bytes {
  const data = read(text);
  if (data === null || toStandard(data) !== text) return refuse(code, "not the one base64 of its bytes");
  return data;
}

export const digestOf = (data: Uint8Array): string => toUrl(sha256(data));

// Compares texts by their UTF-8: JavaScript's own order is of UTF-16, and puts some letters elsewhere.
export function byBytes(left: string, right: string): number {
  const [a, b] = [utf8(left), utf8(right)];
  const at = a.findIndex((byte, place) => byte !== b[place]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

// SHA-256 of what comes in pieces; `text` gives it as base64url, once.
export function sha256Stream(): { update(piece: Uint8Array): void; text(): string } {
  const hash = hashOf.create();
  return {
    update(piece) {
      hash.update(piece);
    },
    text: () => toUrl(new Uint8Array(hash.digest())),
  };
}
