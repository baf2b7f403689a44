// The two sides of each message that was read on this phone, by its `D`: who owes something is named by them.

import type { Party } from "../protocol/objects.ts";
import type { Phone } from "./phone.ts";

const known = new WeakMap<Phone, Map<string, readonly [Party, Party]>>();

export function sidesOf(phone: Phone): Map<string, readonly [Party, Party]> {
  const found = known.get(phone) ?? new Map<string, readonly [Party, Party]>();
  known.set(phone, found);
  return found;
}
