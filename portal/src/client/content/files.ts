// A file in a section: its name before its bytes, and whether it is one file of the type that it says, and nothing
// besides. Checked again after opening; the sender's software checked it before sealing (docs/spec/content.md).

import { type Bytes } from "../../protocol/bytes.ts";
import { refuse } from "../../protocol/errors.ts";
import { struct, text } from "../../protocol/struct.ts";
import { requireOneFormat, startsWith } from "./file_bytes.ts";
import { checkFileName, MAX_CHARACTERS } from "./file_names.ts";
import { jpegLength, pngLength } from "./images.ts";
import { unpack } from "./notes.ts";
import { checkPdf } from "./pdf.ts";

const LENGTH_BYTES = 4;
const MAX_HEADER_BYTES = 512;
// The most that must be at hand to know a file's name and where its bytes begin.
export const LONGEST_PREFIX = LENGTH_BYTES + MAX_HEADER_BYTES;
const Header = struct({ name: text(null, 1, MAX_CHARACTERS) });

export interface FilePrefix {
  readonly name: string;
  readonly size: number;
}

// The prefix of a file section, from its first bytes. Refuses `content.malformed`, `content.schema`, `content.name`,
// `content.media`.
export function readPrefix(head: Bytes, media: string): FilePrefix {
  if (head.length < LENGTH_BYTES) refuse("content.malformed");
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
  const size = LENGTH_BYTES + length;
  if (length < 1 || length > MAX_HEADER_BYTES || size > head.length) refuse("content.malformed");
  const { name } = unpack(head.slice(LENGTH_BYTES, size), Header);
  checkFileName(name, media);
  return { name, size };
}

const MAGIC: ReadonlyMap<string, readonly number[]> = new Map([
  ["application/pdf", [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
]);

// Refuses `content.media`, `content.magic`, `content.malformed`, `content.trailing`, `content.polyglot`,
// `content.active`, `content.opaque`.
export async function checkFormat(media: string, data: Bytes): Promise<void> {
  const magic = MAGIC.get(media) ?? refuse("content.media");
  if (!startsWith(data, magic)) refuse("content.magic");
  if (media === "application/pdf") await checkPdf(data);
  else if ((media === "image/png" ? pngLength(data) : jpegLength(data)) !== data.length) refuse("content.trailing");
  requireOneFormat(data, media);
}
