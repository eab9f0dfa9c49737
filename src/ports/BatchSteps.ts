/**
 * BatchSteps: the heavy steps of a batch, on whatever engine: raw tables to training data, and what was bought most.
 *
 * Every engine comes to the same tables, to the bit. Training data are made in three stages (`read`, `number`, `add`), so that
 * who asks can decide in between; nothing is written before the last of them, whose tables are in use when the training
 * snapshot names their versions.
 */
import { Context, type Effect, Schema, type Scope, type Stream } from "effect";
import type { EventTypes } from "../domain/EventTypes.ts";
import type { SqlError } from "./Sql.ts";
import type { TableError, TableSnapshot } from "./Tables.ts";

export interface InteractionTables {
  /** Undefined where there is no such table. */
  readonly transactions: TableSnapshot | undefined;
  readonly events: TableSnapshot | undefined;
  /** By which their rows are understood. */
  readonly types: EventTypes;
}

/** What is read already: so many files of raw/transactions, and each log's partitions up to their next offset. */
export interface ReadBefore {
  readonly files: number;
  readonly offsets: ReadonlyArray<{ readonly log: string; readonly partition: number; readonly next: bigint }>;
}

export const nothingRead: ReadBefore = { files: 0, offsets: [] };

/** Hears which step is at work, and what part of all work was done since the last call; all parts are at most 1. */
export type Tell = (step: string, part: number) => void;

export interface RowsRead {
  readonly rows: number;
  /** Of an impossible time; `undecided`: of these, the ones that do not say when they arrived. */
  readonly bad: number;
  readonly undecided: number;
  /** Of a possible time, but of unknown type. */
  readonly unknown: number;
}

export interface Reading {
  /** Rows that were not read before. */
  readonly transactions: RowsRead;
  readonly events: RowsRead;
  /** Some row of raw/events does not say when it arrived. */
  readonly withoutArrival: boolean;
  /**
   * Gives the next indices to users and items that have none in the newest maps, in order of their first appearance, also where
   * something was but shown. Nothing is stored
   * yet. Asked again, it numbers anew, by the maps as they are then: what the call before answered is of no use any more.
   */
  readonly number: (options: { readonly tell: Tell }) => Effect.Effect<Numbered, BatchStepsFailure>;
}

export interface IdCounts {
  readonly size: number;
  /** So many of them were stored before. */
  readonly stored: number;
}

/** Of each user, so many of the newest interactions of any type and of the newest purchases. */
export interface KeptHistory {
  readonly interactions: number;
  readonly purchases: number;
}

export interface Numbered {
  readonly users: IdCounts;
  readonly items: IdCounts;
  /** Ids of the items that were given an index, in the order of these. */
  readonly newItems: Stream.Stream<ReadonlyArray<string>, BatchStepsFailure>;
  /**
   * Writes all tables. `carried`: by name, the versions of pair_sums, user_history, user_hidden, user_shown and user_recent that are added to
   * (none: no rows); undefined: nothing is carried on.
   */
  readonly add: (options: {
    readonly carried: ReadonlyMap<string, number> | undefined;
    /** What was carried on was kept by no smaller bounds. */
    readonly kept: KeptHistory;
    readonly debounceSeconds: number;
    readonly tell: Tell;
  }) => Effect.Effect<Added, BatchStepsFailure>;
}

export interface Added {
  /** Retries that are left out. */
  readonly repeated: number;
  readonly ratings: number;
  /**
   * By name: user_map, item_map, pair_sums, train_data, user_bought, item_stats, user_history, user_recent, user_hidden where a
   * type of events hides, and user_shown where one is shown.
   */
  readonly versions: Readonly<Record<string, number>>;
}

export interface Span {
  readonly onlyPurchases: boolean;
  /** Days since 1970-01-01. */
  readonly earliest: number;
  readonly latest: number;
}

export interface MostBought {
  /** Most distinct buyers first, ties by smaller index. */
  readonly items: ReadonlyArray<{ readonly itemIdx: number; readonly buyers: number }>;
  /** Of all items that have an index, whether they may be recommended or not. */
  readonly shoppers: number;
  readonly purchases: number;
  /** Unix seconds of the newest that was counted; 0 where nothing was. */
  readonly asOf: number;
}

export interface Purchases {
  /** The days that purchases span, or, where there are none, all interactions; undefined for empty tables. */
  readonly span: Span | undefined;
  /** The `most` items with the most buyers on or after `firstDay`. */
  readonly mostBought: (firstDay: number, most: number) => Effect.Effect<MostBought, BatchStepsFailure>;
}

export interface BatchStepsService {
  /** Looks at the rows that were not read `before`. What is made for that and the next stages stays until the scope closes. */
  readonly read: (
    tables: InteractionTables,
    before: ReadBefore,
  ) => Effect.Effect<Reading, BatchStepsFailure, Scope.Scope>;
  /**
   * Counts which items follow which (domain/Followers.ts) in version `history` of user_history, and writes the best followers of
   * each of the `items` as the model's table (`itemFollowers`); answers its rows. `tell` hears of parts of 1.
   */
  readonly followers: (options: {
    readonly history: number;
    readonly items: number;
    readonly model: string;
    readonly tell: Tell;
  }) => Effect.Effect<number, BatchStepsFailure>;
  /** `items`: the version of item_map. `listed`: ids of the items that may be recommended; undefined: all may. */
  readonly purchases: (options: {
    readonly tables: InteractionTables;
    readonly items: number;
    readonly listed: ReadonlySet<string> | undefined;
  }) => Effect.Effect<Purchases, BatchStepsFailure, Scope.Scope>;
}

export class BatchSteps extends Context.Tag("slipstream/BatchSteps")<BatchSteps, BatchStepsService>() {}

export class BatchStepsError extends Schema.TaggedError<BatchStepsError>()("BatchStepsError", {
  /**
   * Unavailable: the engine cannot be started, and the message says what is missing. Lost: it died. Full: no space, or not
   * writable. Memory: more than it was given. BadFile: a file of a table is missing or damaged. Failed: all else.
   */
  reason: Schema.Literal("Unavailable", "Lost", "Full", "Memory", "BadFile", "Failed"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** Where the SQL engine is at work, its own errors rise. */
export type BatchStepsFailure = BatchStepsError | SqlError | TableError;
