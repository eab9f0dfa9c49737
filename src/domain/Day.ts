/** Day: days since 1970-01-01, as they are written. */

/** The calendar begins with year 1. */
const day = /^(?!0000)\d{4}-\d\d-\d\d$/;

/** Days since 1970-01-01 of a `YYYY-MM-DD` that the calendar has. */
export const parseDay = (text: string): number | undefined => {
  const time = day.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // 2023-02-30 would be the second of March.
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text) ? time / 86_400_000 : undefined;
};
