// The phone while it is unlocked. Its keys are in this one variable and nowhere else; locking drops it.

import type { Phone } from "../client/phone.ts";

let held: Phone | null = null;
let left = false;
const listeners = new Set<() => void>();

export class Locked extends Error {
  constructor() {
    super("locked");
    this.name = "Locked";
  }
}

export function phone(): Phone {
  if (held === null) throw new Locked();
  return held;
}

export const isUnlocked = (): boolean => held !== null;

export function unlock(opened: Phone): void {
  if (left) {
    // A login that ends after its person left opens nothing.
    opened.forget();
    throw new Locked();
  }
  held = opened;
}

// Calls back when the phone is locked, so that a view lets go of what it read.
export function whenLocked(forget: () => void): void {
  listeners.add(forget);
}

// Locks, and stays so until the page is loaded anew.
export function lockForGood(): void {
  left = true;
  lock();
}

export function lock(): void {
  held?.forget();
  held = null;
  for (const forget of listeners) forget();
}
