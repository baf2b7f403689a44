// Ages as the rules need them, and who says yes, is told and may object for a person (docs/spec/persons.md).
//
// Known by month only, so a birthday counts from the first of its month: a little early, in favour of the young
// person's own say.

import type { Person } from "./objects.ts";
import { DAY } from "./durations.ts";
import { dateText, daysFromCivil, LAST_SECOND, utc } from "./texts/civil_time.ts";

// Under 12, 12 to 17, adult.
export const Age = { CHILD: "child", YOUNG: "young", ADULT: "adult" } as const;
export type Age = (typeof Age)[keyof typeof Age];

// The UTC month of a time in seconds, as `2026-11`. A time beyond the calendar is as good as its end.
export const monthOf = (at: number): string => dateText(utc(Math.min(at, LAST_SECOND))).slice(0, 7);

// The first second of a month, in seconds since 1970 UTC.
export const monthStart = (month: string): number =>
  daysFromCivil({ year: Number(month.slice(0, 4)), month: Number(month.slice(5)), day: 1 }) * DAY;

// The age of a person at a time in seconds.
export function age(person: Person, at: number): Age {
  const now = monthOf(at);
  if (person.turns12 !== undefined && now < person.turns12) return Age.CHILD;
  return person.turns18 !== undefined && now < person.turns18 ? Age.YOUNG : Age.ADULT;
}

const holders = (person: Person): string[] => person.authority.filter((holder) => !person.silenced.includes(holder));

// Who says yes for a person: themselves alone, or those who may in their place. A rebuttal that is in force turns round
// what the age of a minor presumes. Silenced holders neither sign nor are needed.
export function whoSigns(person: Person, at: number): ReadonlySet<string> {
  const years = age(person, at);
  const rebuttal = years !== Age.ADULT && person.capability !== undefined && at < person.capability.until;
  const capable = rebuttal ? person.capability?.capable === true : years !== Age.CHILD;
  return new Set(capable ? [person.person] : holders(person));
}

// Who is told of what is shared about a person: themselves, or for a child who holds authority over them and is not
// silenced. From 12 on parents are not told by default; trusted adults are told with a young person, until 18.
export function told(person: Person, at: number): string[] {
  const years = age(person, at);
  if (years === Age.CHILD) return holders(person);
  return years === Age.YOUNG ? [person.person, ...(person.trusted ?? [])] : [person.person];
}

// Whom a safety flag or court order silences for any of these people.
export const silencedFor = (people: readonly Person[]): ReadonlySet<string> =>
  new Set(people.flatMap((person) => person.silenced));

// Who is told of what is shared about all of these people at once: whoever is told of one of them, but nobody who is
// silenced for another, who would read of that one through this one.
export function toldTogether(people: readonly Person[], at: number): ReadonlySet<string> {
  const silenced = silencedFor(people);
  return new Set(people.flatMap((person) => told(person, at)).filter((who) => !silenced.has(who)));
}

// Who may object to what is shared about a person: they at any age, and whoever says yes in their place. For a child
// under 12 that is always who holds authority too, though a rebuttal lets the child say yes.
export const mayObject = (person: Person, at: number): ReadonlySet<string> =>
  new Set([person.person, ...whoSigns(person, at), ...(age(person, at) === Age.CHILD ? holders(person) : [])]);
