import { describe, expect, it } from "@effect/vitest";
import { Either, Schema } from "effect";
import * as fc from "fast-check";
import { decodeItem, patchOf, replacementOf } from "../../../src/serving/items/ItemInput.ts";
import { NamedItem } from "../../../src/serving/items/ItemSchema.ts";

const right = (input: unknown) =>
  Either.getOrThrowWith(decodeItem(input, ""), (wrong) => new Error(JSON.stringify(wrong)));
const errors = (input: unknown, prefix = "") => Either.getOrElse(Either.flip(decodeItem(input, prefix)), () => []);
const fields = (input: unknown) => errors(input).map(({ field }) => field);

describe("ItemInput", () => {
  it("takes all there is to say, and leaves out what has no value", () => {
    const input = right({
      title: "Linen shirt",
      valid_from: "2026-12-01T00:00:00Z",
      valid_until: null,
      attributes: { colour: "Black", price: 29.99, tags: ["a", "b"], is_vegan: false, gone: null, note: "" },
    });
    expect(replacementOf(input)).toEqual({
      available: true,
      title: "Linen shirt",
      valid_from: "2026-12-01T00:00:00Z",
      "attributes.colour": "Black",
      "attributes.price": 29.99,
      "attributes.tags": ["a", "b"],
      "attributes.is_vegan": false,
      "attributes.note": "",
    });
    expect(replacementOf(right({ available: false }))).toEqual({ available: false });
    expect(replacementOf(right({ available: null, attributes: null }))).toEqual({ available: true });
  });

  it("takes back what an answer tells", () => {
    const told = {
      item_id: "7",
      item_idx: 3,
      title: null,
      available: true,
      attributes: {},
      changed_at: "2026-12-01T00:00:00.000Z",
    };
    expect(right(told)).toMatchObject({ itemId: "7", words: { title: null, available: true } });
  });

  it("makes a merge patch of what is named", () => {
    const now = { title: "Shirt", "attributes.colour": "Black", "attributes.size": "L" };
    expect(patchOf(right({ title: null, attributes: { size: null, price: 3 } }), now)).toEqual({
      title: null,
      "attributes.size": null,
      "attributes.price": 3,
    });
    expect(patchOf(right({ attributes: null }), now)).toEqual({ "attributes.colour": null, "attributes.size": null });
    expect(patchOf(right({}), now)).toEqual({});
  });

  it("names every wrong field, with its value and what to send", () => {
    const list = Array.from({ length: 1001 }, () => "x");
    const cases: ReadonlyArray<readonly [unknown, ReadonlyArray<string>]> = [
      [null, ["body"]],
      [[{}], ["body"]],
      ["text", ["body"]],
      [{ title: 3, available: "yes", attributes: { price: { eur: 3 } } }, ["title", "available", "attributes.price"]],
      [{ valid_from: "2026-12-01" }, ["valid_from"]],
      [{ valid_from: "2026-02-29T00:00:00Z", valid_until: "2026-06-31T00:00:00+02:00" }, ["valid_from", "valid_until"]],
      [{ valid_from: "2026-06-30T24:00:00Z", valid_until: "2026-13-01T00:00:00Z" }, ["valid_from", "valid_until"]],
      [{ valid_from: "2024-02-29t23:59:59.5-11:30", valid_until: "9999-12-31T23:59:59Z" }, []],
      [{ valid_from: "2026-12-02T00:00:00Z", valid_until: "2026-12-01T00:00:00Z" }, ["valid_until"]],
      [{ colour: "Black" }, ["colour"]],
      [{ attributes: ["Black"] }, ["attributes"]],
      [
        { attributes: { title: "x", item_id: "1", available: true, valid_from: null } },
        ["attributes.title", "attributes.item_id", "attributes.available", "attributes.valid_from"],
      ],
      [JSON.parse('{"attributes": {"__proto__": "x"}}'), ["attributes.__proto__"]],
      [JSON.parse('{"__proto__": {"title": "x"}}'), ["__proto__"]],
      [
        { attributes: { "": 1, "a\u0000b": 1, ["n".repeat(129)]: 1 } },
        ["attributes.", "attributes.a\u0000b", `attributes.${"n".repeat(89)}…`],
      ],
      [
        {
          attributes: { note: "x".repeat(4097), list, mixed: ["a", 1], half: "\ud800", many: Number.POSITIVE_INFINITY },
        },
        ["attributes.note", "attributes.list", "attributes.mixed", "attributes.half", "attributes.many"],
      ],
      [{ attributes: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`a${n}`, n])) }, ["attributes"]],
      [{ attributes: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`a${n}`, "x".repeat(4096)])) }, ["body"]],
      [{ item_id: "NULL" }, ["item_id"]],
      [{ item_id: "a\nb" }, ["item_id"]],
      [{ item_id: 108775015 }, ["item_id"]],
    ];
    for (const [input, wanted] of cases) expect(fields(input), JSON.stringify(input)?.slice(0, 100)).toEqual(wanted);
    expect(errors({ atributes: {} }, "[2]")).toEqual([
      {
        field: "[2].atributes",
        value: "an object",
        detail: "there is no such field (did you mean attributes?): put what you know of an item into attributes",
      },
    ]);
    expect(errors({ attributes: { valid_until: "x" } })[0].detail).toMatch(/send valid_until beside attributes/);
    expect(errors({ title: 3 })).toMatchObject([{ value: 3, detail: expect.stringMatching(/^send text/) }]);
  });

  it("leaves names of JavaScript's own alone", () => {
    const input = right(JSON.parse('{"attributes": {"constructor": "x", "toString": "y", "hasOwnProperty": ["z"]}}'));
    expect(replacementOf(input)).toEqual({
      available: true,
      "attributes.constructor": "x",
      "attributes.toString": "y",
      "attributes.hasOwnProperty": ["z"],
    });
  });

  it("takes what the document's schema takes, and never throws at any JSON", () => {
    const isNamed = Schema.is(NamedItem);
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.constantFrom(null, {}, [1], "2026-12-01T00:00:00Z"),
    );
    const item = fc.record(
      {
        item_id: fc.oneof(fc.constantFrom("7", "x y", "", "NULL", 7, "a\u0000"), fc.string()),
        title: value,
        available: fc.constantFrom(true, false, null, "true"),
        attributes: fc.oneof(fc.dictionary(fc.stringMatching(/^x[a-z]{0,8}$/), value), fc.constantFrom(null, [], 3)),
      },
      { requiredKeys: ["item_id"] },
    );
    fc.assert(
      fc.property(item, (sent) => {
        expect(Either.isRight(decodeItem(sent, ""))).toBe(isNamed(sent));
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.jsonValue(), (sent) => void decodeItem(sent, "[0]")));
  });
});
