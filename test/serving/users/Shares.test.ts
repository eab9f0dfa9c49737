import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { sharesOf } from "../../../src/serving/users/Shares.ts";

describe("shares of purchases", () => {
  it("are the most frequent first, ties by name, an empty name none", () => {
    expect(sharesOf(["Socks", "Shoes", "", "Shoes", "Hats", "Socks", "Shoes"], 3)).toEqual([
      { name: "Shoes", purchases: 3, percentage: 42.8 },
      { name: "Socks", purchases: 2, percentage: 28.6 },
      { name: null, purchases: 1, percentage: 14.3 },
    ]);
    expect(sharesOf([], 5)).toEqual([]);
  });

  it("add up to 100 of all names, each less than a tenth off", () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f", ""), { minLength: 1, maxLength: 100 }),
        (names) => {
          const shares = sharesOf(names, names.length);
          const tenths = shares.map(({ percentage }) => Math.round(10 * percentage));
          expect(tenths.reduce((sum, value) => sum + value, 0)).toBe(1000);
          for (const { percentage, purchases } of shares) {
            expect(Math.abs(percentage - (100 * purchases) / names.length)).toBeLessThan(0.1);
          }
          expect(sharesOf(names, 2)).toEqual(shares.slice(0, 2));
        },
      ),
    ));
});
