/** Filters from text to items: their laws, over random filters and catalogues. */
import { describe, expect, it } from "@effect/vitest";
import { Either } from "effect";
import fc from "fast-check";
import { makeColumns, type WritableColumns } from "../../../src/catalogue/Columns.ts";
import { type Few, makeFew } from "../../../src/catalogue/filter/Few.ts";
import { fill } from "../../../src/catalogue/filter/Fill.ts";
import { parseFilter, told } from "../../../src/catalogue/filter/Filter.ts";
import { matcherOf } from "../../../src/catalogue/filter/Match.ts";
import { maxTerms, parse } from "../../../src/catalogue/filter/Parser.ts";
import type { Where } from "../../../src/domain/Where.ts";
import { type Attributes, attributes, everyKind, filters, holds } from "../../support/FilterExpressions.ts";

const put = (columns: WritableColumns, itemIdx: number, item: Attributes): void =>
  columns.put(itemIdx, Object.fromEntries(Object.entries(item).map(([name, value]) => [`attributes.${name}`, value])));

const columnsOf = (items: ReadonlyArray<Attributes>): WritableColumns => {
  const columns = makeColumns();
  items.forEach((item, itemIdx) => {
    put(columns, itemIdx, item);
  });
  return columns;
};

const shop = columnsOf(everyKind);

const understood = (text: string, columns: WritableColumns): Where =>
  Either.getOrThrowWith(parseFilter(text, columns.seen), (problem) => new Error(`${text}\n${told(problem)}`));

const passing = (where: Where, columns: WritableColumns, length: number): ReadonlyArray<boolean> => {
  const into = new Uint8Array(length).fill(7);
  fill(where, columns, into);
  return Array.from(into, (one) => {
    if (one > 1) throw new Error("no bit");
    return one === 1;
  });
};

/** What is found where few are so; undefined where it looks at none. */
const foundBy = (few: Few, where: Where, length: number, most = Number.POSITIVE_INFINITY) => {
  const found = few.find(where, most);
  return found && Array.from({ length }, (_, itemIdx) => found.includes(itemIdx));
};

