/** Processing: what a role does with the records of a partition; the actor decides when. */
import type { Duration, Effect, Scope } from "effect";
import type { LogRecord } from "../ports/EventLog.ts";

/** Opened afresh for each assignment and each restart: it reloads its state from the store. */
export interface PartitionProcessor<E> {
  /** The first offset that is not durable yet: where feeding starts. */
  readonly from: bigint;
  /** Accepts records in order; answers the first offset that is not durable yet. */
  readonly apply: (records: ReadonlyArray<LogRecord>) => Effect.Effect<bigint, E>;
  /** Makes all that was accepted durable; answers as `apply` does. */
  readonly flush: Effect.Effect<bigint, E>;
}

export interface Processing<E, R> {
  /** Names the role in logs: `updater`, `archiver`. */
  readonly name: string;
  readonly open: (partition: number) => Effect.Effect<PartitionProcessor<E>, E, R | Scope.Scope>;
  /** Longest time that something accepted may wait for `flush`; undefined where `apply` is always durable. */
  readonly flushAge: Duration.Duration | undefined;
  /** True for an outage that passes by itself: waited out for as long as it takes, without counting as a restart. */
  readonly isTransient: (error: E) => boolean;
}
