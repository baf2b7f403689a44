// The code on paper: made here, shown once, printed or written down. Whoever has it can come in.

import { makeCode } from "../../client/recovery.ts";
import { deed } from "../deed.ts";
import { type Child, fill, h } from "../dom.ts";
import { go } from "../place.ts";
import { aloud, step } from "../step.ts";
import { phone } from "../unlocked.ts";
import { say } from "../words.ts";

export function printed(): Child {
  const stage = h("div");
  const said = aloud();
  const show = async (): Promise<void> => step(stage, code(await makeCode(phone())));
  const make = deed(say("print-make"), said, show, "main wide");
  const later = h("button", { class: "wide", type: "button", on: { click: () => go("") } }, say("later"));
  fill(stage, h("p", {}, say("print-why")), h("div", { class: "stack" }, make, later, said));
  return [h("h1", {}, say("print")), stage];
}

function code(text: string): Child {
  const groups = text.split("-").map((group) => h("span", {}, group));
  return [
    h("div", { class: "code-on-paper", id: "printed-code", role: "group", "aria-label": say("paper-code") }, groups),
    h("p", {}, say("print-keep")),
    h("p", {}, say("print-old")),
    h(
      "div",
      { class: "stack" },
      h("button", { class: "main wide", type: "button", on: { click: () => print() } }, say("print-now")),
      h("button", { class: "wide", type: "button", on: { click: () => go("") } }, say("print-done")),
    ),
  ];
}
