/** Timestamp: the ways shops write a time, read as unix seconds. */
import { parseDay } from "./CsvCells.ts";

const numeric = /^-?\d+(\.\d+)?([eE]\+?\d+)?$/;
const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/i;

const offsetSeconds = (zone: string): number => {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(":", "") || 0);
  return (zone.startsWith("-") ? -60 : 60) * minutes;
};

/**
 * Unix seconds of a number or an ISO date, with or without a time. Told value by value: a number below 10^11 in size is
 * seconds (until the year 5138), below 10^14 milliseconds, below 10^17 microseconds, else nanoseconds. A time without a
 * zone is UTC, a date without a time its midnight. Undefined for anything else.
 */
export const parseTimestamp = (text: string): number | undefined => {
  if (numeric.test(text)) {
    const value = Number(text);
    const size = Math.abs(value);
    return size < 1e11 ? value : size < 1e14 ? value / 1e3 : size < 1e17 ? value / 1e6 : value / 1e9;
  }
  const parts = iso.exec(text);
  const day = parts === null ? undefined : parseDay(parts[1]);
  if (parts === null || day === undefined) return undefined;
  const [hours, minutes, seconds] = [parts[2], parts[3], parts[4]].map((part) => Number(part ?? 0));
  if (hours > 23 || minutes > 59 || seconds >= 61) return undefined;
  const zone = parts[5] === undefined || /^(z|utc)$/i.test(parts[5]) ? 0 : offsetSeconds(parts[5]);
  return day * 86_400 + hours * 3600 + minutes * 60 + seconds - zone;
};
