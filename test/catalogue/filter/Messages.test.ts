/** What a filter means, and what is said of one that means nothing: by examples. */
import { describe, expect, it } from "@effect/vitest";
import { Either } from "effect";
import { makeColumns } from "../../../src/catalogue/Columns.ts";
import { parseFilter, told } from "../../../src/catalogue/filter/Filter.ts";
import type { Seen } from "../../../src/catalogue/filter/Understand.ts";
import type { AttributeValue } from "../../../src/domain/ItemRecord.ts";

const columns = makeColumns();
const items: ReadonlyArray<Readonly<Record<string, AttributeValue>>> = [
  { title: "Red shoes", "attributes.colour": "Black", "attributes.price": 30, "attributes.tags": ["sale", "new"] },
  { title: "2026-01-31T12:00:00Z", "attributes.since": "2026-01-31T12:00:00Z", "attributes.on_sale": true },
  { "attributes.size": 42, "attributes.product group": "Shoes" },
  { item_id: "4", "attributes.size": "XL", "attributes.details.part": "sole" },
];
items.forEach((fields, itemIdx) => {
  columns.put(itemIdx, fields);
});

const whereOf = (filter: string, seen: Seen = columns.seen) => Either.getOrElse(parseFilter(filter, seen), told);

const text = (attribute: string, value: string, by = "=") => ({ kind: "compare", attribute, type: "text", by, value });
const number = (attribute: string, value: number, by = "=") => ({ ...text(attribute, "", by), type: "number", value });
const black = text("colour", "Black");
const cheap = number("price", 30, "<");
const onSale = { kind: "has", attribute: "tags", value: "sale" };

describe("a filter means", () => {
  it.each([
    ["", { kind: "and", of: [] }],
    [
      'colour = "Black" AND price < 30 AND NOT tags:sale',
      { kind: "and", of: [black, cheap, { kind: "not", of: onSale }] },
    ],
    ["colour=Black price<30 -tags:sale", { kind: "and", of: [black, cheap, { kind: "not", of: onSale }] }],
    ["colour=Black AND price<30 OR tags:sale", { kind: "and", of: [black, { kind: "or", of: [cheap, onSale] }] }],
    ["colour=Black OR price<30 tags:sale", { kind: "and", of: [{ kind: "or", of: [black, cheap] }, onSale] }],
    ["(colour=Black AND price<30) OR tags:sale", { kind: "or", of: [{ kind: "and", of: [black, cheap] }, onSale] }],
    ["NOT (colour=Black price<30)", { kind: "not", of: { kind: "and", of: [black, cheap] } }],
    ["colour = (Black OR 'Dark Red')", { kind: "or", of: [black, text("colour", "Dark Red")] }],
    ["tags:(sale -new)", { kind: "and", of: [onSale, { kind: "not", of: { ...onSale, value: "new" } }] }],
    ["price = (-3 OR 4)", { kind: "or", of: [number("price", -3), number("price", 4)] }],
    ["colour:Black", { kind: "has", attribute: "colour", value: "Black" }],
    ["colour:*", { kind: "has", attribute: "colour" }],
    ["price:30", number("price", 30)],
    ["price >= -2.997e9", number("price", -2_997_000_000, ">=")],
    ["colour = 30", text("colour", "30")],
    ["colour = true", text("colour", "true")],
    ["on_sale != false", { kind: "compare", attribute: "on_sale", type: "boolean", by: "!=", value: false }],
    ["since < 2026-01-31T13:00:00+01:00", { ...number("since", 1769860800000, "<"), type: "time" }],
    ['since:"2026-01-31T12:00:00Z"', { ...number("since", 1769860800000), type: "time" }],
    ["size = 42", number("size", 42)],
    ["size = '42'", text("size", "42")],
    ["size > L", text("size", "L", ">")],
    ['colour = "Bl*"', { ...text("colour", "Bl"), open: "prefix" }],
    ['colour != "*ck"', { ...text("colour", "ck", "!="), open: "suffix" }],
    ["tags:*al*", { ...onSale, value: "al", open: "both" }],
    ['colour = "\\*"', text("colour", "*")],
    [
      'colour = "say \\"hi\\"" OR colour = \'it\\\'s\'',
      { kind: "or", of: [text("colour", 'say "hi"'), text("colour", "it's")] },
    ],
    ['"product group" = Shoes', text("product group", "Shoes")],
    ["details.part = sole", text("details.part", "sole")],
    ['"details.part" = sole', text("details.part", "sole")],
    ['title = "2026-01-31T12:00:00Z"', text("title", "2026-01-31T12:00:00Z")],
  ])("%s", (filter, where) => {
    expect(whereOf(filter)).toEqual(where);
  });
});

