// Errors in words: what happened, what is safe, what to do. A code is shown small, for whoever helps.

import { codeOf as ownCodeOf, RelayProblem, RelayUnreachable } from "../client/problems.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { has } from "../protocol/texts/catalogue.ts";
import { type Child, h } from "./dom.ts";
import { language, say } from "./words.ts";

const CODE = /^[A-Za-z0-9.-]{1,60}$/;

// The code of an error, as it stands in the specification; of what a browser says itself, its name.
export function codeOf(error: unknown): string {
  if (error instanceof RelayUnreachable) return "offline";
  const code = ownCodeOf(error) ?? (error instanceof Error ? error.name : "");
  // A relay may call its problem anything: what is no code is not shown, least of all as words of this page.
  return CODE.test(code) ? code : "unknown";
}

// The sentence for an error: its own words where there are some, else those of its sort.
export function inWords(error: unknown): string {
  const code = codeOf(error);
  if (has(language(), `page-error.${code}`)) return say(`page-error.${code}`);
  // A relay that proves nothing is believed nothing: what it shows is not shown on.
  if (error instanceof ProtocolError) return say("page-error.untrusted");
  return say(error instanceof RelayProblem ? "page-error.refused" : "page-error.unknown");
}

export function trouble(error: unknown, again?: () => void): Child {
  return h(
    "div",
    { class: "note care", role: "alert" },
    h("p", {}, inWords(error)),
    again !== undefined && h("button", { type: "button", on: { click: again } }, say("again")),
    h("p", { class: "small soft" }, say("error-code", { code: codeOf(error) })),
  );
}

// Runs what a button does: it is dead meanwhile, and a failure is told in `said`.
export async function doing(button: HTMLButtonElement, said: HTMLElement, work: () => Promise<void>): Promise<void> {
  button.disabled = true;
  said.replaceChildren(h("p", { role: "status" }, say("busy")));
  try {
    await work();
    said.replaceChildren();
  } catch (error) {
    said.replaceChildren(trouble(error) as Node);
  } finally {
    button.disabled = false;
    // A dead button loses the focus; whoever pressed it can press it again.
    if (document.activeElement === document.body) button.focus();
  }
}
