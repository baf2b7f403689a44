// Working days in Belgium: Monday to Friday, without the holidays that the rulebook lists (article 5).
//
// A day that the rulebook's calendar does not reach counts by its weekday, so a date may come too early there, never
// too late.

import { belgian, belgianSeconds, civilFromDays, dateText, daysFromCivil, weekday } from "./texts/civil_time.ts";

export const MAX_DAYS = 3_660;

// The last second (UTC) of the `days`th working day after the Belgian day that holds `after` (UTC seconds); `days` 0
// gives the end of that same day. Throws `RangeError` unless `days` is 0 to 3,660.
export function endOfWorkingDay(after: number, days: number, holidays: Iterable<string>): number {
  if (!(days >= 0 && days <= MAX_DAYS)) throw new RangeError(`0 to ${MAX_DAYS} working days`);
  const closed = new Set(holidays);
  let day = daysFromCivil(belgian(after));
  for (let left = days; left > 0; ) {
    day += 1;
    if (weekday(day) < 5 && !closed.has(dateText(civilFromDays(day)))) left -= 1;
  }
  return belgianSeconds(civilFromDays(day), 23, 59, 59);
}
