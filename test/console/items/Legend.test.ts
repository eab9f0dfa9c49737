import { describe, expect, it } from "vitest";
import { rowsOf, strengthsOf } from "../../../src/console/items/map/Legend.tsx";
import { named } from "../../../src/console/items/map/Palette.ts";

const colours = (values: ReadonlyArray<string>, counts: ReadonlyArray<number>, others: number, none: number) => {
  const known = counts.reduce((sum, count) => sum + count, 0) + others;
  return {
    ...{ model: "a", drawn_at: "", attribute: "colour", ordered: false, values, counts, others },
    codes: new Uint8Array(known + none),
  };
};

describe("the legend", () => {
  it("has each value with a colour of its own, and the rest together", () => {
    expect(rowsOf(colours(["red", "blue"], [3, 1], 0, 2))).toEqual([
      { code: 1, label: "red", count: 3 },
      { code: 2, label: "blue", count: 1 },
      { code: 0, label: "none", count: 2 },
    ]);
    const many = Array.from({ length: named + 3 }, (_, n) => `value ${n}`);
    const rows = rowsOf(
      colours(
        many,
        many.map(() => 2),
        5,
        0,
      ),
    );
    expect(rows).toHaveLength(named + 1);
    expect(rows.at(-1)).toEqual({ code: named + 4, label: "others", count: 3 * 2 + 5 });
  });

  it("lets stand back what is not shown alone", () => {
    const few = colours(["red", "blue"], [1, 1], 1, 0);
    expect(strengthsOf(few, undefined, 4)).toEqual([1, 1, 1, 1]);
    expect(strengthsOf(few, 2, 4).map((strength) => strength === 1)).toEqual([false, false, true, false]);
    const many = Array.from({ length: named + 2 }, (_, n) => `value ${n}`);
    const rest = strengthsOf(
      colours(
        many,
        many.map(() => 1),
        1,
        0,
      ),
      named + 3,
      named + 4,
    );
    expect(rest.flatMap((strength, code) => (strength === 1 ? [code] : []))).toEqual([named + 1, named + 2, named + 3]);
  });
});
