/** TimeFormat: patterns such as `M/d/yy H:mm` as the SQL engine's strptime has them. */
import { Either } from "effect";

/** By letter and, where it matters, how often it stands. */
const letters: Readonly<Record<string, string>> = {
  yyyy: "%Y",
  yy: "%y",
  M: "%m",
  MM: "%m",
  MMM: "%b",
  MMMM: "%B",
  d: "%d",
  dd: "%d",
  H: "%H",
  HH: "%H",
  h: "%I",
  hh: "%I",
  m: "%M",
  mm: "%M",
  s: "%S",
  ss: "%S",
  SSS: "%g",
  SSSSSS: "%f",
  a: "%p",
  Z: "%z",
  X: "%z",
  XXX: "%z",
};

const token = /([A-Za-z])\1*|'((?:[^']|'')*)'|[^A-Za-z']/g;

/** The engine's format, or the part that is not known. */
export const parseTimeFormat = (format: string): Either.Either<string, string> => {
  let text = "";
  let end = 0;
  for (const match of format.matchAll(token)) {
    const [whole, letter, quoted] = match;
    if (match.index !== end) return Either.left(format.slice(end));
    end += whole.length;
    const known = letter === undefined ? (quoted ?? whole).replaceAll("''", "'").replaceAll("%", "%%") : letters[whole];
    if (known === undefined) return Either.left(whole);
    text += known;
  }
  return end === format.length ? Either.right(text) : Either.left(format.slice(end));
};

/** Of a format that was parsed before. */
export const strptimeFormat = (format: string): string => Either.getOrElse(parseTimeFormat(format), () => format);

/** Formats that files are written in, most likely first, for the message to who did not say one. */
export const commonFormats: ReadonlyArray<string> = ["d", "d H:mm", "d H:mm:ss", "d h:mm a", "d h:mm:ss a"].flatMap(
  (time) =>
    [
      "M/d/yyyy",
      "d/M/yyyy",
      "d.M.yyyy",
      "d-M-yyyy",
      "M-d-yyyy",
      "yyyy-M-d",
      "yyyy/M/d",
      "yyyy.M.d",
      "M/d/yy",
      "d/M/yy",
      "d.M.yy",
      "d MMM yyyy",
      "d-MMM-yyyy",
      "d-MMM-yy",
    ].map((day) => time.replace("d", day)),
);
