// Days and moments in words, in the one fixed format of each language: `dinsdag 24 november, 9.40 uur`.
//
// The words and the order stand in the catalogues; the clock is the Belgian one.

import { phrase } from "./catalogue.ts";
import { belgian, type Civil, dateFromText, daysFromCivil, weekday } from "./civil_time.ts";

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

// `year` false leaves the year out; `first` begins with a capital, to begin a sentence with.
export interface How {
  readonly year?: boolean;
  readonly first?: boolean;
}

// The Belgian day that holds `seconds` (UTC), with its year. Refuses `time.range`; and as `phrase`.
export const dayInWords = (language: string, seconds: number): string => words(language, "date.day", belgian(seconds));

// A moment on the Belgian clock: `dinsdag 24 november 2026, 9.40 uur`. Refuses as `dayInWords`.
export const momentInWords = (language: string, seconds: number, { year = true, first = false }: How = {}): string =>
  words(language, year ? "date.moment-year" : "date.moment", belgian(seconds), first);

// A day as it travels in words, with its year. Refuses `date.malformed`.
export function dateInWords(language: string, date: string): string {
  const day = dateFromText(date);
  const civil = { ...day, hour: 0, minute: 0, second: 0, weekday: weekday(daysFromCivil(day)) };
  return words(language, "date.day", civil);
}

function words(language: string, key: string, civil: Civil, first = false): string {
  return phrase(language, key, {
    weekday: phrase(language, `${first ? "weekday-first" : "weekday"}.${WEEKDAYS[civil.weekday]}`),
    day: String(civil.day),
    month: phrase(language, `month.${MONTHS[civil.month - 1]}`),
    year: String(civil.year),
    hour: String(civil.hour),
    minute: String(civil.minute).padStart(2, "0"),
  });
}
