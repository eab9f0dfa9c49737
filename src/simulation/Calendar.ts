/** Calendar: the days a shop's files cover, and how many rows fall on each. */
import type { Random } from "../kernels/Random.ts";

const dayMillis = 86_400_000;
/** The last day of the H&M files: the usual last day of a made-up shop. */
export const usualUntil = "2020-09-22";

/** Days since 1970-01-01 of yesterday in UTC, the newest day that is over for certain. */
export const yesterday = (nowMillis: number): number => Math.floor(nowMillis / dayMillis) - 1;

export interface Calendar {
  readonly days: number;
  /** `YYYY-MM-DD`. */
  readonly date: (day: number) => string;
  /** 0 … 365. */
  readonly dayOfYear: (day: number) => number;
  /** Rows of each day; they sum to the transactions asked for. */
  readonly quota: Float64Array;
}

/** Busier towards the weekend, in sale weeks and from year to year. */
const traffic = (date: Date, dayOfYear: number, day: number, random: Random): number => {
  const weekday = [1.0, 0.88, 0.9, 0.95, 1.02, 1.12, 1.2][date.getUTCDay()]!;
  const sale = (dayOfYear > 326 && dayOfYear < 334) || (dayOfYear > 170 && dayOfYear < 184) ? 1.5 : 1;
  return weekday * sale * (1 + 0.1 * (day / 365)) * Math.exp(0.12 * random.normal());
};

/** `until`: the last day, in days since 1970-01-01. Weekdays, sales and seasons are those of the dates themselves. */
export const makeCalendar = (options: {
  readonly days: number;
  readonly until: number;
  readonly transactions: number;
  readonly random: Random;
}): Calendar => {
  const { days, random, transactions, until } = options;
  const dateOf = (day: number): Date => new Date((until - days + 1 + day) * dayMillis);
  const dayOfYear = (day: number): number => {
    const date = dateOf(day);
    return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / dayMillis);
  };
  const weights = Float64Array.from({ length: days }, (_, day) => traffic(dateOf(day), dayOfYear(day), day, random));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const quota = new Float64Array(days);
  let sum = 0;
  let given = 0;
  for (let day = 0; day < days; day++) {
    sum += weights[day]!;
    const due = day === days - 1 ? transactions : Math.round((transactions * sum) / total);
    quota[day] = due - given;
    given = due;
  }
  return { days, date: (day) => dateOf(day).toISOString().slice(0, 10), dayOfYear, quota };
};
