import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTimestamp } from "../../src/intake/Timestamp.ts";

describe("parseTimestamp", () => {
  const day = Date.UTC(2020, 8, 22) / 1000;
  it.each([
    ["1600732800", day],
    ["1600732800.25", day + 0.25],
    ["1600732800000", day],
    ["1600732800000000", day],
    ["1.6007328E9", day],
    ["2020-09-22", day],
    ["2020-09-22 10:30", day + 37_800],
    ["2020-09-22T10:30:15.5Z", day + 37_815.5],
    ["2020-09-22T10:30:00+02:00", day + 30_600],
    ["2020-09-22 10:30:00-0530", day + 57_600],
    ["2020-09-22 10:30:00 UTC", day + 37_800],
    ["-86400", -86_400],
  ])("reads %s", (text, seconds) => expect(parseTimestamp(text)).toBeCloseTo(seconds, 6));

  it.each(["", "yesterday", "22/09/2020", "2020-02-30", "2020-09-22T25:00", "2020-09-22T10:61", "NaN", "12:30"])(
    "refuses %j",
    (text) => expect(parseTimestamp(text)).toBeUndefined(),
  );

  it("reads every ISO time as Date does", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }), (date) => {
        expect(parseTimestamp(date.toISOString())).toBeCloseTo(date.getTime() / 1000, 3);
      }),
    );
  });
});
