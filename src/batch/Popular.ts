/**
 * Popular: the articles with the most distinct buyers in the days before the latest purchase.
 *
 * The window holds the latest purchase day and the `POPULAR_DAYS` days before it; where fewer articles were bought in it
 * than the list is long, it is doubled until enough were or all history is in it. What is counted, `BatchSteps` says; what was
 * taken back within the window is not.
 */
import { Clock, type ConfigError, Effect } from "effect";
import { popularDays } from "../config/Shared.ts";
import { namingDamage } from "../datasets/Damage.ts";
import { ifThere } from "../datasets/IfThere.ts";
import { interactionTables } from "../datasets/Interactions.ts";
import { listedIds } from "../datasets/ItemsFile.ts";
import { itemMap, rawEvents, rawTransactions } from "../domain/TableSchemas.ts";
import { BatchSteps, type BatchStepsFailure, type MostBought } from "../ports/BatchSteps.ts";
import { Popular, type PopularError, type PopularItems } from "../ports/Popular.ts";
import { Progress } from "../ports/Progress.ts";
import { TableError, Tables } from "../ports/Tables.ts";

export interface PopularSummary extends PopularItems {
  /** Purchases within the window. */
  readonly purchases: number;
  readonly seconds: number;
}

/** Length of the list. */
export const popularItems = 50;

/** Counts and puts the list. Items that no preprocess has given an index yet, and those gone from the items file, are left out. */
export const popular: Effect.Effect<
  PopularSummary,
  BatchStepsFailure | PopularError | ConfigError.ConfigError,
  Tables | BatchSteps | Popular | Progress
> = Effect.gen(function* () {
  const tables = yield* Tables;
  const steps = yield* BatchSteps;
  const store = yield* Popular;
  const progress = yield* Progress;
  const started = yield* Clock.currentTimeMillis;
  const configuredDays = yield* popularDays.config;
  const task = yield* progress.task({ label: "popular", unit: "steps", total: 2 });

  const read = yield* interactionTables;
  const map = yield* ifThere(tables.snapshot(itemMap.name));
  if (map === undefined) {
    return yield* new TableError({
      reason: "NotFound",
      table: itemMap.name,
      message: "No item has an index yet: run the command `batch preprocess` first.",
    });
  }
  const { mostBought, span } = yield* steps.purchases({ tables: read, items: map.version, listed: yield* listedIds });
  task.advance(1);
  let windowDays = configuredDays;
  let found: MostBought = { items: [], shoppers: 0, purchases: 0, asOf: 0 };
  if (span !== undefined) {
    const count = Effect.suspend(() => mostBought(span.latest - windowDays, popularItems));
    found = yield* count;
    while (found.items.length < popularItems && span.latest - windowDays > span.earliest) {
      windowDays *= 2;
      found = yield* count;
    }
  }
  task.advance(1);
  const { asOf, items, purchases, shoppers } = found;
  const list: PopularItems = { asOf, windowDays, items };
  yield* store.put(list);
  const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000;
  yield* Effect.log(
    `Found the ${items.length} most popular items of ${windowDays} days among ${purchases} ` +
      `${span?.onlyPurchases === false ? "interactions" : "purchases"} by ${shoppers} shoppers in ${seconds.toFixed(1)} s.`,
  );
  return { ...list, purchases, seconds };
}).pipe(Effect.scoped, namingDamage([rawTransactions, rawEvents, itemMap].map(({ name }) => name)));
