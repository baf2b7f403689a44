// The question before the page locks: is somebody still there? It takes no focus, so that nobody loses their line.

import { fill, h } from "./dom.ts";
import { say } from "./words.ts";

let asked = false;

// What is said here is read aloud when it changes: the place stands there, empty, from the start.
const place = h("div", { class: "still", role: "alert" });

export function stillPlace(): HTMLElement {
  return place;
}

// Any touch answers, also the button's: `lock.ts` hears them all.
export function ask(): void {
  if (asked) return;
  asked = true;
  fill(
    place,
    h(
      "div", { class: "card" },
      h("p", {}, say("still")),
      h("button", { class: "main wide", type: "button" }, say("still-yes")),
    ),
  );
}

export function askNoMore(): void {
  if (!asked) return;
  asked = false;
  place.replaceChildren();
}
