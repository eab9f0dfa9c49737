/** HeldRows: the rows of a raw table that are about one user, as JSON texts, what the user is forgotten for left out. */
import { Effect, Stream } from "effect";
import { ifThere } from "../datasets/IfThere.ts";
import { isBeforeIn } from "../datasets/LeftOut.ts";
import { relation } from "../datasets/Relation.ts";
import type { ColumnBatch } from "../domain/Columns.ts";
import type { Tombstone } from "../domain/Forgotten.ts";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import type { SqlSession } from "../ports/Sql.ts";
import { identifier, joined, sql } from "../ports/Statement.ts";
import { Tables } from "../ports/Tables.ts";
import { loadTombstones } from "./Rows.ts";

const plain = (value: unknown): unknown => (typeof value === "bigint" ? String(value) : (value ?? null));

const textsOf = ({ columns, rows }: ColumnBatch): ReadonlyArray<string> =>
  Array.from({ length: rows }, (_, row) =>
    JSON.stringify(Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, plain(column[row])]))),
  );

/** A few thousand rows are in memory at a time. */
export const heldRows = (
  session: SqlSession,
  { name, schema }: TableDefinition,
  userId: string,
  tombstone: Tombstone | undefined,
) =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const tables = yield* Tables;
      if ((yield* ifThere(tables.snapshot(name))) === undefined) return Stream.empty;
      yield* loadTombstones(session, tombstone === undefined ? [] : [tombstone]);
      const { statement } = yield* relation(name, { columns: schema.map((field) => ({ ...field, nullable: true })) });
      const columns = schema.map(({ name: column, type }) =>
        type === "date"
          ? sql`${identifier(column)}::VARCHAR AS ${identifier(column)}`
          : type === "boolean"
            ? sql`${identifier(column)}::INTEGER AS ${identifier(column)}`
            : identifier(column),
      );
      return session
        .stream(
          sql`SELECT ${joined(columns)} FROM ${statement} LEFT JOIN tombstones AS gone ON true
            WHERE customer_id = ${userId} AND NOT ${isBeforeIn(name)}`,
        )
        .pipe(Stream.mapConcat(textsOf));
    }),
  );
