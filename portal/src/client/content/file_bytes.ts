// The bytes of a file as the checks read them, and the search for a second format in the first: a picture that is a web
// page too, a PDF that is an archive (docs/spec/content.md, "Files"; attack 25).

import type { Bytes } from "../../protocol/bytes.ts";
import { refuse } from "../../protocol/errors.ts";

const HEAD = 1024;
const ZIP_TAIL = 65_536 + 22;
const PIECE = 1024 * 1024;
const MARKUP = /<(?:!doctype|html|head|body|script|iframe|svg|object|embed|\?php)(?=[\s/>])/i;

const letters = new TextDecoder("windows-1252");
const HIGH = Uint8Array.from({ length: 32 }, (_, at) => 0x80 + at);
const STANDING_IN = new Map([...letters.decode(HIGH)].map((letter, at) => [letter, String.fromCharCode(0x80 + at)]));
const ABOVE = /[^\x00-\xff]/g;

// A letter for each byte, so that patterns can be searched. The browser's `latin1` is another set in 0x80 to 0x9f.
export const asLetters = (data: Uint8Array): string =>
  letters.decode(data).replace(ABOVE, (letter) => STANDING_IN.get(letter) ?? letter);

export const startsWith = (data: Bytes, magic: readonly number[]): boolean =>
  magic.every((byte, at) => data[at] === byte);

// Where `needle` (ASCII) first stands from `start` on, before `end`; or -1.
export function find(needle: string, data: Bytes, start: number, end: number): number {
  for (let from = start; from < end; from += PIECE) {
    const found = asLetters(data.subarray(from, Math.min(from + PIECE + needle.length - 1, end))).indexOf(needle);
    if (found >= 0) return from + found;
  }
  return -1;
}

// Refuses `content.polyglot`: a second format at the start or the end.
export function requireOneFormat(data: Bytes, media: string): void {
  const head = asLetters(data.subarray(0, HEAD));
  requireNoMarkup(head);
  const tail = asLetters(data.subarray(Math.max(0, data.length - ZIP_TAIL)));
  if (head.includes("PK\x03\x04") || tail.includes("PK\x05\x06\0\0\0\0")) refuse("content.polyglot");
  if (media !== "application/pdf" && head.includes("%PDF-")) refuse("content.polyglot");
}

export function requireNoMarkup(piece: string): void {
  if (MARKUP.test(piece)) refuse("content.polyglot");
}
