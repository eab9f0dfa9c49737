/**
 * UserStates: what each model knows of each user, with the offsets that make application exactly-once.
 *
 * `write` is a compare-and-set per user: it succeeds only while the stored `next` of the batch's partition equals the
 * one that was read. A zombie's write is therefore a conflict, and a redelivery finds its events below `next`.
 * A partition is known here by its slot (`domain/AppliedLogs.ts`), so that offsets of one log never stand for another's.
 * What is stored and cannot be decoded is a failure that says so, never an absence.
 */
import { Context, type Effect, Schema, type Stream } from "effect";
import type { AppliedLog, Unnamed } from "../domain/AppliedLogs.ts";
import type { FollowerEvents, FollowerSnapshot } from "../domain/FollowerCounts.ts";
import type { LoadedUsers } from "../domain/LoadedUsers.ts";
import type { ItemTrends, TrendLadder } from "../domain/TrendLadder.ts";
import type { UserState } from "../domain/UserState.ts";

export interface UserWrite {
  readonly userId: string;
  /** `state.next.get(slot)` as it was read: undefined when there was none. */
  readonly expected: bigint | undefined;
  readonly state: UserState;
  /** With the write goes what the model was loaded with of the user, so that nothing can come back to it. */
  readonly forgets?: boolean;
}

/** What one partition's events weigh, per item, guarded by its own `next`. See `learning/Trending.ts`. */
export interface PartitionTrend {
  readonly next: bigint;
  /** Unix seconds: an event of then counts its weight, later ones more, earlier ones less. */
  readonly asOf: number;
  /** Of all events, those too whose items are not kept. */
  readonly total: number;
  readonly scores: ReadonlyMap<number, number>;
  /** Of the same events; undefined where some are from before ladders were kept. */
  readonly ladder?: TrendLadder | undefined;
}

/**
 * What a batch makes of a partition's counts of followers (`learning/LiveFollowers.ts`): events after those that are stored,
 * or all that was counted, these events too, in place of what is stored.
 */
export type FollowersWrite =
  | { readonly _tag: "append"; readonly events: FollowerEvents }
  | { readonly _tag: "replace"; readonly snapshot: FollowerSnapshot };

/** A partition's counts of followers from some batch on. */
export interface FollowersRead {
  /** The `next` of the newest trend that was written with followers; undefined where none was. */
  readonly next: bigint | undefined;
  /** In place of all that was read before; undefined where the events go on from there. */
  readonly snapshot: FollowerSnapshot | undefined;
  /** Of each batch after that, oldest first. */
  readonly events: ReadonlyArray<FollowerEvents>;
}

export interface TrendWrite {
  /** The stored trend's `next`, as it was read: undefined when there was none. */
  readonly expected: bigint | undefined;
  readonly trend: PartitionTrend;
  /** Written in one step with the trend. */
  readonly followers?: FollowersWrite | undefined;
}

export interface StateBatch {
  readonly slot: number;
  /** Becomes the partition's position: 1 + the offset of the batch's last event. Never moves back. */
  readonly next: bigint;
  readonly users: ReadonlyArray<UserWrite>;
  readonly trend: TrendWrite | undefined;
}

/** What is stored of a user, decoded when it is asked for; undefined for an unknown user. */
export type PackedState = () => UserState | "damaged" | undefined;

export interface UserStatesService {
  /**
   * Loads a model's users, and what the batch's events weigh per item, before any event is applied to it; starts over what an
   * interrupted load left.
   */
  readonly load: <E, R>(
    model: string,
    users: Stream.Stream<LoadedUsers, E, R>,
    trends?: ItemTrends,
  ) => Effect.Effect<number, UserStatesError | E, R>;
  /** One state per id asked for, undefined for an unknown user. One round trip. */
  readonly read: (
    model: string,
    userIds: ReadonlyArray<string>,
  ) => Effect.Effect<ReadonlyArray<UserState | undefined>, UserStatesError>;
  /** As `read`, of many, who take little room while they wait. */
  readonly readPacked: (
    model: string,
    userIds: ReadonlyArray<string>,
  ) => Effect.Effect<ReadonlyArray<PackedState>, UserStatesError>;
  /**
   * Writes what was expected unchanged and answers the ids of the rest. The trend is the batch's gate: where it conflicts,
   * nothing is written and `trendKey` is the answer.
   */
  readonly write: (model: string, batch: StateBatch) => Effect.Effect<ReadonlyArray<string>, UserStatesError>;
  /** The partition's position: every event below it is applied. */
  readonly position: (model: string, slot: number) => Effect.Effect<bigint | undefined, UserStatesError>;
  readonly trend: (model: string, slot: number) => Effect.Effect<PartitionTrend | undefined, UserStatesError>;
  /** Those of every log; `partitions`: how many the first log has where the model has named none yet. */
  readonly trends: (model: string, partitions: number) => Effect.Effect<ReadonlyArray<PartitionTrend>, UserStatesError>;
  /** As it was loaded; undefined where nothing was, as for a model of before. */
  readonly itemTrends: (model: string) => Effect.Effect<ItemTrends | undefined, UserStatesError>;
  /**
   * What was counted of followers since an earlier answer, whose `next` is `since`; all of it without one. Answers all of it, too,
   * with a snapshot, where what `since` stands for is no longer stored. One look at the store.
   */
  readonly followers: (
    model: string,
    slot: number,
    since: bigint | undefined,
  ) => Effect.Effect<FollowersRead, UserStatesError>;
  /** The logs whose events the model has applied, by number; undefined for a model of version 0.1, which names none. */
  readonly logs: (model: string) => Effect.Effect<ReadonlyArray<AppliedLog> | undefined, UserStatesError>;
  /** Takes the log among the model's where it is not yet; answers them all. `unnamed`: whose version 0.1's offsets are. */
  readonly addLog: (
    model: string,
    log: AppliedLog,
    unnamed: Unnamed,
  ) => Effect.Effect<ReadonlyArray<AppliedLog>, UserStatesError>;
  /** The shop's id of each user asked for, undefined for an index that the model was not loaded with. One round trip. */
  readonly userIdsOf: (
    model: string,
    indices: ReadonlyArray<number>,
  ) => Effect.Effect<ReadonlyArray<string | undefined>, UserStatesError>;
  /**
   * Removes what the model knows of the user from before `next` of the slot (1 + the offset of the word that forgets them), and the
   * user's id, whether that word was applied or is still to be. What events made of them since stays. An emptied state, which keeps
   * offsets alone, stays too while an event of before may still be on its way to be applied. What is damaged is as good as from
   * before: the user is a stranger afterwards.
   */
  readonly forget: (
    model: string,
    userId: string,
    before: { readonly slot: number; readonly next: bigint },
  ) => Effect.Effect<void, UserStatesError>;
  /**
   * Removes all that belongs to the model. Writes to it, and of its logs, fail from then on, until it is loaded again: whoever follows
   * it a moment longer does not make it anew.
   */
  readonly drop: (model: string) => Effect.Effect<void, UserStatesError>;
}

export class UserStates extends Context.Tag("slipstream/UserStates")<UserStates, UserStatesService>() {}

/** Stands for the partition's trend among the conflicts of `write`; no user id contains a NUL. */
export const trendKey = "\u0000trend";

export class UserStatesError extends Schema.TaggedError<UserStatesError>()("UserStatesError", {
  operation: Schema.Literal(
    "load",
    "read",
    "write",
    "position",
    "trend",
    "itemTrends",
    "followers",
    "logs",
    "userIdsOf",
    "forget",
    "drop",
  ),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
