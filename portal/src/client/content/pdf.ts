// A PDF that acts, or that can't be looked into, is refused: scripts, programs, forms that send, other files, by name,
// also in object streams. A search for names and no interpreter (docs/spec/content.md, "Files", 5; ISO 32000-2).

import type { Bytes } from "../../protocol/bytes.ts";
import { refuse } from "../../protocol/errors.ts";
import { asLetters, find } from "./file_bytes.ts";

const malformed = (): never => refuse("content.malformed");

const MAX_INFLATED = 64 * 1024 * 1024;
const LONGEST_NAME = 64;
const LONGEST_DICTIONARY = 1024 * 1024;
const TAIL = 2048;
const PIECE = 1024 * 1024;

// A letter of a name, plain or in hex.
function spelled(letter: string): string {
  const code = letter.charCodeAt(0);
  const low = (code & 15).toString(16);
  return `(?:${letter}|#${code >> 4}[${low}${low.toUpperCase()}])`;
}

const names = (...words: readonly string[]): RegExp =>
  new RegExp(`/(?:${words.map((word) => [...word].map(spelled).join("")).join("|")})(?=[\\s\\x00()<>[\\]{}/%]|$)`);

// Long names are searched in every byte: what one reader takes for a stream, another may not.
const ACTIVE = names(
  "JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "Filespec", "RichMedia", "SubmitForm", "ImportData", "GoToE",
  "GoToR", "Rendition",
);
// Short names turn up by chance in compressed data, so they count outside streams only.
const ACTIVE_SHORT = names("JS", "XFA", "EF");
const ENCRYPT = names("Encrypt");
const OBJECT_STREAM = names("ObjStm");
const FILTER = names("Filter", "F");
const FLATE = /\/Filter\s*(?:\/(?:FlateDecode|Fl)(?![A-Za-z])|\[\s*\/(?:FlateDecode|Fl)\s*\])/;
const PREDICTOR = /\/Predictor\s+(?!1\b)/;
const STREAM = /(?<!end)stream(?:\r\n|\n|\r)/;

// Where a pattern first stands in `data[start:end]` and where it ends there, in pieces; null for nowhere.
function search(pattern: RegExp, data: Bytes, start: number, end: number): readonly [number, number] | null {
  for (let from = start; from < end; from += PIECE) {
    const reach = Math.min(from + PIECE + LONGEST_NAME, end);
    // Some before the piece too, for what a pattern looks back at.
    const lead = Math.min(LONGEST_NAME, from - start);
    const piece = asLetters(data.subarray(from - lead, reach));
    const found = pattern.exec(piece);
    // What begins behind the piece may be cut here: the next piece has it whole.
    if (found !== null && (found.index < lead + PIECE || reach === end)) {
      const at = from - lead + found.index;
      return [at, at + found[0].length];
    }
  }
  return null;
}

export async function checkPdf(data: Bytes): Promise<void> {
  checkFrame(data);
  if (search(ACTIVE, data, 0, data.length) !== null) refuse("content.active");
  let budget = MAX_INFLATED;
  let at = 0;
  for (;;) {
    const found = search(STREAM, data, at, data.length);
    checkPlain(data, at, found?.[0] ?? data.length);
    if (found === null) return;
    const [start, begin] = found;
    const end = find("endstream", data, begin, data.length);
    if (end < 0) malformed();
    const before = data.subarray(Math.max(at, start - LONGEST_DICTIONARY), start);
    const opened = Math.max(asLetters(before).lastIndexOf(" obj"), asLetters(before).lastIndexOf("\nobj"));
    if (opened < 0 && before.length < start - at) refuse("content.opaque");
    const dictionary = asLetters(before.subarray(Math.max(opened, 0)));
    if (OBJECT_STREAM.test(dictionary)) {
      const objects = await inflate(dictionary, data.subarray(begin, end), budget);
      budget -= objects.length;
      if (search(ACTIVE, objects, 0, objects.length) !== null) refuse("content.active");
      checkPlain(objects, 0, objects.length);
    }
    at = end + "endstream".length;
  }
}

function checkFrame(data: Bytes): void {
  if (!/^%PDF-[12]\.[0-9][\r\n \t]/.test(asLetters(data.subarray(0, 16)))) malformed();
  const tail = asLetters(data.subarray(Math.max(0, data.length - TAIL)));
  const last = tail.lastIndexOf("%%EOF");
  if (last < 0 || !/startxref[\s\x00]+[0-9]+[\s\x00]+%%EOF/.test(tail.slice(0, last + 5))) malformed();
  if (/[^\r\n\t \x00]/.test(tail.slice(last + 5))) refuse("content.trailing");
}

function checkPlain(data: Bytes, start: number, end: number): void {
  if (search(ACTIVE_SHORT, data, start, end) !== null) refuse("content.active");
  if (search(ENCRYPT, data, start, end) !== null) refuse("content.opaque");
}

// The objects of an object stream: as they stand, or inflated to `budget` bytes at most.
async function inflate(dictionary: string, data: Bytes, budget: number): Promise<Bytes> {
  if (!FILTER.test(dictionary)) return data.length <= budget ? data : refuse("content.opaque");
  if (!FLATE.test(dictionary) || PREDICTOR.test(dictionary)) refuse("content.opaque");
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  // A line end may stand between the data and `endstream`, and a browser refuses anything behind the last block.
  for (const cut of [0, 1, 2]) {
    parts.length = size = 0;
    const reader = new Blob([data.subarray(0, data.length - cut)]).stream()
      .pipeThrough(new DecompressionStream("deflate")).getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
        size += value.length;
        if (size > budget) break;
        parts.push(value);
      }
    } catch {
      continue;
    }
    await reader.cancel();
    return refuse("content.opaque");
  }
  return malformed();
}
