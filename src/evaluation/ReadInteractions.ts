/** ReadInteractions: raw/transactions and the archived raw/events as one log in memory, in time order. */
import { type ConfigError, Effect, Schema, type Scope, Stream } from "effect";
import { namingDamage } from "../datasets/Damage.ts";
import { describeItems } from "../datasets/Descriptions.ts";
import { gatherIds, type Ids } from "../datasets/Ids.ts";
import { indexInteractions, itemOf, pairOf, scratchCopy, typeOf, userOf } from "../datasets/IndexedInteractions.ts";
import { boughtBy, interactionTables, isOneOf, rowsIn, viewInteractions } from "../datasets/Interactions.ts";
import { leftOut } from "../datasets/LeftOut.ts";
import { itemMap, rawEvents, rawTransactions, userMap } from "../domain/TableSchemas.ts";
import type { Forgotten, ForgottenError } from "../ports/Forgotten.ts";
import { Progress } from "../ports/Progress.ts";
import { Sql, type SqlError, type SqlSession } from "../ports/Sql.ts";
import { identifier, type Statement, sql } from "../ports/Statement.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import type { InteractionLog } from "./InteractionLog.ts";

const teaches = sql`is_possible AND type >= 0 AND weight > 0`;

const found = (column: Statement): Statement => sql`
  SELECT ${column} AS id, place FROM transaction_rows WHERE ${teaches}
  UNION ALL SELECT ${column}, place FROM event_rows WHERE ${teaches}`;

const Counts = Schema.Struct({
  rows: Schema.BigIntFromSelf,
  bad: Schema.BigIntFromSelf,
  unknown: Schema.BigIntFromSelf,
});

const countRows = (session: SqlSession, rows: Statement) =>
  Effect.map(
    session.rows(
      Counts,
      sql`
      SELECT count(*) AS rows, count(*) FILTER (NOT is_possible) AS bad, count(*) FILTER (is_possible AND type < 0) AS unknown
      FROM ${rows}`,
    ),
    ([counts]) => counts ?? { rows: 0n, bad: 0n, unknown: 0n },
  );

const idsOf = (session: SqlSession, { name, size }: Ids): Effect.Effect<ReadonlyArray<string>, SqlError> =>
  Effect.gen(function* () {
    const ids: Array<string> = new Array(size);
    let at = 0;
    yield* Stream.runForEach(
      session.stream(sql`SELECT id FROM ${identifier(name)} ORDER BY idx`),
      ({ rows, columns }) =>
        Effect.sync(() => {
          const read = columns.id as ArrayLike<string>;
          for (let i = 0; i < rows; i++) ids[at++] = read[i];
        }),
    );
    return ids;
  });

/**
 * Weighs and counts as `preprocess` does. Rows of unknown type, or whose weight is not above 0, are left out: they teach
 * nothing; so are purchases that were taken back. Where an items file was given, or the catalogue told, items that are not for sale are
 * not available. Whoever is forgotten is not there. The
 * log is empty where neither table exists.
 */
export const readInteractions: Effect.Effect<
  InteractionLog,
  TableError | SqlError | ForgottenError | ConfigError.ConfigError,
  Tables | Sql | Forgotten | Progress | Scope.Scope
> = Effect.gen(function* () {
  const progress = yield* Progress;
  const tables = yield* interactionTables;
  const { types } = tables;
  const task = yield* progress.task({ label: "read interactions", unit: "rows", total: rowsIn(tables) });
  const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
  yield* viewInteractions(session, tables, undefined, yield* leftOut);
  const [transactions, events] = yield* Effect.all([
    countRows(session, sql`transaction_rows`),
    countRows(session, sql`event_rows`),
  ]);
  const badTime = transactions.bad + events.bad;
  if (badTime > 0n) yield* Effect.logWarning(`${badTime} rows of an impossible time are left out`);
  const unknown = transactions.unknown + events.unknown;
  if (unknown > 0n) {
    yield* Effect.logWarning(
      `${unknown} rows of types that EVENT_TYPES does not name are left out: give it as the batch and the API have it`,
    );
  }

  const users = yield* gatherIds(session, {
    table: userMap,
    name: "users",
    found: found(sql`customer_id`),
    goesOn: false,
  });
  const items = yield* gatherIds(session, {
    table: itemMap,
    name: "items",
    found: found(sql`article_id`),
    goesOn: false,
  });
  // Only retries are asked for, which a debounce does not bear on.
  const indexed = yield* indexInteractions({ session, types, users, items, withoutArrival: true, debounceSeconds: 0 });
  const rows = yield* scratchCopy(session, "interactions.parquet", indexed.rows);
  // Of what was taken back nothing is left to predict.
  const { buys, takesBack } = types;
  const type = typeOf(sql`key`);
  const trades = isOneOf(
    buys.map((is, code) => is || (takesBack[code] as boolean)),
    type,
  );
  yield* session.run(sql`
    CREATE TEMP TABLE taken_back AS
    SELECT ${pairOf(sql`key`)} AS pair, true AS is_trade FROM ${rows} WHERE ${trades} GROUP BY pair
    HAVING min(weight) < 0 AND sum(${boughtBy(types, type)}) <= 0`);
  const kept = sql`(
    FROM (SELECT *, ${pairOf(sql`key`)} AS pair, ${isOneOf(buys, type)} AS is_trade FROM ${rows})
    ANTI JOIN taken_back USING (pair, is_trade) WHERE ${type} >= 0 AND weight > 0)`;
  const length = Number((yield* countRows(session, sql`(SELECT true AS is_possible, 0 AS type FROM ${kept})`)).rows);
  const log = {
    length,
    user: new Uint32Array(length),
    item: new Uint32Array(length),
    type: new Uint8Array(length),
    weight: new Float32Array(length),
    time: new Float64Array(length),
  };
  let at = 0;
  yield* Stream.runForEach(
    session.stream(sql`
      SELECT ${userOf(sql`key`)} AS user_idx, ${itemOf(sql`key`)} AS item_idx, ${typeOf(sql`key`)} AS type,
        weight / 1e6 AS weight, time
      FROM ${kept} ORDER BY time, place`),
    (batch) =>
      Effect.sync(() => {
        const { user_idx, item_idx, type, weight, time } = batch.columns as Readonly<Record<string, ArrayLike<number>>>;
        log.user.set(user_idx, at);
        log.item.set(item_idx, at);
        log.type.set(type, at);
        log.weight.set(weight, at);
        log.time.set(time, at);
        at += batch.rows;
        task.advance(batch.rows);
      }),
  );
  const itemIds = yield* idsOf(session, items);
  const described = yield* describeItems(itemIds);
  return {
    ...log,
    userIds: yield* idsOf(session, users),
    itemIds,
    types,
    hasItemsFile: described !== undefined,
    descriptions: described?.descriptions,
    available: Uint8Array.from(itemIds, (_, item) => (described === undefined || described.isListed(item) ? 1 : 0)),
  };
}).pipe(namingDamage([rawTransactions, rawEvents].map(({ name }) => name)));
