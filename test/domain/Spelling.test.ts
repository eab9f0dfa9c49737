import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { editDistance, nearest, sharingBegin } from "../../src/domain/Spelling.ts";

const words = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });

/** By the recurrence itself. */
const naive = (a: string, b: string): number => {
  if (a === "" || b === "") return a.length + b.length;
  const swapped =
    a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)
      ? naive(a.slice(0, -2), b.slice(0, -2)) + 1
      : Number.POSITIVE_INFINITY;
  const shorter = [a.slice(0, -1), b.slice(0, -1)] as const;
  return Math.min(
    naive(...shorter) + (a.at(-1) === b.at(-1) ? 0 : 1),
    naive(shorter[0], b) + 1,
    naive(a, shorter[1]) + 1,
    swapped,
  );
};

describe("the distance", () => {
  it("is that of the recurrence", () => {
    const short = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        expect(editDistance(a, b)).toBe(naive(a, b));
      }),
    );
  });

  it("is 0 of equals, symmetric, and at most the longer length", () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe("the nearest name", () => {
  const known = ["k", "port", "als-rank", "als-alpha", "ALS_SEED", "exclude_ids", "exclude_types"];
  it.each([
    ["als-rnak", "als-rank"],
    ["ALS_RANK", "als-rank"],
    ["als_seed", "ALS_SEED"],
    ["exclude_id", "exclude_ids"],
    ["exclude_type", "exclude_types"],
    ["pert", "port"],
    ["K", "k"],
    ["q", undefined],
    ["kk", "k"],
    ["xx", undefined],
    ["something-else", undefined],
    ["x".repeat(100_000), undefined],
  ])("of %s is %s", (typed, meant) => expect(nearest(typed, known)).toBe(meant));
});

describe("the name that shares a beginning", () => {
  const known = ["product_group_name", "product_group_no_more", "colour", "colour.code", "on"];
  it.each([
    ["product_group", "product_group_name"],
    ["Product-Group", "product_group_name"],
    ["colour.name", "colour"],
    ["colour.code.hex", "colour.code"],
    ["colour_of_it", "colour"],
    ["colours", undefined],
    ["pr", undefined],
    ["one", undefined],
    ["", undefined],
    [`colour.${"x".repeat(100_000)}`, undefined],
  ])("of %s is %s", (typed, meant) => expect(sharingBegin(typed, known)).toBe(meant));
});
