// What is pressed and ticked: the same on every page.

import { h } from "./dom.ts";
import { doing } from "./trouble.ts";
import { say } from "./words.ts";

// A button that does something: it is dead meanwhile, and a failure is told in `said`. `look` are its classes.
export function deed(words: string, said: HTMLElement, run: () => Promise<void>, look?: string): HTMLButtonElement {
  const press = (): void => void doing(button, said, run);
  const button = h("button", { class: look, type: "button", on: { click: press } }, words);
  return button;
}

// A box that puts `value` into `chosen`, and takes it out again.
export function tick(name: string, value: string, chosen: Set<string>, changed: () => void): HTMLInputElement {
  const box = h("input", { type: "checkbox", name, on: { change: () => toggle() } });
  const toggle = (): void => {
    if (box.checked) chosen.add(value);
    else chosen.delete(value);
    changed();
  };
  return box;
}

// About whom something is said: oneself, the children, or all. `field` is null for who has no children; `chosen` are
// their ids.
export function whom(
  id: string, own: string, children: readonly string[],
): { readonly field: readonly HTMLElement[] | null; chosen(): string[] } {
  const people: Readonly<Record<string, readonly string[]>> = { me: [own], children, all: [own, ...children] };
  const options = Object.keys(people).map((one) => h("option", { value: one }, say(`object-about-${one}`)));
  const select = h("select", { id }, options);
  return {
    field: children.length === 0 ? null : [h("label", { for: id }, say("object-about")), select],
    chosen: () => [...(children.length === 0 ? [own] : (people[select.value] ?? []))],
  };
}
