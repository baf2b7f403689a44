// Opening what a message holds for its reader: libsodium and HPKE come with this module, so it is imported only when
// somebody reads a section. A key is held against the entry before any ciphertext is fetched (docs/spec/sealing.md).

import { ciphertextSize, checkKey, type SectionContext, wrapInfo } from "../keys/bindings.ts";
import { openLarge } from "../keys/large_sections.ts";
import { openSection, type Sealed } from "../keys/sections.ts";
import { sealKey, unwrap } from "../keys/wraps.ts";
import { type Bytes, concat, sha256Stream } from "../protocol/bytes.ts";
import { ProtocolError, refuse } from "../protocol/errors.ts";
import type { Party } from "../protocol/objects.ts";
import { checkFormat, LONGEST_PREFIX, readPrefix } from "./content/files.ts";
import { type Note, NOTE_MEDIA, readNote } from "./content/notes.ts";

// Padded bytes up to which a section is opened in one piece; a note always is.
const IN_MEMORY = 1024 * 1024;
// The most that a phone opens: more than any letter or photo, and less than makes an old one give up.
export const MOST = 64 * 1024 * 1024;
const PIECE = 4 * 1024 * 1024;

// How ciphertexts come: whole, or the part from `start` to before `end`.
export interface Blobs {
  download(ct: string): Promise<Bytes>;
  downloadPart(ct: string, start: number, end: number): Promise<Bytes>;
}

export type Content =
  | { readonly is: "note"; readonly note: Note }
  | { readonly is: "file"; readonly name: string; readonly media: string; readonly file: Blob };

interface EntryOf extends Sealed {
  readonly type: string;
  readonly form: string;
  readonly media: string;
}

export interface Wrap {
  readonly source: string;
  readonly key: string;
  readonly entries: readonly number[];
  readonly box: string;
}

export interface Unwrapped {
  readonly keys: ReadonlyMap<number, Bytes>;
  readonly problem: string | null;
}

// A reader's section keys by the number of their entry; or none, and the code of what is wrong with them:
// `wraps.no-key`, `wrap.malformed`, `wrap.unopenable`.
export async function unwrapKeys(
  wraps: readonly Wrap[],
  manifest: string,
  sealer: string,
  reader: Party,
  sealSeed: Bytes,
): Promise<Unwrapped> {
  const own = await sealKey(sealSeed);
  const wrap = wraps.find((item) => item.key === own.digest);
  if (wrap === undefined) return { keys: new Map(), problem: "wraps.no-key" };
  const entries = [...wrap.entries];
  try {
    const info = wrapInfo({ manifest, sealer, reader, keys: wrap.source, key: wrap.key, entries });
    const keys = await unwrap(wrap.box, sealSeed, info, entries.length);
    return { keys: new Map(keys.map((key, at) => [entries[at] ?? -1, key])), problem: null };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { keys: new Map(), problem: error.code };
  }
}

// A section's content. Refuses what the strict readers of sections and content refuse, and `section.too-large` for what
// is more than a phone opens; raises what fetching raises.
export async function openContent(
  blobs: Blobs,
  context: SectionContext,
  key: Bytes,
  entry: EntryOf,
): Promise<Content> {
  checkKey(context, key, entry.kc);
  if (entry.padded > MOST) refuse("section.too-large");
  if (entry.media !== NOTE_MEDIA && entry.padded > IN_MEMORY) return openFile(blobs, context, key, entry);
  if (entry.padded > IN_MEMORY) refuse("content.malformed");
  const content = openSection(context, key, await blobs.download(entry.ct), entry);
  if (entry.media === NOTE_MEDIA) return { is: "note", note: readNote(entry.type, entry.form, content) };
  const { name, size } = readPrefix(content.subarray(0, LONGEST_PREFIX), entry.media);
  const data = content.slice(size);
  await checkFormat(entry.media, data);
  return { is: "file", name, media: entry.media, file: asDownload([data]) };
}

async function openFile(blobs: Blobs, context: SectionContext, key: Bytes, entry: EntryOf): Promise<Content> {
  const sealed = await fetched(blobs, entry);
  const parts: Blob[] = [];
  let held: Bytes[] = [];
  let size = 0;
  const flush = (): void => {
    parts.push(new Blob(held));
    held = [];
    size = 0;
  };
  await openLarge(context, key, sealed, entry, (piece) => {
    held.push(piece);
    size += piece.length;
    if (size >= PIECE) flush();
  });
  flush();
  const whole = new Blob(parts);
  const head = new Uint8Array(await whole.slice(0, LONGEST_PREFIX).arrayBuffer());
  const prefix = readPrefix(head, entry.media);
  const file = whole.slice(prefix.size, whole.size, DOWNLOAD);
  await checkFormat(entry.media, new Uint8Array(await file.arrayBuffer()));
  return { is: "file", name: prefix.name, media: entry.media, file };
}

// A ciphertext in pieces, which the browser may keep on its disk: it is ciphertext there.
async function fetched(blobs: Blobs, { ct, padded }: EntryOf) {
  const size = ciphertextSize(padded);
  const digest = sha256Stream();
  const parts: Blob[] = [];
  for (let at = 0; at < size; at += PIECE) {
    const piece = await blobs.downloadPart(ct, at, Math.min(at + PIECE, size));
    digest.update(piece);
    parts.push(new Blob([piece]));
  }
  const whole = new Blob(parts);
  const read = async (start: number, end: number): Promise<Bytes> =>
    concat(new Uint8Array(await whole.slice(start, end).arrayBuffer()));
  return { size: whole.size, digest: digest.text(), read };
}

// Of no type that a browser opens by itself: it can be saved, and nothing else (attack 25).
const DOWNLOAD = "application/octet-stream";
const asDownload = (parts: readonly Bytes[]): Blob => new Blob([...parts], { type: DOWNLOAD });
