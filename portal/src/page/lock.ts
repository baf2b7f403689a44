// Locks the page by itself: on a phone that lies around, or that somebody else takes over.
//
// Whoever still reads is asked first, long enough before to answer (WCAG 2.2.1); who looks at something else in front
// of the page cannot be asked, and finds it locked.

import { ask, askNoMore, stillPlace } from "./still.ts";
import { isUnlocked, lock } from "./unlocked.ts";

const IDLE_SECONDS = 300;
const AWAY_SECONDS = 120;
const ASKED_SECONDS = 30;
// A person who reads by ear presses without touching: their aid clicks, or moves the focus.
const SIGNS = ["pointerdown", "keydown", "scroll", "touchstart", "click", "focusin", "input"];

// How long ago something was. A clock that stands still while a phone sleeps must not keep the page open.
class Since {
  private ticks = performance.now();
  private wall = Date.now();

  seconds(): number {
    return Math.max(performance.now() - this.ticks, Date.now() - this.wall) / 1000;
  }
}

// Calls `show` after it locked. `seconds` without a touch, and fewer when another page or app is in front.
export function lockWhenIdle(show: () => void, seconds = IDLE_SECONDS, away = AWAY_SECONDS): void {
  let touched = new Since();
  let left = new Since();
  const here = (event: Event): void => {
    touched = new Since();
    // A touch of the question itself ends with its click: taken away sooner, what lies beneath would be clicked.
    const within = event.target instanceof Node && stillPlace().contains(event.target);
    if (!within || event.type === "click") askNoMore();
  };
  const end = (): void => {
    askNoMore();
    if (!isUnlocked()) return;
    lock();
    show();
  };
  const look = (): void => {
    const idle = touched.seconds();
    if (!isUnlocked()) askNoMore();
    else if (idle > seconds) end();
    else if (idle > seconds - ASKED_SECONDS) ask();
  };
  document.body.append(stillPlace());
  for (const sign of SIGNS) addEventListener(sign, here, { capture: true, passive: true });
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") left = new Since();
    else if (left.seconds() > away) end();
    else look();
  });
  // A page that is kept for the back button must not come back open, nor show for a moment what was read.
  addEventListener("pagehide", () => {
    lock();
    document.getElementById("page")?.replaceChildren();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
