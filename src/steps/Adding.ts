/** Adding: what is read, and what is carried on, as ratings, histories, what was bought and what is remembered. */
import { Effect } from "effect";
import { type Ids, storeIds } from "../datasets/Ids.ts";
import { indexInteractions, scratchCopy } from "../datasets/IndexedInteractions.ts";
import { emptyRelation, relation } from "../datasets/Relation.ts";
import { overwriteTable } from "../datasets/WriteTable.ts";
import type { EventTypes } from "../domain/EventTypes.ts";
import {
  itemMap,
  pairSums,
  type TableDefinition,
  userHidden,
  userHistory,
  userMap,
  userRecent,
  userShown,
} from "../domain/TableSchemas.ts";
import type { Added, KeptHistory, Tell } from "../ports/BatchSteps.ts";
import type { SqlSession } from "../ports/Sql.ts";
import { sql } from "../ports/Statement.ts";
import { writeHidden } from "./Hidden.ts";
import { writeHistories } from "./Histories.ts";
import { writePairs } from "./Pairs.ts";
import { watchOf } from "./Told.ts";

/** What the last run wrote to a table, and the place of each row, before all that is new; undefined where nothing is carried on. */
const carriedRows = (carried: ReadonlyMap<string, number> | undefined, { name, schema }: TableDefinition) =>
  Effect.gen(function* () {
    if (carried === undefined) return undefined;
    const version = carried.get(name);
    if (version === undefined) return emptyRelation(schema, "place");
    const { statement } = yield* relation(name, { columns: schema, version, position: "place" });
    return sql`(SELECT * REPLACE (place - ${2n ** 62n} AS place) FROM ${statement})`;
  });

export interface ToAdd {
  readonly session: SqlSession;
  readonly types: EventTypes;
  readonly withoutArrival: boolean;
  readonly users: Ids;
  readonly items: Ids;
  readonly carried: ReadonlyMap<string, number> | undefined;
  readonly kept: KeptHistory;
  readonly debounceSeconds: number;
  readonly tell: Tell;
}

export const addRows = ({
  session,
  types,
  withoutArrival,
  users,
  items,
  carried,
  kept,
  debounceSeconds,
  tell,
}: ToAdd) =>
  Effect.gen(function* () {
    const shows = types.shows.includes(true);
    const { rows, repeated, shown } = yield* indexInteractions({
      session,
      types,
      users,
      items,
      withoutArrival,
      before: yield* carriedRows(carried, userRecent),
      debounceSeconds,
      ...(shows ? { showing: { before: yield* carriedRows(carried, userShown) } } : {}),
      watch: watchOf(tell, "interactions"),
    });
    const inOrder = sql`FROM ${rows} ORDER BY key, time, place`;
    const sorted = yield* scratchCopy(session, "sorted.parquet", inOrder, watchOf(tell, "sorting"));

    const sums = { session, types, sorted, before: yield* carriedRows(carried, pairSums), items: items.size };
    const past = yield* carriedRows(carried, userHistory);
    const histories = { session: yield* session.beside, types, sorted, before: past, kept };
    const [pairs, history] = yield* Effect.all(
      [
        writePairs({ ...sums, watch: watchOf(tell, "sums") }),
        writeHistories({ ...histories, watch: watchOf(tell, "histories") }),
      ],
      { concurrency: 2 },
    );
    const hidden = types.hides.includes(true)
      ? yield* writeHidden({ session, types, sorted, before: yield* carriedRows(carried, userHidden) })
      : undefined;
    const showing =
      shown === undefined
        ? undefined
        : yield* overwriteTable({
            session,
            table: userShown,
            select: sql`SELECT * EXCLUDE (n) FROM ${shown} ORDER BY user_idx, n`,
          });
    const recent = yield* overwriteTable({
      session,
      table: userRecent,
      select: sql`SELECT * EXCLUDE (n) FROM recent ORDER BY user_idx, n`,
    });
    return {
      repeated,
      ratings: pairs.ratings,
      versions: {
        [userMap.name]: yield* storeIds(session, users),
        [itemMap.name]: yield* storeIds(session, items),
        ...pairs.versions,
        [userHistory.name]: history.version,
        ...(hidden === undefined ? {} : { [userHidden.name]: hidden.version }),
        ...(showing === undefined ? {} : { [userShown.name]: showing.version }),
        [userRecent.name]: recent.version,
      },
    } satisfies Added;
  });
