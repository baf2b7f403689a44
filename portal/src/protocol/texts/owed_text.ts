// What somebody owes by when, as people read it: what was agreed, an answer, an erasure, the steps of an alarm.

import { has, phrase } from "./catalogue.ts";
import { dayInWords, momentInWords } from "./dates.ts";

// Kinds of deadline of which the hour is said too: they are minutes apart.
export const BY_THE_CLOCK: ReadonlySet<string> = new Set([
  "alarm-second-device", "alarm-phone", "alarm-team-lead", "alarm-steward",
]);

// `owner` owes it, to `other` where that is somebody else than the reader. `number`: of a step.
export interface Owing {
  readonly owner: string;
  readonly other?: string;
  readonly number?: number;
}

// What is owed: `Het OCMW neemt contact op, ten laatste dinsdag 1 december 2026.` `kind`: of a deadline, or a follow-up
// code; `due` in UTC seconds, null where nothing is due (`none-ask`). Refuses as `phrase`.
export function owedInWords(
  language: string, kind: string, due: number | null, { owner, other = "", number = 0 }: Owing,
): string {
  const section = has(language, `follow-up.${kind}`) ? "follow-up" : "owed";
  const inWords = BY_THE_CLOCK.has(kind) ? momentInWords : dayInWords;
  const when = due === null ? "" : inWords(language, due);
  return phrase(language, `${section}.${kind}`, { owner, other, due: when, number: String(number) });
}

// The same with how it stands: `open`, `overdue`, `done` or `lapsed`.
export function stateInWords(language: string, what: string, state: string): string {
  const key = `owed-now.${state}`;
  return has(language, key) ? phrase(language, key, { what }) : what;
}
