import { describe, expect, it } from "@effect/vitest";
import { Either } from "effect";
import * as fc from "fast-check";
import { newColumns, parseSchema, printSchema, schemaConflict, withColumns } from "../../src/delta/SchemaString.ts";
import type { Field } from "../../src/domain/Columns.ts";
import { everyType } from "../contracts/Tables.ts";

const field: fc.Arbitrary<Field> = fc.record({
  name: fc.string({ unit: "binary" }),
  type: fc.constantFrom(...everyType.map(({ type }) => type)),
  nullable: fc.boolean(),
});
const fields = fc.uniqueArray(field, { selector: ({ name }) => name });

describe("SchemaString", () => {
  it("comes back as the fields it was made of", () => {
    fc.assert(
      fc.property(fields, (schema) => {
        expect(Either.getOrThrow(parseSchema(printSchema(schema)))).toEqual({
          fields: schema,
          foreign: [],
          invariants: [],
        });
      }),
    );
  });

  it("keeps apart what the port has no type for, and finds invariants", () => {
    const schema = JSON.stringify({
      type: "struct",
      fields: [
        { name: "a", type: "short", nullable: false, metadata: { "delta.invariants": "{}" } },
        { name: "b", type: "decimal(10,2)", nullable: true, metadata: {} },
        { name: "c", type: { type: "array", elementType: "float", containsNull: true }, nullable: true },
        { name: "d", type: { type: "array", elementType: "long", containsNull: true }, nullable: true },
      ],
    });
    const parsed = Either.getOrThrow(parseSchema(schema));
    expect(parsed.fields).toEqual([
      { name: "a", type: "integer", nullable: false },
      { name: "c", type: "array<float>", nullable: true },
    ]);
    expect(parsed.foreign.map(({ name }) => name)).toEqual(["b", "d"]);
    expect(parsed.invariants).toEqual(["a"]);
    expect(Either.isLeft(parseSchema("{}"))).toBe(true);
  });

  it("takes new columns behind those there are, which stay as they were written", () => {
    fc.assert(
      fc.property(fields, fc.nat(), (schema, at) => {
        const before = schema.slice(0, at % (schema.length + 1));
        const added = newColumns(before, schema);
        const after = Either.getOrThrow(parseSchema(withColumns(printSchema(before), added))).fields;
        expect(after).toEqual(schema.map((field, i) => (i < before.length ? field : { ...field, nullable: true })));
      }),
    );
    const kept = { name: "a", type: "decimal(10,2)", nullable: true, metadata: { comment: "ours" } };
    const text = JSON.stringify({ type: "struct", fields: [kept] });
    const b: Field = { name: "b", type: "long", nullable: true };
    expect(JSON.parse(withColumns(text, [b]))).toEqual({ type: "struct", fields: [kept, { ...b, metadata: {} }] });
  });

  it("fits itself in any order, and nothing less or other; more where it may be null", () => {
    fc.assert(
      fc.property(fields, (schema) => {
        expect(schemaConflict(schema, schema.toReversed())).toBeUndefined();
      }),
    );
    const a: Field = { name: "a", type: "integer", nullable: false };
    expect(schemaConflict([a], [])).toContain("a");
    expect(schemaConflict([], [a])).toBeUndefined();
    expect(newColumns([], [a])).toEqual([{ ...a, nullable: true }]);
    expect(schemaConflict([a], [{ ...a, type: "long" }])).toContain("long");
    expect(schemaConflict([a], [{ ...a, nullable: true }])).toContain("null");
    expect(schemaConflict([{ ...a, nullable: true }], [a])).toBeUndefined();
  });
});
