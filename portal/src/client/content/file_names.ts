// Names of files: what they may look like, so that they are shown as they are and can be saved anywhere
// (docs/spec/content.md, "Framing").

import { utf8 } from "../../protocol/bytes.ts";
import { refuse } from "../../protocol/errors.ts";

export const ENDINGS: ReadonlyMap<string, readonly string[]> = new Map([
  ["application/pdf", [".pdf"]],
  ["image/jpeg", [".jpg", ".jpeg"]],
  ["image/png", [".png"]],
]);
export const MAX_CHARACTERS = 120;
const MAX_BYTES = 240;

const FOREIGN = /[/\\:*?"<>|]/;
// Control, invisible format characters (all bidirectional controls among them), surrogates, private use, separators.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const LEADING = /^[\s.-]/;
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$/i;

// Refuses `content.media` for a type that no file has, `content.name` for a name that may not travel.
export function checkFileName(name: string, media: string): void {
  const endings = ENDINGS.get(media) ?? refuse("content.media");
  const length = [...name].length;
  const wrong =
    length < 1 ||
    length > MAX_CHARACTERS ||
    HIDDEN.test(name) ||
    FOREIGN.test(name) ||
    utf8(name).length > MAX_BYTES ||
    name !== name.normalize("NFC") ||
    LEADING.test(name) ||
    DEVICE.test((name.split(".")[0] ?? "").trim()) ||
    !endings.some((ending) => name.toLowerCase().endsWith(ending));
  if (wrong) refuse("content.name");
}
