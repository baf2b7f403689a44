// Seconds of the durations that rules count in. A day is 24 hours of UTC; working days are the calendar's to count.

export const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 86_400;
