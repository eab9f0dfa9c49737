import { describe, expect, it } from "@effect/vitest";
import { Either } from "effect";
import * as fc from "fast-check";
import { parseSchema, printSchema, schemaConflict } from "../../src/delta/SchemaString.ts";
import type { Field } from "../../src/ports/Tables.ts";
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

  it("fits itself in any order, and nothing less, more or other", () => {
    fc.assert(
      fc.property(fields, (schema) => {
        expect(schemaConflict(schema, schema.toReversed())).toBeUndefined();
      }),
    );
    const a: Field = { name: "a", type: "integer", nullable: false };
    expect(schemaConflict([a], [])).toContain("a");
    expect(schemaConflict([], [a])).toContain("a");
    expect(schemaConflict([a], [{ ...a, type: "long" }])).toContain("long");
    expect(schemaConflict([a], [{ ...a, nullable: true }])).toContain("null");
    expect(schemaConflict([{ ...a, nullable: true }], [a])).toBeUndefined();
  });
});
