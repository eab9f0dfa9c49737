import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import {
  type AttributeValue,
  applyChange,
  type Change,
  fieldsOf,
  type ItemRecord,
  newestOf,
  noRecord,
} from "../../src/domain/ItemRecord.ts";

const name = fc.constantFrom("title", "available", "valid_from", "attributes.colour", "attributes.toString");
const value = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.integer({ min: -2, max: 2 }),
  fc.boolean(),
  fc.array(fc.string({ maxLength: 2 }), { maxLength: 2 }),
);
const change = (at: number): fc.Arbitrary<Change> =>
  fc
    .oneof(
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("replace"), fields: fc.dictionary(name, value) }) },
      { weight: 1, arbitrary: fc.constant({ kind: "remove" } as const) },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant("patch"), fields: fc.dictionary(name, fc.option(value)) }),
      },
    )
    .map((word) => ({ ...word, at }) as Change);

/** Of distinct times. */
const changes = fc
  .uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 12 })
  .chain((times) => fc.tuple(...times.map(change)));

const applied = (words: ReadonlyArray<Change>, record = noRecord): ItemRecord => words.reduce(applyChange, record);

/** Told in the order of their times, each over what was said before. */
const told = (words: ReadonlyArray<Change>) => {
  let fields: Record<string, AttributeValue> = {};
  let removed = false;
  for (const word of words.toSorted((a, b) => a.at - b.at)) {
    if (word.kind !== "patch") {
      removed = word.kind === "remove";
      fields = word.kind === "replace" ? { ...word.fields } : {};
    } else {
      for (const [name, value] of Object.entries(word.fields)) {
        if (value === null) delete fields[name];
        else fields[name] = value;
      }
    }
  }
  return { removed, fields };
};

describe("a record", () => {
  it("is the same whatever the order in which changes of distinct times come", () =>
    fc.assert(
      fc.property(
        changes.chain((words) => fc.tuple(fc.constant(words), fc.shuffledSubarray(words, { minLength: words.length }))),
        ([words, shuffled]) => {
          expect(applied(shuffled)).toEqual(applied(words));
        },
      ),
    ));

  it("is what was said last, field by field", () =>
    fc.assert(
      fc.property(changes, (words) => {
        const record = applied(words);
        expect({ removed: record.removed, fields: fieldsOf(record) }).toEqual(told(words));
      }),
    ));

  it("is left as it is by what it has heard before", () =>
    fc.assert(
      fc.property(changes, (words) => {
        const record = applied(words);
        expect(applied(words, record)).toEqual(record);
      }),
    ));

  it("knows when something was said last that still counts", () =>
    fc.assert(
      fc.property(changes, (words) => {
        const newest = Math.max(0, ...words.filter(isTelling).map(({ at }) => at));
        expect(newestOf(applied(words))).toBe(newest);
      }),
    ));
});

/** A patch of no fields says nothing. */
const isTelling = (word: Change): boolean => word.kind !== "patch" || Object.keys(word.fields).length > 0;

describe("of changes of one time the one that comes last counts", () => {
  const replaced = { kind: "replace", at: 5, fields: { title: "Coat", "attributes.price": 9 } } as const;
  const patched = { kind: "patch", at: 5, fields: { title: null, "attributes.price": 8 } } as const;
  const removed = { kind: "remove", at: 5 } as const;

  it("for a field", () => {
    expect(fieldsOf(applied([replaced, patched]))).toEqual({ "attributes.price": 8 });
    expect(fieldsOf(applied([replaced, patched, { ...patched, fields: { title: "Cape" } }]))).toEqual({
      title: "Cape",
      "attributes.price": 8,
    });
  });

  it("for the whole item", () => {
    expect(applied([patched, replaced])).toEqual({ at: 5, removed: false, fields: replaced.fields, patches: {} });
    expect(applied([replaced, removed])).toEqual({ at: 5, removed: true, fields: {}, patches: {} });
    expect(applied([removed, replaced]).removed).toBe(false);
  });
});

describe("a later word about a field", () => {
  it("outlives an older one about all, that comes after it", () => {
    const record = applied([
      { kind: "patch", at: 7, fields: { available: false } },
      { kind: "replace", at: 6, fields: { available: true, title: "Coat" } },
    ]);
    expect(fieldsOf(record)).toEqual({ available: false, title: "Coat" });
    expect(fieldsOf(applied([{ kind: "replace", at: 8, fields: { available: true } }], record))).toEqual({
      available: true,
    });
  });

  it("stands for an item that an older file brings back", () => {
    const record = applied([
      { kind: "remove", at: 9 },
      { kind: "replace", at: 8, fields: { title: "Coat" } },
    ]);
    expect(record).toEqual({ at: 9, removed: true, fields: {}, patches: {} });
  });
});
