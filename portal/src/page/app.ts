// The page: one place after another, each drawn when the address says so.

import { arrive } from "./arrival.ts";
import { type Child, h } from "./dom.ts";
import { show } from "./layout.ts";
import { leaveByKeyboard } from "./leave.ts";
import { lockWhenIdle } from "./lock.ts";
import { here, type Place } from "./place.ts";
import { trouble } from "./trouble.ts";
import { isUnlocked, Locked } from "./unlocked.ts";
import { OPEN, VIEWS } from "./views/index.ts";
import { preferred, say, speak } from "./words.ts";

let turn = 0;

async function draw(): Promise<void> {
  const mine = (turn += 1);
  const place = here();
  const view = await viewOf(place);
  // Whoever went on meanwhile does not see what was asked for before.
  if (mine === turn) show(view, place.name);
}

// `constructor` is no place.
const ownOf = <T>(views: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(views, name) ? views[name] : undefined;

async function viewOf(place: Place): Promise<Child> {
  const open = ownOf(OPEN, place.name);
  try {
    if (open !== undefined) return await open(place);
    if (!isUnlocked()) return await OPEN["welcome"]?.(place);
    const view = ownOf(VIEWS, place.name);
    return view === undefined ? h("h1", {}, say("nowhere")) : await view(place);
  } catch (error) {
    if (error instanceof Locked) return OPEN["welcome"]?.(place);
    return [h("h1", {}, say("wrong")), trouble(error, () => void draw())];
  }
}

arrive();
await speak(preferred());
leaveByKeyboard();
lockWhenIdle(() => void draw());
addEventListener("hashchange", () => void draw());
await draw();
