// Positions: where a notice stands among those of its person (docs/spec/receipts.md).
//
// A relay counts no notices: a number that grows with each would show that one waits. What is told of at once stands
// where its message stands in the log; one that falls due later stands between two places of the log.

// Positions to a place of the log: the first is its own message's, the others are for what falls due after it.
export const EACH = 256;

// The position of what is told of at once: `index` is its message's place in the log.
export const firstPosition = (index: number): number => index * EACH;

// Whether a message at place `index` of the log may stand at `position`; `waited`: its notice fell due later.
export const isPosition = (position: number, index: number, waited: boolean): boolean =>
  waited ? position > firstPosition(index) : position === firstPosition(index);
