// Reads contents of sections as the page does after opening them: `node content.mjs FILE` prints, for each, `ok` or the
// code of what is wrong with it.

import { readFileSync } from "node:fs";

import { checkFormat, LONGEST_PREFIX, readPrefix } from "../src/client/content/files.ts";
import { NOTE_MEDIA, readNote } from "../src/client/content/notes.ts";
import { fromUrl } from "../src/protocol/bytes.ts";
import { ProtocolError } from "../src/protocol/errors.ts";

interface Case {
  readonly type: string;
  readonly form: string;
  readonly media: string;
  readonly content: string;
}

async function codeOf({ type, form, media, content }: Case): Promise<string> {
  const data = fromUrl(content);
  try {
    if (media === NOTE_MEDIA) readNote(type, form, data);
    else await checkFormat(media, data.slice(readPrefix(data.subarray(0, LONGEST_PREFIX), media).size));
    return "ok";
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.code;
  }
}

const cases: readonly Case[] = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const codes: string[] = [];
for (const each of cases) codes.push(await codeOf(each));
console.log(JSON.stringify(codes));
