/** Format: numbers, times and durations as people read them; the same on every page. */

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** 12,345 */
export const whole = (value: number): string => grouped.format(value);

/** 1 event, 12 events. */
export const counted = (value: number, word: string): string => `${whole(value)} ${word}${value === 1 ? "" : "s"}`;

/** 12.3K */
export const compact = (value: number): string =>
  Math.abs(value) < 1000 ? grouped.format(value) : short.format(value);

/** With `digits` that count: 0.0123, 1.23, 12.3, −1.2 for 3. */
export const precise = (value: number, digits = 3): string => {
  const size = Math.abs(value);
  const text = size >= 1000 ? grouped.format(size) : String(Number(size.toPrecision(digits)));
  return value < 0 ? `−${text}` : text;
};

/** 12.3 % of a share of 1. */
export const percent = (share: number): string => `${precise(100 * share)} %`;

/** A difference to four places, with its sign: + of whatever reads as 0. */
export const signed = (value: number): string => {
  const size = Math.abs(value).toFixed(4);
  return `${value < 0 && Number(size) !== 0 ? "−" : "+"}${size}`;
};

/** 840 µs, 12.3 ms, 1.2 s, 3 min, 2 h, 4 d. */
export const duration = (ms: number): string => {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${precise(ms)} ms`;
  if (ms < 60_000) return `${precise(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 86_400_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
};

/** "3 min ago"; "now" within a second, whichever clock is ahead. */
export const ago = (time: number, now: number): string => {
  const past = now - time;
  return past < 1000 ? "now" : `${duration(past).replace(/\.\d+/, "")} ago`;
};

/** 14:03:59 */
export const clock = (time: number): string => new Date(time).toLocaleTimeString("en-GB");

/** 2026-03-01 14:03 */
export const moment = (time: number): string => {
  const at = new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString();
  return `${at.slice(0, 10)} ${at.slice(11, 16)}`;
};
