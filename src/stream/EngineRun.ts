/**
 * EngineRun: one assignment of partitions, archived by another engine until it is interrupted.
 *
 * After a failure the engine starts over from the table: after a pause, and only so often. An outage, that of the engine among
 * them, is waited out. Where the engine could not read on, this process reads for a while.
 */
import { Cause, Clock, Duration, Effect, Exit, Option, Random, Scope } from "effect";
import { rawEvents } from "../domain/TableSchemas.ts";
import { pauseMillis } from "../ports/BackOff.ts";
import type { DeadLetters, DeadLettersError } from "../ports/DeadLetters.ts";
import { EventLog, type Subscription } from "../ports/EventLog.ts";
import { type Engine, type MicroBatch, MicroBatches, type MicroBatchesError } from "../ports/MicroBatches.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { addTo, makePartition, type PartitionVitals } from "../vitals/Vitals.ts";
import { outageOf } from "../vitals/Waiting.ts";
import { archiverGroup, makeArchiveOffsets } from "./ArchiveOffsets.ts";
import { type ArchiverError, type ArchiverSettings, archiver, compaction } from "./Archiver.ts";
import { archiveByHand } from "./ByHand.ts";
import type { Watch } from "./PartitionActor.ts";

import { takeBatch } from "./TakeBatch.ts";

export interface EngineSettings extends ArchiverSettings {
  readonly batchSize: number;
  readonly maxRestarts: number;
  readonly restartWindow: Duration.Duration;
}

/** Partitions, by their epochs. */
export type Owned = ReadonlyMap<number, number>;

export type EngineError = ArchiverError | DeadLettersError | MicroBatchesError;

/** Who waits. */
export const party = "archiver's engine";

const initialBackoff = Duration.millis(100);
const longestBackoff = Duration.seconds(10);

/** Whether it passes by itself. */
const passes = (error: EngineError): boolean => {
  switch (error._tag) {
    case "MicroBatchesError":
      return error.reason === "Lost";
    case "EventLogError":
      return error.reason === "Unavailable";
    case "TableError":
      return error.reason !== "Stale";
    case "DeadLettersError":
      return true;
    case "Superseded":
      return false;
  }
};

const isEngines = (error: EngineError | undefined, reason: MicroBatchesError["reason"]): boolean =>
  error?._tag === "MicroBatchesError" && error.reason === reason;

/** Starts the engine, which ends with the scope; answers how an assignment is archived, each until it is interrupted. */
export const makeEngineRun = (
  settings: EngineSettings,
  { group, vitals }: Watch,
): Effect.Effect<
  (subscription: Subscription, owned: Owned) => Effect.Effect<never, EngineError>,
  EngineError,
  EventLog | Tables | DeadLetters | MicroBatches | Scope.Scope
> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<EventLog | DeadLetters>();
    const log = yield* EventLog;
    const tables = yield* Tables;
    const engines = yield* MicroBatches;
    const offsets = yield* makeArchiveOffsets;
    const byHand = yield* archiver(settings);
    const waiting = vitals.waiting("archiver");
    const { flushAge, flushRows } = settings;

    let opened: { readonly engine: Engine; readonly scope: Scope.CloseableScope } | undefined;
    const close = Effect.suspend(() => {
      const last = opened;
      opened = undefined;
      return last === undefined ? Effect.void : Scope.close(last.scope, Exit.void);
    });
    const open = Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        if (opened !== undefined) return opened.engine;
        const scope = yield* Scope.make();
        const engine = yield* restore(Scope.extend(engines.open({ flushAge, flushRows }), scope)).pipe(
          Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))),
        );
        opened = { engine, scope };
        yield* Effect.logInfo(`archiving by ${engine.about}`);
        return engine;
      }),
    );
    yield* Effect.addFinalizer(() => close);
    // Before the group knows of this member: others would wait for it meanwhile.
    yield* Effect.catchIf(
      Effect.asVoid(open),
      (error) => error.reason !== "Missing",
      (error) => waiting.begin(party, outageOf(error)),
    );

    const vitalsOf = (owned: Owned): ReadonlyArray<PartitionVitals> =>
      [...owned.keys()].map((partition) => {
        const found = group.partitions.get(partition);
        if (found !== undefined) return found;
        const made = makePartition(partition, vitals.measured.batches("archiver"));
        group.partitions.set(partition, made);
        return made;
      });

    const tell = (owned: Owned, state: PartitionVitals["state"], reason?: string, store?: string) => {
      for (const own of vitalsOf(owned)) {
        own.state = state;
        own.reason = reason;
        own.store = store;
        if (state === "restarting") own.restarts += 1;
      }
    };
    const answered = (owned: Owned) =>
      Effect.suspend(() => {
        tell(owned, "running");
        return waiting.end(party);
      });

    const attempt = (subscription: Subscription, owned: Owned): Effect.Effect<never, EngineError> =>
      Effect.gen(function* () {
        const engine = yield* open;
        const identity = yield* log.identity;
        const archived = yield* offsets(identity);
        const standing = new Map([...owned.keys()].map((partition) => [partition, archived.get(partition)]));
        const moveTo = (moved: ReadonlyMap<number, bigint>) => {
          for (const own of vitalsOf(owned)) own.next = moved.get(own.partition) ?? own.next ?? 0n;
          const positions = [...moved].filter(([, next]) => next > 0n);
          return Effect.forEach(
            positions,
            ([partition, next]) => Effect.ignore(subscription.commit(partition, owned.get(partition) ?? 0, next)),
            { discard: true, concurrency: "unbounded" },
          );
        };
        const from = new Map([...standing].map(([partition, next]) => [partition, next ?? 0n]));
        yield* moveTo(from);

        const take = (batch: MicroBatch) =>
          Effect.gen(function* () {
            const moved = yield* takeBatch(identity, standing, batch);
            for (const [partition, next] of moved) standing.set(partition, next);
            vitals.measured.batches("archiver").update(batch.rows);
            settings.onCommit?.(batch.rows, yield* Clock.currentTimeMillis);
            yield* answered(owned);
            yield* moveTo(moved);
            yield* tables
              .compact(rawEvents.name, compaction)
              .pipe(Effect.catchAll((error) => Effect.logWarning(`raw/events not compacted: ${error.message}`)));
          }).pipe(Effect.uninterruptible);

        return yield* engine.read<TableError | DeadLettersError | MicroBatchesError, DeadLetters>({
          log: identity,
          from,
          ready: answered(owned),
          take,
        });
      }).pipe(Effect.provide(context));

    return (subscription, owned) =>
      Effect.gen(function* () {
        let restarts: ReadonlyArray<number> = [];
        let failuresInARow = 0;
        let next: Effect.Effect<void, EngineError> = attempt(subscription, owned);
        vitalsOf(owned);
        while (true) {
          const started = yield* Clock.currentTimeMillis;
          const exit = yield* Effect.exit(next);
          next = attempt(subscription, owned);
          if (Exit.isSuccess(exit)) continue;
          const failure = Option.getOrUndefined(Cause.failureOption(exit.cause));
          const now = yield* Clock.currentTimeMillis;
          failuresInARow = now - started > Duration.toMillis(longestBackoff) ? 1 : failuresInARow + 1;
          const pause = Duration.millis(
            Math.round(pauseMillis(failuresInARow, initialBackoff, longestBackoff, yield* Random.next)),
          );
          if (isEngines(failure, "Missing")) return yield* Effect.failCause(exit.cause);
          if (isEngines(failure, "Lost")) yield* close;
          if (failure !== undefined && passes(failure)) {
            const outage = outageOf(failure);
            tell(owned, "waiting", failure.message, outage.store);
            yield* waiting.begin(party, outage);
          } else {
            const reason = failure?.message ?? Cause.pretty(exit.cause).split("\n")[0];
            tell(owned, "restarting", reason);
            addTo(vitals.restarts, archiverGroup, 1);
            restarts = [...restarts.filter((time) => now - time < Duration.toMillis(settings.restartWindow)), now];
            if (restarts.length > settings.maxRestarts) return yield* Effect.failCause(exit.cause);
            yield* Effect.logWarning(`archiver starts over in ${Duration.format(pause)}: ${reason}`);
          }
          if (isEngines(failure, "Failed") || failure?._tag === "EventLogError") {
            next = Effect.provide(archiveByHand(subscription, owned, byHand, settings), context);
          }
          yield* Effect.sleep(pause);
        }
      });
  });
