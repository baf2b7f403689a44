// What stands around every view: leaving, where one is, and the public pages that need no key.

import { type Child, fill, h } from "./dom.ts";
import { leaveButton } from "./leave.ts";
import { addressOf } from "./place.ts";
import { beginAt } from "./step.ts";
import { isUnlocked, lock } from "./unlocked.ts";
import { LANGUAGES, NAMES, language, say, speak } from "./words.ts";

const PUBLIC = ["code", "help", "contact"];
const PLACES = ["", "yes", "write", "me"];

// Where the focus stays while the page is drawn anew: choosing one language after another moves nobody away.
let stay = "";

// Shows a view, and gives its heading the focus: whoever reads by ear or keyboard begins where the page begins.
export function show(view: Child, name: string): void {
  const root = document.getElementById("page");
  if (root === null) return;
  const main = h("main", { class: "sheet", id: "main" }, view);
  fill(root, h("header", { class: "top" }, leaveButton()), places(name), main, bottom());
  const kept = stay && document.getElementById(stay);
  stay = "";
  if (kept) {
    kept.focus();
    return;
  }
  scrollTo(0, 0);
  beginAt(main);
}

function places(name: string): Child {
  if (!isUnlocked()) return null;
  const links = PLACES.map((place) =>
    h(
      "a",
      { href: addressOf(place), "aria-current": place === name ? "page" : undefined },
      say(`go-${place || "home"}`),
    ));
  return h("nav", { class: "places", "aria-label": say("places") }, links);
}

function bottom(): HTMLElement {
  const choice = h(
    "select",
    { id: "language", "aria-label": say("language"), on: { change: (event) => void turn(event) } },
    LANGUAGES.map((tag) => h("option", { value: tag, lang: tag, selected: tag === language() }, NAMES[tag])),
  );
  const links = PUBLIC.map(
    (page) => h("li", {}, h("a", { href: `/${page}?language=${language()}` }, say(`public-${page}`)))
  );
  const close = isUnlocked() && h("button", { class: "plain", type: "button", on: { click: closeNow } }, say("lock"));
  return h("footer", { class: "bottom" }, h("ul", {}, links), h("div", { class: "row" }, choice, close));
}

async function turn(event: Event): Promise<void> {
  if (!(event.target instanceof HTMLSelectElement)) return;
  await speak(event.target.value, true);
  stay = event.target.id;
  dispatchEvent(new HashChangeEvent("hashchange"));
}

function closeNow(): void {
  lock();
  dispatchEvent(new HashChangeEvent("hashchange"));
}
