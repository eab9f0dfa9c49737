/** Reading: the rows of the raw tables as views of a SQL session, and what is in them. */
import { Effect, Schema, type Scope } from "effect";
import { viewInteractions } from "../datasets/Interactions.ts";
import type { InteractionTables, ReadBefore, Reading, RowsRead } from "../ports/BatchSteps.ts";
import { Sql, type SqlError, type SqlSession } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";
import type { Tables } from "../ports/Tables.ts";
import { numberIds } from "./Numbering.ts";

const Count = Schema.Struct({
  rows: Schema.BigIntFromSelf,
  bad: Schema.BigIntFromSelf,
  undecided: Schema.BigIntFromSelf,
  unknown: Schema.BigIntFromSelf,
});

const countRows = (session: SqlSession, view: Statement, says: Statement): Effect.Effect<RowsRead, SqlError> =>
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

/** Makes the views of what was not read before, and counts. */
export const readRows = (tables: InteractionTables, before: ReadBefore) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Tables | Scope.Scope>();
    const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
    yield* viewInteractions(session, tables, before);
    const transactions = yield* countRows(session, sql`transaction_rows`, sql`false`);
    const events = yield* countRows(session, sql`event_rows`, sql`arrived_at IS NOT NULL`);
    const [missing] = yield* session.rows(One, sql`SELECT count(*) AS n FROM event_rows WHERE arrived_at IS NULL`);
    const withoutArrival = (missing?.n ?? 0n) > 0n;
    return {
      transactions,
      events,
      withoutArrival,
      number: (options) =>
        Effect.provide(numberIds({ session, types: tables.types, withoutArrival, ...options }), context),
    } satisfies Reading;
  });
