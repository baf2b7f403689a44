// What is wrong with one section of a message, in plain words: what happened, what is safe, and what to do. The rest of
// the message is read.

import type { ClientNotice } from "../../client/notices.ts";
import { type Child, h } from "../dom.ts";
import { phone } from "../unlocked.ts";
import { say } from "../words.ts";
import { titleOf } from "./section_title.ts";

// Codes that mean the same to who reads: by the sentence that says it.
const SENTENCES: ReadonlyMap<string, readonly string[]> = new Map([
  ["hidden", ["section.hidden"]],
  ["no-keys", ["without-device", "wraps.no-key"]],
  ["keys", ["wraps.entries", "wrap.malformed", "wrap.unopenable", "section.key-commitment", "seal-key.malformed"]],
  ["broken", ["section.digest", "section.malformed", "section.unopenable", "section.length"]],
  ["form", ["content.malformed", "content.schema", "content.form", "binary.malformed"]],
  ["name", ["content.name"]],
  ["unlike", ["content.media", "content.magic", "content.trailing"]],
  ["danger", ["content.polyglot", "content.active", "content.opaque"]],
  ["gone", ["blob.unknown", "message.erased"]],
  ["large", ["section.too-large"]],
]);

export const sentenceOf = (code: string): string =>
  [...SENTENCES].find(([, codes]) => codes.includes(code))?.[0] ?? "other";

export const problemInWords = (code: string, { copy }: ClientNotice): Child => {
  const sender = copy.file.setting.names(copy.manifest.object.from.partner)[0] ?? say("page-problem.sender");
  return h("p", { class: "note", "data-problem": code }, say(`page-problem.${sentenceOf(code)}`, { sender }));
};

// What is wrong with sections before any is opened: of those that this person should read, or be told why not.
export function problemsOf(notice: ClientNotice): Child {
  const own = phone().person;
  return notice.copy.sections.map(
    (section) =>
      section.problem !== null &&
      h(
        "section", { class: "opened" }, h(
          "h3", {}, titleOf(section, own, notice)
        ), problemInWords(section.problem, notice)
      ),
  );
}
