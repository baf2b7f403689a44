// What stands in a message, opened: text as text, with its spaces and its own direction; files to be saved, never shown
// here and never opened by the browser (attack 25).

import { type OpenedSection, openSections } from "../../client/copies.ts";
import type { Note } from "../../client/content/notes.ts";
import type { ClientNotice } from "../../client/notices.ts";
import type { Phone } from "../../client/phone.ts";
import { dateInWords } from "../../protocol/texts/dates.ts";
import { append, type Child, fill, h } from "../dom.ts";
import { trouble } from "../trouble.ts";
import { whenLocked } from "../unlocked.ts";
import { language, say } from "../words.ts";
import { problemInWords } from "./problems.ts";
import { titleOf } from "./section_title.ts";

// Opens all that this person reads into `stage`, each as soon as it is there.
export async function readAll(phone: Phone, notice: ClientNotice, stage: HTMLElement): Promise<void> {
  const busy = h("p", { class: "soft", role: "status" }, say("page-file.opening"));
  fill(stage, busy);
  try {
    for await (const opened of openSections(phone, notice.copy)) {
      busy.before(section(opened, phone.person, notice));
    }
    busy.remove();
  } catch (error) {
    busy.replaceWith(h("div"));
    append(stage, [trouble(error, () => void readAll(phone, notice, stage))]);
  }
}

function section({ section: of, content, problem }: OpenedSection, person: string, notice: ClientNotice): HTMLElement {
  const body = problem !== null || content === null
    ? problemInWords(problem ?? "", notice)
    : content.is === "note" ? written(content.note) : file(content);
  return h(
    "section", { class: "opened", "data-section": of.entry.object.type }, h("h3", {}, titleOf(of, person, notice)), body
  );
}

const text = (words: string): Child => h("p", { class: "words", dir: "auto" }, words);

function field(key: string, words: string | undefined): Child {
  return words !== undefined && [h("dt", {}, say(`page-file.${key}`)), h("dd", { class: "words", dir: "auto" }, words)];
}

function written(note: Note): Child {
  switch (note.is) {
    case "text":
      return text(note.value.text);
    case "first-name":
      return text(note.value.first_name);
    case "yes-no":
      return h("p", {}, say(note.value.answer ? "page-file.yes" : "page-file.no"));
    case "costs-only":
      return h(
        "ul", {}, note.value.items.map(
          (item) => h("li", {}, h("bdi", {}, item.what), ": ", money(item.cents, item.per))
        )
      );
    case "contact":
      return [text(note.value.text), h("dl", {}, field("safe", note.value.safe))];
    case "agreement": {
      const { ask, informs, feedback, reports, with_client: together, steps } = note.value;
      return [
        text(note.value.text),
        h(
          "dl",
          {},
          field("ask", ask), field("informs", informs), field("feedback", feedback), field("reports", reports),
          field("with-client", say(together ? "page-file.yes" : "page-file.no")),
        ),
        steps.length > 0 &&
          h(
            "ol", {}, steps.map(({ what, who, by }) => h("li", {}, step(what), who, by !== undefined && `, ${day(by)}`))
          ),
      ];
    }
    case "steps":
      return h(
        "ol", {}, note.value.items.map(
          ({ what, place }) => h("li", {}, place === undefined ? h("bdi", {}, what) : [step(what), h("bdi", {}, place)])
        )
      );
  }
}

const step = (what: string): Child => [h("bdi", {}, what), ": "];
const day = (by: string): string => say("page-file.by", { day: dateInWords(language(), by) });

function money(cents: number, per: string): string {
  const amount = new Intl.NumberFormat(language(), { style: "currency", currency: "EUR" }).format(cents / 100);
  return say(`page-file.per-${per}`, { amount });
}

const KIB = 1024;
// Whatever turns the direction of reading, or is not seen, has no place in a name: then it shows another ending.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

function sizeOf(bytes: number): string {
  const inMb = bytes >= KIB * KIB;
  const digits = { maximumFractionDigits: inMb ? 1 : 0 };
  const size = new Intl.NumberFormat(language(), digits).format(Math.max(1, bytes / (inMb ? KIB * KIB : KIB)));
  return say(inMb ? "page-file.mb" : "page-file.kb", { size });
}

// The link goes with the page: nothing that was opened stays behind an address.
function file(
  { name, media, file: blob }: { readonly name: string; readonly media: string; readonly file: Blob }
): Child {
  const shown = name.replace(UNSEEN, "\ufffd");
  const address = URL.createObjectURL(blob);
  const end = (): void => URL.revokeObjectURL(address);
  whenLocked(end);
  addEventListener("hashchange", end, { once: true });
  const kind = say(`page-file.${media === "application/pdf" ? "pdf" : "picture"}`);
  return [
    h("p", {}, h("bdi", { class: "file-name" }, shown), ` (${kind}, ${sizeOf(blob.size)})`),
    h("p", {}, h("a", { class: "button", href: address, download: shown }, say("page-file.save"))),
    h("p", { class: "small soft" }, say("page-file.save-means")),
  ];
}
