/** Findings: what an import's events say of themselves that their owner should know. */
import { Effect, Schema } from "effect";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { identifier, type Statement, sql } from "../ports/Statement.ts";

const Counts = Schema.Struct({ events: Schema.BigIntFromSelf, items: Schema.BigIntFromSelf });
const Most = Schema.Struct({ id: Schema.String, events: Schema.BigIntFromSelf });
const Known = Schema.Struct({ items: Schema.BigIntFromSelf, known: Schema.BigIntFromSelf });

/** Events from which on a share says something. */
const enoughEvents = 20n;

/** Warns of an id that has more than a third of all events: a column mistaken, or a word for nobody. */
const warnOfShare = (session: SqlSession, rows: Statement, events: bigint, name: string, column: string) =>
  Effect.gen(function* () {
    const id = identifier(name);
    const query = sql`SELECT ${id} AS id, count(*) AS events FROM ${rows} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1`;
    const [most] = yield* session.rows(Most, query);
    if (most === undefined || most.events * 3n <= events) return;
    yield* Effect.logWarning(
      `"${most.id}" in column ${column} has ${most.events} of ${events} events: is it one of the shop's, or a word for none?`,
    );
  });

/** Says how many of the events' items are in the items file, and warns where hardly any is. */
const tellMatch = (session: SqlSession, rows: Statement, items: Statement) =>
  Effect.gen(function* () {
    const query = sql`SELECT count(*) AS items, count(*) FILTER (WHERE article_id IN (SELECT article_id FROM ${items})) AS known
      FROM (SELECT DISTINCT article_id FROM ${rows})`;
    const [found] = yield* session.rows(Known, query);
    if (found === undefined || found.known === found.items) return;
    const told = `${found.known} of the events' ${found.items} items are in the items file`;
    yield* 2n * found.known < found.items
      ? Effect.logWarning(`${told}, the others are never recommended: are the ids of both files of one kind?`)
      : Effect.logInfo(told);
  });

export interface ImportedRows {
  /** Relations with the columns of raw/transactions and raw/articles. */
  readonly events: Statement;
  readonly items: Statement | undefined;
  /** The file's columns, for messages. */
  readonly user: string;
  readonly item: string;
}

/** Tells what was found; answers how many distinct items the events have. */
export const tellFindings = (
  session: SqlSession,
  { events, items, user, item }: ImportedRows,
): Effect.Effect<number, SqlError> =>
  Effect.gen(function* () {
    const query = sql`SELECT count(*) AS events, count(DISTINCT article_id) AS items FROM ${events}`;
    const [counts] = yield* session.rows(Counts, query);
    if (counts === undefined) return 0;
    if (counts.events >= enoughEvents) {
      yield* warnOfShare(session, events, counts.events, "customer_id", user);
      yield* warnOfShare(session, events, counts.events, "article_id", item);
    }
    if (items !== undefined) yield* tellMatch(session, events, items);
    return Number(counts.items);
  });
