/** SchemaString: a table's fields as the `schemaString` of its metaData action, and back. */
import { Either, Schema } from "effect";
import type { ColumnType, Field } from "../domain/Columns.ts";

/** Types that are called as the protocol calls them. */
const own = ["string", "boolean", "integer", "long", "float", "double", "date", "timestamp"] as const;

const floats = { type: "array", elementType: "float", containsNull: false };

/** Narrower integers read as `integer`; their values fit. */
const primitives: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ...own.map((name) => [name, name] as const),
  ["byte", "integer"],
  ["short", "integer"],
]);

const printed = (type: ColumnType): unknown => (type === "array<float>" ? floats : type);

export const printSchema = (fields: ReadonlyArray<Field>): string =>
  JSON.stringify({
    type: "struct",
    fields: fields.map(({ name, type, nullable }) => ({ name, type: printed(type), nullable, metadata: {} })),
  });

const SchemaJson = Schema.parseJson(
  Schema.Struct({
    type: Schema.Literal("struct"),
    fields: Schema.Array(
      Schema.Struct({
        name: Schema.String,
        type: Schema.Unknown,
        nullable: Schema.Boolean,
        metadata: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
      }),
    ),
  }),
);
const decodeSchema = Schema.decodeUnknownEither(SchemaJson);
const isFloatArray = Schema.is(Schema.Struct({ type: Schema.Literal("array"), elementType: Schema.Literal("float") }));

/** A column whose type the port does not have. It can stand in a table, but not be read. */
export interface ForeignField {
  readonly name: string;
  readonly type: string;
}

export interface ParsedSchema {
  readonly fields: ReadonlyArray<Field>;
  readonly foreign: ReadonlyArray<ForeignField>;
  /** Columns with `delta.invariants`: a writer must enforce them. */
  readonly invariants: ReadonlyArray<string>;
}

export const parseSchema = (text: string): Either.Either<ParsedSchema, string> =>
  Either.map(
    Either.mapLeft(decodeSchema(text), (error) => error.message),
    (schema) => {
      const fields: Array<Field> = [];
      const foreign: Array<ForeignField> = [];
      for (const { name, type, nullable } of schema.fields) {
        const known = typeof type === "string" ? primitives.get(type) : isFloatArray(type) ? "array<float>" : undefined;
        if (known !== undefined) fields.push({ name, type: known, nullable });
        else foreign.push({ name, type: typeof type === "string" ? type : JSON.stringify(type) });
      }
      const invariants = schema.fields
        .filter(({ metadata }) => metadata !== undefined && "delta.invariants" in metadata)
        .map(({ name }) => name);
      return { fields, foreign, invariants };
    },
  );

/** The schema with `added` behind its columns, which stay as they were written. */
export const withColumns = (text: string, added: ReadonlyArray<Field>): string => {
  const { fields, ...schema } = JSON.parse(text) as { readonly fields: ReadonlyArray<unknown> };
  const more = (JSON.parse(printSchema(added)) as typeof schema & { readonly fields: ReadonlyArray<unknown> }).fields;
  return JSON.stringify({ ...schema, fields: [...fields, ...more] });
};

/** The columns of `written` that a table of `existing` does not have yet. They may be null there: rows from before have none. */
export const newColumns = (existing: ReadonlyArray<Field>, written: ReadonlyArray<Field>): ReadonlyArray<Field> => {
  const names = new Set(existing.map(({ name }) => name));
  return written.filter(({ name }) => !names.has(name)).map((field) => ({ ...field, nullable: true }));
};

/** What keeps rows of `written` out of a table of `existing`, or undefined where they fit. Order does not matter. */
export const schemaConflict = (existing: ReadonlyArray<Field>, written: ReadonlyArray<Field>): string | undefined => {
  const byName = new Map(written.map((field) => [field.name, field]));
  for (const field of existing) {
    const ours = byName.get(field.name);
    if (ours === undefined) return `column ${field.name} is missing from the written rows`;
    if (ours.type !== field.type) return `column ${field.name} is ${field.type} in the table, ${ours.type} in the rows`;
    if (ours.nullable && !field.nullable) return `column ${field.name} may not be null in the table`;
  }
  return undefined;
};
