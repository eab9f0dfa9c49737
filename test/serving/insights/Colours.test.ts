import { Effect } from "effect";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coloursOf as made, mostValues } from "../../../src/serving/insights/Colours.ts";

const coloursOf = (values: Parameters<typeof made>[0]) => Effect.runPromise(made(values));

describe("colours of an attribute", () => {
  it("name the most common values first, and no more than can be told apart", async () => {
    const values = ["red", undefined, "blue", "blue", true, undefined];
    expect(await coloursOf(values)).toEqual({
      ...{ ordered: false, values: ["blue", "red", "true"], counts: [2, 1, 1], others: 0 },
      codes: Uint8Array.of(2, 0, 1, 1, 3, 0),
    });
    const many = Array.from({ length: 40 }, (_, n) => `value ${n}`).concat("value 39", "value 38");
    const found = await coloursOf(many);
    expect(found.values).toHaveLength(mostValues);
    expect(found.values.slice(0, 3)).toEqual(["value 38", "value 39", "value 0"]);
    expect(found.others).toBe(40 - mostValues);
    expect(found.codes[30]).toBe(mostValues + 1);
  });

  it("take the first of a list", async () => {
    expect(await coloursOf([["linen", "summer"], ["wool"], []])).toMatchObject({
      values: ["linen", "wool"],
      codes: Uint8Array.of(1, 2, 0),
    });
  });

  it("put numbers in ranges of about as many each, in their order", async () => {
    const found = await coloursOf(Array.from({ length: 80 }, (_, n) => 80 - n));
    expect(found).toMatchObject({ ordered: true, others: 0, counts: [10, 10, 10, 10, 10, 10, 10, 10] });
    expect(found.values[0]).toBe("1 – 10");
    expect(found.codes[0]).toBe(8);
    expect(await coloursOf([2, 2, 2, 5])).toMatchObject({ values: ["2", "5"], counts: [3, 1] });
  });

  it("are the same of many values as of a few of the same, and leave the event loop to others in between", async () => {
    const values = Array.from({ length: 20_000 }, (_, n) => (n % 3 === 0 ? `one of many ${n}` : `kind ${n % 5}`));
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const { counts, others, values: named } = await coloursOf(values);
    isDone = true;
    expect(turns).toBeGreaterThan(10);
    expect(named.slice(0, 5).sort()).toEqual(["kind 0", "kind 1", "kind 2", "kind 3", "kind 4"]);
    expect(counts.slice(5)).toEqual(new Array(mostValues - 5).fill(1));
    expect(named[5]).toBe("one of many 0");
    expect(counts.reduce((sum, times) => sum + times, others)).toBe(20_000);
  });

  it("give each point the code of its value, and count each once", async () => {
    const value = fc.oneof(
      fc.constant(undefined),
      fc.constantFrom("a", "b", "c", "1"),
      fc.integer({ min: -5, max: 5 }),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 60 }), async (values) => {
        const { codes, counts, ordered, others, values: named } = await coloursOf(values);
        expect(codes).toHaveLength(values.length);
        const counted = new Array<number>(named.length + 2).fill(0);
        for (const code of codes) counted[code] += 1;
        expect(counted.slice(1)).toEqual([...counts, others]);
        for (const [point, own] of values.entries()) {
          if (own === undefined) expect(codes[point]).toBe(0);
          else if (!ordered) expect(named[codes[point] - 1]).toBe(String(own));
          else if (typeof own === "number") {
            const [least, most = least] = named[codes[point] - 1].split(" – ").map(Number);
            expect(own).toBeGreaterThanOrEqual(least);
            expect(own).toBeLessThanOrEqual(most);
          }
        }
      }),
    );
  });
});
