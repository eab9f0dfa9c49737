/**
 * Ask: one SELECT of somebody's own words, over views and nothing else.
 *
 * The engine is closed off before it sees a word: only the views' files can be opened, extensions and settings are locked.
 * Of what is left, statements other than one SELECT are refused, since they could write to those files or to memory.
 */
import {
  DuckDBArrayValue,
  type DuckDBConnection,
  DuckDBListValue,
  type DuckDBResult,
  type DuckDBValue,
  StatementType,
} from "@duckdb/node-api";
import { Effect, type Scope, Stream } from "effect";
import { type Answer, type Cell, SqlError, type View } from "../../../src/ports/Sql.ts";
import { identifier, inlined, parameterized, sql } from "../../../src/ports/Statement.ts";
import { attempt } from "../../engines/duckdb/Engine.ts";
import { running } from "../../engines/duckdb/Running.ts";
import { bindings } from "./Values.ts";

const execute = (connection: DuckDBConnection, statement: ReturnType<typeof sql>) => {
  const { values, types } = bindings(statement.values);
  return attempt(() => connection.run(parameterized(statement), values, types));
};

/** Makes the views, known by schema and name as well as by their whole name, and locks the engine. */
const closeOff = (connection: DuckDBConnection, views: ReadonlyArray<View>): Effect.Effect<void, SqlError> =>
  Effect.gen(function* () {
    for (const { name, statement } of views) {
      const [schema = "", ...rest] = name.split("/");
      yield* execute(connection, sql`CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`);
      for (const known of [identifier(schema, rest.join("/")), identifier("main", name)]) {
        yield* execute(connection, inlined(sql`CREATE VIEW ${known} AS ${statement}`));
      }
    }
    const files = views.flatMap((view) => view.files);
    yield* execute(connection, inlined(sql`SET allowed_paths = ${files}`));
    yield* execute(connection, sql`SET enable_external_access = false`);
    yield* execute(connection, sql`SET lock_configuration = true`);
  });

const refused = (message: string) => Effect.fail(new SqlError({ reason: "Forbidden", message }));

/** Comments and opening brackets in front of the first word. */
const before = /^(?:\s|\(|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;
const questions = /^(?:select|with|from|values|table|describe|desc|show|summarize)\b/i;

const only = "only one SELECT can be asked (or FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE)";

/** Numbers, truths and lists as they are, all else as the engine prints it. */
const cellOf = (value: DuckDBValue): Cell => {
  if (value === null || typeof value !== "object") return value ?? null;
  return value instanceof DuckDBListValue || value instanceof DuckDBArrayValue
    ? value.items.map(cellOf)
    : String(value);
};

const rowsOf = (connection: DuckDBConnection, result: DuckDBResult): Answer["rows"] =>
  Stream.unfoldEffect(undefined, () =>
    Effect.map(
      running(connection, () => result.fetchChunk()),
      (chunk) =>
        chunk === null || chunk.rowCount === 0
          ? Effect.succeedNone
          : Effect.succeedSome([chunk.getRows().map((row) => row.map(cellOf)), undefined] as const),
    ).pipe(Effect.flatten),
  );

export const ask = (
  connection: DuckDBConnection,
  views: ReadonlyArray<View>,
  question: string,
): Effect.Effect<Answer, SqlError, Scope.Scope> =>
  Effect.gen(function* () {
    yield* closeOff(connection, views);
    if (!questions.test(question.replace(before, ""))) return yield* refused(only);
    const statements = yield* attempt(() => connection.extractStatements(question));
    if (statements.count !== 1) return yield* refused(`${only}; there are ${statements.count} statements`);
    const prepared = yield* Effect.acquireRelease(
      attempt(() => statements.prepare(0)),
      (held) => Effect.sync(() => held.destroySync()),
    );
    if (prepared.statementType !== StatementType.SELECT) return yield* refused(only);
    if (prepared.parameterCount > 0) return yield* refused("a question has no parameters: write the values in it");
    const result = yield* running(connection, () => prepared.stream());
    const columns = result.deduplicatedColumnNames().map((name, i) => ({ name, type: String(result.columnType(i)) }));
    return { columns, rows: rowsOf(connection, result) };
  });
