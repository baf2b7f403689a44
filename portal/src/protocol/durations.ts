// The duration that rules count in, in seconds. A day is 24 hours of UTC; working days are the calendar's to count.

export const DAY = 86_400;
