/** Reading: which rows of the raw tables a run of preprocess reads, and what it adds them to. */
import { Effect, Schema, type Scope } from "effect";
import { type InteractionTables, viewInteractions } from "../datasets/Interactions.ts";
import { emptyRelation, relation } from "../datasets/Relation.ts";
import type { TableDefinition } from "../domain/TableSchemas.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import type { Carried, RowCounts } from "./Carried.ts";

const Count = Schema.Struct({
  rows: Schema.BigIntFromSelf,
  bad: Schema.BigIntFromSelf,
  undecided: Schema.BigIntFromSelf,
  unknown: Schema.BigIntFromSelf,
});

interface Counted {
  readonly rows: number;
  readonly bad: number;
  readonly undecided: number;
  readonly unknown: number;
}

const countRows = (session: SqlSession, view: Statement, says: Statement): Effect.Effect<Counted, SqlError> =>
  Effect.map(
    session.rows(
      Count,
      sql`SELECT count(*) AS rows, count(*) FILTER (NOT is_possible) AS bad,
        count(*) FILTER (NOT is_possible AND NOT ${says}) AS undecided,
        count(*) FILTER (is_possible AND type < 0) AS unknown FROM ${view}`,
    ),
    ([row]) => ({
      rows: Number(row?.rows ?? 0n),
      bad: Number(row?.bad ?? 0n),
      undecided: Number(row?.undecided ?? 0n),
      unknown: Number(row?.unknown ?? 0n),
    }),
  );

const One = Schema.Struct({ n: Schema.BigIntFromSelf });

export interface Reading {
  readonly carried: Carried | undefined;
  readonly transactions: Counted;
  readonly events: Counted;
  /** Some row does not say when it arrived. */
  readonly withoutArrival: boolean;
}

/** Makes the views of what is to be read: what is new, where the rest can be carried on. */
export const beginReading = (
  session: SqlSession,
  sources: InteractionTables,
  found: Carried | undefined,
): Effect.Effect<Reading, SqlError | TableError, Tables | Scope.Scope> =>
  Effect.gen(function* () {
    yield* viewInteractions(session, sources, found?.before);
    const transactions = yield* countRows(session, sql`transaction_rows`, sql`false`);
    const events = yield* countRows(session, sql`event_rows`, sql`arrived_at IS NOT NULL`);
    const [missing] = yield* session.rows(One, sql`SELECT count(*) AS n FROM event_rows WHERE arrived_at IS NULL`);
    const withoutArrival = (missing?.n ?? 0n) > 0n;
    const adds = (table: { rows: number } | undefined, before: number, now: Counted): boolean =>
      before + now.rows === (table?.rows ?? 0);
    if (
      found !== undefined &&
      (withoutArrival ||
        !adds(sources.transactions, found.counts.transactions, transactions) ||
        !adds(sources.events, found.counts.events, events))
    ) {
      return yield* beginReading(session, sources, undefined);
    }
    return { carried: found, transactions, events, withoutArrival };
  });

/** What the last run wrote to a table, and the place of each row, before all that is new. */
export const carriedRows = (carried: Carried, { name, schema }: TableDefinition) =>
  Effect.gen(function* () {
    const version = carried.versions.get(name);
    if (version === undefined) return emptyRelation(schema, "place");
    const { statement } = yield* relation(name, { columns: schema, version, position: "place" });
    return sql`(SELECT * REPLACE (place - ${2n ** 62n} AS place) FROM ${statement})`;
  });

/** What all rows were, read now or before. */
export const totalOf = ({ carried, transactions, events }: Reading, repeated: number): RowCounts => ({
  transactions: (carried?.counts.transactions ?? 0) + transactions.rows,
  events: (carried?.counts.events ?? 0) + events.rows,
  repeated: (carried?.counts.repeated ?? 0) + repeated,
  badTime: (carried?.counts.badTime ?? 0) + transactions.bad + events.bad,
  unknownType: (carried?.counts.unknownType ?? 0) + transactions.unknown + events.unknown,
  undecided: (carried?.counts.undecided ?? 0) + transactions.undecided + events.undecided,
});
