/**
 * Grammar: how the values of settings are written. One grammar, whether a value comes from a flag or from the environment.
 *
 * A whole number is digits, with `-` before it where it may be negative: no `+`, exponent, hexadecimal or separator. A
 * number is that with a decimal fraction or exponent, and finite. A duration is a number and its unit: `300 seconds`,
 * `1.5 hours`, `250ms`. Names of choices, units and truth values are read in any case.
 */
import { Duration, Option } from "effect";

const wholeNumber = /^-?\d+$/;
const decimalNumber = /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i;
const numberAndUnit = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i;

/** Within what is exact: ±(2⁵³ − 1). */
export const parseInteger = (text: string): Option.Option<number> =>
  Option.filter(wholeNumber.test(text) ? Option.some(Number(text)) : Option.none(), Number.isSafeInteger);

export const parseNumber = (text: string): Option.Option<number> =>
  Option.filter(decimalNumber.test(text) ? Option.some(Number(text)) : Option.none(), Number.isFinite);

/** Milliseconds of a unit, by each of its names. */
const units: ReadonlyMap<string, number> = new Map(
  (
    [
      [1, "ms", "milli", "millis", "millisecond", "milliseconds"],
      [1000, "s", "sec", "second", "seconds"],
      [60_000, "min", "minute", "minutes"],
      [3_600_000, "h", "hour", "hours"],
      [86_400_000, "d", "day", "days"],
      [604_800_000, "w", "week", "weeks"],
    ] as const
  ).flatMap(([millis, ...names]) => names.map((name) => [name, millis] as const)),
);

/** Never negative, never without an end. */
export const parseDuration = (text: string): Option.Option<Duration.Duration> => {
  const [, amount, unit] = numberAndUnit.exec(text) ?? [];
  const millis = units.get((unit ?? "").toLowerCase());
  return millis === undefined
    ? Option.none()
    : Option.map(Option.filter(Option.some(Number(amount) * millis), Number.isFinite), Duration.millis);
};

const truths: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "on", "1"].map((name) => [name, true] as const),
  ...["false", "no", "off", "0"].map((name) => [name, false] as const),
]);

export const parseBoolean = (text: string): Option.Option<boolean> =>
  Option.fromNullable(truths.get(text.toLowerCase()));
