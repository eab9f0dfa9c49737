/** Session: one connection, one statement at a time. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import { Effect, Option, Schema, Stream } from "effect";
import type { ColumnBatch } from "../../../src/domain/Columns.ts";
import { SqlError, type SqlSession } from "../../../src/ports/Sql.ts";
import { parameterized } from "../../../src/ports/Statement.ts";
import { attempt, type Engine } from "../../engines/duckdb/Engine.ts";
import { running, watched } from "../../engines/duckdb/Running.ts";
import { makeBatches } from "./Columns.ts";
import { load } from "./Load.ts";
import { bindings } from "./Values.ts";

/** The rows of a result, in batches; a chunk is read when the batch before it has been used. */
const batchesOf = (connection: DuckDBConnection, result: DuckDBResult): Stream.Stream<ColumnBatch, SqlError> => {
  const gathered = makeBatches(result);
  if (typeof gathered === "string") return Stream.fail(new SqlError({ reason: "Statement", message: gathered }));
  const next = Effect.gen(function* () {
    for (;;) {
      const chunk = yield* running(connection, () => result.fetchChunk());
      const last = chunk === null || chunk.rowCount === 0;
      const batch = last ? gathered.end() : gathered.push(chunk);
      if (batch !== undefined || last) return { batch, last };
    }
  });
  return Stream.unfoldEffect(false, (ended) =>
    ended
      ? Effect.succeedNone
      : Effect.map(next, ({ batch, last }) => Option.map(Option.fromNullable(batch), (one) => [one, last] as const)),
  );
};

export const makeSession = (engine: Engine): Effect.Effect<SqlSession> =>
  Effect.map(Effect.makeSemaphore(1), (semaphore): SqlSession => {
    const { another, connection, spill } = engine;
    const one = semaphore.withPermits(1);
    return {
      beside: Effect.flatMap(another, (other) => makeSession({ ...engine, connection: other })),
      scratch: (name) => Effect.map(spill.made, (folder) => join(folder, `${randomUUID()}-${name}`)),
      run: (statement, watch) => {
        const { values, types } = bindings(statement.values);
        return running(connection, () => connection.run(parameterized(statement), values, types)).pipe(
          Effect.map((result) => result.rowsChanged),
          watched(connection, watch),
          one,
        );
      },
      rows: (schema, statement, watch) => {
        const { values, types } = bindings(statement.values);
        return running(connection, () => connection.runAndReadAll(parameterized(statement), values, types)).pipe(
          Effect.flatMap((reader) => attempt(async () => reader.getRowObjectsJS())),
          Effect.flatMap((rows) => Effect.orDie(Schema.decodeUnknown(Schema.Array(schema))(rows))),
          watched(connection, watch),
          one,
        );
      },
      stream: (statement) => {
        const { values, types } = bindings(statement.values);
        return Stream.unwrapScoped(
          Effect.gen(function* () {
            yield* Effect.acquireRelease(semaphore.take(1), () => semaphore.release(1));
            const result = yield* running(connection, () => connection.stream(parameterized(statement), values, types));
            return batchesOf(connection, result);
          }),
        );
      },
      load: (name, fields, batches) => one(load(connection, name, fields, batches)),
    };
  });
