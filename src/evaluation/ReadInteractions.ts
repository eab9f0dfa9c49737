/** ReadInteractions: raw/transactions and the archived raw/events as one log in memory, in time order. */
import { Effect, type Scope } from "effect";
import { eachInteraction, interactionTables, rowsIn } from "../batch/EachInteraction.ts";
import { listedIds } from "../batch/ItemsFile.ts";
import { makeRecentUsers } from "../batch/RecentUsers.ts";
import { Progress } from "../ports/Progress.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import { type InteractionLog, makeLogBuilder } from "./InteractionLog.ts";

/**
 * Weighs and counts as `preprocess` does. Rows of unknown type, or whose weight is not above 0, are left out: they teach
 * nothing. Where an items file was given, items that it lacks are not available. The log is empty where neither table
 * exists.
 */
export const readInteractions: Effect.Effect<InteractionLog, TableError, Tables | Progress | Scope.Scope> = Effect.gen(
  function* () {
    const progress = yield* Progress;
    const tables = yield* interactionTables;
    const task = yield* progress.task({ label: "read interactions", unit: "rows", total: rowsIn(tables) });
    const builder = makeLogBuilder();
    const { badTime } = yield* eachInteraction(
      tables,
      (user, item, type, weight, time) => {
        if (type >= 0 && weight > 0) builder.add(user, item, type, weight, time);
      },
      // Only retries are asked for, which neither items nor a debounce bear on.
      { onRows: (rows) => task.advance(rows), recent: makeRecentUsers(0), itemIndexOf: () => 0 },
    );
    if (badTime > 0) yield* Effect.logWarning(`${badTime} rows of an impossible time are left out`);
    return builder.finish(yield* listedIds);
  },
);
