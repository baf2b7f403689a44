// The page while it is locked. It says nothing of what lies behind it: somebody may look along.

import { logIn } from "../../client/login.ts";
import { deed } from "../deed.ts";
import { type Child, h } from "../dom.ts";
import { addressOf, again, go, here } from "../place.ts";
import { aloud } from "../step.ts";
import { unlock } from "../unlocked.ts";
import { say } from "../words.ts";

export function welcome(): Child {
  const said = aloud();
  const open = deed(say("open"), said, come, "main wide");
  return [
    h("h1", {}, say("welcome")),
    h("p", {}, say("open-how")),
    h("div", { class: "stack" }, open, said),
    h("p", {}, h("a", { href: addressOf("paper") }, say("paper-have"))),
  ];
}

async function come(): Promise<void> {
  unlock(await logIn());
  // Who was on the way somewhere gets there; the locked page itself is no place to be.
  if (["welcome", "start", "paper"].includes(here().name)) go("");
  else again();
}
