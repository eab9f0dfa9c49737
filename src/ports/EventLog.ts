/**
 * EventLog: the partitioned, ordered, durable log of events (topic `user_events`).
 *
 * A subscription is pull-based: nothing is fetched that was not asked for, which is the backpressure. Ownership is told
 * by signals. Every assignment of a partition has a new epoch; what is fetched or committed under an old epoch fails.
 */
import { Context, type Deferred, type Effect, type Queue, Schema, type Scope } from "effect";

/** Where a record stands: in which partition, at which offset. */
export interface Position {
  readonly partition: number;
  readonly offset: bigint;
}

/** Offsets `first` to that of the record, which hold no event: positions move beyond them. */
export interface Gap {
  readonly first: bigint;
  /** What was wrong with what was there; undefined where nothing is missed (an aborted transaction, deleted records). */
  readonly damage: string | undefined;
}

export interface LogRecord {
  readonly offset: bigint;
  /** Unix seconds, fractional: when the log took the record. The same at every reading. 0 where the log does not know. */
  readonly appendedAt: number;
  readonly value: Uint8Array;
  /** Instead of an event; `value` is empty. */
  readonly gap?: Gap;
}

/** revoked: drain, commit, release. lost: stop at once, commit nothing. closed: the subscription ends; as revoked. */
export type ReleaseReason = "revoked" | "lost" | "closed";

export type Signal =
  | { readonly _tag: "Assigned"; readonly partition: number; readonly epoch: number }
  | {
      readonly _tag: "Released";
      readonly partition: number;
      readonly epoch: number;
      readonly reason: ReleaseReason;
      /** Completed by the consumer when it has let go; the log waits for it, within its own time limit. */
      readonly done: Deferred.Deferred<void>;
    };

export interface Subscription {
  readonly signals: Queue.Dequeue<Signal>;
  /**
   * The records at and after `from`, at most `max`, at least one, which may be a gap: suspends while there is none. Offsets
   * may be missing. Fails with reason `Released` once `epoch` no longer owns the partition.
   */
  readonly fetch: (
    partition: number,
    epoch: number,
    from: bigint,
    max: number,
  ) => Effect.Effect<ReadonlyArray<LogRecord>, EventLogError>;
  /** Records `next` (the last applied offset + 1) as the group's position. A hint: never ahead of the store. */
  readonly commit: (partition: number, epoch: number, next: bigint) => Effect.Effect<void, EventLogError>;
  /** The group's committed position, or the subscription's start where there is none. */
  readonly position: (partition: number) => Effect.Effect<bigint, EventLogError>;
}

export interface EventLogService {
  /**
   * Which log this is: never the same for two logs, and the same for one log for ever. Offsets of another
   * log mean nothing here. 1 to 300 letters, digits, `-`, `_`, `.` and `/`.
   */
  readonly identity: Effect.Effect<string, EventLogError>;
  readonly partitions: Effect.Effect<number, EventLogError>;
  /** Appends in order; one position each. Durable when it returns. Records of one key share a partition. */
  readonly append: (
    records: ReadonlyArray<{ readonly key: string; readonly value: Uint8Array }>,
  ) => Effect.Effect<ReadonlyArray<Position>, EventLogError>;
  /**
   * Joins the consumer group `group` until the scope closes; closing releases every partition (reason `closed`) and
   * waits for it. `start` gives the first offset of a partition that has no committed position.
   */
  readonly subscribe: (
    group: string,
    start: (partition: number) => bigint,
  ) => Effect.Effect<Subscription, EventLogError, Scope.Scope>;
  /** Reads without a group: the records at and after `from`, without gaps, at most `max`, possibly none. */
  readonly read: (
    partition: number,
    from: bigint,
    max: number,
  ) => Effect.Effect<ReadonlyArray<LogRecord>, EventLogError>;
  /** Per partition, below which offset nothing is kept any more. */
  readonly startOffsets: Effect.Effect<ReadonlyArray<bigint>, EventLogError>;
  /** Per partition, the offset that the next record will get. */
  readonly endOffsets: Effect.Effect<ReadonlyArray<bigint>, EventLogError>;
  /** Per partition, the group's committed position, if any. */
  readonly committed: (group: string) => Effect.Effect<ReadonlyArray<bigint | undefined>, EventLogError>;
}

export class EventLog extends Context.Tag("slipstream/EventLog")<EventLog, EventLogService>() {}

export class EventLogError extends Schema.TaggedError<EventLogError>()("EventLogError", {
  /** Released: the epoch is over, stop quietly. Unavailable: try again later. Corrupt: a person must look. */
  reason: Schema.Literal("Released", "Unavailable", "Corrupt"),
  operation: Schema.String,
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
