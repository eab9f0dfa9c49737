/** Load: column batches of ours as a table of the session. */
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBTimestampTZValue,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  LIST,
  listValue,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import { Effect, Stream } from "effect";
import type { Column, ColumnBatch, ColumnType, Field } from "../../../src/domain/Columns.ts";
import type { SqlError } from "../../../src/ports/Sql.ts";
import { identifier, joined, parameterized, sql, sqlTypes } from "../../../src/ports/Statement.ts";
import { attempt } from "../../engines/duckdb/Engine.ts";

const types: Readonly<Record<ColumnType, DuckDBType>> = {
  string: VARCHAR,
  boolean: BOOLEAN,
  integer: INTEGER,
  long: BIGINT,
  float: FLOAT,
  double: DOUBLE,
  date: DATE,
  timestamp: TIMESTAMPTZ,
  "array<float>": LIST(FLOAT),
};

const valueOf = (type: ColumnType, value: unknown): DuckDBValue => {
  if (value === null || value === undefined) return null;
  if (type === "date") return new DuckDBDateValue(value as number);
  if (type === "timestamp") return new DuckDBTimestampTZValue(value as bigint);
  return type === "array<float>" ? listValue(Array.from(value as ArrayLike<number>)) : (value as DuckDBValue);
};

const slice = (column: Column, type: ColumnType, from: number, to: number): ReadonlyArray<DuckDBValue> =>
  Array.from({ length: to - from }, (_, i) => valueOf(type, column[from + i]));

/** Rows per chunk: the engine's vectors hold no more. */
const chunkRows = 2048;

export const load = <E, R>(
  connection: DuckDBConnection,
  name: string,
  fields: ReadonlyArray<Field>,
  batches: Stream.Stream<ColumnBatch, E, R>,
): Effect.Effect<void, SqlError | E, R> =>
  Effect.gen(function* () {
    const columns = fields.map((field) => sql`${identifier(field.name)} ${sqlTypes[field.type]}`);
    const create = sql`CREATE OR REPLACE TEMP TABLE ${identifier(name)} (${joined(columns)})`;
    yield* attempt(() => connection.run(parameterized(create)));
    const appender = yield* Effect.acquireRelease(
      attempt(() => connection.createAppender(name, null, "temp")),
      (open) => Effect.sync(() => open.closeSync()),
    );
    const all = fields.map(({ type }) => types[type]);
    const append = (batch: ColumnBatch) =>
      attempt(async () => {
        for (let from = 0; from < batch.rows; from += chunkRows) {
          const to = Math.min(batch.rows, from + chunkRows);
          const chunk = DuckDBDataChunk.create(all, to - from);
          chunk.setColumns(fields.map(({ name, type }) => slice(batch.columns[name] ?? [], type, from, to)));
          appender.appendDataChunk(chunk);
        }
      });
    yield* Stream.runForEach(batches, append);
    yield* attempt(async () => appender.flushSync());
  }).pipe(Effect.scoped);
