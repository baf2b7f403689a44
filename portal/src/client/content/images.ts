// How long a picture is: its parts are walked, so that an end marker inside a thumbnail is not taken for the end. Parts
// with text are searched for web pages. ITU-T T.81 annex B (JPEG), PNG third edition section 5 (docs/spec/content.md).

import type { Bytes } from "../../protocol/bytes.ts";
import { refuse } from "../../protocol/errors.ts";
import { asLetters, requireNoMarkup } from "./file_bytes.ts";

const malformed = (): never => refuse("content.malformed");

const [SOS, EOI, SOI, COM] = [0xda, 0xd9, 0xd8, 0xfe];
// Segments 0xC0 to 0xCF that are no frames: Huffman tables, an extension, arithmetic coding.
const NO_FRAME = new Set([0xc4, 0xc8, 0xcc]);
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker);
const isAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

export function jpegLength(data: Bytes): number {
  let at = 2;
  let frame = false;
  let scan = false;
  for (;;) {
    if (data[at] !== 0xff) malformed();
    while (data[at] === 0xff) at += 1;
    const marker = data[at] ?? malformed();
    at += 1;
    if (marker === EOI) return frame && scan ? at : malformed();
    if (isAlone(marker)) continue;
    const length = ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
    if (marker === SOI || marker === 0 || length < 2 || at + length > data.length) malformed();
    if ((marker >= 0xe0 && marker <= 0xef) || marker === COM) {
      requireNoMarkup(asLetters(data.subarray(at, at + length)));
    }
    frame ||= isFrame(marker);
    at += length;
    if (marker === SOS) {
      scan = true;
      at = nextMarker(data, at);
    }
  }
}

// In coded data 0xFF is followed by zero or a restart marker; anything else ends it. Fill bytes may precede a marker.
function nextMarker(data: Bytes, start: number): number {
  for (let at = data.indexOf(0xff, start); at >= 0; at = data.indexOf(0xff, at + 1)) {
    const next = data[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return malformed();
}

const TABLE = Uint32Array.from({ length: 256 }, (_, at) => {
  let value = at;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(data: Bytes): number {
  let value = 0xffffffff;
  for (const byte of data) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

export function pngLength(data: Bytes): number {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let pixels = false;
  let at = 8;
  for (let count = 0; ; count += 1) {
    if (at + 12 > data.length) malformed();
    const length = view.getUint32(at);
    const kind = asLetters(data.subarray(at + 4, at + 8));
    const end = at + 12 + length;
    if (!/^[A-Za-z]{4}$/.test(kind) || length > 2 ** 31 - 1 || end > data.length) malformed();
    if ((count === 0) !== (kind === "IHDR") || (kind === "IHDR" && length !== 13)) malformed();
    const chunk = data.subarray(at + 4, end - 4);
    if (kind !== "IDAT" && kind !== "fdAT") requireNoMarkup(asLetters(chunk));
    if (crc32(chunk) !== view.getUint32(end - 4)) malformed();
    pixels ||= kind === "IDAT";
    at = end;
    if (kind === "IEND") return length === 0 && pixels ? at : malformed();
  }
}
