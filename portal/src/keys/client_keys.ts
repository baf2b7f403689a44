// Which of a client's keys counts, and when (docs/spec/persons.md, "Replacing").

import { DAY } from "../protocol/durations.ts";
import { refuse } from "../protocol/errors.ts";
import type { ClientKey } from "../protocol/objects.ts";
import type { Place, Signed } from "./signed.ts";

type Held = Signed<"client-key">;
type Vouches = readonly Signed<"vouch">[];

export const isReplacement = (object: ClientKey): boolean =>
  object.version > 1 && object.effective_at !== undefined;

// Refuses `client-key.delay`.
export function checkDelay(object: ClientKey, place: Place | null): void {
  const wait = place === null ? NaN : (object.effective_at ?? NaN) - place.at;
  if (!(wait >= 7 * DAY && wait <= 30 * DAY)) refuse("client-key.delay");
}

// {counts, waits}: the key in force at a place (null: the newest, at no time), and the replacement that waits there.
export function inForce(
  keys: readonly Held[], vouches: Vouches, place: Place | null,
): { counts: Held | undefined; waits: Held | undefined } {
  let counts: Held | undefined;
  let waits: Held | undefined;
  for (const held of keys) {
    if (place !== null && held.place !== null && held.place.index > place.index) break;
    if (waits !== undefined && hasBegun(waits, vouches, held.place)) counts = waits;
    waits = isReplacement(held.object) ? held : undefined;
    if (waits === undefined) counts = held;
  }
  const begun = waits !== undefined && hasBegun(waits, vouches, place);
  return begun ? { counts: waits, waits: undefined } : { counts, waits };
}

function hasBegun(held: Held, vouches: Vouches, place: Place | null): boolean {
  const begins = held.object.effective_at ?? Infinity;
  const own = held.place;
  if (place === null || own === null || place.at < begins) return false;
  const first = workersOf(held);
  return vouches.some(
    (vouch) =>
      vouch.object.client_key === held.d &&
      vouch.object.partner !== held.object.partner &&
      vouch.place !== null &&
      vouch.place.index > own.index &&
      vouch.place.at < begins &&
      workersOf(vouch).some((worker) => !first.includes(worker)),
  );
}

const workersOf = (held: Held | Signed<"vouch">): (string | undefined)[] =>
  held.signers.filter((signer) => signer.role === "device").map((signer) => signer.worker);

// Whether a record says once more, word for word, which keys count.
export function restates(object: ClientKey, counted: ClientKey | undefined): boolean {
  if (counted === undefined) return false;
  const { effective_at: _, ...said } = counted;
  const again = { ...said, nonce: object.nonce, version: object.version, prev: object.prev };
  const inOrder = (value: object): string =>
    JSON.stringify(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
  return inOrder(object) === inOrder(again);
}

// Whether a record changes which passkeys count, and nothing else: what the client may say alone.
export function changesPasskeys(object: ClientKey, counted: ClientKey | undefined): boolean {
  if (counted === undefined || object.passkeys.length === 0) return false;
  if (JSON.stringify(object.passkeys) === JSON.stringify(counted.passkeys)) return false;
  return restates(object, { ...counted, passkeys: object.passkeys });
}