describe("a filter", () => {
  it("says of every item what its tree says, column by column and item by item", () => {
    fc.assert(
      fc.property(filters, fc.array(attributes, { maxLength: 30 }), ({ expression, text }, items) => {
        const all = [...everyKind, ...items];
        const columns = columnsOf(all);
        const where = understood(text, columns);
        const matches = matcherOf(where, columns);
        // One behind the last has nothing.
        const expected = [...all, {}].map((item) => holds(expression, item));
        expect(passing(where, columns, all.length + 1)).toEqual(expected);
        const few = makeFew(columns);
        expect([undefined, expected]).toContainEqual(foundBy(few, where, all.length + 1));
        expect([undefined, expected]).toContainEqual(foundBy(few, where, all.length + 1, 5));
        expect(expected.map((_, itemIdx) => matches(itemIdx))).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it("follows items as they change", () => {
    fc.assert(
      fc.property(
        filters,
        fc.array(fc.tuple(fc.nat(20), attributes), { maxLength: 40 }),
        ({ expression, text }, changes) => {
          const columns = columnsOf(everyKind);
          const where = understood(text, columns);
          const matches = matcherOf(where, columns);
          const few = makeFew(columns);
          const now: Array<Attributes> = [...everyKind];
          for (const [itemIdx, item] of changes) {
            for (let i = now.length; i <= itemIdx; i++) now[i] = {};
            now[itemIdx] = item;
            put(columns, itemIdx, item);
            expect(matches(itemIdx)).toBe(holds(expression, item));
            const expected = now.map((one) => holds(expression, one));
            expect([undefined, expected]).toContainEqual(foundBy(few, where, now.length));
          }
          expect(passing(where, columns, now.length)).toEqual(now.map((item) => holds(expression, item)));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is looked for by the values of a column where it asks for some, also after more changes than are told", () => {
    const columns = columnsOf(everyKind);
    const few = makeFew(columns);
    const put = (itemIdx: number, price: number, colour: string): void =>
      columns.put(itemIdx, { "attributes.price": price, "attributes.colour": colour });
    const ask = (text: string) => [...new Set(few.find(understood(text, columns), 100))].sort((a, b) => a - b);
    const first = everyKind.length;
    for (let i = 0; i < 5_000; i++) put(first + i, i, i === 7 ? "Odd" : "Even");
    expect(ask("price >= 4000 AND price < 4003")).toEqual([4_000, 4_001, 4_002].map((i) => first + i));
    expect(ask('colour = "Odd" OR price = 3')).toEqual([first + 3, first + 7]);
    expect(few.bytes()).toBeGreaterThan(4 * 5_000);
    // What had the value has another, and its code stands for that.
    put(first + 7, 7, "Ochre");
    expect(ask('colour = "Odd"')).toEqual([]);
    expect(ask('colour = "Ochre" AND NOT price = 8')).toEqual([first + 7]);
    for (let i = 0; i < 5_000; i++) put(first + i, 10_000 - i, i === 9 ? "Ochre" : "Even");
    expect(ask("price >= 4000 AND price < 4003")).toEqual([]);
    expect(ask("price > 9998 AND price <= 10000")).toEqual([first, first + 1]);
    expect(ask('colour = "Ochre"')).toEqual([first + 9]);
    expect(few.find(understood('colour = "Even"', columns), 100)).toBeUndefined();
    expect(few.find(understood('NOT colour = "Even"', columns), 100)).toBeUndefined();
  });

  it("is answered, whatever its text is, and a problem has its place in it", () => {
    const pieces = fc.constantFrom(
      ..."colour price tags since sale AND OR NOT - ( ) \" ' \\ * . , : = != < <= 30 true null 2026-01-31T12:00:00Z".split(
        " ",
      ),
      " ",
      "\n",
      "é",
      "😀",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.array(pieces, { maxLength: 60 }).map((all) => all.join("")),
      fc.array(pieces, { maxLength: 60 }).map((all) => all.join(" ")),
      // A filter with a piece amiss.
      fc.tuple(filters, fc.nat(), pieces).map(([{ text }, at, piece]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + piece + text.slice(place + 1);
      }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const answer = parseFilter(text, shop.seen);
        if (Either.isRight(answer)) {
          passing(answer.right, shop, everyKind.length);
          return;
        }
        expect(answer.left.at).toBeGreaterThanOrEqual(0);
        expect(answer.left.at).toBeLessThanOrEqual(text.length);
        expect(answer.left.message).not.toBe("");
      }),
      { numRuns: 5_000 },
    );
  });

  it("is answered at once, however long and deep", () => {
    const long = [
      "(".repeat(1_000_000),
      `${"(".repeat(1_000)}price = 1${")".repeat(990)}`,
      "NOT ".repeat(500),
      "-".repeat(2_000),
      "price = 1 OR ".repeat(150),
      `colour = "${"\\".repeat(1_989)}`,
      `${"a.".repeat(999)}a`,
      `price = ${"9".repeat(1_990)}`,
      `${" ".repeat(1_999)}(`,
    ];
    for (const text of long) expect(Either.isLeft(parseFilter(text, shop.seen))).toBe(true);
  });

  it("of as many conditions as there may be is understood, of one more not", () => {
    const many = (count: number): string => Array.from({ length: count }, () => "price=1").join(" OR ");
    expect(Either.isRight(parse(many(maxTerms)))).toBe(true);
    expect(Either.isLeft(parse(many(maxTerms + 1)))).toBe(true);
  });
});

/** A condition as a filter. */
const print = (where: Where): string => {
  const quoted = (text: string): string => `"${Array.from(text, (c) => (/["\\*]/.test(c) ? `\\${c}` : c)).join("")}"`;
  const starred = (text: string, open: string | undefined): string => {
    const [begins, ends] = [open === "suffix" || open === "both", open === "prefix" || open === "both"];
    return `"${begins ? "*" : ""}${quoted(text).slice(1, -1)}${ends ? "*" : ""}"`;
  };
  switch (where.kind) {
    case "and":
    case "or":
      return where.of
        .map((one) => (one.kind === "and" || one.kind === "or" ? `(${print(one)})` : print(one)))
        .join(` ${where.kind.toUpperCase()} `);
    case "not":
      return `NOT (${print(where.of)})`;
    case "has":
      return `${quoted(where.attribute)}:${where.value === undefined ? "*" : starred(where.value, where.open)}`;
    case "compare": {
      const { attribute, by, open, type, value } = where;
      const text =
        type === "text"
          ? starred(String(value), open)
          : type === "time"
            ? new Date(Number(value)).toISOString()
            : String(value);
      return `${quoted(attribute)} ${by} ${text}`;
    }
  }
};

describe("a condition", () => {
  it("that was read from a filter, written as one is read as itself", () => {
    fc.assert(
      fc.property(filters, ({ text }) => {
        const where = understood(text, shop);
        expect(understood(print(where), shop)).toEqual(where);
      }),
      { numRuns: 1_000 },
    );
  });
});
