// Whose yes counts for whom: the part of the decision that a phone asks of its own consents (decision/signers.py). The
// relay and every recipient judge the whole of it, and have the last word.

import type { Client, Setting } from "../keys/evidence.ts";
import type { Place, Signed } from "../keys/signed.ts";
import { age, monthStart, whoSigns } from "../protocol/age.ts";
import { DAY } from "../protocol/durations.ts";
import type { Person } from "../protocol/objects.ts";

// Whether the signers of a consent may say yes for `person`, to something ordinary, at `now` (UTC seconds).
export function entitled(held: Signed<"consent">, client: Client, setting: Setting, now: number): boolean {
  const current = client.current;
  const named = (role: "self" | "authority"): Set<string> =>
    new Set(held.object.signers.filter((signer) => signer.role === role).map((signer) => signer.person));
  let needed: ReadonlySet<string> = whoSigns(current, now);
  if (needed.size === 1 && needed.has(current.person)) {
    if (named("self").has(current.person)) return true;
    const then = client.versionAt(held.place);
    if (!parentalGrace(current, then, held.place, setting, now)) return false;
    // What was given for the child goes by the rules for the child until its days are over.
    needed = new Set(then.authority.filter((holder) => !current.silenced.includes(holder)));
  }
  return [...named("authority")].some((holder) => needed.has(holder));
}

// A parent's yes from before the twelfth birthday still counts for some days after it, and never at 18.
function parentalGrace(current: Person, then: Person, place: Place | null, setting: Setting, now: number): boolean {
  if (age(current, now) !== "young" || age(then, place?.at ?? now) !== "child") return false;
  if (current.turns12 === undefined) return false;
  return now < monthStart(current.turns12) + setting.rulebook.object.persons.at_12_days * DAY;
}
