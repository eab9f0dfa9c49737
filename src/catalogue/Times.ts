/** Times: a time read off its bytes. */

const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const dayMillis = 86_400_000;
/** From 1 January 0 to the epoch. */
const epochDays = 719_528;

const code = (character: string): number => character.charCodeAt(0);
const [dash, mark, zone, colon, dot] = [code("-"), code("T"), code("Z"), code(":"), code(".")];

/** Characters of a time; what is shorter is none. */
export const shortestTime = "2026-01-01T00:00:00Z".length;

/** False: the ASCII from `from` to below `to` is no time. */
export const isLikeTime = (bytes: Uint8Array, from: number, to: number): boolean =>
  to - from >= shortestTime && bytes[from + 4] === dash && bytes[from + 7] === dash;

/**
 * Unix milliseconds of a time that is written as `2026-01-05T08:30:00Z` or, with milliseconds, `2026-01-05T08:30:00.120Z`, from
 * `from` to below `to`. NaN: it is written otherwise, or is no time; `instantOf` tells.
 */
export const timeOfAscii = (bytes: Uint8Array, from: number, to: number): number => {
  const length = to - from;
  if (length !== 20 && length !== 24) return Number.NaN;
  let isTime = bytes[from + 4] === dash && bytes[from + 7] === dash && bytes[from + 10] === mark;
  isTime &&= bytes[from + 13] === colon && bytes[from + 16] === colon && bytes[to - 1] === zone;
  if (!isTime || (length === 24 && bytes[from + 19] !== dot)) return Number.NaN;
  const part = (at: number, digits: number): number => {
    let number = 0;
    for (let i = from + at; i < from + at + digits; i++) {
      const digit = bytes[i]! - 48;
      if (digit < 0 || digit > 9) return Number.NaN;
      number = 10 * number + digit;
    }
    return number;
  };
  const [year, month, day] = [part(0, 4), part(5, 2), part(8, 2)];
  const [hour, minute, second] = [part(11, 2), part(14, 2), part(17, 2)];
  const millis = length === 24 ? part(20, 3) : 0;
  if (!(month >= 1 && month <= 12 && hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  const leap = isLeap(year) ? 1 : 0;
  const days = daysBefore[month]! - daysBefore[month - 1]! + (month === 2 ? leap : 0);
  if (!(day >= 1 && day <= days)) return Number.NaN;
  const years = year - 1;
  const passed =
    year === 0 ? 0 : 366 + 365 * years + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const days0 = passed + daysBefore[month - 1]! + (month > 2 ? leap : 0) + day - 1 - epochDays;
  return days0 * dayMillis + hour * 3_600_000 + minute * 60_000 + second * 1000 + millis;
};
