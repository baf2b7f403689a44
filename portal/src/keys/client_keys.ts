// Which of a client's keys counts, and when (docs/spec/persons.md, "Replacing").

import { refuse } from "../protocol/errors.ts";

const DAY = 86_400;

export const isReplacement = (object) => object.version > 1 && object.effective_at !== undefined;

export function checkDelay(object, place) {
  const wait = place === null ? NaN : object.effective_at - place.at;
  if (!(wait >= 7 * DAY && wait <= 30 * DAY)) refuse("client-key.delay");
}

// {counts, waits}: the key in force at a place (null: the newest, at no time), and the replacement that waits there.
export function inForce(keys, vouches, place) {
  let counts;
  let waits;
  for (const held of keys) {
    if (place !== null && held.place !== null && held.place.index > place.index) break;
    if (waits !== undefined && hasBegun(waits, vouches, held.place)) counts = waits;
    waits = isReplacement(held.object) ? held : undefined;
    if (waits === undefined) counts = held;
  }
  return waits !== undefined && hasBegun(waits, vouches, place) ? { counts: waits, waits: undefined } : { counts, waits };
}

function hasBegun(held, vouches, place) {
  const begins = held.object.effective_at;
  if (place === null || held.place === null || place.at < begins) return false;
  const first = workersOf(held);
  return vouches.some(
    (vouch) =>
      vouch.object.client_key === held.d &&
      vouch.object.partner !== held.object.partner &&
      vouch.place !== null &&
      vouch.place.index > held.place.index &&
      vouch.place.at < begins &&
      workersOf(vouch).some((worker) => !first.includes(worker)),
  );
}

const workersOf = (held) => held.signers.filter((signer) => signer.role === "device").map((signer) => signer.worker);

// Whether a record says once more, word for word, which keys count.
export function restates(object, counted) {
  if (counted === undefined) return false;
  const { effective_at: _, ...said } = counted;
  const again = { ...said, nonce: object.nonce, version: object.version, prev: object.prev };
  const inOrder = (value) => JSON.stringify(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
  return inOrder(object) === inOrder(again);
}
