/** Rows of every type, and how tests compare them with what other programs read. */
import { join } from "node:path";
import { Chunk, Effect, Stream } from "effect";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { make } from "../../layers/Tables/Local.ts";
import { relation } from "../../src/datasets/Relation.ts";
import type { ColumnBatch, Field } from "../../src/domain/Columns.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { rowsOf } from "../contracts/Tables.ts";

type Rows = ReadonlyArray<ReadonlyArray<unknown>>;

/** A value as plain.py prints it. */
export const printed = (value: unknown): unknown => {
  if (typeof value === "bigint") return { long: String(value) };
  if (typeof value === "number" && !Number.isFinite(value)) return { float: String(value) };
  return value;
};

export const byText = (rows: Rows) => rows.map((row) => JSON.stringify(row)).sort();

export const everyRow = (rows: number): ColumnBatch => {
  const list = <A>(value: (i: number) => A) => Array.from({ length: rows }, (_, i) => value(i));
  return {
    rows,
    columns: {
      text: list((i) => (i % 3 === 2 ? null : i % 3 === 1 ? "same" : `naïve 🛍 ${"x".repeat(i % 50)} ${i}`)),
      flag: list((i) => (i % 4 === 3 ? null : i % 2 === 0)),
      small: list((i) => (i % 5 === 4 ? null : i % 7 === 0 ? -2_147_483_648 : i)),
      big: list((i) => (i % 6 === 5 ? null : -(2n ** 63n) + BigInt(i))),
      single: list((i) => (i % 7 === 6 ? null : i === 3 ? Number.NaN : i / 4)),
      wide: list((i) => (i % 8 === 7 ? null : i === 4 ? Number.NEGATIVE_INFINITY : i / 3)),
      day: list((i) => (i % 9 === 8 ? null : i - 20_000)),
      moment: list((i) => (i % 10 === 9 ? null : BigInt(i - 5) * 86_400_000_001n)),
      vector: list((i) => (i % 11 === 10 ? null : Float32Array.from({ length: i % 5 }, (_, j) => i + j / 8))),
    },
  };
};

/** The rows of a table under `folder` by our own reading, and by the SQL engine's. */
export const readBothWays = (folder: string, table: string, fields: ReadonlyArray<Field>) =>
  Effect.gen(function* () {
    const tables = yield* make(folder);
    const { session } = makeSql({ threads: 2, memoryMiB: 256, spillFolder: join(folder, "spill") });
    const { statement } = yield* Effect.provideService(relation(table, { columns: fields }), Tables, tables);
    const names = fields.map(({ name }) => name);
    const both = [tables.read(table, { columns: names, optional: names }), (yield* session).stream(statement)] as const;
    const rows = yield* Effect.forEach(both, (batches) =>
      Effect.map(
        Stream.runCollect<ColumnBatch, unknown, never>(batches),
        (all): Rows => rowsOf(fields, Chunk.toReadonlyArray(all)).map((row) => row.map(printed)),
      ),
    );
    return [rows[0] ?? [], rows[1] ?? []] as const;
  }).pipe(Effect.scoped);
