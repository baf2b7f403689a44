// Civil time by whole numbers: UTC seconds to Gregorian days, and to the time on a Belgian clock.
//
// No time-zone database, because a text has to come out as the same bytes everywhere, also where a browser has another
// one. Summer time, UTC+2, runs from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October
// (Directive 2000/84/EC). All divisions round down; every number stays below 2^53.

import { DAY } from "../durations.ts";
import { refuse } from "../errors.ts";

// 9999-12-31T23:59:59Z: years have four digits.
export const LAST_SECOND = 253_402_300_799;

// A day of the calendar: month 1 to 12, day 1 to 31.
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

// A moment on a clock; weekday 0 (Monday) to 6 (Sunday).
export interface Civil extends CalendarDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
}

const over = (number: number, by: number): number => Math.floor(number / by);
const modulo = (number: number, by: number): number => number - by * over(number, by);

// The number of days from 1970-01-01 to a Gregorian day.
export function daysFromCivil({ year, month, day }: CalendarDay): number {
  // Years begin in March, so that the leap day comes last and months have a regular pattern of 153 days in five.
  const shifted = month <= 2 ? year - 1 : year;
  const months = modulo(month + 9, 12);
  const inYear = over(153 * months + 2, 5) + day - 1;
  return shifted * 365 + over(shifted, 4) - over(shifted, 100) + over(shifted, 400) + inYear - 719_468;
}

// The inverse of `daysFromCivil`.
export function civilFromDays(days: number): CalendarDay {
  const since = days + 719_468;
  const era = over(since, 146_097);
  const inEra = modulo(since, 146_097);
  // 1,460, 36,524 and 146,096 are the days after which a 4, 100 and 400-year period has had its leap day.
  const yearOfEra = over(inEra - over(inEra, 1_460) + over(inEra, 36_524) - over(inEra, 146_096), 365);
  const inYear = inEra - (365 * yearOfEra + over(yearOfEra, 4) - over(yearOfEra, 100));
  const months = over(5 * inYear + 2, 153);
  const day = inYear - over(153 * months + 2, 5) + 1;
  const month = modulo(months + 2, 12) + 1;
  return { year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day };
}

// 0 (Monday) to 6 (Sunday) of a number of days since 1970-01-01, a Thursday.
export const weekday = (days: number): number => modulo(days + 3, 7);

// The UTC clock at `seconds` since 1970. Refuses `time.range` outside 1970 to 9999.
export function utc(seconds: number): Civil {
  if (!(seconds >= 0 && seconds <= LAST_SECOND)) refuse("time.range");
  return civil(seconds);
}

// The Belgian clock at `seconds` (UTC) since 1970. Refuses as `utc`.
export const belgian = (seconds: number): Civil => civil(seconds + offset(seconds, utc(seconds).year));

// The UTC seconds of a Belgian clock time. An hour that comes twice, in October, is taken the first time; one that does
// not exist, in March, counts as if the clock had not been put forward yet.
export function belgianSeconds(day: CalendarDay, hour: number, minute: number, second: number): number {
  const local = daysFromCivil(day) * DAY + hour * 3600 + minute * 60 + second;
  const summer = local - 7200;
  return offset(summer, day.year) === 7200 ? summer : local - 3600;
}

const padded = (number: number, digits: number): string => String(number).padStart(digits, "0");

// A day as it travels: `2026-11-24`.
export const dateText = ({ year, month, day }: CalendarDay): string =>
  `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;

// Refuses `date.malformed`: no such day.
export function dateFromText(text: string): CalendarDay {
  const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (found === null) return refuse("date.malformed");
  const [year = 0, month = 0, day = 0] = found.slice(1).map(Number);
  const again = year >= 1 && month >= 1 && month <= 12 ? civilFromDays(daysFromCivil({ year, month, day })) : null;
  if (again === null || dateText(again) !== text) return refuse("date.malformed");
  return again;
}

function civil(seconds: number): Civil {
  const days = over(seconds, DAY);
  const rest = modulo(seconds, DAY);
  const [hour, minute, second] = [over(rest, 3600), over(modulo(rest, 3600), 60), modulo(rest, 60)];
  return { ...civilFromDays(days), hour, minute, second, weekday: weekday(days) };
}

// How many seconds a Belgian clock is ahead of UTC; `year` is that of the moment.
function offset(seconds: number, year: number): number {
  const begin = lastSunday(year, 3) * DAY + 3600;
  const end = lastSunday(year, 10) * DAY + 3600;
  return begin <= seconds && seconds < end ? 7200 : 3600;
}

// The last Sunday of a month of 31 days, in days since 1970.
function lastSunday(year: number, month: number): number {
  const last = daysFromCivil({ year, month, day: 31 });
  return last - modulo(weekday(last) + 1, 7);
}
