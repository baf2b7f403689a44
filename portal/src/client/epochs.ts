// A log that was set back: what this browser does with the steward's epochs, as `zegel/epochs.py` (docs/spec/log.md,
// Epoch).
//
// A larger state that was seen is on the branch that was dropped then: it is kept as evidence, people are told once,
// and what was signed here and the relay lost is offered again. Pins of versions and consent chains stay.

import type { Place, Seen, Signed } from "../keys/signed.ts";
import { type Bytes, fromUtf8, utf8 } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";
import { type LogPin, Pins } from "./pins.ts";
import { LogSetBack } from "./problems.ts";
import type { Row, State } from "./state.ts";

const LOG = "log";
const KNOWN = "epoch";
const OWN = "own";
const NEXT = "next";
const OWED = "owed";
const PROVEN = "proven/";
// How many of the objects that were submitted here last are kept, to be offered again after a restore.
const KEPT = 64;

interface Known extends Row {
  readonly number: number;
  readonly d: string;
}
// `done`: what was lost from index `from` on was offered again.
interface Owed extends Row {
  readonly number: number;
  readonly from: number;
  readonly done: boolean;
}
interface Own extends Row {
  readonly index: number;
  readonly envelope: string;
}

// Returns if the relay proves that the log `newer` continues the log `older`.
export type Prove = (older: Seen, newer: Seen) => Promise<void>;

// Accepts the epochs that a verified case file shows, by rising number. Refuses `pin.rollback`, `pin.forked`, throws
// what `prove` throws, and LogSetBack once it is noted that more was seen than the epochs go on from.
export async function follow(state: State, epochs: readonly Signed<"epoch">[], prove: Prove): Promise<void> {
  const known = state.get<Known>(LOG, KNOWN);
  const newest = epochs.at(-1);
  if (known !== undefined && (newest === undefined || newest.object.number < known.number)) refuse("pin.rollback");
  if (newest === undefined || newest.object.number === known?.number) {
    if (newest !== undefined && newest.d !== known?.d) refuse("pin.forked");
    return;
  }
  const later = epochs.filter((held) => held.object.number > (known?.number ?? 0)).map((held) => held.object.last);
  const last = later.reduce((one, other) => (other.size < one.size ? other : one));
  const accepted: Known = { number: newest.object.number, d: newest.d };
  const pin = new Pins(state).logPin();
  if (pin === undefined || pin.size <= last.size) {
    if (pin !== undefined && pin.size > 0) await prove(pin, last);
    state.put(LOG, KNOWN, accepted);
    return;
  }
  const before = proven(state).filter((seen) => seen.size <= last.size).at(-1);
  if (before !== undefined) await prove(before, last);
  setBack(state, accepted, pin, last);
  throw new LogSetBack(pin.size, last.size);
}

function setBack(state: State, accepted: Known, pin: LogPin, last: Seen): void {
  state.transaction(() => {
    state.put(LOG, `dropped/${accepted.number}`, { ...pin });
    new Pins(state).restartLog(last.size, last.root);
    for (const seen of proven(state)) if (seen.size > last.size) state.delete(LOG, `${PROVEN}${seen.size}`);
    state.put(OWN, OWED, { number: accepted.number, from: last.size, done: false } satisfies Owed);
    state.put(LOG, KNOWN, accepted);
  });
}

// The states that were proven to be of the one log, by rising size.
export function proven(state: State): Seen[] {
  const found = state.items<LogPin>(LOG).filter(([name]) => name.startsWith(PROVEN));
  return found.map(([, { size, root }]) => ({ size, root })).sort((one, other) => one.size - other.size);
}

export const isProven = (state: State, seen: Seen): boolean =>
  state.get<LogPin>(LOG, `${PROVEN}${seen.size}`)?.root === seen.root;

export const noteProven = (state: State, { size, root }: Seen): void =>
  state.put(LOG, `${PROVEN}${size}`, { size, root });

// Keeps an object that was submitted here, in the place of the oldest of `KEPT`.
export function keepOwn(state: State, envelope: Bytes, place: Place): void {
  state.transaction(() => {
    const slot = state.get<{ readonly slot: number }>(OWN, NEXT)?.slot ?? 0;
    state.put(OWN, `kept/${slot}`, { index: place.index, envelope: fromUtf8(envelope) } satisfies Own);
    state.put(OWN, NEXT, { slot: (slot + 1) % KEPT });
  });
}

// The objects that were submitted here and that the relay lost, in their order.
export function owed(state: State): Bytes[] {
  const since = state.get<Owed>(OWN, OWED);
  if (since === undefined || since.done) return [];
  const own = state.items<Own>(OWN).filter(([name]) => name.startsWith("kept/")).map(([, row]) => row);
  const lost = own.filter((row) => row.index >= since.from).sort((one, other) => one.index - other.index);
  return lost.map((row) => utf8(row.envelope));
}

// Notes that what the relay lost was offered again.
export function settleOwed(state: State): void {
  const since = state.get<Owed>(OWN, OWED);
  if (since !== undefined) state.put(OWN, OWED, { ...since, done: true });
}
