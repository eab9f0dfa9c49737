/** Findings: what an import's events say of themselves that their owner should know. */
import { Effect, Schema } from "effect";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { identifier, type Statement, sql } from "../ports/Statement.ts";

const Most = Schema.Struct({ id: Schema.String, events: Schema.BigIntFromSelf });
const Known = Schema.Struct({
  items: Schema.BigIntFromSelf,
  known: Schema.BigIntFromSelf,
  alike: Schema.BigIntFromSelf,
});

/** Events from which on a share says something. */
const enoughEvents = 20;

/**
 * Makes a table of the session of who has events, with `id`, `events` and `place`, by which they are in the order in which
 * they come first.
 */
export const countById = (session: SqlSession, rows: Statement, column: string): Effect.Effect<Statement, SqlError> => {
  const counts = identifier(`events by ${column}`);
  const query = sql`SELECT ${identifier(column)} AS id, count(*) AS events, min(file_row_number) AS place FROM ${rows} GROUP BY 1`;
  return Effect.as(session.run(sql`CREATE OR REPLACE TEMP TABLE ${counts} AS ${query}`), counts);
};

/** Warns of an id that has more than a third of all events: a column mistaken, or a word for nobody. */
const warnOfShare = (session: SqlSession, counts: Statement, events: number, column: string) =>
  Effect.gen(function* () {
    const [most] = yield* session.rows(Most, sql`SELECT id, events FROM ${counts} ORDER BY events DESC, place LIMIT 1`);
    if (most === undefined || Number(most.events) * 3 <= events) return;
    yield* Effect.logWarning(
      `"${most.id}" in column ${column} has ${most.events} of ${events} events: is it one of the shop's, or a word for none?`,
    );
  });

/** Says how many of the events' items are in the items file, and warns where hardly any is. */
const tellMatch = (session: SqlSession, counts: Statement, items: Statement) =>
  Effect.gen(function* () {
    const alike = (id: Statement): Statement => sql`ltrim(lower(regexp_replace(${id}, '\\.0$', '')), '0')`;
    const query = sql`SELECT count(*) AS items, count(*) FILTER (WHERE id IN (SELECT article_id FROM ${items})) AS known,
      count(*) FILTER (WHERE ${alike(sql`id`)} IN (SELECT ${alike(sql`article_id`)} FROM ${items})) AS alike FROM ${counts}`;
    const [found] = yield* session.rows(Known, query);
    if (found === undefined || found.known === found.items) return;
    const told = `${found.known} of the events' ${found.items} items are in the items file`;
    yield* 2n * found.known < found.items
      ? Effect.logWarning(
          `${told}, the others are never recommended: are the ids of both files of one kind?${
            found.alike > 2n * found.known ? ` ${found.alike} are but for leading zeros, a fraction or capitals.` : ""
          }`,
        )
      : Effect.logInfo(told);
  });

const Zero = Schema.Struct({ zero: Schema.BigIntFromSelf });

/** Warns of events of weight 0, of which no rating is made: a column may have 0 for "not rated". */
const warnOfZeros = (session: SqlSession, rows: Statement, events: number, column: string) =>
  Effect.gen(function* () {
    const [found] = yield* session.rows(Zero, sql`SELECT count(*) AS zero FROM ${rows} WHERE weight = 0`);
    if (found === undefined || found.zero === 0n) return;
    yield* Effect.logWarning(
      `${found.zero} of ${events} events weigh 0 by column ${column}: no taste is learnt from them. Where 0 stands for no rating, leave the cell empty.`,
    );
  });

/** Warns of an items file with several rows per item, as one with a row per attribute has: one of each is kept. */
export const warnOfLongItems = (file: string, rows: number, items: number): Effect.Effect<void> =>
  rows < 2 * items
    ? Effect.void
    : Effect.logWarning(
        `${file} has ${rows} rows of ${items} items, of which one each is kept: where it has a row per attribute (item, name, value), make a row per item of it first, with a column per attribute`,
      );

export interface ImportedRows {
  /** A relation with the columns of raw/transactions. */
  readonly rows: Statement;
  readonly events: number;
  /** Tables of `countById`. */
  readonly users: Statement;
  readonly items: Statement;
  /** A relation with the columns of raw/articles. */
  readonly listed: Statement | undefined;
  /** The file's columns, for messages. */
  readonly user: string;
  readonly item: string;
  readonly weight?: string | undefined;
}

export const tellFindings = (
  session: SqlSession,
  { rows, events, users, items, listed, user, item, weight }: ImportedRows,
): Effect.Effect<void, SqlError> =>
  Effect.gen(function* () {
    if (events >= enoughEvents) {
      yield* warnOfShare(session, users, events, user);
      yield* warnOfShare(session, items, events, item);
    }
    if (weight !== undefined) yield* warnOfZeros(session, rows, events, weight);
    if (listed !== undefined) yield* tellMatch(session, items, listed);
  });
