// What a section is called to its reader: in the voice in which the notice page names it.

import type { CopySection } from "../../client/copies.ts";
import type { ClientNotice } from "../../client/notices.ts";
import { scopeInWords, type Voice } from "../../protocol/texts/labels.ts";
import { capital } from "../../protocol/texts/notice_text.ts";
import { language } from "../words.ts";

// A section as its reader knows it: `Uw gezondheid`.
export function titleOf({ entry: { object } }: CopySection, person: string, { children, copy }: ClientNotice): string {
  const own = object.about.includes(person);
  const named = object.about.filter((one) => children.has(one));
  const all = new Set(copy.sections.flatMap((each) => each.entry.object.about).filter((one) => children.has(one)));
  const child = !own && named.length === 1 && all.size === 1;
  const voice: Voice = own && named.length === 0 ? "yours" : child ? "child" : "plain";
  return capital(scopeInWords(language(), object.type, object.form, voice));
}
