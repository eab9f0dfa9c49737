/**
 * EventLog in the embedded store: partitions as ranges of one table, group commit, consumer groups as leases.
 *
 * All partitions of a group belong to one member at a time; the others wait. The number of partitions is fixed when the
 * log is created. Partition of a key: `src/domain/Partitioner.ts`.
 */
import { Effect, Layer } from "effect";
import type { ConfigError } from "effect/ConfigError";
import * as Shared from "../../src/config/Shared.ts";
import { EventLog, EventLogError, type EventLogService } from "../../src/ports/EventLog.ts";
import { Store } from "../engines/lmdb/Store.ts";
import { makeAppender } from "./embedded/Appender.ts";
import { unavailable } from "./embedded/EventLogErrors.ts";
import { makeLeases } from "./embedded/Lease.ts";
import { makeRecords } from "./embedded/Records.ts";
import { keepTrimming } from "./embedded/Retention.ts";
import { type LogParts, subscribe } from "./embedded/Subscribe.ts";
import { makeNotifier } from "./Notifier.ts";

/** How soon what another process appends is noticed. */
const pollMillis = 25;

const make = Effect.gen(function* () {
  const store = yield* Store;
  const wanted = yield* Shared.eventLog.partitions.config;
  const retention = yield* Shared.eventLog.retention.config;
  const drainTimeout = yield* Shared.drainTimeout.config;
  const records = makeRecords(store);
  const { identity, partitions } = yield* store
    .write(() => ({ identity: records.settleIdentity(), partitions: records.settlePartitions(wanted) }))
    .pipe(Effect.mapError(unavailable("open")));
  if (partitions !== wanted) {
    yield* Effect.logInfo(`The event log has ${partitions} partitions and keeps them; PARTITIONS is ${wanted}`);
  }
  const parts: LogParts = {
    store,
    records,
    leases: makeLeases(store),
    partitions,
    drainTimeout,
    appended: makeNotifier(),
    ownership: makeNotifier(),
  };
  const append = yield* makeAppender(store, records, partitions, parts.appended);

  const ends = store.read(() => Array.from({ length: partitions }, (_, partition) => records.end(partition)));

  /** One look for all who wait; a store that cannot be read is found out by their own reads. */
  let known: ReadonlyArray<bigint> = [];
  const poll = parts.appended.someone.pipe(
    Effect.zipRight(Effect.sleep(pollMillis)),
    Effect.zipRight(ends),
    Effect.match({
      onFailure: () => parts.appended.notify(),
      onSuccess: (now) => {
        const changed = now.some((end, partition) => end !== known[partition]);
        known = now;
        if (changed) parts.appended.notify();
      },
    }),
    Effect.forever,
  );
  yield* Effect.forkScoped(poll);
  yield* Effect.forkScoped(keepTrimming(parts, retention));

  const inRange = (partition: number, operation: string): Effect.Effect<void, EventLogError> =>
    partition >= 0 && partition < partitions
      ? Effect.void
      : new EventLogError({
          reason: "Unavailable",
          operation,
          message: `There is no partition ${partition}: the log has ${partitions}, counted from 0`,
        });

  const service: EventLogService = {
    identity: Effect.succeed(identity),
    partitions: Effect.succeed(partitions),
    append,
    subscribe: (group, start) => subscribe(parts, group, start),
    read: (partition, from, max) =>
      inRange(partition, "read").pipe(
        Effect.zipRight(
          store.read(() => records.from(partition, from, max)).pipe(Effect.mapError(unavailable("read"))),
        ),
      ),
    startOffsets: store
      .read(() => Array.from({ length: partitions }, (_, partition) => records.start(partition)))
      .pipe(Effect.mapError(unavailable("startOffsets"))),
    endOffsets: ends.pipe(Effect.mapError(unavailable("endOffsets"))),
    committed: (group) =>
      store
        .read(() => Array.from({ length: partitions }, (_, partition) => records.position(group, partition)))
        .pipe(Effect.mapError(unavailable("committed"))),
  };
  return service;
});

export const layer: Layer.Layer<EventLog, EventLogError | ConfigError, Store> = Layer.scoped(EventLog, make);
