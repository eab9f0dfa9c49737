import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextOf } from "../../../src/console/storefront/Roving.ts";

describe("keys in a grid of products", () => {
  it("go to the side, a row up or down, and to either end", () => {
    expect(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => nextOf(key, 6, 5, 24))).toEqual([
      5, 7, 1, 11,
    ]);
    expect(nextOf("Home", 6, 5, 24)).toBe(0);
    expect(nextOf("End", 6, 5, 24)).toBe(23);
    expect(nextOf("ArrowDown", 20, 5, 24)).toBeUndefined();
    expect(nextOf("ArrowLeft", 0, 5, 24)).toBeUndefined();
    expect(nextOf("Enter", 6, 5, 24)).toBeUndefined();
    expect(nextOf("toString", 6, 5, 24)).toBeUndefined();
  });

  it("come to every product from any other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 8 }), (count, columns) => {
        const reached = new Set([count - 1]);
        for (const at of reached) {
          for (const key of ["ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"]) {
            const next = nextOf(key, at, columns, count);
            if (next === undefined) continue;
            expect(next).toBeGreaterThanOrEqual(0);
            expect(next).toBeLessThan(count);
            reached.add(next);
          }
        }
        expect(reached.size).toBe(count);
      }),
    );
  });
});
