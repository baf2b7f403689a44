// Going on within a page: where the focus goes, for whoever reads by ear or keyboard, when what they pressed is gone.

import { type Child, fill, h } from "./dom.ts";

// Gives the heading of what is new the focus, or where there is none, all of it.
export function beginAt(place: HTMLElement): void {
  const start = place.querySelector<HTMLElement>("h1, h2, h3") ?? place;
  start.tabIndex = -1;
  start.focus();
}

// Puts the next step in the place of the one that was done.
export function step(stage: HTMLElement, ...next: readonly Child[]): void {
  fill(stage, ...next);
  beginAt(stage);
}

// A place whose words are read aloud when they change, without taking the focus.
export const aloud = (): HTMLElement => h("div", { "aria-live": "polite" });
