// Coming in for the first time, with a worker at the table: what organisations promise, a key, six words, done.

import { type Arrival, type Enrolling, openArrival } from "../../client/enrolment.ts";
import { renderCode } from "../../protocol/texts/code_text.ts";
import { dayInWords } from "../../protocol/texts/dates.ts";
import { arrivedBy, used } from "../arrival.ts";
import { deed } from "../deed.ts";
import { type Child, fill, h } from "../dom.ts";
import { go } from "../place.ts";
import { aloud, step } from "../step.ts";
import { unlock } from "../unlocked.ts";
import { language, say } from "../words.ts";

export async function start(): Promise<Child> {
  const address = arrivedBy();
  if (address === null) return [h("h1", {}, say("start-none")), h("p", {}, say("start-none-how"))];
  const arrival = await openArrival(address);
  const stage = h("div");
  fill(stage, promises(arrival, stage));
  return stage;
}

// First what everyone has promised, in the reader's own language (article 2): before any key, and before any yes.
function promises(arrival: Arrival, stage: HTMLElement): Child {
  const [title = "", ...lines] = renderCode(arrival.rulebook, language());
  const onward = (): void => step(stage, key(arrival, stage));
  const next = h("button", { class: "main wide", type: "button", on: { click: onward } }, say("go-on"));
  return [h("h1", {}, title), h("ul", {}, lines.map((line) => h("li", {}, line))), next];
}

function key(arrival: Arrival, stage: HTMLElement): Child {
  const said = aloud();
  const begin = async (): Promise<void> => {
    const enrolling = await arrival.begin();
    used();
    step(stage, words(enrolling, stage));
  };
  const make = deed(say("start-key-make"), said, begin, "main wide");
  return [h("h1", {}, say("start-key")), h("p", {}, say("start-key-how")), h("div", { class: "stack" }, make, said)];
}

function words(enrolling: Enrolling, stage: HTMLElement): Child {
  const said = aloud();
  const stop = (): void => step(stage, differ());
  const other = h("button", { class: "care wide", type: "button", on: { click: stop } }, say("words-other"));
  const finish = async (): Promise<void> => {
    other.disabled = true;
    const done = await enrolling.finish();
    if (done.phone === null) {
      step(stage, waits(done.words, done.effectiveAt));
      return;
    }
    unlock(done.phone);
    go("printed");
  };
  const same = deed(say("words-same"), said, finish, "main wide");
  const six = enrolling.words.map((word) => h("li", {}, word));
  return [
    h("h1", {}, say("words")),
    h("p", {}, say("words-how")),
    h("ol", { class: "six", id: "six-words", dir: "ltr", lang: "nl" }, six),
    h("div", { class: "stack" }, same, other, said),
  ];
}

const differ = (): Child => [
  h("h1", {}, say("words-differ")),
  h("div", { class: "note care", role: "alert" }, h("p", {}, say("words-differ-how"))),
];

// New keys for lost ones count after days; the same words are read by a second organisation.
const waits = (six: readonly string[], from: number): Child => [
  h("h1", {}, say("start-waits")),
  h("p", {}, say("start-waits-how", { day: dayInWords(language(), from) })),
  h("ol", { class: "six", dir: "ltr", lang: "nl" }, six.map((word) => h("li", {}, word))),
];
