/**
 * EventTime: which times an event may claim, from 1971 up to a day after it arrived. A time beyond is a mistake (a unit
 * mistaken, a clock set wrong, an empty field read as 0), and one such time would outweigh all others wherever the newest
 * counts. What arrived when is the log's word, never the clock's, so that a replay judges as the stream did.
 */

/** 1971-01-01, in unix seconds: no shop's event is older, and 0 is no time. */
export const earliestTime = 31_536_000;

/** How far ahead of its arrival an event's time may be: time zones mistaken, clocks that run ahead. */
export const aheadSeconds = 86_400;

/** Both in unix seconds. */
export const isEventTime = (time: number, arrival: number): boolean =>
  time >= earliestTime && time <= arrival + aheadSeconds;

/** What is wrong with a time that is none, as the end of a sentence that began with it. */
export const problems = { ahead: "is more than a day ahead", early: "is before 1971-01-01" } as const;

/** What is wrong with a time, as the end of a sentence that began with it, or undefined. */
export const timeProblem = (time: number, arrival: number): string | undefined => {
  if (isEventTime(time, arrival)) return undefined;
  return time > arrival + aheadSeconds ? problems.ahead : problems.early;
};
