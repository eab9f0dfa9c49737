/**
 * Preprocess: raw tables to training data.
 *
 * Reads raw/transactions and the archived raw/events, gives every user and item its lasting index, and writes one rating
 * per pair, log1p(Σ weight · quantity), every user's newest interactions, all that was bought and not taken back, and what is
 * remembered of the last day's events. Where the last run's sums can be carried on, only what is new since is read, with the
 * same result to the bit. The training snapshot is written last and names the versions of all of it: a reader who follows it
 * sees one run's tables, whatever is being written meanwhile.
 */
import { Clock, type ConfigError, Duration, Effect, Schema } from "effect";
import { namingDamage } from "../datasets/Damage.ts";
import { ifThere } from "../datasets/IfThere.ts";
import { mostItems } from "../datasets/IndexedInteractions.ts";
import { interactionTables } from "../datasets/Interactions.ts";
import { itemMap, rawArticles, rawEvents, rawTransactions, userMap } from "../domain/TableSchemas.ts";
import { keptHistory } from "../domain/UserState.ts";
import { learning } from "../learning/Settings.ts";
import type { BatchSteps, BatchStepsFailure, InteractionTables, Tell } from "../ports/BatchSteps.ts";
import { Progress } from "../ports/Progress.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { inTurn } from "../ports/Turns.ts";
import { type Carried, findCarried, type NothingCarried, type RowCounts } from "./Carried.ts";
import { beginReading, totalOf } from "./Reading.ts";
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
  PreprocessError | BatchStepsFailure | ConfigError.ConfigError,
  Tables | BatchSteps | Progress
>;

/** Makes all tables from the sources and, unless nothing can be, from what is carried on. */
const make = (sources: InteractionTables, debounceSeconds: number, found: Carried | NothingCarried): Run =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const progress = yield* Progress;
    const started = yield* Clock.currentTimeMillis;
    const articles = yield* ifThere(tables.snapshot(rawArticles.name));
    const task = yield* progress.task({ label: "preprocess", unit: "steps", total: steps });
    const tell: Tell = (step, part) => {
      task.note(step);
      task.advance(part * steps);
    };

    const reading = yield* beginReading(sources, "because" in found ? undefined : found);
    const { carried } = reading;
    const { add, items, users } = yield* reading.number({ articles: articles?.version, tell });
    if (items.size > mostItems) {
      return yield* new PreprocessError({
        reason: "TooManyItems",
        message: `There are ${items.size} items; ${mostItems} can be told apart. Leave out those that are long gone.`,
      });
    }

    const added = yield* add({ carried: carried?.versions, kept: keptHistory, debounceSeconds, tell });
    const total = totalOf(reading, added.repeated);
    yield* writeSnapshot({
      versions: {
        ...added.versions,
        ...(sources.transactions === undefined ? {} : { [rawTransactions.name]: sources.transactions.version }),
        ...(articles === undefined ? {} : { [rawArticles.name]: articles.version }),
        ...(sources.events === undefined ? {} : { [rawEvents.name]: sources.events.version }),
      },
      sources,
      counts: total,
      debounceSeconds,
    });

    const { undecided: _, ...counted } = total;
    const summary: PreprocessSummary = {
      ...counted,
      read: reading.transactions.rows + reading.events.rows,
      pairs: added.ratings,
      users: users.size,
      newUsers: users.size - users.stored,
      items: items.size,
      newItems: items.size - items.stored,
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

const begin: Effect.Effect<
  { readonly sources: InteractionTables; readonly debounceSeconds: number },
  PreprocessError | TableError | ConfigError.ConfigError,
  Tables
> = Effect.gen(function* () {
  const debounceSeconds = Duration.toSeconds(yield* learning.debounce.config);
  const sources = yield* interactionTables;
  if (sources.transactions === undefined && sources.events === undefined) {
    return yield* new PreprocessError({
      reason: "NoData",
      message: "There is no table raw/transactions: run the command csv-to-delta, generate or import first.",
    });
  }
  return { sources, debounceSeconds };
});

/** Reads everything, whatever could be carried on. */
const anew = (because: string): Run =>
  Effect.flatMap(begin, ({ sources, debounceSeconds }) => make(sources, debounceSeconds, { because })).pipe(
    namingDamage([rawTransactions, rawEvents, rawArticles, userMap, itemMap].map(({ name }) => name)),
  );

const isOfData = (error: { readonly _tag: string; readonly reason?: string }): boolean =>
  ["BadFile", "Missing", "Corrupt"].includes(error.reason ?? "");

/** Reads what is new, where the rest can be carried on: where that cannot be read any more, it is made anew. */
const carryOn: Run = Effect.gen(function* () {
  const { sources, debounceSeconds } = yield* begin;
  const found = yield* findCarried(sources, debounceSeconds);
  if ("because" in found) return yield* anew(found.because);
  return yield* make(sources, debounceSeconds, found).pipe(
    Effect.catchIf(isOfData, (error) =>
      Effect.zipRight(
        Effect.logWarning(
          `reading everything anew, since not all can be read that was to be carried on: ${error.message}`,
        ),
        anew("not all could be read that was to be carried on"),
      ),
    ),
  );
});

export const preprocess = carryOn.pipe(inTurn("preparing the training data"));

/** Whatever could be carried on. */
export const preprocessAnew = anew("that was asked for").pipe(inTurn("preparing the training data"));
