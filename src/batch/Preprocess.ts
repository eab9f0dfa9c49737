/**
 * Preprocess: raw tables to training data.
 *
 * Tells the catalogue what the items file says, reads raw/transactions and the archived raw/events, gives every user and item its
 * lasting index, an item that of the catalogue, and writes the catalogue's items as they are, one rating per pair, log1p(Σ weight · quantity), every user's newest interactions, all that was bought and not taken back, and what is
 * remembered of the last day's events. Where the last run's sums can be carried on, only what is new since is read, with the
 * same result to the bit. The training snapshot is written last and names the versions of all of it: a reader who follows it
 * sees one run's tables, whatever is being written meanwhile.
 */
import { Clock, type ConfigError, Duration, Effect, Schema } from "effect";
import { namingDamage } from "../datasets/Damage.ts";
import { mostItems } from "../datasets/IndexedInteractions.ts";
import { interactionTables } from "../datasets/Interactions.ts";
import { itemMap, rawArticles, rawEvents, rawTransactions, shopItems, userMap } from "../domain/TableSchemas.ts";
import { keptHistory } from "../domain/UserState.ts";
import { learning } from "../learning/Settings.ts";
import type { BatchSteps, BatchStepsFailure, InteractionTables, Tell } from "../ports/BatchSteps.ts";
import type { Catalogue, CatalogueError } from "../ports/Catalogue.ts";
import { Progress } from "../ports/Progress.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import { inTurn } from "../ports/Turns.ts";
import { type Carried, findCarried, type NothingCarried, type RowCounts } from "./Carried.ts";
import { numberByCatalogue } from "./ItemIndices.ts";
import { writeItems } from "./ItemsTable.ts";
import { beginReading, totalOf } from "./Reading.ts";
import { prepareItems, type ShopItems } from "./ShopItems.ts";
import { writeSnapshot } from "./Snapshot.ts";

export interface PreprocessSummary extends Omit<RowCounts, "undecided"> {
  /** Rows that were read, of all: fewer where sums were carried on. */
  readonly read: number;
  readonly pairs: number;
  readonly users: number;
  readonly newUsers: number;
  readonly items: number;
  readonly newItems: number;
  readonly seconds: number;
}

export class PreprocessError extends Schema.TaggedError<PreprocessError>()("PreprocessError", {
  reason: Schema.Literal("NoData", "TooManyItems"),
  message: Schema.String,
}) {}

/** How finely it is told how far all is. */
const steps = 10;

type Run = Effect.Effect<
  PreprocessSummary,
  PreprocessError | BatchStepsFailure | CatalogueError | ConfigError.ConfigError,
  Tables | BatchSteps | Catalogue | Progress
>;

/** Makes all tables from the sources and, unless nothing can be, from what is carried on. */
const make = ({ debounceSeconds, shop, sources }: Begun, found: Carried | NothingCarried): Run =>
  Effect.gen(function* () {
    const { articles } = shop;
    const progress = yield* Progress;
    const started = yield* Clock.currentTimeMillis;
    const task = yield* progress.task({ label: "preprocess", unit: "steps", total: steps });
    const tell: Tell = (step, part) => {
      task.note(step);
      task.advance(part * steps);
    };

    const reading = yield* beginReading(sources, "because" in found ? undefined : found);
    const { carried } = reading;
    const { add, items, users } = yield* numberByCatalogue(reading, tell);
    if (items.size > mostItems) {
      return yield* new PreprocessError({
        reason: "TooManyItems",
        message: `There are ${items.size} items; ${mostItems} can be told apart. Leave out those that are long gone.`,
      });
    }

    const added = yield* add({ carried: carried?.versions, kept: keptHistory, debounceSeconds, tell });
    const map = added.versions[itemMap.name] ?? 0;
    const written = yield* writeItems(map, items.size, shop.hasFile);
    const total = totalOf(reading, added.repeated);
    yield* writeSnapshot({
      versions: {
        ...added.versions,
        [shopItems.name]: written,
        ...(sources.transactions === undefined ? {} : { [rawTransactions.name]: sources.transactions.version }),
        ...(articles === undefined ? {} : { [rawArticles.name]: articles.version }),
        ...(sources.events === undefined ? {} : { [rawEvents.name]: sources.events.version }),
      },
      sources,
      counts: total,
      debounceSeconds,
      notes: shop.notes,
    });

    const { undecided: _, ...counted } = total;
    const summary: PreprocessSummary = {
      ...counted,
      read: reading.transactions.rows + reading.events.rows,
      pairs: added.ratings,
      users: users.size,
      newUsers: users.size - users.stored,
      items: items.size,
      newItems: items.size - (shop.map === "other" ? items.stored : shop.held),
      seconds: ((yield* Clock.currentTimeMillis) - started) / 1000,
    };
    const how =
      carried !== undefined
        ? `, of which ${summary.read} were new`
        : "because" in found
          ? `, all of which were read since ${found.because}`
          : ", all of which were read";
    yield* Effect.log(
      `Made ${summary.pairs} ratings of ${summary.users} users (${summary.newUsers} new) and ${summary.items} items ` +
        `(${summary.newItems} new) from ${summary.transactions} transactions and ${summary.events} archived events${how} ` +
        `(${summary.repeated} repeated, ${summary.unknownType} of unknown type, ${summary.badTime} of an impossible time) ` +
        `in ${summary.seconds.toFixed(1)} s.`,
    );
    return summary;
  }).pipe(Effect.scoped);

interface Begun {
  readonly sources: InteractionTables;
  readonly debounceSeconds: number;
  readonly shop: ShopItems;
}

const begin: Effect.Effect<
  Begun,
  PreprocessError | TableError | CatalogueError | ConfigError.ConfigError,
  Tables | Catalogue
> = Effect.gen(function* () {
  const debounceSeconds = Duration.toSeconds(yield* learning.debounce.config);
  const sources = yield* interactionTables;
  if (sources.transactions === undefined && sources.events === undefined) {
    return yield* new PreprocessError({
      reason: "NoData",
      message: "There is no table raw/transactions: run the command csv-to-delta, generate or import first.",
    });
  }
  return { sources, debounceSeconds, shop: yield* prepareItems };
});

const named = namingDamage([rawTransactions, rawEvents, rawArticles, userMap, itemMap].map(({ name }) => name));

/** Reads everything, whatever could be carried on. */
const anew = (begun: Begun, because: string): Run => make(begun, { because }).pipe(named);

const isOfData = (error: { readonly _tag: string; readonly reason?: string }): boolean =>
  ["BadFile", "Missing", "Corrupt"].includes(error.reason ?? "");

/** Reads what is new, where the rest can be carried on: where that cannot be read any more, it is made anew. */
const carryOn: Run = Effect.gen(function* () {
  const begun = yield* named(begin);
  const found = yield* findCarried(begun.sources, begun.debounceSeconds);
  if ("because" in found) return yield* anew(begun, found.because);
  return yield* make(begun, found).pipe(
    Effect.catchIf(isOfData, (error) =>
      Effect.zipRight(
        Effect.logWarning(
          `reading everything anew, since not all can be read that was to be carried on: ${error.message}`,
        ),
        anew(begun, "not all could be read that was to be carried on"),
      ),
    ),
  );
});

export const preprocess = carryOn.pipe(inTurn("preparing the training data"));

/** Whatever could be carried on. */
export const preprocessAnew = Effect.flatMap(named(begin), (begun) => anew(begun, "that was asked for")).pipe(
  inTurn("preparing the training data"),
);
