// Leaving quickly: at one touch, or with Escape twice, the page is gone and a neutral one stands in its place.

import { h } from "./dom.ts";
import { lockForGood } from "./unlocked.ts";
import { say } from "./words.ts";

const AWAY = "/leave";
const TWICE_MS = 1500;

export function leave(): void {
  lockForGood();
  document.body.replaceChildren();
  // The place that was read is not behind the back button; what came before it comes back locked.
  location.replace(AWAY);
}

export function leaveButton(): HTMLElement {
  const away = (event: Event): void => {
    event.preventDefault();
    leave();
  };
  return h(
    "a", { class: "leave", href: AWAY, rel: "noreferrer", title: say("leave-keys"), on: { click: away } }, say("leave")
  );
}

export function leaveByKeyboard(): void {
  let last = -TWICE_MS;
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (event.timeStamp - last < TWICE_MS) leave();
    last = event.timeStamp;
  });
}
