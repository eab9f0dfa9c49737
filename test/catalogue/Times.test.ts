import * as fc from "fast-check";
import { expect, it } from "vitest";
import { timeOfAscii } from "../../src/catalogue/Times.ts";
import { instantOf } from "../../src/domain/Where.ts";

const timeOf = (text: string): number => {
  const bytes = Buffer.from(`0${text}0`);
  return timeOfAscii(bytes, 1, bytes.length - 1);
};

const two = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map((n) => String(n).padStart(2, "0"));
const written = fc
  .tuple(fc.integer({ min: 0, max: 9999 }), two(0, 13), two(0, 32), two(0, 25), two(0, 61), two(0, 61), fc.nat(999))
  .map(([year, month, day, hour, minute, second, millis]) => ({
    date: [String(year).padStart(4, "0"), month, day] as const,
    clock: `${hour}:${minute}:${second}`,
    millis: String(millis).padStart(3, "0"),
  }));

it("reads what a date and a clock say, as anybody does", () => {
  fc.assert(
    fc.property(written, fc.boolean(), ({ clock, date, millis }, isLong) => {
      const text = `${date.join("-")}T${clock}${isLong ? `.${millis}` : ""}Z`;
      const time = timeOf(text);
      const parsed = new Date(Date.parse(text));
      // What names no day or no time of day is left to others, who may take it for the next one.
      const isReal =
        !Number.isNaN(parsed.getTime()) &&
        parsed.toISOString() === `${date.join("-")}T${clock}.${isLong ? millis : "000"}Z`;
      expect(time).toBe(isReal ? instantOf(text) : Number.NaN);
    }),
    { numRuns: 2000 },
  );
});

it("leaves what is written otherwise to others", () => {
  for (const text of [
    "2026-01-05T00:00:00z",
    "2026-01-05t00:00:00Z",
    "2026-01-05 00:00:00Z",
    "2026-01-05T00:00:00.1Z",
    "2026-01-05T00:00:00,123Z",
    "2026-01-05T00:00:00+00:00",
    "2026-1-05T00:00:00.00Z",
    "20x6-01-05T00:00:00Z",
    "2026-01-05T00:00:0.000Z",
    "",
  ]) {
    expect(timeOf(text), text).toBeNaN();
  }
});
