// One notice, in the order of the rulebook: who, why, what, what was not shared, on whose yes, what now, who opened it,
// and what its reader can do. Made per person. What was written is opened here, by its reader's key, when they ask.

import { type ClientNotice, pageOf } from "../../client/notices.ts";
import { noticeOf } from "../../client/told.ts";
import { tell } from "../../client/words_said.ts";
import { RelayUnreachable } from "../../client/problems.ts";
import type { Action, Line, Section } from "../../protocol/texts/notice_facts.ts";
import { type Child, fill, h } from "../dom.ts";
import { addressOf, type Place } from "../place.ts";
import { trouble } from "../trouble.ts";
import { phone } from "../unlocked.ts";
import { language, say } from "../words.ts";
import { problemsOf } from "./problems.ts";
import { readAll } from "./sections.ts";

// Headings are for whoever looks for one thing, or reads by ear.
const HEADED: readonly Section[] = ["what", "yes", "opened"];

export async function notice({ parts: [d = ""] }: Place): Promise<Child> {
  const found = await noticeOf(phone(), d);
  const back = h("p", {}, h("a", { href: addressOf("") }, say("page-notice.back")));
  if (found === null) return [h("h1", {}, say("page-notice.none")), h("p", {}, say("page-notice.none-means")), back];
  const lines = pageOf(found, phone().person, phone().clock(), language());
  const of = (section: Section): Line[] => lines.filter((line) => line.section === section);
  const [who, ...rest] = of("who");
  const said = h("div");
  const page = h(
    "article",
    { class: "notice" },
    h("h1", {}, who?.text),
    rest.map((line) => h("p", { class: "soft" }, line.text)),
    part("why", of("why")),
    what(found, of("what")),
    part("not-shared", of("not-shared")),
    part("yes", of("yes")),
    now(of("next")),
    part("opened", of("opened")),
    code(of("code")),
    acts(d, of("act")),
    h("p", { class: "small soft", "data-part": "complain" }, of("complain").map((line) => line.text)),
    said,
    back,
  );
  whenShown(page.lastElementChild ?? page, () => void confirm(found, said));
  return page;
}

const part = (section: Section, lines: readonly Line[]): Child =>
  lines.length > 0 &&
  h(
    "section",
    { "data-part": section },
    HEADED.includes(section) && h("h2", { class: "unseen" }, say(`page-notice.about-${section}`)),
    lines.map((line) => h("p", {}, line.text)),
  );

function what(found: ClientNotice, lines: readonly Line[]): Child {
  const stage = h("div", { class: "opened-sections", "aria-live": "polite" });
  const words = lines.filter((line) => line.action === null);
  const reads = lines.find((line) => line.action === "read-all");
  const canRead = found.copy.sections.some((section) => section.readable);
  const read: HTMLElement | false = reads !== undefined && canRead &&
    h("button", { class: "main wide", type: "button", id: "read-all", on: { click: () => void open() } }, reads.text);
  const open = async (): Promise<void> => {
    if (read !== false) read.remove();
    stage.tabIndex = -1;
    stage.focus();
    await readAll(phone(), found, stage);
  };
  return h(
    "section",
    { class: "card", "data-part": "what" },
    h("h2", { class: "unseen" }, say("page-notice.about-what")),
    words.map((line) => h("p", {}, line.text)),
    problemsOf(found),
    found.unconsented.length > 0 && h("p", { class: "note care" }, say("page-notice.unconsented")),
    read,
    stage,
  );
}

// The first line is its heading: `Wat nu?`
function now([heading, ...lines]: readonly Line[]): Child {
  if (heading === undefined) return null;
  return h("section", { "data-part": "next" }, h("h2", {}, heading.text), lines.map((line) => h("p", {}, line.text)));
}

function code(lines: readonly Line[]): Child {
  if (lines.length === 0) return null;
  const page = `/code?language=${language()}`;
  return h(
    "section",
    { class: "note", "data-part": "code" },
    lines.map(
      (line) => h("p", {}, line.action === null ? line.text : h("a", { class: "button", href: page }, line.text))
    ),
  );
}

const QUIET: readonly Action[] = ["decline", "not-right", "stuck", "ask"];

// Each act has a place of its own; what a line says beside a button stands under it.
function acts(d: string, lines: readonly Line[]): Child {
  if (lines.length === 0) return null;
  const button = ({ action, text }: Line): Child => {
    if (action === null) return h("p", { class: "small soft" }, text);
    const look = action === "answer" ? "main" : QUIET.includes(action) ? "" : "care";
    return h("a", { class: `button wide ${look}`, href: addressOf("notices", d, action), "data-act": action }, text);
  };
  return h(
    "section",
    { "data-part": "act" },
    h("h2", {}, say("page-notice.acts")),
    h("div", { class: "stack" }, lines.map(button)),
  );
}

// Calls back once the end of a page was on the screen, in front of somebody.
function whenShown(end: Element, then: () => void): void {
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((each) => each.isIntersecting) || document.visibilityState !== "visible") return;
    watch.disconnect();
    then();
  });
  watch.observe(end);
}

// Says to the relay that this person was told. Without a connection it is said the next time that the page is shown.
async function confirm(found: ClientNotice, said: HTMLElement): Promise<void> {
  try {
    await tell(phone(), found);
  } catch (error) {
    if (!(error instanceof RelayUnreachable)) fill(said, trouble(error));
  }
}
