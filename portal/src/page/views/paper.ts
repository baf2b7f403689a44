// Coming in with the code on paper: the phone is lost, or this is another one.

import { addPasskey } from "../../client/devices.ts";
import { comeInWithCode } from "../../client/recovery.ts";
import { deed } from "../deed.ts";
import { type Child, fill, h } from "../dom.ts";
import { go } from "../place.ts";
import { aloud, step } from "../step.ts";
import { doing } from "../trouble.ts";
import { phone, unlock } from "../unlocked.ts";
import { say } from "../words.ts";

export function paper(): Child {
  const stage = h("div");
  const said = aloud();
  const input = h("input", {
    type: "text", id: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", dir: "ltr",
    "aria-describedby": "code-how", required: true,
  });
  const next = h("button", { class: "main wide", type: "submit" }, say("go-on"));
  const submit = (event: Event): void => {
    event.preventDefault();
    void doing(next, said, async () => {
      unlock(await comeInWithCode(input.value));
      step(stage, remember());
    });
  };
  fill(
    stage,
    h(
      "form",
      { on: { submit } },
      h("label", { for: "code" }, say("paper-code")),
      h("p", { id: "code-how", class: "soft" }, say("paper-how")),
      input,
      h("div", { class: "stack" }, next, said),
    ),
    h("h2", {}, say("paper-lost")),
    h("p", {}, say("paper-lost-how")),
  );
  return [h("h1", {}, say("paper")), stage];
}

// This device can have a key of its own from now on; whoever borrows it says no.
function remember(): Child {
  const said = aloud();
  const yes = deed(say("remember-yes"), said, keep, "main wide");
  const no = h("button", { class: "wide", type: "button", on: { click: () => go("") } }, say("remember-no"));
  return [h("h2", {}, say("remember")), h("p", {}, say("remember-how")), h("div", { class: "stack" }, yes, no, said)];
}

async function keep(): Promise<void> {
  await addPasskey(phone());
  go("");
}
