import { describe, expect, it } from "vitest";
import { lonely } from "../../../src/console/kit/Lonely.ts";

describe("values that no line leads to", () => {
  it("are those between two gaps, at the ends too", () => {
    expect(lonely([1, null, 0, null, 3, 4, undefined, 5])).toEqual([0, 2, 7]);
    expect(lonely([1, 2, 3])).toEqual([]);
    expect(lonely([null, 7])).toEqual([1]);
    expect(lonely([])).toEqual([]);
  });
});