describe("a filter that means nothing is told where and why:", () => {
  it.each([
    ["colur = Black", "at character 1: no item has an attribute colur (did you mean colour?)"],
    [
      "price < 30 AND weight < 2",
      "at character 16: no item has an attribute weight; there are title, colour, price, tags, since, on_sale, size, product group and 2 more",
    ],
    ["product = Shoes", "at character 1: no item has an attribute product (did you mean product group?)"],
    ["colour.name = Black", "at character 1: no item has an attribute colour.name (did you mean colour?)"],
    ["prod_name = Shoes", "at character 1: no item has an attribute prod_name (did you mean title?)"],
    ["article_id = 4", "at character 1: no item has an attribute article_id (did you mean item_id?)"],
    ['price < "30"', "at character 9: price is a number: write price < 30, without quotation marks"],
    ["price = cheap", "at character 9: price is a number: write price < 30, without quotation marks"],
    ["on_sale = 1", "at character 11: on_sale is true or false: write on_sale = true"],
    ["on_sale > false", "at character 9: true and false have no order: write = or !="],
    ['since > "2026-01-31"', 'at character 9: since is a time: write since > "2026-01-31T12:00:00Z"'],
    ["tags = sale", 'at character 8: tags is a list: write tags:"…"'],
    ["colour = null", "at character 10: null is no value: write NOT colour:* for items without it"],
    ["colour < Bl*", 'at character 10: a star goes with =, != and : alone; write "\\*" for the star itself'],
    [
      "colour = B*k",
      'at character 11: a star stands for any text at the beginning or the end alone; write "\\*" for the star itself',
    ],
    ["colour =", "at character 9: a value must stand behind =, but the filter ends"],
    ["colour == Black", "at character 9: a value must stand behind =, but there is ="],
    ["colour = AND", 'at character 10: a value must stand behind =; write "AND" where that is it'],
    ["colour = 'Black", "at character 10: the quotation mark ' is never closed"],
    ["colour = Black AND", "at character 19: a name must stand here, but the filter ends"],
    ["AND colour = Black", "at character 1: a condition must stand here, but there is AND"],
    ["NOT NOT colour = Black", "at character 5: a condition must stand here, but there is NOT"],
    ["(colour = Black", "at character 1: the parenthesis ( is never closed"],
    ["colour = Black)", "at character 15: the parenthesis ) was never opened"],
    ["colour = Black and price < 3", "at character 16: and is a word without a comparison: write AND for it"],
    [
      '"red shoes"',
      'at character 1: red shoes is a word without a comparison: write what to compare, as in NAME = "red shoes"',
    ],
    ["size(title) > 3", "at character 1: size is called as a function: there are none"],
    ["price < (1 OR 2)", "at character 9: several values in parentheses go with = and : alone"],
    ["colour ! Black", "at character 8: ! has no meaning here"],
    ["price < 1, price > 2", "at character 10: a name must stand here, but there is ,"],
  ])("%s", (filter, message) => {
    expect(whereOf(filter)).toBe(message);
  });

  it.each([
    [`${"(".repeat(33)}price = 1${")".repeat(33)}`, "at character 33: the filter is nested more than 32 deep"],
    ["price=1 ".repeat(101), "at character 801: the filter has more than 100 conditions"],
    [" ".repeat(2_001), "at character 2001: the filter has more than 2000 characters"],
  ])("too much of it", (filter, message) => {
    expect(whereOf(filter)).toBe(message);
  });

  it("a shop that has said nothing of its items", () => {
    expect(whereOf("price < 30", new Map())).toBe("at character 1: no item has an attribute price");
  });

  it("with the nearest name apart", () => {
    const problem = parseFilter("size = 42 AND Prise < 30", columns.seen);
    expect(problem).toMatchObject({ left: { at: 14, nearest: "price" } });
  });
});
