import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patchOf, rowsOf, wrongWith } from "../../../src/console/items/Edit.ts";

const value = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0)),
  fc.boolean(),
  fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { maxLength: 4 }),
);
const attributes = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), value, { maxKeys: 6, noNullPrototype: true });

describe("the form of an item's attributes", () => {
  it("that nobody changed says nothing", () => {
    fc.assert(
      fc.property(attributes, (own) => {
        expect(wrongWith(rowsOf({ attributes: own }))).toBeUndefined();
        expect(patchOf({ attributes: own }, rowsOf({ attributes: own }))).toEqual({});
      }),
    );
  });

  it("says what makes the one item of the other", () => {
    fc.assert(
      fc.property(attributes, attributes, (before, after) => {
        const patch = patchOf({ attributes: before }, rowsOf({ attributes: after }));
        const made: Record<string, unknown> = { ...before };
        for (const [name, one] of Object.entries(patch)) {
          if (one === null) delete made[name];
          else made[name] = one;
        }
        expect(made).toEqual(after);
      }),
    );
  });

  it("says what is wrong with it", () => {
    expect(wrongWith([{ name: " ", kind: "text", text: "x" }])).toMatch(/needs a name/);
    expect(wrongWith([{ name: "price", kind: "number", text: "a lot" }])).toBe("price has to be a number.");
    const twice = { name: "a", kind: "text", text: "" } as const;
    expect(wrongWith([twice, { ...twice, name: "a " }])).toBe("a is there twice.");
  });
});
